"""How complete an archive is: what it has read against all that it has heard of, by site and day.

It asks nobody. What is missing has been named by category pages, feeds, sitemaps or links, or is a number that the
site's own numbering leaves out. docs/completeness.md says what the figures can and cannot mean.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Literal

from newscrawl.reports.estimate import Estimate, Overlap, chapman, stratified
from newscrawl.sites.generic import site_named
from newscrawl.sites.site import Site
from newscrawl.store.read.known_articles import (
    Known,
    known_articles,
    last_base_url,
    tried_addresses,
)

Status = Literal["open", "failed", "gone", "linked", "unseen"]
Channel = Literal["sitemap", "feed"]

# Ids with more digits are moments of creation (unix seconds have ten): what lies between two of them was never given.
LONGEST_NUMBER = 9
DAY = len("2026-09-01")


@dataclass(frozen=True, slots=True)
class Gap:
    """What the archive lacks: an article it knows of, or (`unseen`) a range of ids of which it knows nothing.

    `day` is the site's; None where it is not known. Of an unseen range `ids` counts the numbers from `key` to `last`;
    how many of them are articles nobody here knows, so that the count is a limit from above.
    """

    day: str | None
    status: Status
    reason: str
    key: str
    url: str | None = None
    title: str | None = None
    named_by: tuple[str, ...] = ()
    last: str | None = None
    ids: int = 1


@dataclass(frozen=True, slots=True)
class DayCount:
    """One day of a site: read, known, estimated, and the most that unseen ids could add. None: day not known."""

    day: str | None
    stored: int
    known: int
    unseen_ids: int
    estimate: Estimate | None

    @property
    def about(self) -> int:
        """How many articles the day has, as far as can be told: the estimate, or what is known where that is more."""
        return max(self.known, round(self.estimate.total)) if self.estimate else self.known


@dataclass(frozen=True, slots=True)
class Report:
    """A site's completeness. `channel` is what the category pages were compared with; None: nothing to compare."""

    site: str
    days: tuple[DayCount, ...]
    gaps: tuple[Gap, ...]
    channel: Channel | None
    estimate: Estimate | None
    weak_days: int

    @property
    def stored(self) -> int:
        """Articles read."""
        return sum(day.stored for day in self.days)

    @property
    def known(self) -> int:
        """Articles known, read or not."""
        return sum(day.known for day in self.days)

    @property
    def about(self) -> int:
        """How many there are, as far as can be told."""
        return sum(day.about for day in self.days)

    @property
    def unseen_ids(self) -> int:
        """The most that unseen ids could add."""
        return sum(day.unseen_ids for day in self.days)


