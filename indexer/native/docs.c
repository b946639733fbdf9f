/* Lists of documents, ascending. */

#include <stdint.h>
#include <stdlib.h>

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

/* One of the highest scores, and where it stands. */
typedef struct {
    float score;
    int64_t place;
} High;

/* Whether one is to go before another: the lowest, and of equal ones the last. */
static inline int goes_before(const High *left, const High *right)
{
    return left->score < right->score || (left->score == right->score && left->place > right->place);
}

#define ITEM High
#define BEFORE goes_before
#include "heap.h"

/* Where the highest of some scores stand, ascending; of equal ones the first. Returns 0, or -1 without memory.

   count   of the highest, at most `size`
   places  (count,) */
int64_t highest_scores(const float *scores, int64_t size, int64_t count, int64_t *places)
{
    High *kept = malloc((size_t)(count + 1) * sizeof *kept), **heap = malloc((size_t)(count + 1) * sizeof *heap);
    if (!kept || !heap) {
        free(kept);
        free(heap);
        return -1;
    }
    for (int64_t n = 0; n < count; n++) {
        kept[n] = (High){scores[n], n};
        heap[n] = kept + n;
        rise(heap, n + 1);
    }
    for (int64_t n = count; count && n < size; n++)
        if (scores[n] > heap[0]->score) {
            *heap[0] = (High){scores[n], n};
            sink(heap, count);
        }
    for (int64_t n = 0, found = 0; n < size && found < count; n++)
        if (scores[n] > heap[0]->score || (scores[n] == heap[0]->score && n <= heap[0]->place))
            places[found++] = n;
    free(kept);
    free(heap);
    return 0;
}
