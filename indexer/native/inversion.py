"""Words in the order of the texts → places in the order of stems → postings."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.native.library import NUMBER, loops

Array = npt.NDArray[Any]


def scattered(
    firsts: Array, bases: Array, words: Array, stems: Array, forms: Array, stem_places: Array
) -> tuple[Array, Array, Array]:
    """Document (u4), position (u4) and form (u2) of every place, in the order of stem, document and position.

    firsts       (texts + 1,) i8: the first word of each text, titles and bodies in turn
    bases        (texts,) i8: its position
    words        (places,) i4: the number of each word
    stems        (distinct words,) i4: its stem, and forms, u2, which of the stem's words it is
    stem_places  (stems + 1,) i8: the first place of each stem, and the end
    """
    assert len(firsts) == len(bases) + 1
    assert int(firsts[-1]) == len(words) == int(stem_places[-1])
    assert len(stems) == len(forms) > int(words.max(initial=-1))
    assert len(stem_places) - 1 > int(stems.max(initial=-1))
    docs, positions, place_forms = (np.empty(len(words), dtype) for dtype in (np.uint32, np.uint32, np.uint16))
    loops().scatter(len(bases), firsts, bases, words, stems, forms, stem_places.copy(), docs, positions, place_forms)
    return docs, positions, place_forms


class PostingsCutter:
    """Cuts scattered places into postings, a range of stems at a time.

    docs, forms  (places,) u4 and u2, see `scattered`
    stem_places  (stems + 1,) i8: the first place of each stem, and the end
    first_form   (stems + 1,) i8: the first form of each stem among those of all, and the end
    """

    def __init__(self, docs: Array, forms: Array, stem_places: Array, first_form: Array) -> None:
        self._docs, self._forms = docs, forms
        self._stem_places, self._first_form = stem_places, first_form
        # How many documents hold each form.
        self.form_docs = np.zeros(int(first_form[-1]), np.int64)
        self._last = np.zeros_like(self.form_docs)

    def cut(self, first: int, stop: int) -> tuple[Array, Array, Array, Array]:
        """Of the stems first to stop - 1: how many postings each has (i8); their documents (u4) and frequencies (i8).

        And the form (u2) at each place of those that have several.
        """
        bounds = self._stem_places[first : stop + 1]
        own = slice(int(bounds[0]), int(bounds[-1]))
        room = own.stop - own.start
        counts, frequencies = np.empty(stop - first, np.int64), np.empty(room, np.int64)
        docs, variants, varied = np.empty(room, np.uint32), np.empty(room, np.uint16), NUMBER()
        count = loops().postings(
            stop - first,
            bounds,
            self._docs[own],
            self._forms[own],
            self._first_form[first : stop + 1],
            self.form_docs,
            self._last,
            counts,
            docs,
            frequencies,
            variants,
            varied,
        )
        return counts, docs[:count], frequencies[:count], variants[: varied.value]
