/* The second pass of ranking; the formulas stand in query/closeness.py. */

#include <stdint.h>
#include <stdlib.h>

#include "segment.h"

enum { EXACT, HEADLINE, NEAR, ROW, RELATED };

/* A stem of the query. */
typedef struct {
    Stem stem;
    Known known;
} Sought;

/* One part of what is added. first, second: of EXACT a stem and the form of its word, -1 for the only one; of NEAR two
   stems; of ROW where its words begin and how many they are; else a stem. */
typedef struct {
    int64_t kind, first, second;
    double factor;
} Part;

/* A word of a row: its stem, by number, and its form. */
typedef struct {
    int64_t stem, form;
} RowWord;

/* What is known of the whole index, and the constants of the formulas. The fields are those of closeness.py. */
typedef struct {
    const float *table;  /* (65536,) */
    const double *norms; /* (256,) */
    double title_length, title_bonus, title_b, near_k, k1;
    int64_t near_words, body_start;
} Rules;

enum { UNKNOWN = -2, ABSENT = -1 };

/* What is known of a stem in the document at hand. `next` is where among its postings those of later documents are. */
typedef struct {
    int64_t posting, next;
    Places places;
} Held;

/* All that is looked at. */
typedef struct {
    const Segment *segment;
    const Rules *rules;
    const Sought *stems;
    const RowWord *row_words;
    Held *held;
    int64_t place; /* the document at hand, by its number among those given */
    uint32_t doc;
} Pass;

static int64_t posting_of(const Pass *pass, int64_t number)
{
    Held *held = pass->held + number;
    const Sought *sought = pass->stems + number;
    if (held->posting == UNKNOWN) {
        held->next = posting_from(&sought->stem, &sought->known, pass->place, held->next);
        held->next = seek(pass->segment->docs, held->next, sought->stem.stop, pass->doc);
        int there = held->next < sought->stem.stop && pass->segment->docs[held->next] == pass->doc;
        held->posting = there ? held->next : ABSENT;
        held->places.count = -1;
    }
    return held->posting;
}

/* The places of a stem that the document holds. */
static Places places_in(const Pass *pass, int64_t number)
{
    Held *held = pass->held + number;
    if (held->places.count < 0)
        held->places = places_of(pass->segment, held->posting);
    return held->places;
}

static double exact(const Pass *pass, int64_t number, int64_t form)
{
    const Stem *stem = &pass->stems[number].stem;
    uint16_t key = pass->segment->keys[pass->held[number].posting];
    if (form >= 0) {
        Places places = places_in(pass, number);
        int64_t count = 0, in_title = 0;
        for (int64_t at = places.first; at < places.first + places.count; at++)
            if (has_form(pass->segment, stem, form, at)) {
                count++;
                in_title |= position_at(pass->segment, at) < pass->rules->body_start;
            }
        if (!count)
            return 0;
        key = (uint16_t)((in_title ? TITLE_FLAG : 0) | clipped(count, CAPPED) << 8 | (key & 0xFF));
    }
    return pass->rules->table[key];
}

static double headline(const Pass *pass, int64_t number)
{
    const Rules *rules = pass->rules;
    uint16_t key = pass->segment->keys[pass->held[number].posting];
    if (!(key & TITLE_FLAG) || pass->doc >= pass->segment->doc_count)
        return 0;
    double length = pass->segment->title_lengths[pass->doc] / rules->title_length;
    double weight = (key >> 8 & CAPPED) + rules->title_bonus / (1 - rules->title_b + rules->title_b * length);
    return weight * (rules->k1 + 1) / (weight + rules->norms[key & 0xFF]) - rules->table[key];
}

/* The sum of 1 / distance ** 2 over the places where the one of two stems follows the other with neither between. */
static double near(const Pass *pass, int64_t first, int64_t second)
{
    Places left = places_in(pass, first), right = places_in(pass, second);
    int64_t last = 0, last_side = -1;
    double sum = 0;
    while (left.count > 0 || right.count > 0) {
        int side = !left.count ||
                   (right.count && position_at(pass->segment, right.first) < position_at(pass->segment, left.first));
        Places *next = side ? &right : &left;
        int64_t position = position_at(pass->segment, next->first++), distance = position - last;
        next->count--;
        if (last_side >= 0 && side != last_side && distance > 0 && distance <= pass->rules->near_words)
            sum += 1.0 / (double)(distance * distance);
        last = position;
        last_side = side;
    }
    return (pass->rules->near_k + 1) * sum / (sum + pass->rules->near_k);
}

/* Whether some words of the document stand in a row. */
static int in_row(const Pass *pass, const RowWord *words, int64_t count)
{
    int64_t rarest = 0;
    for (int64_t word = 0; word < count; word++)
        if (places_in(pass, words[word].stem).count < places_in(pass, words[rarest].stem).count)
            rarest = word;
    Places places = places_in(pass, words[rarest].stem);
    for (int64_t at = places.first; at < places.first + places.count; at++) {
        int64_t word = 0, start = position_at(pass->segment, at) - rarest;
        while (word < count && place_at(pass->segment, &pass->stems[words[word].stem].stem, words[word].form,
                                        places_in(pass, words[word].stem), start + word) >= 0)
            word++;
        if (word == count)
            return 1;
    }
    return 0;
}

static double value_of(const Pass *pass, const Part *part)
{
    const RowWord *words = pass->row_words + part->first;
    switch (part->kind) {
    case ROW:
        for (int64_t word = 0; word < part->second; word++)
            if (words[word].stem < 0 || posting_of(pass, words[word].stem) < 0)
                return 0;
        return in_row(pass, words, part->second);
    case NEAR:
        if (part->first < 0 || part->second < 0 || posting_of(pass, part->first) < 0 ||
            posting_of(pass, part->second) < 0)
            return 0;
        return near(pass, part->first, part->second);
    default:
        if (part->first < 0 || posting_of(pass, part->first) < 0)
            return 0;
        return part->kind == EXACT      ? exact(pass, part->first, part->second)
               : part->kind == HEADLINE ? headline(pass, part->first)
                                        : pass->rules->table[pass->segment->keys[pass->held[part->first].posting]];
    }
}

/* What each part adds to the scores of some documents. Returns 0, or -1 without memory.

   docs       (doc_count,) ascending
   places     (count,) which of them, ascending
   stems      by which the parts name them; -1 is one that the segment has not
   row_words  of all parts that are rows
   added      ((part_count + 1) * count,) by part, then by document; the last is the sum of the parts */
int64_t closeness(const Segment *segment, const Rules *rules, const uint32_t *docs, int64_t doc_count,
                  const int64_t *places, int64_t count, const Sought *stems, int64_t stem_count, const Part *parts,
                  int64_t part_count, const RowWord *row_words, double *added)
{
    Held *held = malloc((size_t)(stem_count + 1) * sizeof *held);
    if (!held)
        return -1;
    for (int64_t stem = 0; stem < stem_count; stem++)
        held[stem].next = stems[stem].stem.first;
    Pass pass = {segment, rules, stems, row_words, held, 0, 0};
    for (int64_t n = 0; n < count; n++) {
        double sum = 0;
        pass.place = clipped(places[n], doc_count - 1);
        pass.doc = docs[pass.place];
        for (int64_t stem = 0; stem < stem_count; stem++)
            held[stem].posting = UNKNOWN;
        for (int64_t part = 0; part < part_count; part++)
            sum += added[part * count + n] = parts[part].factor * value_of(&pass, parts + part);
        added[part_count * count + n] = sum;
    }
    free(held);
    return 0;
}
