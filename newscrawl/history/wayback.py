"""The Wayback Machine: its CDX server lists captures, its replay gives them as they were stored.

Sources: the README of the CDX server (internetarchive/wayback), and what the client `wayback` of
EDGI knows of the limits of the service.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import ClassVar
from urllib.parse import quote, unquote_plus, urlencode, urlsplit

from newscrawl.history.foreign import ForeignRecord
from newscrawl.history.politeness import Answer, PoliteClient, Unavailable
from newscrawl.history.sources import (
    IndexPart,
    IndexRefused,
    Listed,
    Notes,
    NotThere,
    Span,
    from_digits,
    hosts_of,
    to_digits,
)
from newscrawl.sites.site import Site
from newscrawl.store.write.backfills import Planned

HOME = "https://web.archive.org"
# The Wayback Machine takes 30 searches a minute; clients that know it stay 20 % below that.
SEARCH_DELAY_FACTOR = 2.5
LINES = 10_000  # of one part of an answer
_FIELDS = ("urlkey", "timestamp", "original", "statuscode", "digest")
# Redirects and errors show no page. A revisit has no status of its own ("-").
_FILTERS = (r"!statuscode:[35]\d\d", "!mimetype:(image|video|audio|font)/.*")
_ORIGINAL = "x-archive-orig-"
_PLACE = re.compile(r"/web/(\d{14})id_/(.+)")
_MOST_STEPS = 3  # from one form of an address to another one, of the same capture


class Wayback:
    """The Wayback Machine of the Internet Archive."""

    name: ClassVar[str] = "wayback"
    title: ClassVar[str] = "the Wayback Machine"

    def questions(
        self, client: PoliteClient, notes: Notes, site: Site, span: Span, urls: Sequence[str]
    ) -> Sequence[str]:
        asked = [(url, "exact") for url in urls] or [(host, "host") for host in hosts_of(site)]
        return [self._question(url, match, span) for url, match in asked]

    def _question(self, url: str, match: str, span: Span) -> str:
        parameters = [("url", url), ("matchType", match)]
        if span.since is not None:
            parameters.append(("from", to_digits(span.since)))
        if span.until is not None:
            parameters.append(("to", to_digits(span.until - timedelta(seconds=1))))
        parameters += [("output", "json"), ("fl", ",".join(_FIELDS))]
        parameters += [("filter", text) for text in _FILTERS]
        parameters += [("limit", str(LINES)), ("showResumeKey", "true")]
        return f"{HOME}/cdx/search/cdx?{urlencode(parameters)}"

    def ask(self, client: PoliteClient, question: str, resume_at: str | None) -> IndexPart:
        address = question
        if resume_at is not None:
            address = f"{question}&{urlencode({'resumeKey': resume_at})}"
        answer = client.get(address, delay_factor=SEARCH_DELAY_FACTOR)
        if answer.status == 403 and b"AccessControlException" in answer.body:
            raise IndexRefused("the Wayback Machine does not list it")
        if answer.status != 200:
            message = f"{address}: HTTP {answer.status}"
            raise Unavailable(f"http_{answer.status}", message, shut_out=answer.status == 403)
        rows, key = _table(answer.body)
        captures = [_listed(row) for row in rows]
        found = [capture for capture in captures if capture is not None]
        if key is None or not rows:
            return IndexPart(found, None)
        return IndexPart(found, _resume_key(rows[-1], key, resume_at))

    def is_final(self, question: str, now: datetime) -> bool:
        return False  # another site file may want other pages

    def fetch(self, client: PoliteClient, planned: Planned) -> bytes:
        address = planned.address
        for _ in range(_MOST_STEPS):
            answer = client.get(address, is_own=_is_archived)
            following = _other_form(answer, planned)
            if following is None:
                break
            address = following
        _check(answer, planned)
        return _message(answer)

    def records(self, planned: Planned, answer: bytes) -> Iterator[ForeignRecord]:
        yield ForeignRecord(
            file=planned.address, offset=0, url=planned.url, at=planned.captured_at, block=answer
        )


def replay_address(timestamp: str, url: str) -> str:
    """Where the Wayback Machine gives a capture as it was stored."""
    # What a server would take for the end of the address, or cannot take at all, is escaped.
    return f"{HOME}/web/{timestamp}id_/{quote(url, safe=_SAFE)}"


_SAFE = ":/?&=%+,;@!$'()*~[]"


def _table(body: bytes) -> tuple[list[list[str]], str | None]:
    """The lines of an answer, without the first one, and the key to resume at."""
    try:
        table = json.loads(body or b"[]")
    except ValueError as error:
        raise Unavailable("no_json", f"the index answered {body[:40]!r}") from error
    rows: list[list[str]] = table[1:]
    if len(rows) >= 2 and rows[-2] == []:
        return rows[:-2], rows[-1][0]
    return rows, None


def _listed(row: Sequence[str]) -> Listed | None:
    """A capture; None for a line without a time."""
    _, timestamp, url, status, digest = row
    at = from_digits(timestamp)
    if at is None:
        return None
    return Listed(
        url=url,
        captured_at=at,
        status=int(status) if status.isdigit() else None,
        digest=digest or None,
        address=replay_address(timestamp, url),
    )


def _resume_key(last: Sequence[str], key: str, before: str | None) -> str:
    """Where the next part begins: at the last line again, of which several may have one second.

    The key of the server is behind that second, and would leave out the others.
    """
    own = f"{last[0]} {last[1]}"
    return own if own != before else unquote_plus(key)


def _is_archived(answer: Answer) -> bool:
    """Whether the answer is a capture, and not an answer of the Wayback Machine itself."""
    return "memento-datetime" in answer.headers


def _other_form(answer: Answer, planned: Planned) -> str | None:
    """The address of the same capture under another form of its address, if the answer is that.

    The Wayback Machine redirects from `http` to `https`, for example. A redirect to another time
    leads to another capture.
    """
    if _is_archived(answer) or answer.status not in (301, 302, 307, 308):
        return None
    place = _PLACE.search(answer.headers.get("location", ""))
    if place is None or place[1] != to_digits(planned.captured_at):
        return None
    if _bare(place[2]) != _bare(planned.url):
        return None
    return replay_address(place[1], place[2])


def _bare(url: str) -> str:
    """An address without what archives do not tell apart."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}?{parts.query}".lower()


def _check(answer: Answer, planned: Planned) -> None:
    """Raises NotThere unless the answer is the capture that was planned."""
    if not _is_archived(answer):
        if "x-archive-wayback-runtime-error" in answer.headers and answer.status == 403:
            raise NotThere("blocked")
        if answer.status in (301, 302, 307, 308):
            raise NotThere("elsewhere")
        if answer.status in (404, 410):
            raise NotThere("not_found")
        message = f"{planned.address}: HTTP {answer.status} without a capture"
        raise Unavailable(f"http_{answer.status}", message, shut_out=answer.status == 403)
    try:
        at = parsedate_to_datetime(answer.headers["memento-datetime"])
    except ValueError as error:
        raise NotThere("no_time") from error
    if at != planned.captured_at:
        raise NotThere("elsewhere")


def _message(answer: Answer) -> bytes:
    """The answer that the archive has stored, as an HTTP message."""
    headers = [
        (name.removeprefix(_ORIGINAL), value)
        for name, value in answer.headers.items()
        if name.startswith(_ORIGINAL)
    ]
    names = {name for name, _ in headers}
    for name in ("content-type", "content-encoding"):
        if name not in names and name in answer.headers:
            headers.append((name, answer.headers[name]))
    lines = [f"HTTP/1.1 {answer.status} {answer.reason}".rstrip()]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + answer.body
