/* Pieces of texts, as they are shown. */

#ifndef PIECES_H
#define PIECES_H

#include "segment.h"

/* What is returned of a text with a character whose shape is not known yet. */
enum { UNKNOWN_CHARACTER = -2, MOST_WORDS = 64 };

/* A hit: its document, and its body and title in UTF-8. */
typedef struct {
    int64_t doc;
    const uint8_t *body;
    int64_t body_size;
    const uint8_t *title;
    int64_t title_size;
} Hit;

/* Pieces as they are shown, each on one line and followed by the end of it, and the ranges of their marked words: two
   numbers each, in code points of the piece. */
typedef struct {
    uint8_t *text;
    int64_t size;
    int32_t *ranges;
    int64_t range_count;
} Page;

/* Add the piece of a hit's body around the word number `first`. Returns 0 or UNKNOWN_CHARACTER.

   shapes       see characters.h
   lead, words  how many words stand before `first`, and in all: at most MOST_WORDS
   marked       (marked_count,) numbers of words, ascending
   page         with room for the whole body and 16 bytes, and for `words` ranges */
int64_t add_piece(const Segment *segment, const uint8_t *shapes, const Hit *hit, int64_t lead, int64_t words,
                  int64_t first, const int64_t *marked, int64_t marked_count, Page *page);

/* The same with the whole title, of whose marked words the first MOST_WORDS are ranges. */
int64_t add_title(const uint8_t *shapes, const Hit *hit, const int64_t *marked, int64_t marked_count, Page *page);

#endif
