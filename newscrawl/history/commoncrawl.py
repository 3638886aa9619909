"""Common Crawl: an index for each of its crawls, and WARC files that are read by byte ranges.

Sources: the API of pywb's CDX server, which Common Crawl runs, and `collinfo.json`, its list of
crawls.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from newscrawl.history.foreign import ForeignRecord, records_of_warc
from newscrawl.history.politeness import PoliteClient, Unavailable
from newscrawl.history.sources import (
    IndexPart,
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

INDEX, DATA = "https://index.commoncrawl.org", "https://data.commoncrawl.org"
CRAWLS = f"{INDEX}/collinfo.json"
_NAME = re.compile(r"CC-MAIN-(\d{4})-(\d{2})")
# A crawl takes some weeks, and its name has the week in which it ends, more or less. The list of
# crawls does not have the days of all of them.
_BEFORE, _AFTER = timedelta(days=60), timedelta(days=30)
_DIGEST = re.compile(r"[A-Z2-7]{32}")


class CommonCrawl:
    """The monthly crawls of Common Crawl."""

    name: ClassVar[str] = "commoncrawl"
    title: ClassVar[str] = "Common Crawl"

    def questions(
        self, client: PoliteClient, notes: Notes, site: Site, span: Span, urls: Sequence[str]
    ) -> Sequence[str]:
        text = notes.read(CRAWLS)
        if text is None:
            text = _crawls(client)
            notes.write(CRAWLS, text)
        questions: list[str] = []
        for crawl in json.loads(text):
            if _may_overlap(crawl, span):
                # One search for the host costs less than one for each address.
                questions += [_question(crawl["id"], host, span) for host in hosts_of(site)]
        return questions

    def ask(self, client: PoliteClient, question: str, resume_at: str | None) -> IndexPart:
        """A part is a page of the index; `resume_at` is its number and that of all pages."""
        if resume_at is None:
            count = self._count_pages(client, question)
            return IndexPart((), f"0 {count}" if count else None)
        number, count = map(int, resume_at.split())
        answer = client.get(f"{question}&page={number}")
        if answer.status not in (200, 404):  # 404: this page has no captures in the span
            raise refused(answer.status, question)
        lines = answer.body.splitlines() if answer.status == 200 else []
        found = [listed for listed in map(_listed, lines) if listed is not None]
        following = number + 1
        return IndexPart(found, f"{following} {count}" if following < count else None)

    def _count_pages(self, client: PoliteClient, question: str) -> int:
        answer = client.get(f"{question}&showNumPages=true")
        if answer.status == 404:  # there is nothing of this host
            return 0
        if answer.status != 200:
            raise refused(answer.status, question)
        try:
            return int(json.loads(answer.body)["pages"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unavailable("no_json", f"the index answered {answer.body[:40]!r}") from error

    def is_final(self, question: str, now: datetime) -> bool:
        return False  # another site file may want other pages

    def fetch(self, client: PoliteClient, planned: Planned) -> bytes:
        assert planned.length is not None
        last = planned.offset + planned.length - 1
        headers = {"Range": f"bytes={planned.offset}-{last}"}
        answer = client.get(planned.address, headers=headers)
        if answer.status in (404, 416):
            raise NotThere("not_found")
        if answer.status != 206:
            raise refused(answer.status, planned.address)
        return answer.body

    def records(self, planned: Planned, answer: bytes) -> Iterator[ForeignRecord]:
        for found in records_of_warc(io.BytesIO(answer), planned.address):
            if isinstance(found, ForeignRecord):
                yield found


def _crawls(client: PoliteClient) -> str:
    """The list of crawls, as JSON text."""
    answer = client.get(CRAWLS)
    if answer.status != 200:
        raise refused(answer.status, CRAWLS)
    try:
        crawls = [crawl for crawl in json.loads(answer.body) if "id" in crawl]
    except (ValueError, TypeError) as error:
        raise Unavailable("no_json", f"{CRAWLS}: expected a list of crawls") from error
    return json.dumps(crawls)


def refused(status: int, address: str) -> Exception:
    """Common Crawl answers 403 to those who ask too often, and shuts them out for a while."""
    return Unavailable(f"http_{status}", f"{address}: HTTP {status}", shut_out=status == 403)


def _may_overlap(crawl: dict[str, Any], span: Span) -> bool:
    """Whether a crawl may have captures of a span. Those before 2013 have no index like this."""
    name = _NAME.fullmatch(crawl["id"])
    if name is None:
        return False
    ended = date.fromisocalendar(int(name[1]), min(int(name[2]), 52), 7)
    middle = datetime.combine(ended, time(), UTC)
    if span.since is not None and middle + _AFTER < span.since:
        return False
    return span.until is None or middle - _BEFORE < span.until


def _question(crawl: str, host: str, span: Span) -> str:
    parameters = [("url", host), ("matchType", "host"), ("output", "json")]
    if span.since is not None:
        parameters.append(("from", to_digits(span.since)))
    if span.until is not None:
        parameters.append(("to", to_digits(span.until - timedelta(seconds=1))))
    parameters.append(("filter", "!~status:[35]"))  # redirects and errors show no page
    return f"{INDEX}/{crawl}-index?{urlencode(parameters)}"


def _listed(line: bytes) -> Listed | None:
    """A capture; None for a line that names no record."""
    try:
        row = json.loads(line)
        at = from_digits(row["timestamp"])
        offset, length = int(row["offset"]), int(row["length"])
        url, file = str(row["url"]), str(row["filename"])
    except (ValueError, KeyError, TypeError):
        return None
    if at is None:
        return None
    digest = str(row.get("digest", ""))
    status = str(row.get("status", ""))
    return Listed(
        url=url,
        captured_at=at,
        status=int(status) if status.isdigit() else None,
        digest=digest if _DIGEST.fullmatch(digest) else None,
        address=f"{DATA}/{file}",
        offset=offset,
        length=length,
        cut=bool(row.get("truncated")),
    )
