"""`newscrawl merge`: two archives into a new one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from newscrawl.cli.output import counter, say, show, show_json

EPILOG = """\b
Examples:
  newscrawl merge laptop server -o both
"""
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(epilog=EPILOG)
@click.argument("one", metavar="A", type=FOLDER)
@click.argument("other", metavar="B", type=FOLDER)
@click.option(
    "-o", "--output", "target", metavar="C", required=True, type=FOLDER, help="The folder to make."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def merge(one: Path, other: Path, target: Path, as_json: bool) -> None:
    """Unite two archives in a new one, raw pages too; A and B stay as they are.

    An article that both know is one article: its revisions in the order of fetching, each field as it was read last.
    What either still has to fetch is to be fetched, unless the other has it. C appears when it is whole. Near copies
    between the two are found by `newscrawl dupes --update`.
    """
    from newscrawl.archive.merge import merge as unite
    from newscrawl.core.files import left_over

    for path in left_over(target.resolve().parent):
        say(f"warning: a run that was killed has left {path}: it may be deleted")
    with counter("articles") as tick:
        made = unite((one, other), target, tick)
    for name in made.left_out:
        say(f"warning: {name} differs between the two: {target} has that of {one}")
    if as_json:
        show_json(asdict(made))
    else:
        show(
            f"{target}: {made.articles:,} articles, {made.in_both:,} of them in both; {made.warc_files:,} WARC files"
        )
