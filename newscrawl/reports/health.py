"""Judges the last crawl of a site by the earlier crawls of the same site.

A check needs at least three finished crawls before the last one. A field that a site never had is
not reported as missing. A crawl without new articles is not a fault: the permitted age of the
newest article depends on the usual pauses of the site.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Literal

from newscrawl.core.coverage import ENOUGH_PAGES, ENOUGH_RUNS, FIELD_NAMES, FIELDS, share
from newscrawl.store.read.crawl_history import (
    count_quarantined,
    finished_crawls,
    publication_times,
)

Verdict = Literal["ok", "failed", "unknown"]
Operator = Literal[">=", "<="]
Stats = Mapping[str, Any]
Statistic = Callable[[Stats], float | None]

# Ends that the user's settings cause. Their exit code is 6, and the next run resumes.
ENDED_AS_CONFIGURED = ("budget", "hours")
SHORTEST_PAUSE = timedelta(days=3)
# The share of pauses between articles that count as usual. The longest ones are holidays.
USUAL_PAUSES = 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished crawl, as its row in `crawls` describes it.

    `mirror`: the crawl had another base URL than the site itself. `due`: it requested only the
    lists that were due.
    """

    id: int
    finished_at: datetime
    exit_code: int
    reason: str
    stats: Stats
    mirror: bool = False
    due: bool = False

    @property
    def is_good(self) -> bool:
        """Whether the crawl ended normally, or because of the user's settings."""
        return self.exit_code == 0 or self.reason in ENDED_AS_CONFIGURED


