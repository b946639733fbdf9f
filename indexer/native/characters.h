/* Characters of UTF-8 text, and what each is to words once it is folded. */

#ifndef CHARACTERS_H
#define CHARACTERS_H

#include <stdint.h>

/* The shape of a character, see characters.py: how many words its folded form holds, whether a word touches its left end
   and its right. What folds to nothing touches both and holds none. */
enum { WORDS = 0x1F, LEFT = 0x20, RIGHT = 0x40, KNOWN = 0x80, NOTHING = LEFT | RIGHT, OF_WORDS = WORDS | LEFT | RIGHT };

enum { POINTS = 0x110000 };

/* The code point that begins at `at`, and where the next one begins. A character that is cut off is the end. */
static inline uint32_t point_at(const uint8_t *text, int64_t size, int64_t at, int64_t *next)
{
    uint8_t lead = text[at];
    int64_t stop = at + (lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4);
    if (stop > size) {
        *next = size;
        return 0;
    }
    *next = stop;
    if (lead < 0x80)
        return lead;
    uint32_t point = lead & (0x7Fu >> (stop - at));
    while (++at < stop)
        point = point << 6 | (text[at] & 0x3F);
    return point < POINTS ? point : 0;
}

#endif
