"""`newscrawl verify`: does the archive still hold what it said it holds?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import jobs_option
from newscrawl.cli.output import counter, say, show_json, show_table
from newscrawl.core.errors import ArchiveDamaged
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.cli.app import App

EPILOG = """\b
Examples:
  newscrawl verify
  newscrawl verify --no-warc --json
"""
LISTED = 20


@click.command(epilog=EPILOG)
@click.option(
    "--no-warc", is_flag=True, help="Check the database alone; the raw pages take longest."
)
@jobs_option
@click.option("--json", "as_json", is_flag=True, help="Print the flaws as JSON.")
@click.pass_obj
def verify(app: App, no_warc: bool, jobs: int | None, as_json: bool) -> None:
    """Check the archive: SQLite's own checks, every text against its hash, every pointer into the raw pages.

    Nothing is changed. Exit code 5 where a flaw is found. While a crawl runs the full-text index is not checked.
    """
    from newscrawl.archive.verify import verify as find_flaws

    if app.is_release and not no_warc:
        no_warc = True
        say(
            f"{app.archive} is a release, which contains no raw pages; to check its files: sha256sum -c SHA256SUMS"
        )
    with counter("pages") as tick:
        flaws = list(find_flaws(app.archive, warc=not no_warc, jobs=jobs, on_pages=tick))
    if as_json:
        show_json(
            [{"code": flaw.code, "where": flaw.where, "message": flaw.message} for flaw in flaws]
        )
    elif flaws:
        show_table(
            ("code", "where", "message"),
            [(flaw.code, flaw.where, flaw.message) for flaw in flaws[:LISTED]],
        )
    if flaws:
        more = (
            f", the first {LISTED} listed (--json has all)"
            if len(flaws) > LISTED and not as_json
            else ""
        )
        say(f"{counted(len(flaws), 'flaw')} in {app.archive}{more}")
        sys.exit(ArchiveDamaged.exit_code)
    say(f"{app.archive} is whole")
