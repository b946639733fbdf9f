/* The postings of several segments -> those of one. */

#include <stdint.h>

#include "segment.h"

enum { DAMAGED = -2 };
static const uint32_t GONE = UINT32_MAX;

/* One of the segments, and the posting of it that comes next. The fields are those of _Part in merging.py. */
typedef struct {
    const uint32_t *docs;
    const uint16_t *keys;
    const uint32_t *long_numbers, *long_frequencies;
    const void *positions, *variants;
    /* (stems + 1,) the first posting, place, variant and form of each stem, and the end */
    const int64_t *stem_postings, *stem_places, *stem_variants, *stem_forms;
    const int64_t *stems;     /* the new stem of each, ascending but for those that are gone, which have -1 */
    const uint16_t *forms;    /* the new form of each form */
    const uint32_t *new_docs; /* the new document of each, or GONE */
    int64_t stem_count, doc_count, long_count, position_bytes, variant_bytes;
    int64_t stem, at, stop, place, places_stop, variant, form, form_count, long_at, frequency;
    uint32_t doc;
} Part;

/* What is written: see merge_postings. */
typedef struct {
    uint32_t *docs;
    uint16_t *keys;
    int64_t *frequencies;
    void *positions, *variants;
    int64_t position_bytes, variant_bytes, posting_room, place_room, postings, places, varied;
} Merged;

static inline void pass(Part *part)
{
    part->at++;
    part->place += part->frequency;
    if (part->form_count > 1)
        part->variant += part->frequency;
}

/* Look at the next posting of the stem whose document is still there: 1, or 0 at the end, or DAMAGED. */
static int64_t look(Part *part)
{
    for (; part->at < part->stop; pass(part)) {
        part->frequency = part->keys[part->at] >> 8 & CAPPED;
        if (part->frequency == CAPPED) {
            while (part->long_at < part->long_count && part->long_numbers[part->long_at] < part->at)
                part->long_at++;
            if (part->long_at < part->long_count && part->long_numbers[part->long_at] == part->at)
                part->frequency = part->long_frequencies[part->long_at];
        }
        if (part->docs[part->at] >= part->doc_count || part->frequency > part->places_stop - part->place)
            return DAMAGED;
        part->doc = part->new_docs[part->docs[part->at]];
        if (part->doc != GONE)
            return 1;
    }
    return 0;
}

/* Go to the first posting of a new stem, which is after the one before: as look, 0 where the part has none. */
static int64_t begin(Part *part, int64_t stem)
{
    while (part->stem < part->stem_count && part->stems[part->stem] < stem)
        part->stem++;
    int64_t old = part->stem;
    if (old == part->stem_count || part->stems[old] != stem)
        return 0;
    part->at = part->stem_postings[old], part->stop = part->stem_postings[old + 1];
    part->place = part->stem_places[old], part->places_stop = part->stem_places[old + 1];
    part->form = part->stem_forms[old], part->form_count = part->stem_forms[old + 1] - part->form;
    part->variant = part->stem_variants[old];
    if (part->form_count > 1 && part->stem_variants[old + 1] - part->variant != part->places_stop - part->place)
        return DAMAGED;
    return look(part);
}

static void copy_positions(const Part *part, Merged *to)
{
    const uint16_t *narrow = (const uint16_t *)part->positions + part->place;
    const uint32_t *wide = (const uint32_t *)part->positions + part->place;
    uint16_t *narrow_to = (uint16_t *)to->positions + to->places;
    uint32_t *wide_to = (uint32_t *)to->positions + to->places;
    to->places += part->frequency;
    /* One is wide where any of the segments is. */
    for (int64_t n = 0; n < part->frequency; n++)
        if (to->position_bytes == sizeof *narrow)
            narrow_to[n] = narrow[n];
        else
            wide_to[n] = part->position_bytes == sizeof *narrow ? narrow[n] : wide[n];
}

static int64_t copy_variants(const Part *part, Merged *to)
{
    const uint16_t *forms = part->forms + part->form;
    for (int64_t n = 0; n < part->frequency; n++) {
        int64_t variant = part->form_count > 1 ? number_at(part->variants, part->variant_bytes, part->variant + n) : 0;
        if (variant >= part->form_count)
            return DAMAGED;
        if (to->variant_bytes == 1)
            ((uint8_t *)to->variants)[to->varied++] = (uint8_t)forms[variant];
        else
            ((uint16_t *)to->variants)[to->varied++] = forms[variant];
    }
    return 0;
}

/* Returns 0, or DAMAGED. */
static int64_t copy(const Part *part, Merged *to, int several)
{
    if (to->postings == to->posting_room || part->frequency > to->place_room - to->places)
        return DAMAGED;
    to->docs[to->postings] = part->doc;
    to->keys[to->postings] = part->keys[part->at];
    to->frequencies[to->postings++] = part->frequency;
    copy_positions(part, to);
    return several ? copy_variants(part, to) : 0;
}

static int before(const Part *left, const Part *right)
{
    return left->doc < right->doc;
}

#define ITEM Part
#define BEFORE before
#include "heap.h"

/* The postings of the new stems first to stop - 1, each stem's by document. Returns 0, or DAMAGED.

   heap         room for all parts
   form_counts  (all new stems,) how many forms each has
   to           room for all postings, places and variants of these stems
   counts       (stop - first,) how many postings each stem has
   places       (stop - first,) how many places */
int64_t merge_postings(Part *parts, int64_t part_count, Part **heap, int64_t first, int64_t stop,
                       const int64_t *form_counts, Merged *to, int64_t *counts, int64_t *places)
{
    for (int64_t stem = first; stem < stop; stem++) {
        int64_t postings_before = to->postings, places_before = to->places, size = 0, state;
        for (Part *part = parts; part < parts + part_count; part++) {
            if ((state = begin(part, stem)) < 0)
                return state;
            if (state) {
                heap[size++] = part;
                rise(heap, size);
            }
        }
        while (size) {
            if ((state = copy(heap[0], to, form_counts[stem] > 1)) < 0)
                return state;
            pass(heap[0]);
            if ((state = look(heap[0])) < 0)
                return state;
            if (!state)
                heap[0] = heap[--size];
            if (size)
                sink(heap, size);
        }
        counts[stem - first] = to->postings - postings_before;
        places[stem - first] = to->places - places_before;
    }
    return 0;
}
