"""Whether the last crawl of a site was like its earlier ones: checks as data, judged per site against itself. Pure.

A site is measured with its own history (at least three finished crawls); what it never had is not missed. That
nothing new came is no fault by itself: how old the newest article may be follows from the site's own rhythm.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Literal

from newscrawl.core.coverage import ENOUGH_PAGES, ENOUGH_RUNS, FIELDS, share
from newscrawl.store.read.crawl_history import finished_crawls, publication_times
from newscrawl.store.read.quarantine import count_held

Verdict = Literal["ok", "failed", "unknown"]
Operator = Literal[">=", "<="]
Stats = Mapping[str, Any]
ENDED_AS_ASKED = ("budget", "hours")  # exit code 6, but what the user wished: the next run goes on


@dataclass(frozen=True, slots=True)
class Run:
    """A finished crawl, as its row in `crawls` has it; `mirror`: it was not the site itself that was crawled."""

    id: int
    finished_at: datetime
    exit_code: int
    reason: str
    stats: Stats
    mirror: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A statistic of a run, and by which factor of the usual value it may differ. None: the run says nothing of it."""

    name: str
    statistic: Callable[[Stats], float | None]
    operator: Operator
    factor: float
    at_least: float = 0.0  # for `<=`: a limit below this would only measure noise


@dataclass(frozen=True, slots=True)
class Result:
    """One check's outcome: what was expected (`>= 12`), what was found."""

    check: str
    verdict: Verdict
    expected: str
    found: float | str | None


@dataclass(frozen=True, slots=True)
class SiteHealth:
    """A site's verdict: failed where any check failed. A mirror's is told, but makes no exit code."""

    site: str
    verdict: Verdict
    mirror: bool
    results: tuple[Result, ...]


def _coverage(name: str) -> Callable[[Stats], float | None]:
    return lambda stats: share(stats.get("coverage", {}), name)


def _failure_share(stats: Stats) -> float | None:
    asked = stats.get("requests", 0)
    lost = sum(stats.get("failed", {}).values()) + stats.get("pending", 0)
    return lost / asked if asked >= ENOUGH_PAGES else None


def _words(stats: Stats) -> float | None:
    read = stats.get("coverage", {}).get("articles", 0)
    return stats["coverage"].get("words", 0) / read if read >= ENOUGH_PAGES else None


def _feed_entries(stats: Stats) -> float | None:
    """None where no feed answered with anything new: a feed that is not modified shows nothing."""
    return stats.get("feed_entries") if stats.get("feeds") else None


CHECKS = (
    Check("category pages, feeds and sitemaps read", lambda stats: stats.get("sources"), ">=", 0.5),
    Check("articles shown by category pages", lambda stats: stats.get("shown"), ">=", 0.5),
    Check("entries of feeds", _feed_entries, ">=", 0.5),
    Check(
        "new articles", lambda stats: stats.get("new"), ">=", 0.0
    ),  # told; a quiet day is no fault
    *(Check(f"articles with {name}", _coverage(name), ">=", 0.5) for name in FIELDS),
    Check("words an article", _words, ">=", 0.4),
    Check("share of pages that failed", _failure_share, "<=", 3.0, at_least=0.2),
    Check("seconds", lambda stats: stats.get("seconds"), "<=", 5.0, at_least=600.0),
)


def site_health(db: sqlite3.Connection, site: str, now: datetime) -> SiteHealth:
    """The verdict on one site, asked for at `now`."""
    runs = [
        Run(
            crawl.id,
            crawl.finished_at,
            crawl.exit_code,
            crawl.reason,
            crawl.stats,
            "base_url" in crawl.options,
        )
        for crawl in finished_crawls(db, site)
    ]
    return judge(site, runs, publication_times(db, site), now, count_held(db, site))


def judge(
    site: str, runs: Sequence[Run], published: Sequence[datetime], now: datetime, held: int = 0
) -> SiteHealth:
    """The verdict on the last of `runs` (oldest first) against those before it.

    `published` are the times of the site's articles, newest first; `now` is when the question is asked; `held` articles
    are held back.
    """
    if not runs:
        return SiteHealth(site, "unknown", False, (Result("crawls", "unknown", ">= 1", 0),))
    last, before = (
        runs[-1],
        [run for run in runs[:-1] if run.exit_code == 0 or run.reason in ENDED_AS_ASKED],
    )
    results = [_ended(last)]
    results += [_compare(check, last.stats, [run.stats for run in before]) for check in CHECKS]
    results.append(Result("articles held back", "failed" if held else "ok", "<= 0", held))
    results.append(_age(published, now))
    verdicts = {result.verdict for result in results}
    known = verdicts - {"unknown"}
    verdict: Verdict = "failed" if "failed" in verdicts else "ok" if known else "unknown"
    return SiteHealth(site, verdict, last.mirror, tuple(results))


def _ended(run: Run) -> Result:
    good = run.exit_code == 0 or run.reason in ENDED_AS_ASKED
    return Result(
        "exit code of the last crawl",
        "ok" if good else "failed",
        "= 0",
        f"{run.exit_code} ({run.reason})",
    )


def _compare(check: Check, last: Stats, before: Sequence[Stats]) -> Result:
    found = check.statistic(last)
    usual = [value for stats in before if (value := check.statistic(stats)) is not None]
    if found is None or len(usual) < ENOUGH_RUNS:
        return Result(check.name, "unknown", f"{check.operator} ?", _rounded(found))
    limit = median(usual) * check.factor
    if check.operator == "<=":
        limit = max(limit, check.at_least)
    good = found >= limit if check.operator == ">=" else found <= limit
    return Result(
        check.name,
        "ok" if good else "failed",
        f"{check.operator} {_rounded(limit)}",
        _rounded(found),
    )


def _age(published: Sequence[datetime], now: datetime) -> Result:
    """The newest article against twice the longest silence that the site usually keeps, and three days at least."""
    name = "hours since the newest article"
    if len(published) < 2 * ENOUGH_PAGES:
        return Result(name, "unknown", "<= ?", None)
    gaps = sorted(newer - older for newer, older in pairwise(published))
    limit = max(2 * gaps[int(len(gaps) * 0.98)], timedelta(days=3))
    age = now - published[0]
    found, most = (_rounded(value.total_seconds() / 3600) for value in (age, limit))
    return Result(name, "ok" if age <= limit else "failed", f"<= {most}", found)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
