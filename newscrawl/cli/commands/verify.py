"""`newscrawl verify`: whether the archive still holds everything that it recorded."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import jobs_option, json_option
from newscrawl.cli.output import counter, say, show_json, show_table
from newscrawl.core.errors import ArchiveDamaged, NewscrawlError, UsageError
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from newscrawl.cli.app import App
    from newscrawl.store.admin.check import Flaw

EPILOG = """\b
Examples:
  newscrawl verify
  newscrawl verify --no-warc --json
  newscrawl verify --repair
"""
COLUMNS = ("code", "where", "message")
LISTED = 20  # lines printed without --json
LINKED_MISSING = "warc_linked_missing"


@click.command(epilog=EPILOG)
@click.option(
    "--no-warc",
    is_flag=True,
    help="Check only the database, not the raw pages, which take longest.",
)
@click.option(
    "--repair",
    is_flag=True,
    help="Queue the pages again whose raw pages are lost. Put missing WARC files back before.",
)
@jobs_option
@json_option("Print all errors as JSON.")
@click.pass_obj
def verify(app: App, no_warc: bool, repair: bool, jobs: int | None, as_json: bool) -> None:
    """Check the archive for damage.

    Runs SQLite's own checks, compares every text with its hash, and reads every raw page that the
    database refers to. Changes nothing, except with --repair. The exit code is 5 if an error is
    found, and not repaired. The full-text index is not checked while a crawl runs. A release, which
    has no raw pages, is compared with its checksums.
    """
    from newscrawl.archive.verify import verify as find_flaws

    if repair and (no_warc or app.is_release):
        reason = "--no-warc does not read" if no_warc else "a release does not contain"
        raise UsageError(
            f"--repair needs the raw pages, which {reason}", "run: newscrawl verify --repair"
        )
    left_out: list[str] = []
    flaws = _check_release(app.archive, left_out) if app.is_release else []
    reads_pages = not (no_warc or app.is_release)
    with counter("pages", lambda: _count_pages(app) if reads_pages else None) as tick:
        flaws += find_flaws(
            app.archive,
            warc=reads_pages,
            jobs=jobs,
            on_pages=tick,
            on_left_out=left_out.append,
        )
    for message in left_out:
        say(f"note: {message}")
    lines = _lines(flaws)
    if as_json:
        rows = [(flaw.code, flaw.where, flaw.message) for flaw in flaws]
        show_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    elif lines:
        show_table(COLUMNS, lines[:LISTED])
    if not flaws:
        say(f"{app.archive}: no errors found")
        return
    cut = ""
    if len(lines) > LISTED and not as_json:
        cut = f", the first {LISTED} lines listed (--json prints all)"
    say(f"{counted(len(flaws), 'error')} in {app.archive}{cut}")
    if repair:
        flaws = _repaired(app, flaws)
    if any(flaw.code == LINKED_MISSING for flaw in flaws):
        from newscrawl.core.folder import ArchiveFolder
        from newscrawl.warc.linked import FOLDER

        place = ArchiveFolder(app.archive).warc.parent / FOLDER
        say(f"hint: put the linked files back, or put them into {place}/")
    if flaws:
        sys.exit(ArchiveDamaged.exit_code)


def _lines(flaws: Sequence[Flaw]) -> list[tuple[str, str, str]]:
    """The lines of the table: one for each flaw, but only one for each missing linked file."""
    missing = Counter(flaw.message for flaw in flaws if flaw.code == LINKED_MISSING)
    lines: dict[tuple[str, str, str], None] = {}
    for flaw in flaws:
        where = flaw.where
        if flaw.code == LINKED_MISSING:
            where = counted(missing[flaw.message], "page")
        lines[flaw.code, where, flaw.message] = None
    return list(lines)


def _repaired(app: App, flaws: list[Flaw]) -> list[Flaw]:
    """The flaws that are left after the repair, which is reported."""
    from newscrawl.archive.verify import repair_pages

    done = repair_pages(app.archive, flaws, datetime.now(UTC))
    # A record in warc/ still refers to its linked file, also when its page is queued again.
    left = [flaw for flaw in flaws if flaw not in done.flaws or flaw.code.startswith("warc_")]
    say(
        f"{counted(len(done.flaws), 'lost raw page')} recorded (newscrawl problems),"
        f" {counted(done.pages, 'page')} queued again for the next crawl;"
        f" {counted(len(left), 'error')} left"
    )
    return left


def _count_pages(app: App) -> int | None:
    """How many pages there are to check; None if the database is too damaged to say."""
    from newscrawl.store.read.overview import count_raw_pages

    try:
        with app.reader() as reader:
            return count_raw_pages(reader.db)
    except NewscrawlError:
        return None


def _check_release(folder: Path, left_out: list[str]) -> list[Flaw]:
    """The files of a release that differ from their checksums. `left_out` gets other messages."""
    from newscrawl.export.release.sums import added_files, check_sums

    for name in added_files(folder):
        left_out.append(f"{name} is no part of the release")
    return list(check_sums(folder))
