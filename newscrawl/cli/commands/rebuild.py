"""`newscrawl rebuild`: a new database from raw pages alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import jobs_option, json_option
from newscrawl.cli.output import counter, say, show, show_json
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.archive.rebuild import Rebuilt
    from newscrawl.cli.app import App

EPILOG = """\b
Examples:
  newscrawl rebuild --from-warc data/warc --archive rebuilt
"""
LISTED = 20  # records that could not be read or stored, printed without --json


@click.command(epilog=EPILOG)
@click.option(
    "--from-warc",
    "source",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder that contains the WARC files.",
)
@jobs_option
@json_option("Print the result as JSON.")
@click.pass_obj
def rebuild(app: App, source: Path, jobs: int | None, as_json: bool) -> None:
    """Rebuild the database of an archive from its WARC files alone.

    The pages are read with the current site files; no network is needed. An existing database is
    never overwritten, and the new one is moved into place once it is complete. Records that cannot
    be stored are set aside and listed with the reason. docs/rebuild.md lists what cannot be
    restored from raw pages.
    """
    from newscrawl.archive.rebuild import count_records
    from newscrawl.archive.rebuild import rebuild as rebuild_database
    from newscrawl.core.lock import archive_lock

    with (
        archive_lock(app.archive, "rebuild"),
        counter("pages", lambda: count_records(app.archive, source)) as tick,
    ):
        done = rebuild_database(app.archive, source, jobs=jobs, on_page=tick)
    if as_json:
        show_json(_as_json(done))
        return
    _list_records("damaged", done.damage)
    _list_records("set aside", done.set_aside)
    tally = done.tally
    failed = sum(tally.failed.values())
    show(f"{app.archive}: {done.pages:,} pages from {done.files:,} WARC files")
    show(
        f"  {tally.new:,} articles, {tally.changed:,} later revisions,"
        f" {tally.listings:,} category pages, {tally.links:,} links,"
        f" {failed:,} pages that are not articles"
    )
    if done.foreign:
        show(f"  {done.foreign:,} records of other crawlers were skipped")
    if done.set_aside:
        show(f"  {counted(len(done.set_aside), 'record')} set aside; the WARC files keep them")
    if done.damage:
        show(f"  {counted(len(done.damage), 'damaged place')} in the WARC files")


def _list_records(heading: str, records: Sequence[str]) -> None:
    for record in records[:LISTED]:
        say(f"{heading}: {record}")
    if len(records) > LISTED:
        say(f"{heading}: {len(records) - LISTED:,} more (--json lists all)")


def _as_json(done: Rebuilt) -> dict[str, object]:
    return {
        "files": done.files,
        "pages": done.pages,
        "foreign": done.foreign,
        "damage": done.damage,
        "set_aside": done.set_aside,
        **done.tally.as_json(),
    }
