"""`newscrawl status`: what the archive holds, how its last crawls ended, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import json_option
from newscrawl.cli.output import show, show_json, show_table, to_minute
from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.store.read.overview import LastCrawl, SiteStatus, UnfinishedReextraction

EPILOG = """\b
Examples:
  newscrawl status
  newscrawl --archive press status --json
"""
LISTED_STATES = ("stored", "stub", "gone")  # articles in other states are counted as `other`
COLUMNS = (
    "site",
    "stored",
    "stubs",
    "gone",
    "other",
    "pending",
    "newest_local",
    "last_crawl_utc",
    "last_ended",
    "last_new",
    "last_changed",
    "last_failed",
    "last_problems",
)


@click.command(epilog=EPILOG)
@json_option()
@click.pass_obj
def status(app: App, as_json: bool) -> None:
    """Print what the archive holds, how its crawls ended, and what to do next."""
    from newscrawl.core.lock import holder, is_locked
    from newscrawl.store.read.overview import site_statuses, unfinished_reextractions

    with app.reader() as reader:
        sites = site_statuses(reader.db)
        reextractions = unfinished_reextractions(reader.db)
    running = holder(app.archive) if is_locked(app.archive) else None
    sizes = {
        "database": _size(app.archive.glob(f"{DATABASE}*")),
        "warc": _size(ArchiveFolder(app.archive).warc.glob("*")),
    }
    warnings = []
    next_steps = list(_next_steps(app.command, sites, running is not None))
    if not running:
        warnings = [*_killed_crawls(sites), *map(_unfinished, reextractions)]
        repeated = [
            f"{app.command} reextract {unfinished.site} (was not finished)"
            for unfinished in reextractions
        ]
        next_steps = repeated + next_steps
    if as_json:
        show_json(
            {
                "archive": str(app.archive),
                "bytes": sizes,
                "running": running,
                "sites": [_as_json(site) for site in sites],
                "warnings": warnings,
                "next": next_steps,
            }
        )
        return
    database, warc = _megabytes(sizes["database"]), _megabytes(sizes["warc"])
    show(f"{app.archive}: database {database}, raw pages {warc}")
    if running:
        show(f"running now: {running}")
    if sites:
        show_table(COLUMNS, map(_row, sites), right=[*COLUMNS[1:6], *COLUMNS[9:]])
    for line in warnings:
        show(f"warning: {line}")
    for line in next_steps:
        show(f"next: {line}")


def _as_json(site: SiteStatus) -> dict[str, Any]:
    return asdict(site) | {"last": asdict(site.last) if site.last else None}


def _row(site: SiteStatus) -> tuple[object, ...]:
    listed = [site.states.get(state, 0) for state in LISTED_STATES]
    other = sum(site.states.values()) - sum(listed)
    newest = to_minute(site.newest) or None
    counts = (site.site, *listed, other, site.pending, newest)
    last = site.last
    if last is None:
        return (*counts, "never", None, None, None, None, None)
    failed = None
    if "failed" in last.stats:
        failed = sum(last.stats["failed"].values())
    new, changed = last.stats.get("new"), last.stats.get("changed")
    return (*counts, last.started_at, _end(last), new, changed, failed, last.problems)


def _end(last: LastCrawl) -> str:
    if last.finished_at is None:
        return "not ended"
    reason = last.reason or "ended"
    return f"{reason} (exit {last.exit_code})" if last.exit_code else reason


def _killed_crawls(sites: Sequence[SiteStatus]) -> Iterator[str]:
    """Messages about crawls without an end. While no crawl is running, these were killed."""
    for site in sites:
        if site.last is not None and site.last.finished_at is None:
            yield (
                f"crawl {site.last.id} of {site.site}, started {site.last.started_at}, was killed;"
                " stored pages are safe, the other pages are still queued"
            )


def _unfinished(reextraction: UnfinishedReextraction) -> str:
    """The message about a site whose pages were not all read again."""
    started = f"reextract of {reextraction.site}, started {reextraction.started_at},"
    if reextraction.pages_read is None:
        return f"{started} was killed before all {reextraction.pages:,} pages were read"
    return (
        f"{started} was stopped after {reextraction.pages_read:,} of {reextraction.pages:,} pages"
    )


def _next_steps(command: str, sites: Sequence[SiteStatus], running: bool) -> Iterator[str]:
    if not sites:
        yield f"{command} demo, or {command} crawl SITE (see: {command} sites list)"
    for site in sites:
        if site.pending and not running:
            yield f"{command} crawl {site.site} (fetches {counted(site.pending, 'pending page')})"
    if any(site.last and site.last.problems for site in sites):
        yield f"{command} problems (what could not be fetched or read)"
    if any(site.states.get("stored") for site in sites):
        yield f"{command} search WORDS, or {command} export articles -o articles.csv"


def _size(paths: Iterator[Path]) -> int:
    """The size of all files in bytes. A file may disappear meanwhile, such as a WAL."""
    total = 0
    for path in paths:
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
