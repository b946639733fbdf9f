"""Which matches come first: a total order, the same however the index is cut into segments."""

from __future__ import annotations

import numpy as np

from indexer.request import Sort
from indexer.view import UNDATED, Docs, Matches, View


def ranked(view: View, matches: Matches, sort: Sort, count: int) -> Docs:
    """Positions in `matches` of the first `count` hits, best first, shape (min(count, n),).

    relevance  score, then newest, then id
    newest     newest first, undated last, then by id
    oldest     oldest first, undated last, then by id
    """
    docs, scores = matches.docs, matches.scores
    count = min(count, len(docs))
    if count == 0:
        return np.empty(0, np.int64)
    if sort == "relevance":
        # Only the scores that can reach the first `count` places need the tie-breaking sort.
        candidates = np.arange(len(docs))
        if count < len(docs):
            least = np.partition(scores, len(scores) - count)[len(scores) - count]
            candidates = np.flatnonzero(scores >= least)
        return candidates[np.lexsort((view.order[docs[candidates]], -scores[candidates]))[:count]]
    if sort == "newest":
        return np.argsort(view.order[docs])[:count]
    dates = view.dates[docs]
    undated = dates == UNDATED
    return np.lexsort((view.order[docs], dates, undated))[:count]
