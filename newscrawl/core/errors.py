"""The exceptions of newscrawl; each knows its exit code and its reason code.

A message says what was expected, what came and where; `hint` says what to do about it.
Exit codes are fixed by the contract: 1 internal, 2 usage or bad site file, 3 a site is degraded,
blocked or failed, 4 disk full or I/O, 5 archive damaged, 6 stopped but resumable, 75 locked.
"""

from __future__ import annotations

from typing import Any


class NewscrawlError(Exception):
    """Base of everything the command line turns into `error:` and `hint:`; acted on by cli."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, so that it may come from another process, whatever its class is made of."""
        return type(self).__new__, (type(self), *self.args), self.__dict__


class UsageError(NewscrawlError):
    """The user asked for something that cannot be: unknown site, unknown article, bad value."""

    exit_code = 2


class SiteFileError(UsageError):
    """A site file is invalid. `problems` holds every one as (key path, what was expected and came)."""

    def __init__(self, path: str, problems: list[tuple[str, str]], hint: str | None = None) -> None:
        self.path = path
        self.problems = problems
        lines = [f"{path}: {key}: {what}" if key else f"{path}: {what}" for key, what in problems]
        super().__init__("\n".join(lines), hint)


class SiteFailed(NewscrawlError):
    """A crawl finished, but a site is degraded, blocked or gave nothing at all."""

    exit_code = 3


class StorageError(NewscrawlError):
    """The disk is full, or reading or writing failed; what was acknowledged before is safe."""

    exit_code = 4


class ArchiveDamaged(NewscrawlError):
    """The database or a WARC file is corrupt; nothing was written to it."""

    exit_code = 5


class Stopped(NewscrawlError):
    """Stopped by a limit or a signal; the next run goes on where this one was."""

    exit_code = 6


class ArchiveLocked(NewscrawlError):
    """Another run holds the archive; nothing was changed."""

    exit_code = 75


class PageRejected(NewscrawlError):
    """The page is not what was asked for, so nothing of it may be stored as an article or listing.

    Acted on by whoever asked for the extraction: it becomes one problem row and one counted outcome
    `rejected(code)`. `code` is a stable word such as `not_article`, `no_template`, `empty_body`,
    `not_found_page`, `too_deep`.
    """

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.code = code
