/* The words of a text, and pieces that are cut out of it. */

#include <stdint.h>
#include <string.h>

#include "characters.h"
#include "pieces.h"

/* Bytes of a text. */
typedef struct {
    int64_t begin, end;
} Span;

/* Where some words stand in a text from `at` on. Returns how many of them there are, or UNKNOWN_CHARACTER.

   numbers  (count,) ascending, from that of the first word there
   spans    (count,) */
static int64_t find_words(const uint8_t *text, int64_t size, int64_t at, const uint8_t *shapes, const int64_t *numbers,
                          int64_t count, Span *spans)
{
    int64_t found = 0, open = 0, word = 0, next;
    int inside = 0;
    for (; at < size && (found < count || inside); at = next) {
        uint8_t shape = shapes[point_at(text, size, at, &next)];
        if (!shape)
            return UNKNOWN_CHARACTER;
        if ((shape & OF_WORDS) == NOTHING)
            continue;
        int64_t words = shape & WORDS;
        if (inside && shape & LEFT) {
            words--;
            for (int64_t n = open; n < found; n++)
                spans[n].end = next;
        }
        for (; words > 0; words--, word++) {
            open = found;
            while (found < count && numbers[found] == word)
                spans[found++] = (Span){at, next};
        }
        inside = shape & RIGHT;
    }
    return found;
}

/* Write spans of words as ranges of code points. Words that share a character ("½" alone is two) are one range.
   Returns how many ranges there are.

   spans   (count,) ascending
   from    a byte before them, and `point` its number among the code points
   ranges  room for all; two ends of lines in a row count as one character */
static int64_t in_points(const uint8_t *text, int64_t from, int64_t point, const Span *spans, int64_t count,
                         int32_t *ranges)
{
    int64_t written = 0;
    for (int64_t n = 0; n < 2 * count; n++) {
        int64_t to = n % 2 ? spans[n / 2].end : spans[n / 2].begin;
        int joined = to < from;
        for (; from < to; from++) {
            point += (text[from] & 0xC0) != 0x80;
            from += from + 1 < to && text[from] == '\n' && text[from + 1] == '\n';
        }
        if (joined)
            written--;
        else
            ranges[written++] = (int32_t)point;
    }
    return written / 2;
}

/* The code points that some words span in a text. Returns how many ranges there are, or UNKNOWN_CHARACTER.

   numbers  (count,) of the words, ascending
   spans    room for as many
   ranges   room for 2 * count */
int64_t ranges_of_words(const uint8_t *text, int64_t size, const uint8_t *shapes, const int64_t *numbers, int64_t count,
                        int64_t *spans, int32_t *ranges)
{
    int64_t found = find_words(text, size, 0, shapes, numbers, count, (Span *)spans);
    return found < 0 ? found : in_points(text, 0, 0, (Span *)spans, found, ranges);
}

/* How many words a run of characters that words are made of holds; UNKNOWN_CHARACTER for one not known. */
static int64_t words_of_run(const uint8_t *text, int64_t size, int64_t at, const uint8_t *shapes)
{
    int64_t words = 0;
    uint8_t shape = 0;
    int inside = 0;
    while (at < size && (shape = shapes[point_at(text, size, at, &at)]) & OF_WORDS)
        if ((shape & OF_WORDS) != NOTHING) {
            words += (shape & WORDS) - (inside && shape & LEFT);
            inside = shape & RIGHT;
        }
    return at < size && !shape ? UNKNOWN_CHARACTER : words;
}

/* The nearest anchor before a word: its byte, and the number of its word in place of *number. The word of an anchor may
   stand anywhere in its run, which is only known of a run of one. Returns UNKNOWN_CHARACTER as others do. */
static int64_t anchor_before(const Segment *segment, const uint8_t *shapes, const Body *body, int64_t *number)
{
    int64_t first = 0, stop = 0;
    if (body->doc + 1 < segment->anchor_offset_count) {
        first = segment->anchor_offsets[body->doc];
        stop = clipped(segment->anchor_offsets[body->doc + 1], segment->anchor_count);
    }
    for (int64_t at = clipped(first + *number / STRIDE, stop - 1); at > first; at--) {
        int64_t byte = clipped(number_at(segment->anchors, segment->anchor_bytes, at), body->size);
        int64_t words = words_of_run(body->text, body->size, byte, shapes);
        if (words < 0)
            return words;
        if (words == 1) {
            *number = (at - first) * STRIDE;
            return byte;
        }
    }
    *number = 0;
    return 0;
}

static int is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\n';
}

/* Where the first sentence begins that begins in a part of a text; `from` where none does. */
static int64_t sentence_in(const uint8_t *text, int64_t from, int64_t stop)
{
    for (int64_t at = from; at < stop; at++) {
        int64_t end = at;
        if (memchr(".!?", text[at], 3)) {
            for (end = at + 1; end < stop;)
                if (memchr("\"')", text[end], 3))
                    end++;
                else if (end + 2 < stop && (!memcmp(text + end, "”", 3) || !memcmp(text + end, "’", 3)))
                    end += 3;
                else
                    break;
        } else if (text[at] != '\n')
            continue;
        if (end >= stop || !is_space(text[end]))
            continue;
        while (end < stop && is_space(text[end]))
            end++;
        return end;
    }
    return from;
}

int64_t cut_piece(const Segment *segment, const uint8_t *shapes, const Body *body, int64_t lead, int64_t words,
                  int64_t first, const int64_t *marked, int64_t marked_count, Piece *piece, int32_t *ranges)
{
    int64_t start = first > lead ? first - lead : 0, base = start, count = 1, numbers[MOST_WORDS + 2];
    Span spans[MOST_WORDS + 2];
    int64_t begin = anchor_before(segment, shapes, body, &base);
    if (begin < 0)
        return begin;
    numbers[0] = start - base;
    for (int64_t n = 0; n < marked_count && count <= words; n++)
        if (marked[n] >= start && marked[n] < start + words)
            numbers[count++] = marked[n] - base;
    numbers[count++] = start + words - base;
    int64_t found = find_words(body->text, body->size, begin, shapes, numbers, count, spans);
    if (found < 0)
        return found;
    int64_t shown = (found < count ? found : count - 1) - 1;
    piece->left = start && found ? spans[0].begin : begin;
    piece->is_cut = found == count;
    piece->right = piece->is_cut ? spans[count - 1].begin : body->size;
    /* Let the piece begin with its sentence where one begins before the first marked word. */
    if (start && shown > 0)
        piece->left = sentence_in(body->text, piece->left, spans[1].begin);
    /* The ellipsis before it, and a space. */
    return shown > 0 ? in_points(body->text, piece->left, piece->left ? 2 : 0, spans + 1, shown, ranges) : 0;
}
