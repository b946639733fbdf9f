/* Which words of a hit are marked, and which pieces of its text hold the most of them. */

#include <stdint.h>
#include <stdlib.h>

#include "pieces.h"
#include "places.h"

/* What there is room for: pieces of a hit; marks of an item in a hit, or of a body. */
enum { MOST_PIECES = 5, MOST_MARKS = 64 };

/* What is looked for in the text or a part of it: a row of words, or places that are known, as keys (number of the hit <<
   32 | position), ascending. From each place on `size` words are marked; `weak` is marked only beside others. The fields
   are those of marks.py. */
typedef struct {
    const int64_t *keys;
    int64_t key_count, first_word, size, low, high, weak;
} Item;

/* A marked position, and what it stands for: an item, or -1 where it is not marked after all. `score` is that of a piece
   that begins with it. */
typedef struct {
    int64_t position, strong, weak, item;
    double score;
} Mark;

/* See query/snippets.py, where these come from. */
typedef struct {
    int64_t most_marks, body_start, reach, words, lead, pieces;
} Rules;

/* What the hits are looked at with. */
typedef struct {
    const Segment *segment;
    const uint8_t *shapes;
    const Rules *rules;
    const Item *items;
    int64_t item_count;
    const Word *words;
    int64_t *postings; /* for each word, from where on its posting of the next hit is sought */
    int64_t *next;     /* for each item, its next key */
    int64_t *inside;   /* for each item, how many of its marks are in the piece at hand */
    Places *places;    /* for each word, room for its places */
    Mark *marks;       /* room for those of a hit */
} Look;

static int by_position(const void *left, const void *right)
{
    int64_t difference = ((const Mark *)left)->position - ((const Mark *)right)->position;
    return (difference > 0) - (difference < 0);
}

static int is_marked(const Mark *marks, int64_t count, int64_t at, int64_t position)
{
    return at >= 0 && at < count && marks[at].position == position && marks[at].item >= 0;
}

/* Unite the marks of one position: of several items the last counts. Returns how many positions there are. */
static int64_t united(Mark *marks, int64_t count)
{
    int64_t kept = 0;
    for (int64_t n = 0; n < count; n++) {
        if (!kept || marks[kept - 1].position != marks[n].position) {
            marks[kept++] = marks[n];
            continue;
        }
        Mark *mark = marks + kept - 1;
        mark->strong = marks[n].strong > mark->strong ? marks[n].strong : mark->strong;
        mark->weak = marks[n].weak > mark->weak ? marks[n].weak : mark->weak;
    }
    return kept;
}

/* Keep the strong marks and the weak ones in a row with them; without any strong, the weak. Returns how many are left. */
static int64_t beside_others(Mark *marks, int64_t count)
{
    int64_t strong = 0, kept = 0;
    for (int64_t n = 0; n < count; n++)
        strong += marks[n].strong >= 0;
    for (int64_t n = 0; n < count; n++)
        marks[n].item = strong ? marks[n].strong : marks[n].weak;
    for (int64_t step = 0; strong && step < 2 * count; step++) {
        /* Forwards, then backwards. */
        int64_t n = step < count ? step : 2 * count - 1 - step;
        if (marks[n].weak >= 0 && (is_marked(marks, count, n - 1, marks[n].position - 1) ||
                                   is_marked(marks, count, n + 1, marks[n].position + 1)))
            marks[n].item = marks[n].weak;
    }
    for (int64_t n = 0; n < count; n++)
        if (marks[n].item >= 0)
            marks[kept++] = marks[n];
    return kept;
}

/* The marks of a hit, unsorted. Returns how many there are. */
static int64_t marks_of(const Look *look, int64_t hit, uint32_t doc)
{
    int64_t count = 0, most = look->rules->most_marks, keys[MOST_MARKS];
    for (int64_t n = 0; n < look->item_count; n++) {
        const Item *item = look->items + n;
        int64_t found = 0;
        if (item->keys) {
            for (; look->next[n] < item->key_count && item->keys[look->next[n]] >> 32 <= hit; look->next[n]++)
                if (found < most)
                    keys[found++] = item->keys[look->next[n]] & 0xFFFFFFFF;
        } else
            found = row_in_doc(look->segment, doc, look->words + item->first_word, item->size,
                               look->postings + item->first_word, look->places, item->low, item->high, most, 0, keys, most);
        for (int64_t place = 0; place < found; place++)
            for (int64_t word = 0; word < item->size; word++)
                look->marks[count++] = (Mark){keys[place] + word, item->weak ? -1 : n, item->weak ? n : -1, -1, 0};
    }
    return count;
}

/* The first words of the pieces that hold the most of what is wanted, ascending. Returns how many pieces there are.

   marks   of the body, at least one
   starts  room for all pieces */
