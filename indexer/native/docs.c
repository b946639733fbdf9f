/* Lists of documents, ascending. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "segment.h"

/* From so many times as many documents on, those of the longer list are sought one by one. */
enum { MUCH_LONGER = 16 };
/* Documents of which something is kept at a time: it stays in the cache. */
enum { BLOCK = 1 << 13 };

/* The documents that two lists have in common: where they stand in either. Returns how many there are.

   doc_count  more than each of them
   places     (2 * few_count,) room for the places in the shorter list, and from few_count on for those in the longer */
int64_t common_docs(const uint32_t *few, int64_t few_count, const uint32_t *many, int64_t many_count, int64_t doc_count,
                    int64_t *places)
{
    int64_t found = 0, at = 0, *in_few = places, *in_many = places + few_count;
    if (few_count * MUCH_LONGER < many_count) {
        for (int64_t n = 0; n < few_count; n++) {
            at = seek(many, at, many_count, few[n]);
            if (at == many_count)
                break;
            in_few[found] = n;
            in_many[found] = at;
            found += many[at] == few[n];
        }
        return found;
    }
    /* Behind where the documents of a block stand in the longer list; of others, what stood there for a block before. */
    uint32_t table[BLOCK] = {0};
    for (int64_t end = BLOCK, n = 0; n < few_count && at < many_count && end - BLOCK < doc_count; end += BLOCK) {
        int64_t few_stop = seek(few, n, few_count, (uint32_t)end), many_stop = seek(many, at, many_count, (uint32_t)end);
        int64_t first = at;
        for (; at < many_stop; at++)
            table[many[at] % BLOCK] = (uint32_t)at + 1;
        for (; n < few_stop; n++) {
            uint32_t behind = table[few[n] % BLOCK];
            in_few[found] = n;
            in_many[found] = (int64_t)behind - 1;
            found += behind > first;
        }
    }
    return found;
}

/* How many documents of a list are below each of some bounds, which descend. Returns 0.

   below  (bound_count,) */
int64_t docs_below(const uint32_t *docs, int64_t count, const uint32_t *bounds, int64_t bound_count, int64_t *below)
{
    int64_t at = 0;
    for (int64_t n = bound_count - 1; n >= 0; n--)
        below[n] = at = seek(docs, at, count, bounds[n]);
    return 0;
}

/* The documents that are marked. Returns how many there are.

   seen  (doc_count,) 1 for those, 0 for others
   docs  room for doc_count and one more */
int64_t marked_docs(const uint8_t *seen, int64_t doc_count, uint32_t *docs)
{
    int64_t found = 0, n = 0;
    for (uint64_t some; n + 8 <= doc_count; n += 8) {
        memcpy(&some, seen + n, sizeof some);
        for (int64_t k = n; some && k < n + 8; k++) {
            docs[found] = (uint32_t)k;
            found += seen[k];
        }
    }
    for (; n < doc_count; n++) {
        docs[found] = (uint32_t)n;
        found += seen[n];
    }
    return found;
}

/* A part of the scores of some documents: `factor` times what the keys of postings are worth, or numbers where there are
   any. `places` says which of those from `first` to before `stop` is each document's; without it, that of its number. */
typedef struct {
    int64_t first, stop;
    const float *numbers;
    const int64_t *places;
    double factor;
} Share;

/* Add a part to the scores of some documents, which before the first part are `constant`. */
static inline void add_share(const Segment *segment, const float *table, const Share *share, int64_t count, int is_first,
                             float constant, float *scores)
{
    float factor = (float)share->factor;
    const int64_t *places = share->places;
    const float *numbers = share->numbers;
    const uint16_t *keys = segment->keys + share->first;
    if (!numbers && !places && count <= share->stop - share->first) {
        /* Those of one word, which are most by far: nothing is in the way of the processor. */
        for (int64_t n = 0; n < count; n++)
            scores[n] = (is_first ? constant : scores[n]) + table[keys[n]] * factor;
        return;
    }
    for (int64_t n = 0; n < count; n++) {
        int64_t at = share->first + (places ? places[n] : n);
        float more = at >= share->stop ? 0 : numbers ? numbers[at] : table[segment->keys[at]] * factor;
        scores[n] = (is_first ? constant : scores[n]) + more;
    }
}

/* The sums of the parts of the scores of some documents, and of what all of them score. Returns 0.

   table   (65536,) posting key -> what it is worth
   shares  at least one
   scores  (count,) */
