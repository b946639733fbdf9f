/* The blocks of a segment that say where words stand; see segment/format.py for what they hold.

   A segment that is searched has not been verified: whatever it says is clipped to where its blocks end. */

#ifndef SEGMENT_H
#define SEGMENT_H

#include <stdint.h>

enum { STRIDE = 16, CAPPED = 127, TITLE_FLAG = 0x8000 };
/* Numbers that are compared together. */
enum { AT_ONCE = 16 };

/* The fields are those of _Segment in segment.py. */
typedef struct {
    const uint32_t *docs;
    const uint16_t *keys;
    const uint32_t *long_numbers, *long_frequencies;
    const uint16_t *title_lengths;
    const uint32_t *stem_postings, *stem_forms, *forms, *word_stems, *anchor_offsets;
    const void *starts, *positions, *variants, *stem_places, *stem_variants, *anchors;
    int64_t posting_count, long_count, doc_count, stem_count, form_count, word_count;
    int64_t start_count, place_count, variant_count, anchor_offset_count, anchor_count;
    int64_t start_bytes, position_bytes, variant_bytes, counting_bytes, anchor_bytes;
} Segment;

/* A stem's postings, and what makes of a place's number that of its variant; of a stem with one form there is none. */
typedef struct {
    int64_t first, stop, shift;
} Stem;

/* A word: its stem, and which of the stem's forms it is, or -1 where it is the only one or any will do. */
typedef struct {
    Stem stem;
    int64_t form;
} Word;

/* Where the postings of a stem are in some documents, if it is known: where `listed` says so, all of them have one, that
   which `places` says, or without it, each that of its own number. */
typedef struct {
    int64_t listed;
    const int64_t *places;
} Known;

/* The places of a posting. */
typedef struct {
    int64_t first, count;
} Places;

static inline int64_t number_at(const void *numbers, int64_t bytes, int64_t at)
{
    return bytes == 1 ? ((const uint8_t *)numbers)[at]
           : bytes == 2 ? ((const uint16_t *)numbers)[at]
           : bytes == 4 ? ((const uint32_t *)numbers)[at]
                        : ((const int64_t *)numbers)[at];
}

static inline int64_t clipped(int64_t number, int64_t most)
{
    return number < 0 ? 0 : number > most ? most : number;
}

/* The first of some ascending numbers from `at` on that is not less; `stop` where all are. Near ones are found soon, and
   no step of the last few depends on what is less, which no processor could foresee. */
static inline int64_t seek(const uint32_t *numbers, int64_t at, int64_t stop, uint32_t least)
{
    int64_t step = AT_ONCE, high;
    if (at >= stop || numbers[at] >= least)
        return at;
    for (; at + step <= stop && numbers[at + step - 1] < least; step *= 2)
        at += step;
    high = at + step < stop ? at + step : stop;
    while (high - at > AT_ONCE) {
        int64_t middle = at + (high - at) / 2;
        if (numbers[middle] < least)
            at = middle + 1;
        else
            high = middle;
    }
    if (at + AT_ONCE > stop) {
        while (at < stop && numbers[at] < least)
            at++;
        return at;
    }
    uint32_t less = 0;
    for (int n = 0; n < AT_ONCE; n++)
        less += numbers[at + n] < least;
    return at + less;
}

/* From where on the posting of a document, by its number among those given, is to be sought: where it is known to be, else
   `at`. */
static inline int64_t posting_from(const Stem *stem, const Known *known, int64_t place, int64_t at)
{
    return known->listed ? clipped(stem->first + (known->places ? known->places[place] : place), stem->stop) : at;
}

static inline int64_t frequency_of(const Segment *segment, int64_t posting)
{
    int64_t frequency = segment->keys[posting] >> 8 & CAPPED;
    if (frequency == CAPPED) {
        int64_t at = seek(segment->long_numbers, 0, segment->long_count, (uint32_t)posting);
        if (at < segment->long_count)
            frequency = segment->long_frequencies[at];
    }
    return frequency;
}

/* The frequencies of some postings from the first of a stride on, less than a stride: all of it is looked at together. */
static inline int64_t frequencies_of(const Segment *segment, int64_t first, int64_t count)
{
    int64_t all = 0;
    if (first + STRIDE <= segment->posting_count) {
        const uint16_t *keys = segment->keys + first;
        uint16_t sum = 0, capped = 0, before = (uint16_t)count;
        for (uint16_t n = 0; n < STRIDE; n++) {
            uint16_t frequency = (uint16_t)(keys[n] >> 8 & CAPPED) & (uint16_t)-(n < before);
            sum += frequency;
            capped |= (uint16_t)(frequency == CAPPED);
        }
        if (!capped)
            return sum;
    }
    for (int64_t n = 0; n < count; n++)
        all += frequency_of(segment, first + n);
    return all;
}

static inline Places places_of(const Segment *segment, int64_t posting)
{
    int64_t stride = posting / STRIDE, first = segment->place_count;
    if (stride < segment->start_count)
        first = clipped(number_at(segment->starts, segment->start_bytes, stride), first);
    first += frequencies_of(segment, stride * STRIDE, posting % STRIDE);
    first = clipped(first, segment->place_count);
    return (Places){first, clipped(frequency_of(segment, posting), segment->place_count - first)};
}

static inline int64_t position_at(const Segment *segment, int64_t place)
{
    return number_at(segment->positions, segment->position_bytes, place);
}

/* Whether the word at a place of a stem has a form; any will do for a negative one. */
static inline int has_form(const Segment *segment, const Stem *stem, int64_t form, int64_t place)
{
    if (form < 0)
        return 1;
    int64_t variant = place + stem->shift;
    return variant >= 0 && variant < segment->variant_count &&
           number_at(segment->variants, segment->variant_bytes, variant) == form;
}

/* The place of a word at a position, or -1. */
static inline int64_t place_at(const Segment *segment, const Stem *stem, int64_t form, Places places, int64_t position)
{
    int64_t at = places.first, stop = places.first + places.count;
    while (at < stop) {
        int64_t middle = at + (stop - at) / 2;
        if (position_at(segment, middle) < position)
            at = middle + 1;
        else
            stop = middle;
    }
    if (at == places.first + places.count || position_at(segment, at) != position)
        return -1;
    return has_form(segment, stem, form, at) ? at : -1;
}

#endif
