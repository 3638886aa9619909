"""`newscrawl rebuild`: a new database from raw pages alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import jobs_option, json_option
from newscrawl.cli.output import counter, say, show, show_json

if TYPE_CHECKING:
    from newscrawl.archive.rebuild import Rebuilt
    from newscrawl.cli.app import App

EPILOG = """\b
Examples:
  newscrawl rebuild --from-warc data/warc --archive rebuilt
"""


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
    never overwritten. docs/rebuild.md lists what cannot be restored from raw pages.
    """
    from newscrawl.archive.rebuild import rebuild as rebuild_database
    from newscrawl.core.lock import archive_lock

    with archive_lock(app.archive, "rebuild"), counter("pages") as tick:
        done = rebuild_database(app.archive, source, jobs=jobs, on_page=tick)
    for damage in done.damage:
        say(f"damaged: {damage}")
    if as_json:
        show_json(_as_json(done))
        return
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


def _as_json(done: Rebuilt) -> dict[str, object]:
    return {
        "files": done.files,
        "pages": done.pages,
        "foreign": done.foreign,
        "damage": done.damage,
        **done.tally.as_json(),
    }