int64_t sum_shares(const Segment *segment, const float *table, const Share *shares, int64_t share_count,
                   double constant, int64_t count, float *scores)
{
    add_share(segment, table, shares, count, 1, (float)constant, scores);
    for (const Share *share = shares + 1; share < shares + share_count; share++)
        add_share(segment, table, share, count, 0, 0, scores);
    return 0;
}

/* Documents and their scores: numbers, or without them `factor` times what the keys of the postings from `first` on are
   worth, with `constant`. Without postings, -1, all score `constant`. */
typedef struct {
    const uint32_t *docs;
    const float *numbers;
    int64_t count, first;
    double factor, constant;
} Scored;

/* Whether a document is one of `size` from `start` on. */
static inline int is_in(uint32_t doc, int64_t start, int64_t size)
{
    return (uint64_t)(doc - start) < (uint64_t)size;
}

/* The documents of some lists and the sums of their scores, which are added in the order of the lists; none is 0. Returns
   how many there are.

   table         see sum_shares
   reached       (list_count,) how much of each list has been added: nothing
   docs, scores  room for the documents of all lists, or for doc_count if that is less, and for one more */
int64_t unite_scored(const Segment *segment, const float *table, const Scored *lists, int64_t list_count,
                     int64_t *reached, int64_t doc_count, uint32_t *docs, float *scores)
{
    float sums[BLOCK];
    int64_t found = 0;
    for (int64_t start = 0; start < doc_count; start += BLOCK) {
        int64_t size = doc_count - start < BLOCK ? doc_count - start : BLOCK, before = found;
        memset(sums, 0, sizeof sums);
        for (int64_t number = 0; number < list_count; number++) {
            const Scored *list = lists + number;
            const uint32_t *own = list->docs;
            const uint16_t *keys = segment->keys + (list->first < 0 ? 0 : list->first);
            float factor = (float)list->factor, constant = (float)list->constant;
            int64_t at = reached[number], stop = list->count;
            if (list->numbers)
                for (; at < stop && is_in(own[at], start, size); at++)
                    sums[own[at] - start] += list->numbers[at];
            else if (list->first < 0)
                for (; at < stop && is_in(own[at], start, size); at++)
                    sums[own[at] - start] += constant;
            else
                for (; at < stop && is_in(own[at], start, size); at++)
                    sums[own[at] - start] += constant + table[keys[at]] * factor;
            reached[number] = at;
        }
        for (int64_t n = 0; n < size; n++) {
            docs[found] = (uint32_t)(start + n);
            found += sums[n] != 0;
        }
        for (int64_t n = before; n < found; n++)
            scores[n] = sums[docs[n] - start];
    }
    return found;
}

/* See count_values, which calls it once for each width: so that is not asked about for each document. */
static inline int64_t count_wide(const uint32_t *docs, int64_t count, const void *ordinals, int64_t bytes,
                                 int64_t doc_count, int64_t *tally, int64_t values)
{
    int64_t without = 0;
    for (int64_t n = 0; n < count; n++) {
        int64_t value = docs[n] < doc_count ? number_at(ordinals, bytes, docs[n]) : values;
        if (value < values)
            tally[value]++;
        else
            without++;
    }
    return without;
}

/* Count the values of some documents. Returns how many of these have none.

   ordinals  (doc_count,) the value of each document, of `bytes` bytes each; `values` or more for none
   tally     (values,) */
int64_t count_values(const uint32_t *docs, int64_t count, const void *ordinals, int64_t bytes, int64_t doc_count,
                     int64_t *tally, int64_t values)
{
    return bytes == 1   ? count_wide(docs, count, ordinals, 1, doc_count, tally, values)
           : bytes == 2 ? count_wide(docs, count, ordinals, 2, doc_count, tally, values)
                        : count_wide(docs, count, ordinals, 4, doc_count, tally, values);
}

/* What is compared, as a number, and where it stands: of scores one that rises with them. */
typedef struct {
    uint32_t rank, place;
} High;

/* Buckets into which ranks are sorted; and scores of which first only the highest is looked at. */
enum { BUCKETS = 1024, GROUP = 32, LANES = 8 };

static inline uint32_t rank_of(float score)
{
    uint32_t bits;
    score += 0.0f; /* a negative zero is one, too */
    memcpy(&bits, &score, sizeof bits);
    return bits >> 31 ? ~bits : bits | 0x80000000u;
}

/* The highest of some scores, many at a time: the lanes do not wait for each other. */
static inline float highest_of(const float *scores, int64_t count)
{
    float lanes[LANES];
    if (count < GROUP) {
        float highest = scores[0];
        for (int64_t n = 1; n < count; n++)
            highest = scores[n] > highest ? scores[n] : highest;
        return highest;
    }
    memcpy(lanes, scores, sizeof lanes);
    for (int n = LANES; n < GROUP; n += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] = scores[n + lane] > lanes[lane] ? scores[n + lane] : lanes[lane];
    for (int lane = 1; lane < LANES; lane++)
        lanes[0] = lanes[lane] > lanes[0] ? lanes[lane] : lanes[0];
    return lanes[0];
}

