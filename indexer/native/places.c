/* Where words stand in a row, in some documents. */

#include <stdint.h>
#include <stdlib.h>

#include "segment.h"

/* A word of a row: its stem, and which form of it, or -1 for any. The fields are those of places.py. */
typedef struct {
    Stem stem;
    int64_t form;
} Word;

/* The places of the first of some words where the others follow it one by one. Returns how many there are, of which
   only the first `room` are written, or -1 without memory.

   docs     (doc_count,) ascending
   words    in the order of the row
   low, high  the least position that is looked for, and the first that is not any more
   keys     room for the places: the number of the document among `docs` << 32 | the position */
int64_t rows_of_words(const Segment *segment, const uint32_t *docs, int64_t doc_count, const Word *words,
                      int64_t word_count, int64_t low, int64_t high, int64_t *keys, int64_t room)
{
    int64_t *postings = malloc((size_t)word_count * sizeof *postings);
    Places *places = malloc((size_t)word_count * sizeof *places);
    int64_t found = postings && places ? 0 : -1;
    for (int64_t word = 0; found >= 0 && word < word_count; word++)
        postings[word] = words[word].stem.first;
    for (int64_t doc = 0; found >= 0 && doc < doc_count; doc++) {
        int64_t rarest = 0, word;
        for (word = 0; word < word_count; word++) {
            int64_t stop = words[word].stem.stop;
            postings[word] = seek(segment->docs, postings[word], stop, docs[doc]);
            if (postings[word] == stop || segment->docs[postings[word]] != docs[doc])
                break;
        }
        if (word < word_count)
            continue;
        for (word = 0; word < word_count; word++) {
            places[word] = places_of(segment, postings[word]);
            if (places[word].count < places[rarest].count)
                rarest = word;
        }
        for (int64_t at = places[rarest].first; at < places[rarest].first + places[rarest].count; at++) {
            int64_t start = position_at(segment, at) - rarest;
            if (start < low || start >= high || !has_form(segment, &words[rarest].stem, words[rarest].form, at))
                continue;
            for (word = 0; word < word_count; word++)
                if (word != rarest &&
                    place_at(segment, &words[word].stem, words[word].form, places[word], start + word) < 0)
                    break;
            if (word < word_count)
                continue;
            if (found < room)
                keys[found] = doc << 32 | start;
            found++;
        }
    }
    free(postings);
    free(places);
    return found;
}
