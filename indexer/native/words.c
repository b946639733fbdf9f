/* Text -> words, each as the number of its distinct form. */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "characters.h"

/* A slot of the table of distinct runs: the first IN_SLOT bytes of one, with zeros behind a shorter one, which no run
   holds. Most are shorter, so that a word costs one look at the memory. `number` is the run's + 1, 0 in an empty slot. */
typedef struct {
    uint64_t head;
    uint32_t next, number;
} Slot;

/* What is known of a text, and what was found in it so far: see word_runs. */
typedef struct {
    const uint8_t *text; /* in lower case, with zeros behind it */
    uint64_t seed;
    Slot *slots; /* `room` of them, or NULL without memory */
    uint64_t room;
    int32_t *starts, *numbers, *begins, *lengths;
    int64_t runs, known;
} Found;

/* Zeros behind a text and behind the bits that are made of it, so that eight bytes can be read anywhere. */
enum { FIRST_SLOTS = 1 << 13, GROWTH = 2, IN_SLOT = 12, ZEROS = 16 };

/* A bit of each of eight bytes. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
static const uint64_t HIGHEST = EACH(0x80), LOWEST = EACH(0x01);

static inline uint64_t eight(const uint8_t *bytes)
{
    uint64_t read;
    memcpy(&read, bytes, sizeof read);
    return read;
}

/* At most eight bytes of a text as a number. */
static inline uint64_t bytes_at(const uint8_t *text, int64_t length)
{
    return length >= 8 ? eight(text) : eight(text) & ((UINT64_C(1) << length * 8) - 1);
}

/* By multiplication (Knuth, volume 3, 6.4; the factor is 2 ** 64 / the golden ratio). The high bits of a product depend on
   all bits, the low ones on few: they are folded together. With a seed that nobody knows, nobody can write a text whose
   words all come to stand in one place.

   every  all bytes of the run, one over the other */
static inline uint64_t hash_of(const uint8_t *run, int64_t length, uint64_t seed, uint64_t *every)
{
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t hash = seed ^ (uint64_t)length;
    *every = 0;
    for (; length > 0; run += 8, length -= 8) {
        uint64_t bytes = bytes_at(run, length);
        *every |= bytes;
        hash = (hash ^ bytes) * factor;
        hash ^= hash >> 32;
    }
    hash *= factor;
    return hash ^ hash >> 32;
}

/* Make the table GROWTH times as wide. */
static void widen(Found *found)
{
    uint64_t mask = found->room * GROWTH - 1, every;
    Slot *wide = calloc(mask + 1, sizeof *wide);
    for (uint64_t n = 0; wide && n < found->room; n++) {
        Slot slot = found->slots[n];
        if (!slot.number)
            continue;
        const uint8_t *run = found->text + found->begins[slot.number - 1];
        uint64_t place = hash_of(run, found->lengths[slot.number - 1], found->seed, &every) & mask;
        while (wide[place].number)
            place = (place + 1) & mask;
        wide[place] = slot;
    }
    free(found->slots);
    found->slots = wide;
    found->room = mask + 1;
}

/* Whether a run is the one with a number, which begins alike. */
static bool is_same(const Found *found, const uint8_t *run, int64_t length, uint32_t number)
{
    return found->lengths[number] == length && !memcmp(found->text + found->begins[number], run, (size_t)length);
}

/* Note a run. */
static inline void add(Found *found, int64_t begin, int64_t length, uint64_t hash)
{
    const uint8_t *run = found->text + begin;
    uint64_t head = bytes_at(run, length), mask = found->room - 1, place = hash & mask;
    uint32_t next = length > 8 ? (uint32_t)bytes_at(run + 8, length - 8) : 0;
    Slot *slot = found->slots + place;
    while (slot->number && (slot->head != head || slot->next != next ||
                            (length >= IN_SLOT && !is_same(found, run, length, slot->number - 1))))
        slot = found->slots + (place = (place + 1) & mask);
    if (!slot->number) {
        found->begins[found->known] = (int32_t)begin;
        found->lengths[found->known] = (int32_t)length;
        *slot = (Slot){head, next, (uint32_t)++found->known};
    }
    found->starts[found->runs] = (int32_t)begin;
    found->numbers[found->runs++] = (int32_t)slot->number - 1;
    // Three quarters full at most: a table that fits a cache is worth some steps more.
    if ((uint64_t)found->known * 4 > found->room * 3)
        widen(found);
}

