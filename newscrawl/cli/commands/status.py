"""`newscrawl status`: what the archive holds, how its last crawls ended, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import show, show_json, show_table
from newscrawl.core.folder import DATABASE, ArchiveFolder

if TYPE_CHECKING:
    from newscrawl.store.read.overview import LastCrawl, SiteStatus

EPILOG = """\b
Examples:
  newscrawl status
  newscrawl --archive press status --json
"""


@click.command(epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(app: App, as_json: bool) -> None:
    """Print what the archive holds, how its crawls ended, and what is next."""
    from newscrawl.core.lock import holder, is_locked
    from newscrawl.store.read.overview import site_statuses

    with app.reader() as reader:
        sites = site_statuses(reader.db)
    running = holder(app.archive) if is_locked(app.archive) else None
    sizes = {
        "database": _size(app.archive.glob(f"{DATABASE}*")),
        "warc": _size(ArchiveFolder(app.archive).warc.glob("*")),
    }
    warnings = [] if running else [line for site in sites if (line := _crash(site))]
    advice = list(_advice(app.command, sites, running is not None))
    if as_json:
        rows = [asdict(site) | {"last": asdict(site.last) if site.last else None} for site in sites]
        show_json(
            {
                "archive": str(app.archive),
                "bytes": sizes,
                "running": running,
                "sites": rows,
                "warnings": warnings,
                "next": advice,
            }
        )
        return
    show(
        f"{app.archive}: database {_megabytes(sizes['database'])}, raw pages {_megabytes(sizes['warc'])}"
    )
    if running:
        show(f"running now: {running}")
    if sites:
        columns = [
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
        ]
        show_table(columns, map(_row, sites), right=[*columns[1:6], *columns[9:]])
    for line in warnings:
        show(f"warning: {line}")
    for line in advice:
        show(f"next: {line}")


def _row(site: SiteStatus) -> tuple[object, ...]:
    states = dict(site.states)
    known = [states.pop(state, 0) for state in ("stored", "stub", "gone")]
    newest = site.newest[:16].replace("T", " ") if site.newest else None
    counts = (site.site, *known, sum(states.values()), site.pending, newest)
    if site.last is None:
        return *counts, "never", None, None, None, None, None
    stats = site.last.stats
    failed = sum(stats.get("failed", {}).values()) if "failed" in stats else None
    return (
        *counts,
        site.last.started_at,
        _end(site.last),
        stats.get("new"),
        stats.get("changed"),
        failed,
        site.last.problems,
    )


def _end(last: LastCrawl) -> str:
    if last.finished_at is None:
        return "not ended"
    return f"{last.reason or 'ended'}" + (f" (exit {last.exit_code})" if last.exit_code else "")


def _crash(site: SiteStatus) -> str | None:
    """A crawl that has no end, while none is running, was killed."""
    if site.last is None or site.last.finished_at is not None:
        return None
    return (
        f"crawl {site.last.id} of {site.site}, started {site.last.started_at}, was killed;"
        " what it had stored is safe, the rest is still queued"
    )


def _advice(command: str, sites: Sequence[SiteStatus], running: bool) -> Iterator[str]:
    if not sites:
        yield f"{command} demo, or {command} crawl SITE ({command} sites list names them)"
    for site in sites:
        if site.pending and not running:
            pages = "1 page" if site.pending == 1 else f"{site.pending:,} pages"
            yield f"{command} crawl {site.site} takes up {pages} still to fetch"
    if any(site.last and site.last.problems for site in sites):
        yield f"{command} problems says what could not be fetched or read"
    if any(site.states.get("stored") for site in sites):
        yield f"{command} search WORDS, {command} export articles -o articles.csv"


def _size(paths: Iterator[Path]) -> int:
    """Bytes in all; a file that goes meanwhile (a WAL) counts nothing."""
    total = 0
    for path in paths:
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
