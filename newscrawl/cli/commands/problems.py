"""`newscrawl problems`: what could not be fetched or read, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import SITE
from newscrawl.cli.output import say, show, show_json, show_table
from newscrawl.cli.rows import Output, cut_note, limit_option, output_options, show_rows
from newscrawl.core.text import clean_text, counted

if TYPE_CHECKING:
    from newscrawl.store.read.overview import ProblemGroup, ProblemRow

EPILOG = """\b
Examples:
  newscrawl problems
  newscrawl problems --site bnews --code http_404 --limit 100
"""
PROBLEMS_LIMIT = 20
# The columns of --jsonl, --csv and --tsv.
COLUMNS = (
    "id",
    "seen_at",
    "site",
    "stage",
    "code",
    "field",
    "message",
    "raw",
    "url",
    "article_id",
)


@click.command(epilog=EPILOG)
@click.option("--site", type=SITE, metavar="SITE", help="Only problems with this site.")
@click.option("--code", metavar="CODE", help="Only problems with this code.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Include problems with pages that were read successfully later.",
)
@limit_option(f"List at most N problems.  [default: {PROBLEMS_LIMIT}]", least=0)
@output_options()
@click.pass_obj
def problems(
    app: App,
    /,
    *,
    site: str | None,
    code: str | None,
    everything: bool,
    limit: int | None,
    output: Output,
) -> None:
    """Print what could not be fetched or read, and why.

    Prints the number of problems of each kind, then the newest problems. Problems with pages that
    were read successfully later are omitted. With --jsonl, --csv and --tsv, the rows are the
    problems themselves.
    """
    from newscrawl.store.read.overview import ProblemFilter, problem_groups, problem_rows

    only = ProblemFilter(
        clean_text(site) if site else None, clean_text(code) if code else None, everything
    )
    known_codes: set[str] = set()
    with app.reader() as reader:
        groups = problem_groups(reader.db, only)
        rows = problem_rows(reader.db, only, PROBLEMS_LIMIT if limit is None else limit)
        if code and not groups:
            all_groups = problem_groups(reader.db, replace(only, code=None, everything=True))
            known_codes = {group.code for group in all_groups}
    total = sum(group.count for group in groups)
    if output.as_rows:
        show_rows(output, COLUMNS, map(asdict, rows))
    elif output.as_json:
        show_json(
            {
                "total": total,
                "groups": [asdict(group) for group in groups],
                "problems": [asdict(row) for row in rows],
            }
        )
    else:
        _print(groups, rows)
    say(cut_note(len(rows), total, "problems", "newest") or counted(total, "problem"))
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