/* Note the runs of a stretch of text that has characters beyond ASCII. */
static void add_parts(Found *found, int64_t at, int64_t end, const uint8_t *shapes)
{
    uint64_t every;
    for (int64_t next = at; found->slots && at < end; at = next) {
        int64_t begin = at;
        while (shapes[point_at(found->text, end, at, &next)] & OF_WORDS && (at = next) < end)
            ;
        if (at > begin)
            add(found, begin, at - begin, hash_of(found->text + begin, at - begin, found->seed, &every));
    }
}

/* UTF-8 text with the letters of ASCII in lower case and zeros behind, to be freed; NULL without memory. */
static uint8_t *in_lower_case(const uint8_t *text, int64_t size)
{
    uint8_t *lower = malloc((size_t)size + ZEROS);
    if (!lower)
        return NULL;
    for (int64_t at = 0; at < size; at++)
        lower[at] = text[at] | (uint8_t)((uint8_t)(text[at] - 'A') < 26) << 5;
    memset(lower + size, 0, ZEROS);
    return lower;
}

/* Which of eight bytes are ASCII letters in lower case, digits, underscores, or beyond ASCII: a bit of each. Sums of two
   bytes below 0x80 tell by their highest bits which is how large. */
static inline uint64_t of_words(uint64_t bytes)
{
    uint64_t ascii = bytes & ~HIGHEST, unlike = ascii ^ EACH('_');
    uint64_t letters = (ascii + EACH(0x80 - 'a')) & ~(ascii + EACH(0x7F - 'z'));
    uint64_t digits = (ascii + EACH(0x80 - '0')) & ~(ascii + EACH(0x7F - '9'));
    uint64_t some = bytes | letters | digits | ~(unlike + EACH(0x7F));
    // Each lowest bit is moved to the highest byte, in the order of the bytes.
    return ((some >> 7 & LOWEST) * UINT64_C(0x0102040810204080)) >> 56;
}

/* A bit for each byte of a text that may be of a word, and zeros behind, to be freed; NULL without memory. */
static uint8_t *words_marked(const uint8_t *text, int64_t size)
{
    uint8_t *bits = calloc((size_t)(size / 8 + 1 + ZEROS), 1);
    for (int64_t at = 0; bits && at < size; at += 8)
        bits[at / 8] = (uint8_t)of_words(eight(text + at));
    return bits;
}

/* The first place from `at` on whose bit is `set`, or one behind all. */
static inline int64_t first_place(const uint8_t *bits, int64_t size, int64_t at, bool set)
{
    while (at < size) {
        int64_t own = 64 - at % 8;
        uint64_t window = eight(bits + at / 8) >> at % 8;
        uint64_t sought = set ? window : ~window;
        int64_t step = sought ? __builtin_ctzll(sought) : own;
        if (step < own)
            return at + step;
        at += own;
    }
    return size;
}

/* The maximal runs of characters that words are made of; returns how many, -1 without memory. Runs that differ in the
   case of ASCII are one.

   text      (size,) UTF-8
   shapes    see unknown_points
   seed      any number
   starts    room for (size + 1) / 2: where each run begins
   numbers   room for as many: its number among the distinct runs, in the order of their first sight
   begins    room for as many: where each distinct run is first
   lengths   room for as many: its bytes
   distinct  how many there are */
int64_t word_runs(const uint8_t *text, int64_t size, const uint8_t *shapes, uint64_t seed, int32_t *starts,
                  int32_t *numbers, int32_t *begins, int32_t *lengths, int64_t *distinct)
{
    uint8_t *lower = in_lower_case(text, size), *bits = lower ? words_marked(lower, size) : NULL;
    Found found = {lower, seed, calloc(FIRST_SLOTS, sizeof(Slot)), FIRST_SLOTS, starts, numbers, begins, lengths, 0, 0};
    for (int64_t at = 0, end; bits && found.slots && (at = first_place(bits, size, at, true)) < size; at = end) {
        end = first_place(bits, size, at, false);
        uint64_t every, hash = hash_of(lower + at, end - at, seed, &every);
        if (every & HIGHEST)
            add_parts(&found, at, end, shapes);
        else
            add(&found, at, end - at, hash);
    }
    *distinct = found.known;
    bool failed = !bits || !found.slots;
    free(found.slots);
    free(bits);
    free(lower);
    return failed ? -1 : found.runs;
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
        if (at + 8 <= size && !(eight(text + at) & HIGHEST)) {
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

/* Put the words of some distinct runs in their places; each of the others is one word, of its own number. Returns how
   many words there are.

   runs           how many runs there are
   starts, numbers  where each begins and which it is, see word_runs
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
