/* Words in the order of the texts -> places in the order of stems -> postings. */

#include <stdint.h>
#include <string.h>

/* Put every place among those of its stem. Texts come in the order of documents, a title and a body in turn, so a
   stem's places come to stand by document and position.

   firsts     (texts + 1,) the first word of each text
   bases      (texts,) its position
   words      (words of all texts,) numbers of distinct words
   stems      the stem of each distinct word
   forms      its form: its rank among the words of the stem
   next       (stems,) where each stem's places begin; where they end afterwards
   docs, positions, place_forms  (words of all texts,) what is known of each place */
int64_t scatter(int64_t texts, const int64_t *firsts, const int64_t *bases, const int32_t *words, const int32_t *stems,
                const uint16_t *forms, int64_t *next, uint32_t *docs, uint32_t *positions, uint16_t *place_forms)
{
    for (int64_t text = 0; text < texts; text++) {
        uint32_t position = (uint32_t)bases[text];
        for (int64_t at = firsts[text]; at < firsts[text + 1]; at++, position++) {
            int64_t place = next[stems[words[at]]]++;
            docs[place] = (uint32_t)(text >> 1);
            positions[place] = position;
            place_forms[place] = forms[words[at]];
        }
    }
    return 0;
}

/* The postings of some stems: the runs of places of one document. Returns how many there are.

   bounds         (stems + 1,) where the places of each stem begin in the segment, and the end
   docs, forms    what is known of each of these places
   first_form     (stems + 1,) where the forms of each stem begin in `form_docs` and `last`, and the end
   form_docs      how many documents hold each form
   last           the last posting that held each form, by its first place in the segment + 1
   counts         (stems,) how many postings each stem has
   posting_docs, frequencies  room for all places: document and number of places of each posting
   variants       room for all places: the forms of those whose stem has several
   varied         how many these are */
int64_t postings(int64_t stems, const int64_t *bounds, const uint32_t *docs, const uint16_t *forms,
                 const int64_t *first_form, int64_t *form_docs, int64_t *last, int64_t *counts,
                 uint32_t *posting_docs, int64_t *frequencies, uint16_t *variants, int64_t *varied)
{
    int64_t found = 0, at = 0;
    *varied = 0;
    for (int64_t stem = 0; stem < stems; stem++) {
        int64_t before = found, begin = at, stop = bounds[stem + 1] - bounds[0];
        int64_t *own_docs = form_docs + first_form[stem], *own_last = last + first_form[stem];
        while (at < stop) {
            int64_t first = at, posting = bounds[0] + first + 1;
            for (; at < stop && docs[at] == docs[first]; at++)
                if (own_last[forms[at]] != posting) {
                    own_last[forms[at]] = posting;
                    own_docs[forms[at]]++;
                }
            posting_docs[found] = docs[first];
            frequencies[found++] = at - first;
        }
        counts[stem] = found - before;
        if (first_form[stem + 1] - first_form[stem] > 1) {
            memcpy(variants + *varied, forms + begin, (size_t)(stop - begin) * sizeof *forms);
            *varied += stop - begin;
        }
    }
    return found;
}
