/* Strings: put in order, where one stands among those in order, and those of several segments together. */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
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

/* A string that is put in order: its first eight bytes, as a number that is larger where they are; and which it is. */
typedef struct {
    uint64_t head;
    int64_t number;
} Item;

static uint64_t head_of(const uint8_t *string, int64_t length)
{
    uint64_t head = 0;
    for (int64_t at = 0; at < 8; at++)
        head = head << 8 | (at < length ? string[at] : 0);
    return head;
}

static inline int compare_items(Item left, Item right, const uint8_t *joined, const int64_t *offsets)
{
    if (left.head != right.head)
        return left.head < right.head ? -1 : 1;
    const int64_t *one = offsets + left.number, *other = offsets + right.number;
    return compare(joined + one[0], (uint32_t)(one[1] - one[0]), joined + other[0], (uint32_t)(other[1] - other[0]));
}

/* Put strings in order and number the distinct ones. Returns how many these are, -1 without memory.

   joined   the bytes of all strings
   offsets  (count + 1,) where each begins, and the end
   firsts   room for all: of each distinct one which of the strings it is, the first of those alike
   numbers  (count,) the number of each string among the distinct ones */
int64_t number_strings(const uint8_t *joined, const int64_t *offsets, int64_t count, int64_t *firsts, int64_t *numbers)
{
    Item *items = malloc((size_t)(count + 1) * sizeof *items), *merged = malloc((size_t)(count + 1) * sizeof *items);
    int64_t found = items && merged ? 0 : -1;
    for (int64_t n = 0; !found && n < count; n++)
        items[n] = (Item){head_of(joined + offsets[n], offsets[n + 1] - offsets[n]), n};
    // Runs of `width` are in order; of those alike the first comes first.
    for (int64_t width = 1; !found && width < count; width *= 2) {
        for (int64_t first = 0; first < count; first += 2 * width) {
            int64_t left = first, middle = first + width < count ? first + width : count, right = middle;
            int64_t stop = middle + width < count ? middle + width : count;
            for (int64_t at = first; at < stop; at++) {
                bool is_left = left < middle &&
                               (right == stop || compare_items(items[left], items[right], joined, offsets) <= 0);
                merged[at] = items[is_left ? left++ : right++];
            }
        }
        Item *other = items;
        items = merged, merged = other;
    }
    for (int64_t n = 0; found >= 0 && n < count; n++) {
        if (!n || compare_items(items[n - 1], items[n], joined, offsets))
            firsts[found++] = items[n].number;
        numbers[items[n].number] = found - 1;
    }
    free(items);
    free(merged);
    return found;
}