@dataclass(frozen=True, slots=True)
class Check:
    """A statistic of a run, and by which factor it may differ from its usual value.

    `statistic` gives None if the run does not have the statistic. `at_least` is a lower limit for
    `<=`: below it, the check would measure only noise.
    """

    name: str
    statistic: Statistic
    operator: Operator
    factor: float
    at_least: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one check: what was expected (`>= 12`), and what was found."""

    check: str
    verdict: Verdict
    expected: str
    found: float | str | None


@dataclass(frozen=True, slots=True)
class SiteHealth:
    """The verdict on a site: failed if any check failed.

    A mirror's verdict is reported, but does not affect the exit code.
    """

    site: str
    verdict: Verdict
    mirror: bool
    results: tuple[Result, ...]


def _statistic(name: str) -> Statistic:
    return lambda stats: stats.get(name)


def _coverage(name: str) -> Statistic:
    return lambda stats: share(stats.get("coverage", {}), name)


def _failure_share(stats: Stats) -> float | None:
    requests = stats.get("requests", 0)
    if requests < ENOUGH_PAGES:
        return None
    failed = sum(stats.get("failed", {}).values()) + stats.get("pending", 0)
    return float(failed / requests)


def _words_per_article(stats: Stats) -> float | None:
    coverage = stats.get("coverage", {})
    articles = coverage.get("articles", 0)
    if articles < ENOUGH_PAGES:
        return None
    return float(coverage.get("words", 0) / articles)


def _feed_entries(stats: Stats) -> float | None:
    """None if every feed answered "not modified", because such a feed shows no entries."""
    if not stats.get("feeds"):
        return None
    return stats.get("feed_entries")


# Only for crawls of all lists of a site.
CHECKS_OF_LISTS = (
    Check("category pages, feeds and sitemaps read", _statistic("sources"), ">=", 0.5),
    Check("articles listed on category pages", _statistic("shown"), ">=", 0.5),
    Check("feed entries", _feed_entries, ">=", 0.5),
)
CHECKS = (
    *CHECKS_OF_LISTS,
    # Reported only: a quiet day is not a fault.
    Check("new articles", _statistic("new"), ">=", 0.0),
    *(Check(f"articles with {FIELD_NAMES[name]}", _coverage(name), ">=", 0.5) for name in FIELDS),
    Check("words per article", _words_per_article, ">=", 0.4),
    Check("share of pages that failed", _failure_share, "<=", 3.0, at_least=0.2),
    Check("seconds", _statistic("seconds"), "<=", 5.0, at_least=600.0),
)


def site_health(db: sqlite3.Connection, site: str, now: datetime) -> SiteHealth:
    """The verdict on one site at the time `now`."""
    runs = [
        Run(
            id=crawl.id,
            finished_at=crawl.finished_at,
            exit_code=crawl.exit_code,
            reason=crawl.reason,
            stats=crawl.stats,
            mirror="base_url" in crawl.options,
            due="due" in crawl.options,
        )
        for crawl in finished_crawls(db, site)
    ]
    return judge(
        site, runs, publication_times(db, site), now=now, in_quarantine=count_quarantined(db, site)
    )


def judge(
    site: str,
    runs: Sequence[Run],
    published: Sequence[datetime],
    *,
    now: datetime,
    in_quarantine: int = 0,
) -> SiteHealth:
    """The verdict on the last of `runs` (oldest first), compared with those before it.

    `published` are the publication times of the site's articles, newest first. `in_quarantine` is
    the number of its articles in quarantine.
    """
    if not runs:
        no_crawls = Result("crawls", "unknown", ">= 1", 0)
        return SiteHealth(site, "unknown", False, (no_crawls,))
    last = runs[-1]
    good = [run for run in runs[:-1] if run.is_good]
    results = [_check_end(last)]
    for check in CHECKS:
        is_of_lists = check in CHECKS_OF_LISTS
        compared = [run for run in good if not (is_of_lists and run.due)]
        stats = {} if last.due and is_of_lists else last.stats
        results.append(_compare(check, stats, [run.stats for run in compared]))
    results.append(_check_quarantine(in_quarantine))
    results.append(_check_age(published, now))
    return SiteHealth(site, _overall(results), last.mirror, tuple(results))


def _overall(results: Sequence[Result]) -> Verdict:
    verdicts = {result.verdict for result in results}
    if "failed" in verdicts:
        return "failed"
    return "ok" if "ok" in verdicts else "unknown"


def _verdict(passed: bool) -> Verdict:
    return "ok" if passed else "failed"


def _check_end(run: Run) -> Result:
    found = f"{run.exit_code} ({run.reason})"
    return Result("exit code of the last crawl", _verdict(run.is_good), "= 0", found)


def _check_quarantine(in_quarantine: int) -> Result:
    return Result("articles in quarantine", _verdict(in_quarantine == 0), "<= 0", in_quarantine)


def _compare(check: Check, last: Stats, earlier: Sequence[Stats]) -> Result:
    found = check.statistic(last)
    values = [check.statistic(stats) for stats in earlier]
    usual = [value for value in values if value is not None]
    if found is None or len(usual) < ENOUGH_RUNS:
        return Result(check.name, "unknown", f"{check.operator} ?", _rounded(found))
    limit = median(usual) * check.factor
    if check.operator == "<=":
        limit = max(limit, check.at_least)
        passed = found <= limit
    else:
        passed = found >= limit
    expected = f"{check.operator} {_rounded(limit)}"
    return Result(check.name, _verdict(passed), expected, _rounded(found))


def _check_age(published: Sequence[datetime], now: datetime) -> Result:
    """Compares the age of the newest article with twice the longest usual pause of the site.

    Three days are always allowed.
    """
    name = "hours since the newest article"
    if len(published) < 2 * ENOUGH_PAGES:
        return Result(name, "unknown", "<= ?", None)
    pauses = sorted(newer - older for newer, older in pairwise(published))
    longest_usual = pauses[int(len(pauses) * USUAL_PAUSES)]
    limit = max(2 * longest_usual, SHORTEST_PAUSE)
    age = now - published[0]
    return Result(name, _verdict(age <= limit), f"<= {_hours(limit)}", _hours(age))


def _hours(duration: timedelta) -> float | None:
    return _rounded(duration.total_seconds() / 3600)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
