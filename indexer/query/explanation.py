"""What each part of a query gave to the score of a hit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.query import plan
from indexer.query.closeness import CANDIDATES
from indexer.query.plan import Plan
from indexer.query.ranking import Ranked, freshness
from indexer.query.syntax import ParsedQuery
from indexer.request import SearchRequest
from indexer.response import Contribution
from indexer.view import LiveSegment, View

Array = npt.NDArray[Any]

_FIRST: Final = np.zeros(1, np.int64)
# Less is a matter of rounding.
_ROUNDED: Final = 1e-3


def explained(
    view: View, request: SearchRequest, parsed: ParsedQuery, hit: Ranked, place: int
) -> tuple[Contribution, ...]:
    """What each part of the query gave to a hit's score; their sum is the score.

    place  the number of the hit among all matches
    """
    docs = np.array([hit.doc], np.uint32)
    parts = list(_given(hit.segment, parsed.plan, docs))
    ranked_anew = request.sort == "relevance" and place < CANDIDATES
    if ranked_anew and parsed.closeness:
        added = parsed.closeness.added(hit.segment.reader, docs, view.statistics, _FIRST)[:-1, 0].tolist()
        parts += zip(parsed.closeness.parts(), added, strict=True)
    given: dict[str, float] = {}
    for part, score in parts:
        given[part] = given.get(part, 0.0) + score
    if request.freshness is not None:
        kept = float(freshness(view, hit.segment, docs, request.freshness)[0])
        given["freshness"] = (kept - 1) * sum(given.values())
    raised = hit.score - sum(given.values())
    if ranked_anew and raised > _ROUNDED:
        # See `ranking.ranked`: the best of the first pass stay before the others.
        given["among the best"] = raised
    return tuple(Contribution(part=part, score=score) for part, score in given.items() if score)


def _given(segment: LiveSegment, node: Plan, docs: Array) -> Iterator[tuple[str, float]]:
    """What each scoring part of a plan gave to the one document of `docs`."""
    if not segment.matcher.mask(node, docs)[0]:
        return
    if isinstance(node, (plan.And, plan.Or)):
        for part in node.parts:
            yield from _given(segment, part, docs)
    elif isinstance(node, plan.AndNot):
        yield from _given(segment, node.wanted, docs)
    elif isinstance(node, plan.Require):
        yield from _given(segment, node.scored, docs)
    else:
        found = segment.matcher.found(node)
        scores = segment.matcher.scores(found.at(found.docs.searchsorted(docs)))
        yield _named(node), float(scores[0] if isinstance(scores, np.ndarray) else scores)


def _named(node: Plan) -> str:
    """A part of a plan in words."""
    match node:
        case plan.Constant():
            return _named(node.part)
        case plan.Phrase():
            return f'{node.field}:"{" ".join(node.words)}"'
        case plan.Within():
            return f"{node.field}:({' '.join(node.words)})~{node.slop}"
        case plan.Fuzzy():
            return f"{node.field}:{node.text}~{node.edits}"
        case plan.Prefix():
            return f"{node.field}:{node.text}*"
        case plan.Term() | plan.Wildcard():
            return f"{node.field}:{node.text}"
        case _:
            return type(node).__name__.lower()
