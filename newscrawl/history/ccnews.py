"""CC-NEWS, the news data set of Common Crawl: it has no index, so its files are read as a whole.

Each month has a list of its files. The name of a file has the time at which it begins.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from newscrawl.history.commoncrawl import DATA, refused
from newscrawl.history.politeness import PoliteClient, Unavailable
from newscrawl.history.sources import IndexPart, Listed, Notes, Span, from_digits
from newscrawl.sites.site import Site

FIRST_MONTH = datetime(2016, 8, 1, tzinfo=UTC)  # CC-NEWS begins then
# A file is full after some hours, and the next one begins then. Their times may overlap a little.
OVERLAP = timedelta(days=1)
LONGEST_LIST = 16 * 2**20  # bytes: a list has some hundred names
_LIST = re.compile(r"/(\d{4})/(\d{2})/warc\.paths\.gz$")
_TIME = re.compile(r"-(\d{14})-\d+\.warc")


class CcNews:
    """The news data set of Common Crawl."""

    name: ClassVar[str] = "ccnews"
    title: ClassVar[str] = "CC-NEWS"

    def questions(
        self, client: PoliteClient, notes: Notes, site: Site, span: Span, urls: Sequence[str]
    ) -> Sequence[str]:
        until = span.until or datetime.now(UTC)
        since = max(FIRST_MONTH, (span.since or FIRST_MONTH) - OVERLAP)
        return [
            f"{DATA}/crawl-data/CC-NEWS/{month:%Y/%m}/warc.paths.gz"
            for month in _months(since, until)
        ]

    def ask(self, client: PoliteClient, question: str, resume_at: str | None) -> IndexPart:
        answer = client.get(question)
        if answer.status == 404:  # a month without files
            return IndexPart((), None)
        if answer.status != 200:
            raise refused(answer.status, question)
        try:
            unpacked = zlib.decompressobj(wbits=31).decompress(answer.body, LONGEST_LIST)
            names = unpacked.decode("utf-8").split()
        except (zlib.error, UnicodeDecodeError) as error:
            raise Unavailable("no_gzip", f"{question}: not a list of files") from error
        return IndexPart(_files(names), None)

    def is_final(self, question: str, now: datetime) -> bool:
        """The list of a past month does not change."""
        match = _LIST.search(question)
        if match is None:
            return False
        after = _next_month(datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC))
        return now > after + OVERLAP


def _months(since: datetime, until: datetime) -> Iterator[datetime]:
    month = since.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while month < until:
        yield month
        month = _next_month(month)


def _next_month(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)


def _files(names: Sequence[str]) -> list[Listed]:
    """The files of a month. Each ends when the next one begins, more or less."""
    begun: list[tuple[datetime, str]] = []
    for name in names:
        match = _TIME.search(name)
        at = from_digits(match[1]) if match else None
        if at is not None:
            begun.append((at, f"{DATA}/{name}"))
    begun.sort()
    ends = [at + OVERLAP for at, _ in begun[1:]]
    return [
        Listed(
            url=address,
            captured_at=at,
            status=None,
            digest=None,
            address=address,
            file=True,
            ends_at=end,
        )
        for (at, address), end in zip(begun, [*ends, None], strict=True)
    ]
