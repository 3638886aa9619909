"""How complete an archive is: what it has read, compared with all that it knows, by site and day.

Nothing is requested from a site. A missing article is one that category pages, feeds, sitemaps or
links have named, or an id that the site's own numbering leaves out. docs/completeness.md explains
what the figures can and cannot mean.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

from newscrawl.reports.estimate import Estimate, Overlap, chapman, stratified
from newscrawl.reports.gaps import Gap, Gaps, Status
from newscrawl.sites.generic import site_named
from newscrawl.sites.site import Site
from newscrawl.store.read.known_articles import (
    KnownArticle,
    known_articles,
    last_base_url,
    tried_addresses,
)
from newscrawl.store.sorted_rows import SortedRows

Channel = Literal["sitemap", "feed"]
# The better one to compare with first: a site makes sitemaps independently of its category pages.
CHANNELS: tuple[Channel, ...] = ("sitemap", "feed")

# Ids with more digits are times of creation: a Unix time in seconds has ten digits. Ids between two
# of them were never given to an article.
LONGEST_NUMBER = 9
DAY_LENGTH = len("2026-09-01")


@dataclass(frozen=True, slots=True)
class DayCount:
    """The articles of one day of a site; `day` is None for those whose day is not known."""

    day: str | None
    stored: int
    known: int
    unseen_ids: int
    estimate: Estimate | None

    @property
    def about(self) -> int:
        """The probable number of articles: the estimate, but at least the known ones."""
        if self.estimate is None:
            return self.known
        return max(self.known, round(self.estimate.total))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A site's completeness.

    `channel` is what the category pages were compared with, None if there is nothing to compare.
    """

    site: str
    days: tuple[DayCount, ...]
    gaps: Gaps
    channel: Channel | None
    estimate: Estimate | None
    weak_days: int

    @property
    def stored(self) -> int:
        """The number of articles that were read."""
        return sum(day.stored for day in self.days)

    @property
    def known(self) -> int:
        """The number of known articles, read or not."""
        return sum(day.known for day in self.days)

    @property
    def about(self) -> int:
        """The probable number of articles."""
        return sum(day.about for day in self.days)

    @property
    def unseen_ids(self) -> int:
        """An upper bound for the number of articles among the unseen ids."""
        return sum(day.unseen_ids for day in self.days)


