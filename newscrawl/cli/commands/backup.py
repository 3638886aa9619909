"""`newscrawl backup`: a consistent copy of the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import json_option
from newscrawl.cli.output import say, show_json

if TYPE_CHECKING:
    from newscrawl.cli.app import App

EPILOG = """\b
Examples:
  newscrawl backup archive-backup.db
"""


@click.command(epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
@json_option("Print the result as JSON.")
@click.pass_obj
def backup(app: App, file: Path, as_json: bool) -> None:
    """Copy the database to FILE, even while a crawl is running.

    The copy is consistent, and its pages are checked. An existing FILE is replaced only once the
    copy is complete. Copy the raw pages in warc/ with rsync: these files only grow. Do not copy the
    database with cp, because its latest changes may still be in the write-ahead log.
    """
    from newscrawl.store.admin.backup import backup as copy

    size = copy(app.archive, file)
    if as_json:
        show_json({"file": str(file), "bytes": size})
    else:
        say(f"{file}: {size / 1_000_000:,.1f} MB")
