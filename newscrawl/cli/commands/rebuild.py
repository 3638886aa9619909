"""`newscrawl rebuild`: a new database from the raw pages alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import jobs_option
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
    help="The folder of WARC files.",
)
@jobs_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def rebuild(app: App, source: Path, jobs: int | None, as_json: bool) -> None:
    """Make the archive's database again from WARC files, without any network.

    The site files of today read the pages of then. A database that exists is never overwritten; docs/rebuild.md lists
    what raw pages cannot know.
    """
    from newscrawl.archive.rebuild import rebuild as make_again
    from newscrawl.core.lock import archive_lock

    with archive_lock(app.archive, "rebuild"), counter("pages") as tick:
        done = make_again(app.archive, source, jobs=jobs, on_page=tick)
    for damage in done.damage:
        say(f"damaged: {damage}")
    if as_json:
        show_json(_as_json(done))
        return
    tally = done.tally
    failed = sum(tally.failed.values())
    show(f"{app.archive}: {done.pages:,} pages of {done.files:,} WARC files")
    show(
        f"  {tally.new:,} articles, {tally.changed:,} later revisions, {tally.listings:,} category pages,"
        f" {tally.links:,} links, {failed:,} pages that are no articles"
    )
    if done.foreign:
        show(f"  {done.foreign:,} records of other crawlers were passed over")


def _as_json(done: Rebuilt) -> dict[str, object]:
    return {
        "files": done.files,
        "pages": done.pages,
        "foreign": done.foreign,
        "damage": done.damage,
    } | (done.tally.as_json())
