"""A plan in Whoosh's own query classes: plain Whoosh's searcher finds the same articles with it, scored alike."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from whoosh import query as wq
from whoosh.query.spans import Span, SpanNear2

from indexer.query import plan
from indexer.query.plan import Plan


def whoosh_query(node: Plan) -> wq.Query:
    """The Whoosh query that matches and scores as a plan does."""
    match node:
        case plan.Term():
            return wq.Term(node.field, node.text, boost=node.boost)
        case plan.Phrase():
            return wq.Phrase(node.field, list(node.words))
        case plan.Within():
            return Within([wq.Term(node.field, word) for word in node.words], node.slop)
        case plan.Prefix():
            return wq.Prefix(node.field, node.text)
        case plan.Wildcard():
            # In Whoosh's patterns a bracket would begin a class of characters.
            return wq.Wildcard(node.field, node.text.replace("[", "[[]"))
        case plan.Fuzzy():
            return wq.FuzzyTerm(node.field, node.text, maxdist=node.edits, prefixlength=0)
        case plan.Days():
            first = datetime.combine(node.first, time.min) if node.first else None
            last = datetime.combine(node.last, time.max) if node.last else datetime.max
            return wq.DateRange("date", first, last)
        case plan.Every():
            return wq.Every()
        case plan.Constant():
            return wq.ConstantScoreQuery(whoosh_query(node.part), node.score)
        case plan.And():
            return wq.And([whoosh_query(part) for part in node.parts])
        case plan.Or():
            return wq.Or([whoosh_query(part) for part in node.parts])
        case plan.AndNot():
            return wq.AndNot(whoosh_query(node.wanted), whoosh_query(node.unwanted))
        case plan.Require():
            return wq.Require(whoosh_query(node.scored), whoosh_query(node.required))


class Within(SpanNear2):  # type: ignore[misc]
    """Matches where each word stands at most `slop` positions before or after the one named before it.

    Whoosh's own unordered SpanNear2 refuses a word that stands between two others, which a reader who asks
    for words "within five words" does not expect.
    """

    def __init__(self, terms: list[Any], slop: int) -> None:
        super().__init__(terms, slop=slop, ordered=False, mindist=1)

    def apply(self, fn: Any) -> Within:
        """Rebuild the node with `fn` applied to its terms."""
        return type(self)([fn(term) for term in self.qs], self.slop)

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """Whoosh's matcher of this node."""
        context = self._span_context(context)
        return _Matcher([term.matcher(searcher, context) for term in self.qs], slop=self.slop, ordered=False)


class _Matcher(SpanNear2.SpanNear2Matcher):  # type: ignore[misc]
    def _get_spans(self) -> list[Span]:
        reached: list[Span] = self.ms[0].spans()
        for matcher in self.ms[1:]:
            reached = [
                here
                for here in matcher.spans()
                if any(0 < abs(here.start - there.start) <= self.slop for there in reached)
            ]
        return reached
