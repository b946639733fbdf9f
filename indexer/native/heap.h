/* A heap of pointers, the first in order on top. Before it is included: ITEM, what they point to, and BEFORE(left, right),
   whether one comes before another. */

#include <stdint.h>

/* Let the item on top, which alone may be out of place, sink to where it belongs. */
static void sink(ITEM **heap, int64_t size)
{
    ITEM *item = heap[0];
    int64_t at = 0, child;
    for (; (child = 2 * at + 1) < size; at = child) {
        if (child + 1 < size && BEFORE(heap[child + 1], heap[child]))
            child++;
        if (!BEFORE(heap[child], item))
            break;
        heap[at] = heap[child];
    }
    heap[at] = item;
}

/* Let the last item, which alone may be out of place, rise to where it belongs. */
static void rise(ITEM **heap, int64_t size)
{
    int64_t at = size - 1;
    ITEM *item = heap[at];
    for (; at && BEFORE(item, heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = item;
}
