"""Every exception Broadsheet raises on purpose.

    BroadsheetError
      InputError                  the caller repairs
        ParameterError            a search parameter is unknown or malformed
        SourceError               a path given to ingest cannot be read at all
        PageError                 one page or record holds no article
        ArticleNotFoundError      no article has that id
        CursorGoneError           the view a cursor belongs to no longer exists
      IndexStateError             the operator repairs
        IndexNotFoundError        there is no index at that path
        NotAnIndexError           something else is at that path
        IndexLockedError          another process is writing
        FormatVersionError        the index was written by another format version
        CorruptSegmentError       a file of the index is damaged or missing
        ResourceError             the disk or the memory did not suffice, or was not permitted
        BackendUnavailableError   the cluster that holds the index does not answer

Messages say what to do next. The core knows neither HTTP nor exit codes: the server maps classes to
statuses, the commands map them to exit codes, each in one place.
"""

from __future__ import annotations


class BroadsheetError(Exception):
    """Base of every error raised on purpose; its message is fit to be shown to a user."""


class InputError(BroadsheetError):
    """What the caller passed in cannot be used; the message says how to repair it."""


class ParameterError(InputError):
    """A search parameter is unknown or malformed.

    parameter  the public name (the same in Python, HTTP and on the command line)
    detail     what is wrong with the value
    hint       what would be right, or ""
    """

    def __init__(self, parameter: str, detail: str, hint: str = "") -> None:
        super().__init__(f"{parameter}: {detail}" + (f" ({hint})" if hint else ""))
        self.parameter = parameter
        self.detail = detail
        self.hint = hint


class SourceError(InputError):
    """A path given to `ingest` or `clean` does not exist or cannot be read at all."""


class PageError(InputError):
    """One page or record cannot become an article; an ingest rejects it and goes on."""


class ArticleNotFoundError(InputError):
    """No article in the index has the given id."""


class CursorGoneError(InputError):
    """The view of the index that a cursor pages through is gone."""


class IndexStateError(BroadsheetError):
    """The index on disk is not in a state that serves the call; the operator repairs it."""


class IndexNotFoundError(IndexStateError):
    """There is no index at the given path."""


class NotAnIndexError(IndexStateError):
    """Something that is not a Broadsheet index is at the given path."""


class IndexLockedError(IndexStateError):
    """Another process is writing to the index."""


class FormatVersionError(IndexStateError):
    """The index was written by a version of Broadsheet with another format."""


class CorruptSegmentError(IndexStateError):
    """A file of the index is damaged."""


class ResourceError(IndexStateError):
    """The disk or the memory did not suffice, or was not permitted; the index stays at its last commit."""


class BackendUnavailableError(IndexStateError):
    """The cluster that holds the index does not answer, or not wholly; another try may do."""
