"""`newscrawl merge`: two archives into a new one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import json_option
from newscrawl.cli.output import counter, say, show, show_json

if TYPE_CHECKING:
    from newscrawl.cli.app import App

EPILOG = """\b
Examples:
  newscrawl merge laptop server -o both
"""
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(epilog=EPILOG)
@click.argument("one", metavar="A", type=FOLDER)
@click.argument("other", metavar="B", type=FOLDER)
@click.option(
    "-o", "--output", "target", metavar="C", required=True, type=FOLDER, help="Folder to create."
)
@click.option(
    "--with-config",
    is_flag=True,
    help="Copy newscrawl.toml and the site files of A and B into C. Read those of strangers first:"
    " newscrawl.toml may name a command that `health --notify` runs.",
)
@json_option("Print the result as JSON.")
@click.pass_obj
def merge(
    app: App,
    /,
    *,
    one: Path,
    other: Path,
    target: Path,
    with_config: bool,
    as_json: bool,
) -> None:
    """Merge archives A and B, with their raw pages, into a new archive C.

    A and B are not changed. An article in both becomes one article: its revisions are ordered by
    fetch time, and each field keeps the value that was read most recently. Pages that are still to
    be fetched in one archive remain queued, unless the other archive has them. C is created
    once the merge is complete. To find near-duplicates across A and B, run `newscrawl dupes
    --update` on C.
    """
    from newscrawl.archive.merge import merge as merge_archives
    from newscrawl.core.files import left_over

    app.sources = (one, other)
    for path in left_over(target.resolve().parent):
        say(f"warning: an earlier run was killed and left {path}; you can delete it")
    with counter("articles", lambda: sum(map(_count_articles, (one, other)))) as tick:
        merged = merge_archives((one, other), target, tick, with_config=with_config)
    for name in merged.left_out:
        reason = "was not copied; --with-config copies settings and site files"
        if with_config:
            reason = f"differs between the two archives; {target} contains the one from {one}"
        say(f"warning: {name} {reason}")
    if as_json:
        show_json(asdict(merged))
        return
    show(
        f"{target}: {merged.articles:,} articles, {merged.in_both:,} of them in both archives;"
        f" {merged.warc_files:,} WARC files"
    )


def _count_articles(folder: Path) -> int:
    from newscrawl.store.read.overview import count_articles
    from newscrawl.store.read.reader import Reader

    with Reader(folder) as reader:
        return count_articles(reader.db)
