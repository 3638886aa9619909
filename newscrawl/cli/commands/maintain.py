"""`newscrawl maintain`: keeps the database fast and small."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import json_option
from newscrawl.cli.output import say, show_json, show_table

if TYPE_CHECKING:
    from newscrawl.store.admin.maintain import Step

EPILOG = """\b
Examples:
  newscrawl maintain
  newscrawl maintain --dry-run --json
"""


@click.command(epilog=EPILOG)
@click.option("--dry-run", is_flag=True, help="Print what is due, and change nothing.")
@json_option("Print what was done as JSON.")
@click.pass_obj
def maintain(app: App, dry_run: bool, as_json: bool) -> None:
    """Keep the database fast and small.

    Run this once a month, or after a large crawl. It merges the segments of the full-text index,
    releases free space if at least a fifth of the file is free, updates SQLite's statistics, and
    empties the write-ahead log. It changes no data and does not block readers. While a crawl is
    running, it does nothing (exit code 75).
    """
    from newscrawl.core.lock import archive_lock
    from newscrawl.store.admin import maintain as tasks

    app.reader().db.close()  # an error if there is no archive: the lock would create one
    before = tasks.database_bytes(app.archive)
    if dry_run:
        steps = tasks.due(app.archive)
    else:
        with archive_lock(app.archive, "maintain"):
            steps = list(tasks.maintain(app.archive))
    after = tasks.database_bytes(app.archive)
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
    rows = [(step.task, done if step.done else f"not {done}", step.said) for step in steps]
    show_table(("task", "result", "detail"), rows)
