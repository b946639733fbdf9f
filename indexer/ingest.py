"""From records to articles: pages are cleaned in worker processes, in order, with bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice

from indexer.article import Article
from indexer.errors import PageError
from indexer.page import Page
from indexer.response import Reject
from indexer.sources import Record

_PAGES_A_TASK = 16


def articles(records: Iterator[Record], workers: int | None = None) -> Iterator[Article | Reject]:
    """Clean the pages among the records; articles and rejects pass through, the order stays.

    workers  processes that clean; None takes one a core, 1 cleans in this process
    """
    workers = workers or os.cpu_count() or 1
    pool: ProcessPoolExecutor | None = None
    waiting: deque[Future[list[Article | Reject]] | list[Article | Reject]] = deque()
    try:
        while chunk := list(islice(records, _PAGES_A_TASK)):
            if not any(isinstance(record, Page) for record in chunk):
                waiting.append([record for record in chunk if not isinstance(record, Page)])
            elif workers == 1:
                waiting.append(_cleaned(chunk))
            else:
                # A worker is worth its start only where there are pages to clean.
                pool = pool or ProcessPoolExecutor(workers)
                waiting.append(pool.submit(_cleaned, chunk))
            while waiting and (isinstance(waiting[0], list) or len(waiting) > 4 * workers):
                yield from _result(waiting.popleft())
        while waiting:
            yield from _result(waiting.popleft())
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)


def _result(task: Future[list[Article | Reject]] | list[Article | Reject]) -> list[Article | Reject]:
    return task if isinstance(task, list) else task.result()


def _cleaned(chunk: list[Record]) -> list[Article | Reject]:
    from indexer.cleaning import clean_page

    cleaned: list[Article | Reject] = []
    for record in chunk:
        if not isinstance(record, Page):
            cleaned.append(record)
            continue
        try:
            cleaned.append(clean_page(record))
        except PageError as error:
            cleaned.append(Reject(place=record.place, reason=str(error)))
    return cleaned
