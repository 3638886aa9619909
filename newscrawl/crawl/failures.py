"""Why a fetch gave nothing: HTTP statuses and Scrapy's exceptions as Failure rows with stable codes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy import exceptions
from twisted.internet.error import ConnectionDone, ConnectionLost

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import DROPPED, Failure
from newscrawl.core.refusals import Refusal

RESTING_STATUSES = frozenset({429, 503})  # their Retry-After is how long the host wants to rest
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

UNSTORED = Failure(code=DROPPED, message="no item pipeline has stored the page", stage="store")

_WRAPPED = re.compile(
    r"<twisted\.python\.failure\.Failure [\w.]*?(\w+: .*?)>"
)  # how Twisted names a cause

# Everything that can go wrong between asking and answering.
DOWNLOAD_ERRORS: tuple[type[Exception], ...] = tuple(kind for kind, _, _ in EXCEPTIONS)
MOST_WAITING = timedelta(
    days=1
)  # a server that asks for more is asked again after a day all the same


class Refused(exceptions.IgnoreRequest):
    """What the guard refuses: an address before any connection is made to it, an answer before it is unpacked."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class RobotsUnreachable(exceptions.IgnoreRequest):
    """The site's rules cannot be had, and so it is left alone for this run; acted on by the spider."""


def of_status(status: int, retry_after: timedelta | None = None) -> Failure | None:
    """The failure that an HTTP status stands for; None for 200 and 203, which carry the page."""
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
    """How long a server asks to be left alone (RFC 9110, 10.2.3: seconds or a date); capped; None if unreadable."""
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
    """The failure that an exception of the download, or of an item pipeline, stands for."""
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
    """Scrapy tells its reasons to ignore a request apart by their words only."""
    words = {
        "robots.txt": "robots",
        "redirection": "redirect_loop",
        "DOWNLOAD_MAXSIZE": "too_large",
    }
    return next((code for word, code in words.items() if word in message), "ignored")


def of_rejection(error: PageRejected) -> Failure:
    """The failure of a page that came, but is not what was asked for."""
    return Failure(
        code=error.code, message=error.message, stage="extract", retry=error.code == "blocked_page"
    )
