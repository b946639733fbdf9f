"""Within: the query node for words near each other, in any order. Plain Whoosh evaluates it too."""

from __future__ import annotations

from typing import Any

from whoosh.query.spans import Span, SpanNear2


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
