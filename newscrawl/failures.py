"""Why a fetch gave nothing: HTTP statuses and Scrapy's exceptions as Failure rows with stable codes."""

from __future__ import annotations

from scrapy import exceptions
from twisted.internet.error import ConnectionDone, ConnectionLost

from .errors import PageRejected
from .store.rows import Failure

PASSING_STATUSES = frozenset({408, 425, 429})
EXCEPTIONS: tuple[tuple[type[Exception], str, bool], ...] = (
    (exceptions.CannotResolveHostError, "dns", True),
    (exceptions.DownloadConnectionRefusedError, "refused", True),
    (exceptions.DownloadTimeoutError, "timeout", True),
    (exceptions.ResponseDataLossError, "truncated", True),
    (exceptions.DownloadCancelledError, "too_large", False),
    (exceptions.DownloadFailedError, "connection", True),
    (ConnectionDone, "connection", True),
    (ConnectionLost, "connection", True),
    (OSError, "bad_encoding", True),
)


class HostRefused(exceptions.IgnoreRequest):
    """The address is not one that this crawl may connect to; raised before any connection is made."""


def of_status(status: int) -> Failure | None:
    """The failure that an HTTP status stands for; None for 200 and 203, which carry the page."""
    if status in (200, 203):
        return None
    code = f"http_{status}"
    if status in (404, 410):
        return Failure(code, "the server says that the page is not there", gone=True)
    retry = status >= 500 or status in PASSING_STATUSES
    return Failure(code, f"the server answered {status} instead of 200", retry=retry)


def of_exception(error: BaseException) -> Failure:
    """The failure that an exception of the download stands for."""
    message = " ".join(str(error).split())[:300]
    if isinstance(error, HostRefused):
        return Failure("refused_address", message)
    if isinstance(error, exceptions.IgnoreRequest):
        robots = "robots.txt" in message
        return Failure("robots" if robots else "redirect_loop", message)
    for kind, code, retry in EXCEPTIONS:
        if isinstance(error, kind):
            return Failure(code, message or code, retry=retry)
    return Failure("internal", f"{type(error).__name__}: {message}", stage="internal", retry=True)


def of_rejection(error: PageRejected) -> Failure:
    """The failure of a page that came, but is not what was asked for."""
    return Failure(error.code, error.message, stage="extract")
