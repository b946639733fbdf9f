"""Facets: what is asked of the cluster for them, and how the answers become those of the contract.

Values are counted by their folded form, so that an article counts once however it spells them; beside that, the
display forms are counted to show the most frequent one. The cluster counts on each shard the largest values only: an
answer that could be wrong for that is asked again for more of them, until it is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from indexer.opensearch.compile import Clause, all_of
from indexer.opensearch.mapping import FORMS_SUFFIX, SEPARATOR, Document
from indexer.query.facets import MAX_FILLED_BUCKETS, Width, bucket_edge, bucket_number, bucket_start, fitting
from indexer.query.filters import VALUE_COLUMNS, seconds, selected
from indexer.request import Interval, SearchRequest
from indexer.response import Bucket, DateBucket, DateFacet, ValueFacet

# Values asked for beyond those that are shown: their order among equals is not the cluster's.
_SPARE: Final = 100
# The most that OpenSearch lets an answer hold by default.
MOST_BUCKETS: Final = 60_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ValueCount:
    """The counting of one value facet.

    name    public name of the facet
    others  the other filters of the request
    chosen  values that the facet's own filter selects, by their folded form
    size    number of values to show
    asked   number of values to ask for
    """

    name: str
    others: list[Clause]
    chosen: dict[str, str]
    size: int
    asked: int

    @classmethod
    def of(cls, request: SearchRequest, name: str, others: list[Clause]) -> ValueCount:
        """The counting of a facet of a request."""
        chosen = selected(getattr(request, name))
        return cls(name, others, chosen, request.facet_size, request.facet_size + _SPARE)

    def more(self) -> ValueCount:
        """The same, asking for ten times as many values."""
        return ValueCount(self.name, self.others, self.chosen, self.size, min(10 * self.asked, MOST_BUCKETS))

    def body(self) -> Document:
        """The aggregation."""
        column = VALUE_COLUMNS[self.name]
        forms = column + FORMS_SUFFIX
        largest = [{"_count": "desc"}, {"_key": "asc"}]
        shards = min(10 * self.asked, MOST_BUCKETS)
        options = {"size": self.asked, "shard_size": shards, "order": largest}
        inner: Document = {
            "values": {"terms": {"field": column, **options}},
            "forms": {"terms": {"field": forms, **options}},
            "missing": {"missing": {"field": column}},
        }
        if self.chosen:
            wanted = {"include": list(self.chosen), "size": len(self.chosen)}
            inner["chosen"] = {"terms": {"field": column, **wanted}}
        return {"filter": all_of(self.others), "aggs": inner}

    def facet(self, found: Document) -> ValueFacet | None:
        """The facet of an answer; None where more must be asked for."""
        counts = {bucket["key"]: bucket["doc_count"] for bucket in found["values"]["buckets"]}
        cut_off = found["values"]["sum_other_doc_count"]
        total = sum(counts.values()) + cut_off
        least = min(counts.values(), default=0)
        if cut_off and self.asked < MOST_BUCKETS:
            # Beyond what is shown there must be a smaller one, or an equal one may have been cut off.
            last_shown = sorted(counts.values(), reverse=True)[: self.size][-1]
            if found["values"]["doc_count_error_upper_bound"] or last_shown == least:
                return None
        for bucket in found.get("chosen", {}).get("buckets", ()):
            counts[bucket["key"]] = bucket["doc_count"]
        shown = {
            value for place, value in enumerate(sorted(counts, key=lambda v: (-counts[v], v))) if place < self.size
        } | (counts.keys() & self.chosen.keys())
        forms = _forms(found["forms"]["buckets"])
        if found["forms"]["sum_other_doc_count"] and self.asked < MOST_BUCKETS:
            known = {value: max(of.values(), default=0) for value, of in forms.items()}
            smallest = min((bucket["doc_count"] for bucket in found["forms"]["buckets"]), default=0)
            # Another form that is cut off could be as frequent.
            if any(2 * known.get(value, 0) <= counts[value] and smallest >= known.get(value, 0) for value in shown):
                return None
        named = [(-counts[value], _display(value, forms), value) for value in counts]
        named += [(0, shown_as, value) for value, shown_as in self.chosen.items() if value not in counts]
        named.sort()
        buckets = tuple(
            Bucket(value=display, count=-negative, selected=value in self.chosen)
            for place, (negative, display, value) in enumerate(named)
            if place < self.size or value in self.chosen
        )
        other = total - sum(bucket.count for bucket in buckets)
        return ValueFacet(buckets=buckets, other=other, missing=found["missing"]["doc_count"])


def _forms(buckets: list[Document]) -> dict[str, dict[str, int]]:
    """Folded value → its display forms and how often each occurs."""
    forms: dict[str, dict[str, int]] = {}
    for bucket in buckets:
        folded, _, display = bucket["key"].partition(SEPARATOR)
        forms.setdefault(folded, {})[display] = bucket["doc_count"]
    return forms


def _display(value: str, forms: dict[str, dict[str, int]]) -> str:
    own = forms.get(value)
    return min(own, key=lambda form: (-own[form], form)) if own else value


# Dates: the span of the matches first, then the buckets of that span.

SPAN: Final[Document] = {
    "first": {"min": {"field": "date"}},
    "last": {"max": {"field": "date"}},
    "undated": {"missing": {"field": "date"}},
}


@dataclass(frozen=True, slots=True)
class DateCount:
    """The counting of the date histogram, once the span of the matches is known.

    first, last  seconds of the first and the last match; missing: matches without a date
    """

    width: Width
    first: int
    last: int
    missing: int

    @classmethod
    def of(cls, interval: Interval, found: Document) -> DateCount | DateFacet:
        """From the answer to SPAN; the facet itself where no match has a date."""
        missing = found["undated"]["doc_count"]
        if found["first"]["value"] is None:
            return DateFacet(interval="month" if interval == "auto" else interval, buckets=(), missing=missing)
        first, last = (int(found[name]["value"] // 1000) for name in ("first", "last"))
        return cls(fitting(last - first) if interval == "auto" else interval, first, last, missing)

    def body(self, filters: list[Clause], own: list[Clause]) -> Document:
        """The aggregations over the matches, and over all articles that pass the filters.

        own  those of the filters that the query itself leaves out
        """
        low, high = self._numbers()
        span = {"range": {"date": {"gte": bucket_edge(low, self.width), "lt": bucket_edge(high + 1, self.width)}}}
        options = {"field": "date", "calendar_interval": self.width, "min_doc_count": 1}
        buckets = {"buckets": {"date_histogram": options}}
        return {
            "matching": {"filter": all_of([*own, span]), "aggs": buckets},
            "indexed": {"global": {}, "aggs": {"filtered": {"filter": all_of([*filters, span]), "aggs": buckets}}},
        }

    def facet(self, found: Document) -> DateFacet:
        """The facet of an answer."""
        matching = _counts(found["matching"])
        indexed = _counts(found["indexed"]["filtered"])
        low, high = self._numbers()
        numbers = range(low, high + 1) if high - low < MAX_FILLED_BUCKETS else self._filled(matching)
        starts = [bucket_start(number, self.width) for number in numbers]
        return DateFacet(
            interval=self.width,
            buckets=tuple(
                DateBucket(start=start, count=matching.get(start, 0), indexed=indexed.get(start, 0)) for start in starts
            ),
            missing=self.missing,
        )

    def _filled(self, matching: dict[date, int]) -> list[int]:
        return [bucket_number(seconds(start), self.width) for start in sorted(matching)]

    def _numbers(self) -> tuple[int, int]:
        low, high = bucket_number(self.first, self.width), bucket_number(self.last, self.width)
        return low, high


def _counts(found: Document) -> dict[date, int]:
    """First day → number of articles."""
    return {
        (_EPOCH + timedelta(milliseconds=bucket["key"])).date(): bucket["doc_count"]
        for bucket in found["buckets"]["buckets"]
    }