/* Keep the `count` highest of at least so many, in the order in which they stand; of equal ones the first. Returns the
   lowest rank of those kept. No step depends on which is higher, which no processor could foresee. */
static uint32_t keep_highest(High *all, int64_t size, int64_t count)
{
    uint32_t low = UINT32_MAX, high = 0;
    for (int64_t n = 0; n < size; n++) {
        low = all[n].rank < low ? all[n].rank : low;
        high = all[n].rank > high ? all[n].rank : high;
    }
    /* Narrow the ranks down to the lowest to be kept; `left` are to be kept of those between low and high. */
    int64_t left = count;
    for (int shift = 1; shift;) {
        uint32_t counts[BUCKETS] = {0}, range = high - low, bucket;
        for (shift = 0; range >> shift >= BUCKETS; shift++)
            ;
        for (int64_t n = 0; n < size; n++)
            if (all[n].rank - low <= range)
                counts[(all[n].rank - low) >> shift]++;
        for (bucket = range >> shift; counts[bucket] < left; bucket--)
            left -= counts[bucket];
        low += bucket << shift;
        high = low + (((uint32_t)1 << shift) - 1);
    }
    for (int64_t n = 0, found = 0; n < size && found < count; n++) {
        int tie = all[n].rank == low;
        all[found] = all[n];
        found += all[n].rank > low || (tie && left > 0);
        left -= tie;
    }
    return low;
}

/* Where the highest of some scores stand, ascending; of equal ones the first. Returns 0, or -1 without memory.

   The highest of each group are looked at first: none of the others is lower than as many of these as are wanted, so the
   groups that are lower have none.

   size    less than 2 ** 32
   count   of the highest, at most `size`
   places  (count,) */
int64_t highest_scores(const float *scores, int64_t size, int64_t count, int64_t *places)
{
    int64_t groups = (size + GROUP - 1) / GROUP, room = count * (GROUP + 1) > groups ? count * (GROUP + 1) : groups;
    High *all = malloc((size_t)(room + 1) * sizeof *all);
    uint32_t *highest = malloc((size_t)(groups + 1) * sizeof *highest), bar = 0; /* no score has it */
    int64_t kept = 0, ties = 0, done = all && highest ? 0 : -1;
    if (done < 0 || !count)
        goto end;
    for (int64_t group = 0; group < groups; group++) {
        highest[group] = rank_of(highest_of(scores + group * GROUP, size - group * GROUP));
        all[group] = (High){highest[group], (uint32_t)group};
    }
    if (groups > count)
        bar = keep_highest(all, groups, count);
    for (int64_t group = 0; group < groups; group++) {
        int64_t first = group * GROUP, stop = first + GROUP < size ? first + GROUP : size;
        for (int64_t n = highest[group] < bar ? stop : first; n < stop; n++) {
            uint32_t rank = rank_of(scores[n]);
            all[kept] = (High){rank, (uint32_t)n};
            kept += rank > bar || (rank == bar && ties < count);
            ties += rank == bar;
        }
    }
    keep_highest(all, kept, count);
    for (int64_t n = 0; n < count; n++)
        places[n] = all[n].place;
end:
    free(all);
    free(highest);
    return done;
}

/* The largest of some counts, without those that are 0: largest first, then in the order in which they stand. Returns how
   many they are, or -1 without memory.

   tally    (size,) each less than 2 ** 32
   count    of the largest at most
   numbers  (count,) */
int64_t largest_counts(const int64_t *tally, int64_t size, int64_t count, int64_t *numbers)
{
    High *all = malloc((size_t)(size + 1) * sizeof *all);
    int64_t found = 0;
    if (!all)
        return -1;
    for (int64_t n = 0; n < size; n++) {
        all[found] = (High){(uint32_t)tally[n], (uint32_t)n};
        found += tally[n] != 0;
    }
    if (found > count) {
        if (count)
            keep_highest(all, found, count);
        found = count;
    }
    for (int64_t n = 0; n < found; n++) {
        int64_t at = n;
        High own = all[n];
        for (; at && all[at - 1].rank < own.rank; at--)
            all[at] = all[at - 1];
        all[at] = own;
    }
    for (int64_t n = 0; n < found; n++)
        numbers[n] = all[n].place;
    free(all);
    return found;
}
