"""`newscrawl maintain`: keeps the database quick and small."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import say, show_json, show_table

if TYPE_CHECKING:
    from newscrawl.store.admin.maintain import Step

EPILOG = """\b
Examples:
  newscrawl maintain
  newscrawl maintain --dry-run --json
"""


@click.command(epilog=EPILOG)
@click.option("--dry-run", is_flag=True, help="Say what is due, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_obj
def maintain(app: App, dry_run: bool, as_json: bool) -> None:
    """Keep the database quick and small: once a month, or after much has been stored.

    Joins the pieces of the full-text index, gives back free space where there is much of it, notes for SQLite what the
    indexes hold, and empties the write-ahead log. Nothing that the archive says changes, and reading goes on meanwhile.
    While a crawl runs nothing is done (exit code 75).
    """
    from newscrawl.core.lock import archive_lock
    from newscrawl.store.admin import maintain as upkeep

    app.reader().db.close()  # never makes an archive
    before = upkeep.database_bytes(app.archive)
    if dry_run:
        steps = upkeep.due(app.archive)
    else:
        with archive_lock(app.archive, "maintain"):
            steps = list(upkeep.maintain(app.archive))
    after = upkeep.database_bytes(app.archive)
    if as_json:
        show_json(
            {
                "dry_run": dry_run,
                "bytes": after,
                "bytes_before": before,
                "steps": [asdict(step) for step in steps],
            }
        )
        return
    _print(steps, dry_run)
    if not dry_run:
        say(f"{before / 1e6:,.1f} MB before, {after / 1e6:,.1f} MB now")


def _print(steps: list[Step], dry_run: bool) -> None:
    done = "due" if dry_run else "done"
    show_table(
        ("task", "is", "what"),
        [(step.task, done if step.done else f"not {done}", step.said) for step in steps],
    )
