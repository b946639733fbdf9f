/* Ascending strings: where one stands, and those of several segments together. */

#include <stdint.h>
#include <string.h>

/* The strings of one segment, and which of them comes next. The fields are those of _List in strings.py. */
typedef struct {
    const uint8_t *bytes;
    const uint32_t *offsets; /* (count + 1,) */
    int32_t *numbers;        /* (count,) what is found out: the number of each among all */
    int64_t count, next;
} List;

static inline uint32_t size_of(const List *list)
{
    return list->offsets[list->next + 1] - list->offsets[list->next];
}

static inline const uint8_t *start_of(const List *list)
{
    return list->bytes + list->offsets[list->next];
}

static inline int compare(const uint8_t *left, uint32_t left_size, const uint8_t *right, uint32_t right_size)
{
    int order = memcmp(left, right, left_size < right_size ? left_size : right_size);
    return order ? order : (left_size > right_size) - (left_size < right_size);
}

/* How many of some strings are less than another one.

   size     of all their bytes
   offsets  (count + 1,) */
int64_t place_of(const uint8_t *bytes, int64_t size, const uint32_t *offsets, int64_t count, const uint8_t *string,
                 int64_t length)
{
    int64_t low = 0, high = count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int64_t first = offsets[middle] < size ? offsets[middle] : size;
        int64_t stop = offsets[middle + 1] < size ? offsets[middle + 1] : size;
        if (compare(bytes + first, (uint32_t)(stop > first ? stop - first : 0), string, (uint32_t)length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static inline int before(const List *left, const List *right)
{
    return compare(start_of(left), size_of(left), start_of(right), size_of(right)) < 0;
}

#define ITEM List
#define BEFORE before
#include "heap.h"

/* Number the strings of some lists. Returns how many distinct ones there are.

   heap     room for all lists
   joined   room for the bytes of all strings
   offsets  room for the ends of all strings and one more: where each distinct one begins in `joined`, and the end */
int64_t unite(List *lists, int64_t count, List **heap, uint8_t *joined, int64_t *offsets)
{
    int64_t size = 0, found = 0;
    offsets[0] = 0;
    for (List *list = lists; list < lists + count; list++)
        if (list->count) {
            heap[size++] = list;
            rise(heap, size);
        }
    while (size) {
        List *list = heap[0];
        const uint8_t *start = start_of(list);
        uint32_t bytes = size_of(list);
        int64_t last = offsets[found ? found - 1 : 0];
        if (!found || compare(joined + last, (uint32_t)(offsets[found] - last), start, bytes)) {
            memcpy(joined + offsets[found], start, bytes);
            offsets[found + 1] = offsets[found] + bytes;
            found++;
        }
        list->numbers[list->next++] = (int32_t)(found - 1);
        if (list->next == list->count)
            heap[0] = heap[--size];
        if (size)
            sink(heap, size);
    }
    return found;
}
