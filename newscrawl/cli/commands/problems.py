"""`newscrawl problems`: what could not be fetched or read, and why."""

from __future__ import annotations

from dataclasses import asdict, replace

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import say, show, show_json, show_table
from newscrawl.core.text import clean_text, counted

EPILOG = """\b
Examples:
  newscrawl problems
  newscrawl problems --site bnews --code http_404 --limit 100
"""


@click.command(epilog=EPILOG)
@click.option("--site", metavar="SITE", help="Only this site.")
@click.option("--code", metavar="CODE", help="Only problems with this code.")
@click.option("--all", "everything", is_flag=True, help="Also pages that were read later.")
@click.option(
    "--limit",
    type=click.IntRange(0, 100_000),
    default=20,
    show_default=True,
    metavar="N",
    help="List at most N.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def problems(
    app: App, site: str | None, code: str | None, everything: bool, limit: int, as_json: bool
) -> None:
    """Print what could not be fetched or read, and why.

    First how often, by kind, then the newest of them. A page that was read after all is left out.
    """
    from newscrawl.store.read.overview import ProblemFilter, problem_groups, problem_rows

    only = ProblemFilter(
        clean_text(site) if site else None, clean_text(code) if code else None, everything
    )
    with app.reader() as reader:
        groups = problem_groups(reader.db, only)
        rows = problem_rows(reader.db, only, limit)
        kinds = (
            problem_groups(reader.db, replace(only, code=None, everything=True))
            if code and not groups
            else []
        )
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
    say(
        counted(total, "problem")
        + (f", the newest {len(rows):,} listed" if len(rows) < total else "")
    )
    if kinds:
        say(f"codes that there are, with --all: {', '.join(sorted({kind.code for kind in kinds}))}")
