"""Crawls at any moment: each in a process of its own whose clock is a test's, forked from one that has all imports."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support import forked

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.support.clocked_crawls", *forked.IMPORTS])
START = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
SECONDS = 120


def after(days: float) -> datetime:
    """A moment, in days after the first crawl."""
    return START + timedelta(days=days)


def crawl_at(
    moment: datetime, folder: Path, base_url: str, *sites: str, **options: Any
) -> dict[str, dict[str, Any]]:
    """Crawls the sites, whose files are in the archive, at this moment; the stats of each crawl.

    `options` are those of CrawlOptions. The crawl's `reason` and `exit_code` are among its stats.
    """
    answers, answer = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(
        target=_crawl, args=(answer, moment, folder, base_url, sites, options)
    )
    process.start()
    answer.close()  # here: if the process dies, the pipe ends
    assert answers.poll(SECONDS), "the crawl takes too long"
    stats: dict[str, dict[str, Any]] | str = answers.recv()
    process.join(SECONDS)
    assert not isinstance(stats, str), stats
    return stats


def _crawl(
    answer: Any,
    moment: datetime,
    folder: Path,
    base_url: str,
    sites: tuple[str, ...],
    options: dict[str, Any],
) -> None:
    from newscrawl.core.errors import NewscrawlError
    from newscrawl.crawl.options import CrawlOptions
    from newscrawl.crawl.run import run
    from newscrawl.crawl.window import Plan
    from newscrawl.sites.generic import site_named

    chosen = CrawlOptions(**({"base_url": base_url} | options))
    plans = [Plan(site_named(name, folder), chosen) for name in sites]
    try:
        ended = run(folder, plans, {"LOG_LEVEL": "ERROR"}, clock=lambda: moment)
    except NewscrawlError as error:
        answer.send(f"{type(error).__name__}: {error}")
        return
    answer.send(
        {
            crawl.site: {"reason": crawl.reason, "exit_code": crawl.exit_code, **crawl.stats}
            for crawl in ended
        }
    )
