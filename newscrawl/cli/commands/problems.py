"""`newscrawl problems`: what could not be fetched or read, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import SITE, json_option
from newscrawl.cli.output import say, show, show_json, show_table
from newscrawl.core.text import clean_text, counted

if TYPE_CHECKING:
    from newscrawl.store.read.overview import ProblemGroup, ProblemRow

EPILOG = """\b
Examples:
  newscrawl problems
  newscrawl problems --site bnews --code http_404 --limit 100
"""


@click.command(epilog=EPILOG)
@click.option("--site", type=SITE, metavar="SITE", help="Only problems with this site.")
@click.option("--code", metavar="CODE", help="Only problems with this code.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Include problems with pages that were read successfully later.",
)
@click.option(
    "--limit",
    type=click.IntRange(0, 100_000),
    default=20,
    show_default=True,
    metavar="N",
    help="List at most N problems.",
)
@json_option()
@click.pass_obj
def problems(
    app: App,
    /,
    *,
    site: str | None,
    code: str | None,
    everything: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Print what could not be fetched or read, and why.

    Prints the number of problems of each kind, then the newest problems. Problems with pages that
    were read successfully later are omitted.
    """
    from newscrawl.store.read.overview import ProblemFilter, problem_groups, problem_rows

    only = ProblemFilter(
        clean_text(site) if site else None, clean_text(code) if code else None, everything
    )
    known_codes: set[str] = set()
    with app.reader() as reader:
        groups = problem_groups(reader.db, only)
        rows = problem_rows(reader.db, only, limit)
        if code and not groups:
            all_groups = problem_groups(reader.db, replace(only, code=None, everything=True))
            known_codes = {group.code for group in all_groups}
    total = sum(group.count for group in groups)
    if as_json:
        show_json(
            {
                "total": total,
                "groups": [asdict(group) for group in groups],
                "problems": [asdict(row) for row in rows],
            }
        )
        return
    _print(groups, rows)
    shown = f", the newest {len(rows):,} listed (--limit)" if len(rows) < total else ""
    say(f"{counted(total, 'problem')}{shown}")
    if known_codes:
        say(f"codes in the archive, with --all: {', '.join(sorted(known_codes))}")


def _print(groups: Sequence[ProblemGroup], rows: Sequence[ProblemRow]) -> None:
    if groups:
        show_table(
            ["count", "site", "stage", "code", "newest", "for example"],
            [
                (group.count, group.site, group.stage, group.code, group.newest, group.message)
                for group in groups
            ],
            right=["count"],
        )
    if rows:
        show()
        show_table(
            ["seen_at", "code", "field", "url", "message", "raw"],
            [(row.seen_at, row.code, row.field, row.url, row.message, row.raw) for row in rows],
        )
