"""Page: the articles that a search has returned, as a small segment of their own.

So the code of the engine on disk ranks the best of them anew, explains their scores and cuts their snippets: the
answers are the same because the code is. What is known of the whole index, it is told by the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from indexer import view as disk
from indexer.analysis import Stemmer
from indexer.article import Article
from indexer.opensearch.terms import Terms
from indexer.opensearch.view import View
from indexer.query import scoring
from indexer.query.closeness import statistics
from indexer.query.matching import SegmentMatcher
from indexer.query.ranking import Matches
from indexer.segment import builder
from indexer.segment.reader import SegmentReader


class Page(disk.View):
    """Some articles, and the statistics of the whole index.

    articles  with distinct ids
    scores    of each
    """

    def __init__(
        self, articles: Sequence[Article], scores: Sequence[float], state: View, terms: Terms, stemmer: Stemmer
    ) -> None:
        with TemporaryDirectory(prefix="broadsheet-") as folder:
            path = Path(folder, "page.bsc")
            builder.build(path, articles, stemmer)
            # The file is mapped: it lives on without a name.
            reader = SegmentReader(path)
        self._state = state
        self._terms = terms
        super().__init__([(reader, np.empty(0, np.uint32))], state.generation, state.committed_at, state.tag)
        self.doc_count_all = state.articles
        table = scoring.share_table(state.average_length)
        norms = scoring.norms(state.average_length)
        self.statistics = statistics(self.weight, table, norms, state.average_title_length)
        self.segment = disk.LiveSegment(reader, None, SegmentMatcher(reader, self.idf, table))
        self.segments = [self.segment]
        self.docs = {article.id: reader.find(article.id) for article in articles}
        by_doc = np.zeros(len(articles), np.float32)
        for article, score in zip(articles, scores, strict=True):
            by_doc[self.docs[article.id]] = score
        self.matches = Matches(self.segment, np.arange(len(articles), dtype=np.uint32), by_doc)

    def occurrences(self, stem: str) -> tuple[int, int]:
        """In how many articles of the index a stem is, and how often."""
        return self._terms.stems([stem])[stem]

    @property
    def newest(self) -> int:
        """Minus the seconds since 1970 of the newest article of the index; 0 without dates."""
        return -(self._state.newest or 0)
