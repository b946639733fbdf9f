/* Pieces of texts, as they are shown. */

#include <stdint.h>
#include <string.h>

#include "characters.h"
#include "pieces.h"

/* The most bytes of a piece: words may be megabytes, and so may what stands between two of them. */
enum { MOST_BYTES = 2000 };

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

/* How many words a run of characters that words are made of holds: 0, 1, or 2 for more; or UNKNOWN_CHARACTER. */
static int64_t words_of_run(const uint8_t *text, int64_t size, int64_t at, const uint8_t *shapes)
{
    int64_t words = 0;
    uint8_t shape = 0;
    int inside = 0;
    while (words < 2 && at < size && (shape = shapes[point_at(text, size, at, &at)]) & OF_WORDS)
        if ((shape & OF_WORDS) != NOTHING) {
            words += (shape & WORDS) - (inside && shape & LEFT);
            inside = shape & RIGHT;
        }
    return words < 2 && at < size && !shape ? UNKNOWN_CHARACTER : words;
}

/* The nearest anchor before a word: its byte, and the number of its word in place of *number. The word of an anchor may
   stand anywhere in its run, which is only known of a run of one. Returns UNKNOWN_CHARACTER as others do. */
static int64_t anchor_before(const Segment *segment, const uint8_t *shapes, const Hit *hit, int64_t *number)
{
    int64_t first = 0, stop = 0;
    if (hit->doc + 1 < segment->anchor_offset_count) {
        first = segment->anchor_offsets[hit->doc];
        stop = clipped(segment->anchor_offsets[hit->doc + 1], segment->anchor_count);
    }
    for (int64_t at = clipped(first + *number / STRIDE, stop - 1); at > first; at--) {
        int64_t byte = clipped(number_at(segment->anchors, segment->anchor_bytes, at), hit->body_size);
        int64_t words = words_of_run(hit->body, hit->body_size, byte, shapes);
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

/* The nearest byte of a text, not behind a given one, at which a character begins. */
static int64_t character_at(const uint8_t *text, int64_t size, int64_t at)
{
    while (at > 0 && at < size && (text[at] & 0xC0) == 0x80)
        at--;
    return at;
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

/* Add bytes left to right of a text as a piece, MOST_BYTES at most: on one line, with ellipses where the text goes on.

   spans  (count,) of the marked words, ascending; those of words that share a character ("½" alone is two) become one range */
static void add(const uint8_t *text, int64_t size, int64_t left, int64_t right, int is_cut, const Span *spans,
                int64_t count, Page *page)
{
    static const char before[] = "… ", behind[] = " …";
    int64_t point = 0, edge = 0;
    if (right - left > MOST_BYTES) {
        right = character_at(text, size, left + MOST_BYTES);
        is_cut = 1;
        while (count && spans[count - 1].begin >= right)
            count--;
    }
    if (left) {
        memcpy(page->text + page->size, before, sizeof before - 1);
        page->size += sizeof before - 1;
        point = 2;
    }
    while (is_cut && right > left && is_space(text[right - 1]))
        right--;
    for (int64_t at = left;; at++) {
        for (; edge < 2 * count; edge++) {
            int64_t to = edge % 2 ? spans[edge / 2].end : spans[edge / 2].begin;
            if (to > at && at < right)
                break;
            if (to < at && edge % 2 == 0)
                page->range_count--;
            else
                page->ranges[page->range_count++] = (int32_t)point;
        }
        if (at >= right)
            break;
        /* Paragraphs stand apart by two ends of lines. */
        at += text[at] == '\n' && at + 1 < right && text[at + 1] == '\n';
        page->text[page->size++] = text[at] == '\n' ? ' ' : text[at];
        point += (text[at] & 0xC0) != 0x80;
    }
    if (is_cut) {
        memcpy(page->text + page->size, behind, sizeof behind - 1);
        page->size += sizeof behind - 1;
    }
    page->text[page->size++] = '\n';
}

int64_t add_piece(const Segment *segment, const uint8_t *shapes, const Hit *hit, int64_t lead, int64_t words,
                  int64_t first, const int64_t *marked, int64_t marked_count, Page *page)
{
    int64_t start = first > lead ? first - lead : 0, base = start, count = 1, numbers[MOST_WORDS + 2];
    Span spans[MOST_WORDS + 2];
    int64_t begin = anchor_before(segment, shapes, hit, &base);
    if (begin < 0)
        return begin;
    numbers[0] = start - base;
    for (int64_t n = 0; n < marked_count && count <= words; n++)
        if (marked[n] >= start && marked[n] < start + words)
            numbers[count++] = marked[n] - base;
    numbers[count++] = start + words - base;
    int64_t found = find_words(hit->body, hit->body_size, begin, shapes, numbers, count, spans);
    if (found < 0)
        return found;
    int is_cut = found == count;
    int64_t shown = found > 1 ? found - 1 - is_cut : 0;
    int64_t left = start && found ? spans[0].begin : begin, right = is_cut ? spans[count - 1].begin : hit->body_size;
    if (shown && right < spans[shown].end)
        right = spans[shown].end;
    if (shown && spans[1].begin - left > MOST_BYTES / 2)
        left = character_at(hit->body, hit->body_size, spans[1].begin - MOST_BYTES / 2);
    /* Let the piece begin with its sentence where one begins before the first marked word. */
    if (start && shown)
        left = sentence_in(hit->body, left, spans[1].begin);
    add(hit->body, hit->body_size, left, right, is_cut, spans + 1, shown, page);
    return 0;
}

int64_t add_title(const uint8_t *shapes, const Hit *hit, const int64_t *marked, int64_t marked_count, Page *page)
{
    Span spans[MOST_WORDS];
    int64_t count = marked_count < MOST_WORDS ? marked_count : MOST_WORDS;
    int64_t found = find_words(hit->title, hit->title_size, 0, shapes, marked, count, spans);
    if (found < 0)
        return found;
    add(hit->title, hit->title_size, 0, hit->title_size, 0, spans, found, page);
    return 0;
}
