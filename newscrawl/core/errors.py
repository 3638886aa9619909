"""The exceptions of newscrawl, each with its exit code.

A message states what was expected, what was found and where; `hint` says what to do about it.
Exit codes do not change: 1 internal, 2 usage or bad site file, 3 a site is degraded, blocked or
failed, 4 disk full or I/O, 5 archive damaged, 6 stopped but resumable, 75 locked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any


class NewscrawlError(Exception):
    """The base class. The command line prints these errors as `error:` and `hint:`."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint:
            self.add_note(f"hint: {hint}")  # tracebacks show it, in a notebook too

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles the error without `__init__`, whose arguments depend on the class."""
        return type(self).__new__, (type(self), *self.args), self.__dict__


class UsageError(NewscrawlError):
    """The user's request is not possible: an unknown site or article, or an invalid value."""

    exit_code = 2


class SiteFileError(UsageError):
    """A site file is invalid. `problems` holds all problems as (key path, message)."""

    def __init__(self, path: str, problems: list[tuple[str, str]], hint: str | None = None) -> None:
        self.path = path
        self.problems = problems
        lines = [f"{path}: {key}: {what}" if key else f"{path}: {what}" for key, what in problems]
        super().__init__("\n".join(lines), hint)


class SiteFailed(NewscrawlError):
    """A crawl finished, but a site is degraded, is blocked or gave nothing at all."""

    exit_code = 3


class StorageError(NewscrawlError):
    """The disk is full, or reading or writing failed. Everything committed before is safe."""

    exit_code = 4


class ArchiveDamaged(NewscrawlError):
    """The database or a WARC file is corrupt. Nothing was written to it."""

    exit_code = 5


class Stopped(NewscrawlError):
    """A limit or a signal stopped the run. The next run resumes from there."""

    exit_code = 6


class ArchiveLocked(NewscrawlError):
    """Another run holds the lock of the archive. Nothing was changed.

    `since` is when that run began; None if that is not known.
    """

    exit_code = 75

    def __init__(
        self, message: str, hint: str | None = None, *, since: datetime | None = None
    ) -> None:
        super().__init__(message, hint)
        self.since = since


class PageRejected(NewscrawlError):
    """The page is not of the requested kind, so none of it may be stored as article or listing.

    The caller of the extraction handles it: it becomes one problem row and one counted outcome
    `rejected(code)`. `code` is a stable word such as `not_article`, `no_template`, `empty_body`,
    `not_found_page`, `too_deep`.
    """

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.code = code


def one_line(error: NewscrawlError) -> str:
    """An error and its hint as one line, for logs."""
    message = " ".join(error.message.split())
    return f"{message} (hint: {error.hint})" if error.hint else message
