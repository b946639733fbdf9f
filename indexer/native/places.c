/* Where words stand, in a row or any of them. */

#include <stdint.h>
#include <stdlib.h>

#include "places.h"

/* Documents whose places are found before those of the first are looked at, and are on their way from memory meanwhile. */
enum { AHEAD = 16 };

/* Find the places of some words in one document. Returns whether it holds them all. */
static int places_in_doc(const Segment *segment, uint32_t doc, const Word *words, int64_t word_count, int64_t *postings,
                         Places *places)
{
    for (int64_t word = 0; word < word_count; word++) {
        int64_t stop = words[word].stem.stop;
        postings[word] = seek(segment->docs, postings[word], stop, doc);
        if (postings[word] == stop || segment->docs[postings[word]] != doc)
            return 0;
    }
    for (int64_t word = 0; word < word_count; word++)
        places[word] = places_of(segment, postings[word]);
    return 1;
}

/* What row_in_doc finds, by the places of the words in the document. */
static int64_t row_at(const Segment *segment, const Word *words, int64_t word_count, const Places *places, int64_t low,
                      int64_t high, int64_t most, int64_t key, int64_t *keys, int64_t room)
{
    int64_t found = 0, rarest = 0;
    for (int64_t word = 1; word < word_count; word++)
        if (places[word].count < places[rarest].count)
            rarest = word;
    for (int64_t at = places[rarest].first; found < most && at < places[rarest].first + places[rarest].count; at++) {
        int64_t word = 0, start = position_at(segment, at) - rarest;
        if (start < low || start >= high || !has_form(segment, &words[rarest].stem, words[rarest].form, at))
            continue;
        while (word < word_count && (word == rarest || place_at(segment, &words[word].stem, words[word].form,
                                                                places[word], start + word) >= 0))
            word++;
        if (word < word_count)
            continue;
        if (found < room)
            keys[found] = key | start;
        found++;
    }
    return found;
}

int64_t row_in_doc(const Segment *segment, uint32_t doc, const Word *words, int64_t word_count, int64_t *postings,
                   Places *places, int64_t low, int64_t high, int64_t most, int64_t key, int64_t *keys, int64_t room)
{
    if (!places_in_doc(segment, doc, words, word_count, postings, places))
        return 0;
    return row_at(segment, words, word_count, places, low, high, most, key, keys, room);
}

/* The same in some documents. Returns how many places there are, or -1 without memory.

   docs   (doc_count,) ascending
   known  (word_count,) of the words' stems
   most   places of each document, the first of them
   keys   room for the places: the number of the document among `docs` << 32 | the position */
int64_t rows_of_words(const Segment *segment, const uint32_t *docs, int64_t doc_count, const Word *words,
                      const Known *known, int64_t word_count, int64_t low, int64_t high, int64_t most, int64_t *keys,
                      int64_t room)
{
    int64_t *postings = malloc((size_t)word_count * sizeof *postings);
    Places *places = malloc((size_t)word_count * AHEAD * sizeof *places);
    int64_t found = postings && places ? 0 : -1, ahead[AHEAD], waiting = 0;
    for (int64_t word = 0; found >= 0 && word < word_count; word++)
        postings[word] = words[word].stem.first;
    for (int64_t doc = 0; found >= 0 && doc < doc_count; doc++) {
        Places *own = places + waiting * word_count;
        for (int64_t word = 0; word < word_count; word++)
            postings[word] = posting_from(&words[word].stem, known + word, doc, postings[word]);
        if (places_in_doc(segment, docs[doc], words, word_count, postings, own)) {
            for (int64_t word = 0; word < word_count; word++)
                __builtin_prefetch((const char *)segment->positions + own[word].first * segment->position_bytes);
            ahead[waiting++] = doc;
        }
        if (waiting < AHEAD && doc < doc_count - 1)
            continue;
        for (int64_t n = 0; n < waiting; n++)
            found += row_at(segment, words, word_count, places + n * word_count, low, high, most, ahead[n] << 32,
                            keys + (found < room ? found : room), found < room ? room - found : 0);
        waiting = 0;
    }
    free(postings);
    free(places);
    return found;
}

/* A word by its number. A stem of which the segment says nonsense has no postings. */
static Word word_of(const Segment *segment, uint32_t number)
{
    Word word = {{0, 0, 0}, -1};
    int64_t stem = number < segment->word_count ? segment->word_stems[number] : segment->stem_count;
    if (stem >= segment->stem_count)
        return word;
    int64_t first_form = clipped(segment->stem_forms[stem], segment->form_count);
    int64_t last_form = clipped(segment->stem_forms[stem + 1], segment->form_count);
    if (last_form - first_form > 1)
        word.form = seek(segment->forms, first_form, last_form, number) - first_form;
    word.stem.stop = clipped(segment->stem_postings[stem + 1], segment->posting_count);
    word.stem.first = clipped(segment->stem_postings[stem], word.stem.stop);
    word.stem.shift = (int64_t)((uint64_t)number_at(segment->stem_variants, segment->counting_bytes, stem) -
                                (uint64_t)number_at(segment->stem_places, segment->counting_bytes, stem));
    return word;
}

/* The places of any of some words, in no order. Returns how many there are, of which only the first `room` are written.

   docs       (doc_count,) ascending
   words      their numbers
   low, high, keys  see rows_of_words */
int64_t places_of_any(const Segment *segment, const uint32_t *docs, int64_t doc_count, const uint32_t *words,
                      int64_t word_count, int64_t low, int64_t high, int64_t *keys, int64_t room)
{
    int64_t found = 0;
    for (int64_t n = 0; n < word_count; n++) {
        Word word = word_of(segment, words[n]);
        int64_t posting = word.stem.first;
        for (int64_t doc = 0; doc < doc_count; doc++) {
            posting = seek(segment->docs, posting, word.stem.stop, docs[doc]);
            if (posting == word.stem.stop)
                break;
            if (segment->docs[posting] != docs[doc])
                continue;
            Places places = places_of(segment, posting);
            for (int64_t at = places.first; at < places.first + places.count; at++) {
                int64_t position = position_at(segment, at);
                if (position < low || position >= high || !has_form(segment, &word.stem, word.form, at))
                    continue;
                if (found < room)
                    keys[found] = doc << 32 | position;
                found++;
            }
        }
    }
    return found;
}

/* Mark the documents that hold any of some words. Returns 0.

   words      their numbers
   low, high  see rows_of_words; everywhere where `anywhere` says so
   seen       (doc_count,) 1 where a document holds one */
int64_t docs_of_any(const Segment *segment, const uint32_t *words, int64_t word_count, int64_t anywhere, int64_t low,
                    int64_t high, uint8_t *seen, int64_t doc_count)
{
    for (int64_t n = 0; n < word_count; n++) {
        Word word = word_of(segment, words[n]);
        int64_t place = word.stem.first < word.stem.stop ? places_of(segment, word.stem.first).first : 0;
        for (int64_t posting = word.stem.first; posting < word.stem.stop; posting++) {
            uint32_t doc = segment->docs[posting];
            if (doc >= doc_count)
                continue;
            if (anywhere && word.form < 0) {
                seen[doc] = 1;
                continue;
            }
            int64_t stop = clipped(place + frequency_of(segment, posting), segment->place_count);
            for (; place < stop && !seen[doc]; place++) {
                int64_t position = position_at(segment, place);
                seen[doc] = position >= low && position < high && has_form(segment, &word.stem, word.form, place);
            }
            place = stop;
        }
    }
    return 0;
}
