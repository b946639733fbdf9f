/* Lists of documents, ascending. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "segment.h"

/* From so many times as many documents on, those of the longer list are sought one by one. */
enum { MUCH_LONGER = 16 };

/* The documents that two lists have in common: where they stand in either. Returns how many there are.

   table   (doc_count,) of any content, which is lost
   places  (2 * few_count,) room for the places in the shorter list, and from few_count on for those in the longer */
int64_t common_docs(const uint32_t *few, int64_t few_count, const uint32_t *many, int64_t many_count, uint32_t *table,
                    int64_t doc_count, int64_t *places)
{
    int64_t found = 0, *in_few = places, *in_many = places + few_count;
    if (few_count * MUCH_LONGER < many_count) {
        int64_t at = 0;
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
    for (int64_t n = 0; n < many_count; n++)
        if (many[n] < doc_count)
            table[many[n]] = (uint32_t)n;
    for (int64_t n = 0; n < few_count; n++) {
        uint32_t at = few[n] < doc_count ? table[few[n]] : UINT32_MAX;
        in_few[found] = n;
        in_many[found] = at;
        found += at < many_count && many[at] == few[n];
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

/* Add the parts of the scores of some documents to what they score already. Returns 0.

   table   (65536,) posting key -> what it is worth
   scores  (count,) */
int64_t sum_shares(const Segment *segment, const float *table, const Share *shares, int64_t share_count, int64_t count,
                   float *scores)
{
    for (const Share *share = shares; share < shares + share_count; share++) {
        float factor = (float)share->factor;
        for (int64_t n = 0; n < count; n++) {
            int64_t at = share->first + (share->places ? share->places[n] : n);
            if (at < share->stop)
                scores[n] += share->numbers ? share->numbers[at] : table[segment->keys[at]] * factor;
        }
    }
    return 0;
}

/* Add the scores of some documents to those that they have. Returns 0.

   scores  of each; or one for all, where `alike` says so
   sums    (doc_count,) */
int64_t add_scores(const uint32_t *docs, int64_t count, const float *scores, int64_t alike, float *sums,
                   int64_t doc_count)
{
    for (int64_t n = 0; n < count; n++)
        if (docs[n] < doc_count)
            sums[docs[n]] += scores[alike ? 0 : n];
    return 0;
}

/* The documents whose sum is not 0, and the sums. Returns how many there are.

   docs, scores  room for doc_count */
int64_t scored_docs(const float *sums, int64_t doc_count, uint32_t *docs, float *scores)
{
    int64_t found = 0;
    for (int64_t doc = 0; doc < doc_count; doc++) {
        docs[found] = (uint32_t)doc;
        scores[found] = sums[doc];
        found += sums[doc] != 0;
    }
    return found;
}

/* Count the values of some documents. Returns how many of these have none.

   ordinals  (doc_count,) the value of each document, of `bytes` bytes each; `values` or more for none
   tally     (values,) */
int64_t count_values(const uint32_t *docs, int64_t count, const void *ordinals, int64_t bytes, int64_t doc_count,
                     int64_t *tally, int64_t values)
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

/* What is compared, as a number, and where it stands: of scores one that rises with them. */
typedef struct {
    uint32_t rank, place;
} High;

/* Buckets into which ranks are sorted; and how many times as many scores as are wanted are sorted at a time. */
enum { BUCKETS = 1024, AT_ONCE = 4 };

static inline uint32_t rank_of(float score)
{
    uint32_t bits;
    score += 0.0f; /* a negative zero is one, too */
    memcpy(&bits, &score, sizeof bits);
    return bits >> 31 ? ~bits : bits | 0x80000000u;
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

   size    less than 2 ** 32
   count   of the highest, at most `size`
   places  (count,) */
int64_t highest_scores(const float *scores, int64_t size, int64_t count, int64_t *places)
{
    int64_t room = count < size / AT_ONCE ? count * AT_ONCE : size, kept = 0;
    High *all = malloc((size_t)(room + 1) * sizeof *all);
    if (!all)
        return -1;
    uint32_t least = 0; /* no score has it */
    for (int64_t n = 0; count && n < size; n++) {
        if (kept == room) {
            least = keep_highest(all, kept, count);
            kept = count;
        }
        uint32_t rank = rank_of(scores[n]);
        all[kept] = (High){rank, (uint32_t)n};
        kept += rank > least;
    }
    if (count)
        keep_highest(all, kept, count);
    for (int64_t n = 0; n < count; n++)
        places[n] = all[n].place;
    free(all);
    return 0;
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