def measured(
    db: sqlite3.Connection,
    folder: Path,
    name: str,
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """A site's report from the archive in this folder. `since` and `until` are days of the site."""
    rules = where_asked(db, site_named(name, folder))
    tried = [rules.article_key(url) or "" for url in tried_addresses(db, name)]
    return completeness(name, known_articles(db, name), tried=tried, since=since, until=until)


def where_asked(db: sqlite3.Connection, site: Site, base_url: str | None = None) -> Site:
    """The site where it is to be asked: at `base_url`, else where the archive's last crawl of it was."""
    base_url = base_url or last_base_url(db, site.name)
    return site.rebased(base_url) if base_url else site


def completeness(
    site: str,
    known: Iterable[Known],
    *,
    tried: Iterable[str] = (),
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """Counts a site's articles by day and names what is missing.

    `tried` are keys that were asked for and are no articles. With `since` or `until` (days of the site) what has no
    known day is left out.
    """
    articles = list(known)
    wanted = [one for one in articles if _within(day_of(one), since, until)]
    gaps = [gap for one in wanted if (gap := _gap(one)) is not None]
    unseen = [gap for gap in unseen_ids(articles, tried) if _within(gap.day, since, until)]
    channel = _channel(wanted)
    overlaps = _overlaps(wanted, channel) if channel else {}
    days = tuple(_days(wanted, unseen, overlaps))
    weak = sum(day.estimate.weak for day in days if day.estimate is not None)
    every = sorted(
        [*gaps, *unseen], key=lambda gap: (gap.day is None, gap.day or "", gap.status == "unseen")
    )
    return Report(site, days, tuple(every), channel, stratified(overlaps.values()), weak)


def addresses(report: Report, site: Site) -> list[str]:
    """What to ask for to close the gaps, without what is gone and without ids that no address can be made of."""
    return [url for gap in report.gaps if gap.status != "gone" for url in _addresses(gap, site)]


def _addresses(gap: Gap, site: Site) -> Iterator[str]:
    if gap.url is not None:
        yield gap.url
        return
    for number in range(int(gap.key), int(gap.key) + gap.ids):
        if (url := site.address_of(str(number))) is not None:
            yield url


def day_of(article: Known) -> str | None:
    """The day of the site on which it was published; None where no day is known."""
    printed = article.published_local or ""
    return printed[:DAY] if len(printed) >= DAY else None


def number_of(key: str) -> int | None:
    """The key as a number of the site's own numbering; None for words, and for moments of creation."""
    return int(key) if key.isascii() and key.isdecimal() and len(key) <= LONGEST_NUMBER else None


def unseen_ids(articles: Iterable[Known], tried: Iterable[str] = ()) -> Iterator[Gap]:
    """Ranges of ids between two known articles of the same day or of two days in a row.

    Where known articles are further apart, the archive knows single old articles, and what lies between says nothing
    about it. The range has a day where both of its ends have that day.
    """
    numbered = {
        number: day_of(one) for one in articles if (number := number_of(one.key)) is not None
    }
    missing = {number for key in tried if (number := number_of(key)) is not None} - set(numbered)
    ends = sorted(numbered)
    for low, high in pairwise(ends):
        first, last = numbered[low], numbered[high]
        if (
            high - low > 1
            and first is not None
            and last is not None
            and _days_apart(first, last) <= 1
        ):
            day = first if first == last else None
            for start, end in _runs(low + 1, high - 1, missing):
                between = f"between {low} and {high}"
                yield Gap(day, "unseen", between, str(start), last=str(end), ids=end - start + 1)


def _runs(low: int, high: int, without: set[int]) -> Iterator[tuple[int, int]]:
    """The stretches from `low` to `high` between the numbers left out."""
    start = low
    for number in sorted(number for number in without if low <= number <= high):
        if number > start:
            yield start, number - 1
        start = number + 1
    if start <= high:
        yield start, high


def _gap(article: Known) -> Gap | None:
    if article.stored:
        return None
    status, reason = _why(article)
    named = tuple(name for name in ("listing", "feed", "sitemap") if getattr(article, name))
    return Gap(day_of(article), status, reason, article.key, article.url, article.title, named)


def _why(article: Known) -> tuple[Status, str]:
    if article.state == "gone" or article.reason in ("http_404", "http_410"):
        return "gone", article.reason or "the site says that it is not there"
    if article.queued is None:
        return "linked", "only links name it; crawls follow category pages, feeds and sitemaps"
    if article.queued == "pending":
        return "open", article.reason or "not asked for yet"
    return "failed", article.reason or article.state


def _channel(articles: Sequence[Known]) -> Channel | None:
    """What the category pages are compared with: sitemaps, which are made apart from them, else feeds."""
    if any(one.sitemap for one in articles):
        return "sitemap"
    return "feed" if any(one.feed for one in articles) else None


def _overlaps(articles: Iterable[Known], channel: Channel) -> dict[str, Overlap]:
    """What both searches found, by day; articles whose day is not known are nobody's."""
    counts: dict[str, list[int]] = {}
    for one in articles:
        if (day := day_of(one)) is not None:
            other = bool(getattr(one, channel))
            place = counts.setdefault(day, [0, 0, 0])
            for index, found in enumerate((one.listing, other, one.listing and other)):
                place[index] += found
    return {day: Overlap(*found) for day, found in counts.items()}


def _days(
    articles: Iterable[Known], unseen: Iterable[Gap], overlaps: dict[str, Overlap]
) -> Iterator[DayCount]:
    stored: dict[str | None, int] = {}
    known: dict[str | None, int] = {}
    ids: dict[str | None, int] = {}
    for one in articles:
        day = day_of(one)
        stored[day] = stored.get(day, 0) + one.stored
        known[day] = known.get(day, 0) + 1
    for gap in unseen:
        ids[gap.day] = ids.get(gap.day, 0) + gap.ids
    for day in sorted(known.keys() | ids.keys(), key=lambda day: (day is None, day or "")):
        overlap = overlaps.get(day) if day is not None else None
        estimate = chapman(overlap) if overlap else None
        yield DayCount(day, stored.get(day, 0), known.get(day, 0), ids.get(day, 0), estimate)


def _within(day: str | None, since: str | None, until: str | None) -> bool:
    if day is None:
        return since is None and until is None
    return (since is None or day >= since) and (until is None or day <= until)


def _days_apart(first: str, last: str) -> int:
    return abs((date.fromisoformat(last) - date.fromisoformat(first)).days)
