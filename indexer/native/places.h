/* Where some words stand in a row in one document. */

#ifndef PLACES_H
#define PLACES_H

#include "segment.h"

/* The places of the first of some words where the others follow it one by one. Returns how many there are, of which only
   the first `room` are written.

   words      in the order of the row
   postings   (word_count,) from where on each word's posting of the document is sought; afterwards where it was
   places     room for word_count
   low, high  the least position that is looked for, and the first that is not any more
   most       places that are looked for
   keys       room for the places: `key` and the position */
int64_t row_in_doc(const Segment *segment, uint32_t doc, const Word *words, int64_t word_count, int64_t *postings,
                   Places *places, int64_t low, int64_t high, int64_t most, int64_t key, int64_t *keys, int64_t room);

#endif
