/* The words of a text, and pieces that are cut out of it. */

#ifndef PIECES_H
#define PIECES_H

#include "segment.h"

/* What is returned of a text with a character whose shape is not known yet. */
enum { UNKNOWN_CHARACTER = -2, MOST_WORDS = 64 };

/* A piece of a body: its bytes, whether the text goes on behind it, and which of all ranges are its marked words. */
typedef struct {
    int64_t left, right, is_cut, first_range, last_range;
} Piece;

/* The body of a hit in UTF-8, and the hit's document. */
typedef struct {
    const uint8_t *text;
    int64_t size, doc;
} Body;

/* Cut the piece around the word number `first` out of a body. Returns how many ranges are added, or UNKNOWN_CHARACTER.

   shapes       see characters.h
   lead, words  how many words stand before `first`, and in all: at most MOST_WORDS
   marked       (marked_count,) numbers of words, ascending
   ranges       room for 2 * words: in code points of the piece as it is shown, see query/snippets.py */
int64_t cut_piece(const Segment *segment, const uint8_t *shapes, const Body *body, int64_t lead, int64_t words,
                  int64_t first, const int64_t *marked, int64_t marked_count, Piece *piece, int32_t *ranges);

#endif