static int64_t best_starts(const Look *look, Mark *marks, int64_t count, int64_t *starts)
{
    const Rules *rules = look->rules;
    int64_t stop = 0, distinct = 0, found = 0;
    for (int64_t n = 0; n < count; n++) {
        while (stop < count && marks[stop].position - marks[n].position < rules->reach)
            distinct += !look->inside[marks[stop++].item]++;
        marks[n].score = (double)distinct + 0.05 * (double)(stop - n);
        distinct -= !--look->inside[marks[n].item];
    }
    for (; found < rules->pieces; found++) {
        int64_t best = -1, at = found;
        for (int64_t n = 0; n < count; n++) {
            int64_t place = marks[n].position - rules->body_start, other = 0;
            while (other < found && llabs(place - starts[other]) > rules->words)
                other++;
            if (other == found && (best < 0 || marks[n].score > marks[best].score))
                best = n;
        }
        if (best < 0)
            break;
        for (; at > 0 && starts[at - 1] > marks[best].position - rules->body_start; at--)
            starts[at] = starts[at - 1];
        starts[at] = marks[best].position - rules->body_start;
    }
    return found;
}

/* Add what is shown of a hit: the best pieces of its body; where only its title is marked, or it has no body, the title;
   else the beginning of the body. Returns how many pieces of the body these are, or UNKNOWN_CHARACTER.

   number      of the hit
   range_ends  (rules->pieces,) how many ranges there are after each piece */
static int64_t add_hit(const Look *look, int64_t number, const Hit *hit, Page *page, int64_t *range_ends)
{
    const Rules *rules = look->rules;
    int64_t count = marks_of(look, number, (uint32_t)hit->doc), in_title = 0, pieces = 1, failed;
    int64_t starts[MOST_PIECES] = {0}, marked[MOST_MARKS];
    qsort(look->marks, (size_t)count, sizeof *look->marks, by_position);
    count = beside_others(look->marks, united(look->marks, count));
    while (in_title < count && look->marks[in_title].position < rules->body_start)
        in_title++;
    int64_t in_body = clipped(count - in_title, rules->most_marks);
    if (!in_body && (in_title || !hit->body_size)) {
        in_title = clipped(in_title, MOST_MARKS);
        for (int64_t n = 0; n < in_title; n++)
            marked[n] = look->marks[n].position;
        failed = add_title(look->shapes, hit, marked, in_title, page);
        range_ends[0] = page->range_count / 2;
        return failed;
    }
    for (int64_t n = 0; n < in_body; n++)
        marked[n] = look->marks[in_title + n].position - rules->body_start;
    if (in_body)
        pieces = best_starts(look, look->marks + in_title, in_body, starts);
    for (int64_t n = 0; n < pieces; n++) {
        failed = add_piece(look->segment, look->shapes, hit, rules->lead, rules->words, starts[n], marked, in_body, page);
        if (failed)
            return failed;
        range_ends[n] = page->range_count / 2;
    }
    return pieces;
}

/* What is shown of some hits. Returns how many bytes of text, -1 without memory, or UNKNOWN_CHARACTER.

   shapes      see characters.h
   rules       within what there is room for
   docs        (3 * hit_count,) the documents, ascending; then the bytes of their bodies, and of their titles
   texts       the bodies in UTF-8, joined; then the titles
   words       of all items that are rows
   pieces      (hit_count,) how many pieces of its body are shown of each hit; its title where there is none
   range_ends  (hit_count * rules->pieces,) how many ranges there are after each of all that is shown
   ranges      room for two numbers a word of all pieces
   text        room for what is shown, see pieces.h */
int64_t pieces_of_hits(const Segment *segment, const uint8_t *shapes, const Rules *rules, const int64_t *docs,
                       const uint8_t *texts, int64_t hit_count, const Item *items, int64_t item_count,
                       const Word *words, int64_t word_count, int64_t *pieces, int64_t *range_ends, int32_t *ranges,
                       uint8_t *text)
{
    int64_t room = 1, failed = 0, shown = 0;
    for (int64_t n = 0; n < item_count; n++)
        room += rules->most_marks * items[n].size;
    int64_t *numbers = calloc((size_t)(word_count + 2 * item_count + 1), sizeof *numbers);
    Places *places = malloc((size_t)(word_count + 1) * sizeof *places);
    Mark *marks = malloc((size_t)room * sizeof *marks);
    if (!numbers || !places || !marks)
        failed = -1;
    Look look = {segment, shapes,  rules,   items, item_count, words, numbers, numbers + word_count,
                 numbers + word_count + item_count, places, marks};
    Page page = {text, 0, ranges, 0};
    const uint8_t *body = texts, *title = texts;
    for (int64_t n = 0; n < hit_count; n++)
        title += docs[hit_count + n];
    for (int64_t word = 0; !failed && word < word_count; word++)
        look.postings[word] = words[word].stem.first;
    for (int64_t n = 0; !failed && n < hit_count; n++) {
        Hit hit = {docs[n], body, docs[hit_count + n], title, docs[2 * hit_count + n]};
        body += hit.body_size;
        title += hit.title_size;
        pieces[n] = add_hit(&look, n, &hit, &page, range_ends + shown);
        shown += pieces[n] ? pieces[n] : 1;
        if (pieces[n] < 0)
            failed = pieces[n];
    }
    free(numbers);
    free(places);
    free(marks);
    return failed ? failed : page.size;
}
