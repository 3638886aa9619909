"""`newscrawl backup`: a consistent copy of the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.output import say, show_json

if TYPE_CHECKING:
    from newscrawl.cli.app import App

EPILOG = """\b
Examples:
  newscrawl backup archive-backup.db
"""


@click.command(epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def backup(app: App, file: Path, as_json: bool) -> None:
    """Copy the database to FILE, consistent and compact, also while a crawl writes.

    The raw pages (warc/) only ever grow: copy them with rsync. An earlier backup of that name is replaced once the
    new one is whole. Do not use cp for the database: it misses what is still in the write-ahead log.
    """
    from newscrawl.store.admin.backup import backup as copy

    size = copy(app.archive, file)
    if as_json:
        show_json({"file": str(file), "bytes": size})
    else:
        say(f"{file}: {size / 1_000_000:,.1f} MB")
