/* Which words of a hit are marked, and which pieces of its text hold the most of them. */

#include <stdint.h>
#include <stdlib.h>

/* What is looked for: its places as keys (document << 32 | position), ascending, and how many words are marked from each
   on; `weak` is marked only beside others. The fields are those of marks.py. */
typedef struct {
    const int64_t *keys;
    int64_t count, size, weak;
} Item;

/* A marked position, and what it stands for: an item, or -1 where it is not marked after all. */
typedef struct {
    int64_t position, strong, weak, item;
} Mark;

/* See query/snippets.py, where these come from. */
typedef struct {
    int64_t most_marks, body_start, reach, words, pieces;
} Rules;

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

/* The first words of the pieces that hold the most of what is wanted: the best first.

   marks   of the body, at least one
   inside  (items,) zeros, and zeros again afterwards
   scores  room for all marks
   starts  (pieces,) -1 where there is none */
static void best_starts(const Mark *marks, int64_t count, const Rules *rules, int64_t *inside, double *scores,
                        int32_t *starts)
{
    int64_t stop = 0, distinct = 0;
    for (int64_t n = 0; n < count; n++) {
        while (stop < count && marks[stop].position - marks[n].position < rules->reach)
            distinct += !inside[marks[stop++].item]++;
        scores[n] = (double)distinct + 0.05 * (double)(stop - n);
        distinct -= !--inside[marks[n].item];
    }
    for (int64_t piece = 0; piece < rules->pieces; piece++) {
        int64_t best = -1;
        for (int64_t n = 0; n < count; n++) {
            int64_t place = marks[n].position - rules->body_start, other = 0;
            while (other < piece && (starts[other] < 0 || llabs(place - starts[other]) > rules->words))
                other++;
            if (other == piece && (best < 0 || scores[n] > scores[best]))
                best = n;
        }
        starts[piece] = best < 0 ? -1 : (int32_t)(marks[best].position - rules->body_start);
    }
}

/* The marks of some documents and the pieces to show. Returns how many marks there are, -1 without memory.

   bounds     (doc_count + 1,) where the marks of each document begin, and the end
   bodies     (doc_count,) where those of its body begin
   positions  room for all places of all items with all their words; of a body no more than most_marks are kept
   starts     (doc_count * pieces,) see best_starts */
int64_t pieces_of_hits(int64_t doc_count, const Item *items, int64_t item_count, const Rules *rules, int64_t *bounds,
                       int64_t *bodies, int32_t *positions, int32_t *starts)
{
    int64_t room = 1, found = 0;
    for (int64_t n = 0; n < item_count; n++)
        room += rules->most_marks * items[n].size;
    Mark *marks = malloc((size_t)room * sizeof *marks);
    double *scores = malloc((size_t)room * sizeof *scores);
    int64_t *inside = calloc((size_t)item_count + 1, sizeof *inside);
    int64_t *next = calloc((size_t)item_count + 1, sizeof *next);
    int enough = marks && scores && inside && next;
    for (int64_t doc = 0; enough && doc < doc_count; doc++) {
        int64_t count = 0, in_body = 0;
        for (int64_t n = 0; n < item_count; n++) {
            const Item *item = items + n;
            for (int64_t taken = 0; next[n] < item->count && item->keys[next[n]] >> 32 <= doc; next[n]++, taken++)
                for (int64_t word = 0; taken < rules->most_marks && word < item->size; word++)
                    marks[count++] = (Mark){(item->keys[next[n]] & 0xFFFFFFFF) + word, item->weak ? -1 : n,
                                            item->weak ? n : -1, -1};
        }
        qsort(marks, (size_t)count, sizeof *marks, by_position);
        count = beside_others(marks, united(marks, count));
        while (in_body < count && marks[in_body].position < rules->body_start)
            in_body++;
        if (count - in_body > rules->most_marks)
            count = in_body + rules->most_marks;
        bounds[doc] = found;
        bodies[doc] = found + in_body;
        for (int64_t n = 0; n < count; n++)
            positions[found++] = (int32_t)(marks[n].position - (n < in_body ? 0 : rules->body_start));
        best_starts(marks + in_body, count - in_body, rules, inside, scores, starts + doc * rules->pieces);
    }
    bounds[doc_count] = found;
    free(marks);
    free(scores);
    free(inside);
    free(next);
    return enough ? found : -1;
}