def measured(
    db: sqlite3.Connection,
    folder: Path,
    name: str,
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """A site's report from the archive in this folder. `since` and `until` are days of the site."""
    site = current_site(db, site_named(name, folder))
    tried_keys = (site.article_key(url) or "" for url in tried_addresses(db, name))
    return completeness(name, known_articles(db, name), tried=tried_keys, since=since, until=until)


def current_site(db: sqlite3.Connection, site: Site, base_url: str | None = None) -> Site:
    """The site at `base_url`, by default at the address of the archive's last crawl of it."""
    base_url = base_url or last_base_url(db, site.name)
    return site.rebased(base_url) if base_url else site


def completeness(
    site: str,
    known: Iterable[KnownArticle],
    *,
    tried: Iterable[str] = (),
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """Counts a site's articles by day and names what is missing.

    `tried` are keys that were requested and turned out to be no articles. With `since` or `until`
    (days of the site), articles whose day is not known are left out.
    """
    counts = _Counts()
    gaps = Gaps()
    numbers = SortedRows(("number", "day"))
    for article in known:
        day = day_of(article)
        number = number_of(article.key)
        if number is not None:
            numbers.add((number, day))
        if _within(day, since, until):
            counts.add(article, day)
            if not article.stored:
                gaps.add(_gap(article))
    for gap in unseen_ids(numbers, tried):
        if _within(gap.day, since, until):
            counts.unseen_ids[gap.day] += gap.ids
            gaps.add(gap)
    channel = counts.channel
    overlaps = counts.overlaps(channel) if channel else {}
    days = tuple(_days(counts, overlaps))
    estimates = [day.estimate for day in days if day.estimate is not None]
    return Report(
        site=site,
        days=days,
        gaps=gaps,
        channel=channel,
        estimate=stratified(overlaps.values()),
        weak_days=sum(estimate.weak for estimate in estimates),
    )


class _Counts:
    """The numbers of articles on each day; those without a known day are under None."""

    def __init__(self) -> None:
        self.stored: Counter[str | None] = Counter()
        self.known: Counter[str | None] = Counter()
        self.unseen_ids: Counter[str | None] = Counter()
        self._by_listing: Counter[str | None] = Counter()
        self._by_channel: dict[Channel, Counter[str | None]] = {}
        self._by_both: dict[Channel, Counter[str | None]] = {}
        for channel in CHANNELS:
            self._by_channel[channel] = Counter()
            self._by_both[channel] = Counter()

    def add(self, article: KnownArticle, day: str | None) -> None:
        """Counts an article of this day."""
        self.known[day] += 1
        self.stored[day] += article.stored
        self._by_listing[day] += article.listing
        for channel in CHANNELS:
            in_channel: bool = getattr(article, channel)
            self._by_channel[channel][day] += in_channel
            self._by_both[channel][day] += article.listing and in_channel

    @property
    def channel(self) -> Channel | None:
        """What the category pages are compared with: the first of CHANNELS with an article."""
        return next((name for name in CHANNELS if self._by_channel[name].total()), None)

    def overlaps(self, channel: Channel) -> dict[str, Overlap]:
        """What the two searches found on each known day."""
        by_channel, by_both = self._by_channel[channel], self._by_both[channel]
        overlaps: dict[str, Overlap] = {}
        for day in self.known:
            if day is not None:
                overlaps[day] = Overlap(self._by_listing[day], by_channel[day], by_both[day])
        return overlaps


def addresses(report: Report, site: Site) -> Iterator[str]:
    """The addresses to request in order to close the gaps.

    Left out are articles that are gone, and ids from which no address can be built.
    """
    for gap in report.gaps:
        if gap.status != "gone":
            yield from _addresses(gap, site)


def _addresses(gap: Gap, site: Site) -> Iterator[str]:
    if gap.url is not None:
        yield gap.url
        return
    first = int(gap.key)
    for number in range(first, first + gap.ids):
        url = site.address_of(str(number))
        if url is not None:
            yield url


def day_of(article: KnownArticle) -> str | None:
    """The site's day on which it was published; None if it is not known."""
    local_time = article.published_local or ""
    return local_time[:DAY_LENGTH] if len(local_time) >= DAY_LENGTH else None


def number_of(key: str) -> int | None:
    """The key as a number of the site's own numbering; None for words and for times of creation."""
    is_number = key.isascii() and key.isdecimal() and len(key) <= LONGEST_NUMBER
    return int(key) if is_number else None


def unseen_ids(numbers: SortedRows, tried: Iterable[str] = ()) -> Iterator[Gap]:
    """Ranges of ids between two known articles of the same day or of two consecutive days.

    `numbers` are those of the known articles, with their days. Where known articles are further
    apart, the archive knows only single old articles, and the ids between them mean nothing. A
    range has a day if both of its neighbours have that day.
    """
    no_articles = sorted(number for key in tried if (number := number_of(key)) is not None)
    for (low, first_day), (high, last_day) in pairwise(_each_once(numbers)):
        if high - low == 1 or first_day is None or last_day is None:
            continue
        if _days_between(first_day, last_day) > 1:
            continue
        for first, last in _ranges(low + 1, high - 1, no_articles):
            yield Gap(
                day=first_day if first_day == last_day else None,
                status="unseen",
                reason=f"between {low} and {high}",
                key=str(first),
                last=str(last),
                ids=last - first + 1,
            )


def _each_once(numbers: SortedRows) -> Iterator[tuple[int, str | None]]:
    """The numbers in order, each with its day; of keys like 7 and 07 the day that came last."""
    rows: Iterator[tuple[Any, ...]] = numbers.sorted("number")
    for number, same in groupby(rows, key=itemgetter(0)):
        *_, (_, day) = same
        yield number, day


def _ranges(low: int, high: int, without: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The ranges of numbers from `low` to `high` that remain without some, which are in order."""
    start = low
    for number in without[bisect_left(without, low) : bisect_right(without, high)]:
        if number > start:
            yield start, number - 1
        start = number + 1
    if start <= high:
        yield start, high


def _days_between(first: str, last: str) -> int:
    return abs((date.fromisoformat(last) - date.fromisoformat(first)).days)


def _gap(article: KnownArticle) -> Gap:
    status, reason = _why_missing(article)
    named_by = [name for name in ("listing", "feed", "sitemap") if getattr(article, name)]
    return Gap(
        day=day_of(article),
        status=status,
        reason=reason,
        key=article.key,
        url=article.url,
        title=article.title,
        named_by=tuple(named_by),
    )


def _why_missing(article: KnownArticle) -> tuple[Status, str]:
    if article.state == "gone" or article.reason in ("http_404", "http_410"):
        return "gone", article.reason or "the site reports that it does not exist"
    if article.queued is None:
        return "linked", "only links name it; crawls follow category pages, feeds and sitemaps"
    if article.queued == "pending":
        return "open", article.reason or "not requested yet"
    return "failed", article.reason or article.state


def _days(counts: _Counts, overlaps: Mapping[str, Overlap]) -> Iterator[DayCount]:
    days = counts.known.keys() | counts.unseen_ids.keys()
    for day in sorted(days, key=lambda day: (day is None, day or "")):
        overlap = overlaps.get(day) if day is not None else None
        estimate = chapman(overlap) if overlap else None
        yield DayCount(day, counts.stored[day], counts.known[day], counts.unseen_ids[day], estimate)


def _within(day: str | None, since: str | None, until: str | None) -> bool:
    if day is None:
        return since is None and until is None
    if since is not None and day < since:
        return False
    return until is None or day <= until
