"""Why a fetch returned no page: HTTP statuses and exceptions as Failures with stable codes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy import exceptions
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import DROPPED, Failure
from newscrawl.core.refusals import Refusal

RESTING_STATUSES = frozenset({429, 503})  # their Retry-After applies to the whole host
PASSING_STATUSES = frozenset({408, 425, 429})
EXCEPTIONS: tuple[tuple[type[Exception], str, bool], ...] = (
    (exceptions.CannotResolveHostError, "dns", True),
    (exceptions.DownloadConnectionRefusedError, "refused", True),
    (exceptions.DownloadTimeoutError, "timeout", True),
    (exceptions.ResponseDataLossError, "truncated", True),
    (exceptions.DownloadCancelledError, "too_large", False),
    (exceptions.DownloadFailedError, "connection", True),
    (ConnectError, "connection", True),  # for example: the network is unreachable
    (ConnectionDone, "connection", True),
    (ConnectionLost, "connection", True),
    (OSError, "bad_encoding", True),
)

UNSTORED = Failure(code=DROPPED, message="no item pipeline has stored the page", stage="store")

# How Twisted prints a cause.
_WRAPPED = re.compile(r"<twisted\.python\.failure\.Failure [\w.]*?(\w+: .*?)>")

# Every error that can occur between a request and its response.
DOWNLOAD_ERRORS: tuple[type[Exception], ...] = tuple(kind for kind, _, _ in EXCEPTIONS)
# A server may request a longer pause, but it is retried after a day anyway.
MOST_WAITING = timedelta(days=1)


# What follows from a robots.txt that cannot be fetched, at the end of the message of each page.
NONE_REQUESTED = "; no page of the site is requested in this run"


class Refused(exceptions.IgnoreRequest):
    """An address or response that a guard refuses (see middlewares.py).

    An address is refused before any connection is made, a response before it is decompressed.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class RobotsUnreachable(exceptions.IgnoreRequest):
    """The site's robots.txt cannot be fetched, so the spider requests no more pages in this run."""


def of_status(status: int, retry_after: timedelta | None = None) -> Failure | None:
    """The failure for an HTTP status; None for 200 and 203, whose responses contain the page."""
    if status in (200, 203):
        return None
    code = f"http_{status}"
    if status in (404, 410):
        return Failure(
            code=code, message="the server reports that the page does not exist", gone=True
        )
    retry = status >= 500 or status in PASSING_STATUSES
    return Failure(
        code=code,
        message=f"the server answered {status} instead of 200",
        retry=retry,
        retry_after=retry_after,
    )


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """How long a server requests a pause, at most MOST_WAITING; None if the header is unreadable.

    The header contains seconds or a date (RFC 9110, 10.2.3).
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=min(int(text), 10**9)), MOST_WAITING)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)  # RFC 9110, 5.6.7: HTTP dates are in UTC
    return min(max(until - now, timedelta()), MOST_WAITING)


def of_exception(error: BaseException) -> Failure:
    """The failure for an exception of the download or of an item pipeline."""
    message = _WRAPPED.sub(r"\1", " ".join(str(error).split())).strip("[]")[:300]
    if isinstance(error, Refused):
        return Failure(code=error.refusal.code, message=message, raw=error.refusal.address)
    if isinstance(error, RobotsUnreachable):
        return Failure(code="robots_unreachable", message=message, retry=True)
    if isinstance(error, exceptions.DropItem):
        message = message or "an item pipeline dropped the page"
        return Failure(code=DROPPED, message=message, stage="store")
    if isinstance(error, exceptions.IgnoreRequest):
        return Failure(code=_ignored(message), message=message)
    for kind, code, retry in EXCEPTIONS:
        if isinstance(error, kind):
            return Failure(code=code, message=message or code, retry=retry)
    return Failure(
        code="internal", message=f"{type(error).__name__}: {message}", stage="internal", retry=True
    )


def _ignored(message: str) -> str:
    """The code for an IgnoreRequest of Scrapy, whose reasons differ only in their message."""
    words = {
        "robots.txt": "robots",
        "redirection": "redirect_loop",
        "DOWNLOAD_MAXSIZE": "too_large",
    }
    return next((code for word, code in words.items() if word in message), "ignored")


def of_rejection(error: PageRejected) -> Failure:
    """The failure of a page that was received but is not the requested page."""
    return Failure(
        code=error.code, message=error.message, stage="extract", retry=error.code == "blocked_page"
    )
