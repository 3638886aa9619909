"""`newscrawl status`: what the archive holds, how its last crawls ended, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import say, show, show_json, show_table, to_minute
from newscrawl.cli.rows import Output, output_options, show_rows
from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.core.text import counted
from newscrawl.core.times import to_utc_text

if TYPE_CHECKING:
    from newscrawl.store.read.due import DueSite
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
    "due_utc",
)

# The columns of --jsonl, --csv and --tsv.
STATES = ("stored", "stub", "gone", "failed", "blocked", "degraded")
ROW_COLUMNS = (
    "site",
    "name",
    *STATES,
    "pending",
    "newest_local",
    "last_crawl_id",
    "last_started_at",
    "last_finished_at",
    "last_reason",
    "last_exit_code",
    "last_new",
    "last_changed",
    "last_failed",
    "last_problems",
    "due_at",
)


@click.command(epilog=EPILOG)
@output_options()
@click.pass_obj
def status(app: App, output: Output) -> None:
    """Print what the archive holds, how its crawls ended, and what to do next.

    With --jsonl, --csv and --tsv, there is a row per site, and warnings are printed on stderr.
    `due_utc` (there: `due_at`) is when `crawl --due` requests something of the site again, once it
    has crawled it.
    """
    from newscrawl.core.lock import holder, is_locked
    from newscrawl.store.read.due import due_sites
    from newscrawl.store.read.overview import site_statuses, unfinished_reextractions

    with app.reader() as reader:
        sites = site_statuses(reader.db)
        reextractions = unfinished_reextractions(reader.db)
        due = _due_texts(due_sites(reader.db), app.clock())
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
    if output.as_rows:
        show_rows(
            output, ROW_COLUMNS, [_flat(site) | {"due_at": due.get(site.site)} for site in sites]
        )
        for line in warnings:
            say(f"warning: {line}")
        return
    if output.as_json:
        show_json(
            {
                "archive": str(app.archive),
                "bytes": sizes,
                "running": running,
                "sites": [_as_json(site) | {"due_at": due.get(site.site)} for site in sites],
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
        # Without `crawl --due`, nothing has a time.
        columns = COLUMNS if due else COLUMNS[:-1]
        rows = [(*_row(site), due.get(site.site))[: len(columns)] for site in sites]
        show_table(columns, rows, right=[*COLUMNS[1:6], *COLUMNS[9:-1]])
    for line in warnings:
        show(f"warning: {line}")
    for line in next_steps:
        show(f"next: {line}")


def _due_texts(sites: Mapping[str, DueSite], now: datetime) -> dict[str, str]:
    """When each site is due again, as UTC text: not before now."""
    at_least = to_utc_text(now)
    return {name: max(site.as_text(), at_least) for name, site in sites.items()}


def _as_json(site: SiteStatus) -> dict[str, Any]:
    return asdict(site) | {"last": asdict(site.last) if site.last else None}


def _flat(site: SiteStatus) -> dict[str, Any]:
    """The site as one row. The columns `last_*` describe its last crawl, if there was one."""
    row: dict[str, Any] = dict.fromkeys(ROW_COLUMNS)
    row |= {state: site.states.get(state, 0) for state in STATES}
    row |= {
        "site": site.site,
        "name": site.name,
        "pending": site.pending,
        "newest_local": site.newest,
    }
    last = site.last
    if last is None:
        return row
    return row | {
        "last_crawl_id": last.id,
        "last_started_at": last.started_at,
        "last_finished_at": last.finished_at,
        "last_reason": last.reason,
        "last_exit_code": last.exit_code,
        "last_new": last.stats.get("new"),
        "last_changed": last.stats.get("changed"),
        "last_failed": _failed(last),
        "last_problems": last.problems,
    }


def _failed(last: LastCrawl) -> int | None:
    """How many pages failed; None if the crawl has not ended and nobody counted."""
    failed = last.stats.get("failed")
    return None if failed is None else sum(failed.values())


def _row(site: SiteStatus) -> tuple[object, ...]:
    listed = [site.states.get(state, 0) for state in LISTED_STATES]
    other = sum(site.states.values()) - sum(listed)
    newest = to_minute(site.newest) or None
    counts = (site.site, *listed, other, site.pending, newest)
    last = site.last
    if last is None:
        return (*counts, "never", None, None, None, None, None)
    new, changed = last.stats.get("new"), last.stats.get("changed")
    return (*counts, last.started_at, _end(last), new, changed, _failed(last), last.problems)


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
