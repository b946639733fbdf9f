/* Strings that a few edits turn into another one. */

#include <stdint.h>
#include <stdlib.h>

#include "characters.h"

/* Whether at most `distance` insertions, deletions or substitutions turn one text into another: the recurrence of Wagner and
   Fischer (1974) on the diagonals that so many edits can reach (Ukkonen 1985), once what both begin and end with is gone.

   row  room for right_count + 1 */
static int is_near(const uint32_t *left, int64_t left_count, const uint32_t *right, int64_t right_count, int64_t distance,
                   int64_t *row)
{
    while (left_count && right_count && *left == *right) {
        left++, right++;
        left_count--, right_count--;
    }
    while (left_count && right_count && left[left_count - 1] == right[right_count - 1])
        left_count--, right_count--;
    if (llabs(left_count - right_count) > distance)
        return 0;
    if (!left_count || !right_count)
        return 1;
    for (int64_t at = 0; at <= right_count; at++)
        row[at] = at;
    for (int64_t n = 1; n <= left_count; n++) {
        int64_t first = n > distance ? n - distance : 1, last = n + distance < right_count ? n + distance : right_count;
        int64_t diagonal = row[first - 1], least = distance + 1;
        /* Outside of the band nothing is near. */
        row[first - 1] = first == 1 ? n : distance + 1;
        for (int64_t at = first; at <= last; at++) {
            int64_t above = at < n + distance ? row[at] : distance + 1, edits = diagonal + (left[n - 1] != right[at - 1]);
            if (above + 1 < edits)
                edits = above + 1;
            if (row[at - 1] + 1 < edits)
                edits = row[at - 1] + 1;
            diagonal = row[at];
            row[at] = edits;
            if (edits < least)
                least = edits;
        }
        if (least > distance && row[first - 1] > distance)
            return 0;
    }
    return row[right_count] <= distance;
}

/* The strings near a word. Returns how many there are, or -1 without memory.

   bytes, size  all strings in UTF-8, joined, and how many bytes they are
   offsets      where each begins
   first, stop  the strings that are looked at
   allowed      (stop - first,) which of them may be found; NULL for all
   word         (length,) code points
   distance     edits at most
   found        room for all: their numbers, ascending */
int64_t near_strings(const uint8_t *bytes, int64_t size, const uint32_t *offsets, int64_t first, int64_t stop,
                     const uint8_t *allowed, const uint32_t *word, int64_t length, int64_t distance, int64_t *found)
{
    int64_t count = 0, room = length + distance;
    uint32_t *points = malloc((size_t)(room + 1) * sizeof *points);
    int64_t *row = malloc((size_t)(length + 1) * sizeof *row);
    for (int64_t n = first; points && row && n < stop; n++) {
        int64_t begin = offsets[n] < size ? offsets[n] : size, end = offsets[n + 1] < size ? offsets[n + 1] : size;
        int64_t characters = 0;
        if ((allowed && !allowed[n - first]) || end - begin < length - distance || (end - begin) / 4 > room)
            continue;
        while (begin < end && characters <= room)
            points[characters++] = point_at(bytes, end, begin, &begin);
        if (begin == end && characters <= room && is_near(points, characters, word, length, distance, row))
            found[count++] = n;
    }
    int enough = points && row;
    free(points);
    free(row);
    return enough ? count : -1;
}
