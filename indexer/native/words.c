/* Text -> words, each as the number of its distinct form. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "characters.h"

/* A slot of the table of distinct runs. Most are no longer than what of a run stands in its slot, so that a word costs
   one look at the memory. `number` is the run's + 1, or 0 in an empty slot. */
typedef struct {
    uint64_t head, next;
    uint32_t length, number;
} Slot;

enum { FIRST_SLOTS = 1 << 13, GROWTH = 2 };

/* At most eight bytes of a text as a number. */
static inline uint64_t bytes_at(const uint8_t *text, int64_t size, int64_t at, int64_t length)
{
    uint64_t bytes = 0;
    if (length >= 8)
        memcpy(&bytes, text + at, 8);
    else if (at + 8 <= size) {
        memcpy(&bytes, text + at, 8);
        bytes &= ((uint64_t)1 << length * 8) - 1;
    } else
        memcpy(&bytes, text + at, (size_t)length);
    return bytes;
}

/* By multiplication (Knuth, volume 3, 6.4; the factor is 2 ** 64 / the golden ratio). The high bits of a product depend on
   all bits, the low ones on few: they are folded together. With a seed that nobody knows, nobody can write a text whose
   words all come to stand in one place. */
static uint64_t hash_of(const uint8_t *text, int64_t size, int64_t at, int64_t length, uint64_t seed)
{
    const uint64_t factor = 0x9E3779B97F4A7C15u;
    uint64_t hash = seed ^ (uint64_t)length;
    for (; length > 0; at += 8, length -= 8) {
        hash = (hash ^ bytes_at(text, size, at, length)) * factor;
        hash ^= hash >> 32;
    }
    hash *= factor;
    return hash ^ hash >> 32;
}

/* A table of GROWTH times as many slots with the same runs, in place of the old one; NULL without memory. */
static Slot *wider(Slot *slots, uint64_t room, const uint8_t *text, int64_t size, const int32_t *begins, uint64_t seed)
{
    uint64_t mask = room * GROWTH - 1;
    Slot *wide = calloc(room * GROWTH, sizeof *wide);
    for (uint64_t n = 0; wide && n < room; n++) {
        if (!slots[n].number)
            continue;
        uint64_t place = hash_of(text, size, begins[slots[n].number - 1], slots[n].length, seed) & mask;
        while (wide[place].number)
            place = (place + 1) & mask;
        wide[place] = slots[n];
    }
    free(slots);
    return wide;
}

/* The code points of a text whose shape is not known yet, each once; returns how many, -1 without memory.

   text    (size,) UTF-8
   shapes  (POINTS,)
   found   room for POINTS of them */
int64_t unknown_points(const uint8_t *text, int64_t size, const uint8_t *shapes, uint32_t *found)
{
    uint8_t *seen = calloc(POINTS, 1);
    int64_t count = 0;
    if (!seen)
        return -1;
    for (int64_t at = 0; at < size;) {
        // Most of most texts is ASCII, whose shapes are known.
        uint64_t eight = UINT64_C(0x8080808080808080);
        if (at + 8 <= size)
            memcpy(&eight, text + at, sizeof eight);
        if (!(eight & UINT64_C(0x8080808080808080))) {
            at += 8;
            continue;
        }
        uint32_t point = point_at(text, size, at, &at);
        if (!shapes[point] && !seen[point]) {
            seen[point] = 1;
            found[count++] = point;
        }
    }
    free(seen);
    return count;
}

/* UTF-8 text with the letters of ASCII in lower case, to be freed; NULL without memory. */
static uint8_t *in_lower_case(const uint8_t *text, int64_t size)
{
    uint8_t *lower = malloc((size_t)size + 1);
    for (int64_t at = 0; lower && at < size; at++)
        lower[at] = text[at] | (uint8_t)((uint8_t)(text[at] - 'A') < 26) << 5;
    return lower;
}

/* The maximal runs of characters that words are made of; returns how many, -1 without memory. Runs that differ in the
   case of ASCII are one.

   written   (size,) UTF-8
   shapes    see unknown_points
   seed      any number
   starts    room for (size + 1) / 2: where each run begins
   numbers   room for as many: its number among the distinct runs, in the order of their first sight
   begins    room for as many: where each distinct run is first
   lengths   room for as many: its bytes
   distinct  how many there are */
int64_t word_runs(const uint8_t *written, int64_t size, const uint8_t *shapes, uint64_t seed, int32_t *starts,
                  int32_t *numbers, int32_t *begins, int32_t *lengths, int64_t *distinct)
{
    uint64_t room = FIRST_SLOTS;
    Slot *slots = calloc(room, sizeof *slots);
    uint8_t *text = in_lower_case(written, size);
    int64_t runs = 0, known = 0;
    for (int64_t at = 0, next = 0; slots && text && at < size; at = next) {
        int64_t begin = at;
        while (shapes[point_at(text, size, at, &next)] & OF_WORDS && (at = next) < size)
            ;
        if (at == begin)
            continue;
        int64_t length = at - begin;
        uint64_t head = bytes_at(text, size, begin, length);
        uint64_t next_bytes = length > 8 ? bytes_at(text, size, begin + 8, length - 8) : 0;
        uint64_t place = hash_of(text, size, begin, length, seed) & (room - 1);
        while (slots[place].number &&
               (slots[place].head != head || slots[place].next != next_bytes || slots[place].length != length ||
                (length > 16 && memcmp(text + begins[slots[place].number - 1], text + begin, (size_t)length))))
            place = (place + 1) & (room - 1);
        if (!slots[place].number) {
            begins[known] = (int32_t)begin;
            lengths[known] = (int32_t)length;
            slots[place] = (Slot){head, next_bytes, (uint32_t)length, (uint32_t)++known};
        }
        starts[runs] = (int32_t)begin;
        numbers[runs++] = (int32_t)slots[place].number - 1;
        if ((uint64_t)known * 2 > room) {
            slots = wider(slots, room, text, size, begins, seed);
            room *= GROWTH;
        }
    }
    *distinct = known;
    int failed = !slots || !text;
    free(slots);
    free(text);
    return failed ? -1 : runs;
}

/* Put the words of some distinct runs in their places; each of the others is one word, of its own number. Returns how
   many words there are.

   runs           how many runs there are
   starts, numbers  where each begins and which it is, see word_runs
   distinct       how many of them are distinct
   odd            (distinct runs,) whether it is one of those
   bounds         (distinct runs + 1,) where the words of each of those begin in `codes`, and the end
   codes          the words of all of those
   word_starts, word_codes  room for all words: where the run of each begins, and which it is */
int64_t words_of_runs(int64_t runs, const int32_t *starts, const int32_t *numbers, const uint8_t *odd,
                      const int64_t *bounds, const int32_t *codes, int32_t *word_starts, int32_t *word_codes)
{
    int64_t words = 0;
    for (int64_t run = 0; run < runs; run++) {
        if (!odd[numbers[run]]) {
            word_starts[words] = starts[run];
            word_codes[words++] = numbers[run];
            continue;
        }
        for (int64_t at = bounds[numbers[run]]; at < bounds[numbers[run] + 1]; at++) {
            word_starts[words] = starts[run];
            word_codes[words++] = codes[at];
        }
    }
    return words;
}
