"""`newscrawl dupes`: the same text on several pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING

import click

from newscrawl.cli.app import App
from newscrawl.cli.lookup import find_article
from newscrawl.cli.options import filter_options, jobs_option, make_filter
from newscrawl.cli.output import counter, say, show, show_json, show_table, to_minute
from newscrawl.core.errors import UsageError
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.store.read.duplicates import Group

EPILOG = """\b
Examples:
  newscrawl dupes --update
  newscrawl dupes --across-sites --since 2026-09
  newscrawl dupes 267849 --json
"""
LIMIT = 100


@click.command(epilog=EPILOG)
@click.argument("article", metavar="[ID-OR-URL]", required=False)
@click.option(
    "--update",
    is_flag=True,
    help="Compare the texts that are new or changed since the last update.",
)
@jobs_option
@click.option(
    "--across-sites", is_flag=True, help="Only groups with articles of two sites or more."
)
@click.option(
    "--min-similarity",
    type=click.FloatRange(0, 1),
    default=0,
    metavar="SHARE",
    help="Only pairs at least so similar: 0.8, or 1 for the same text.",
)
@filter_options
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help=f"At most N groups.  [default: {LIMIT}]"
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def dupes(
    app: App,
    article: str | None,
    update: bool,
    jobs: int | None,
    across_sites: bool,
    min_similarity: float,
    site: str | None,
    category: str | None,
    since: str | None,
    until: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Print groups of articles with the same text, or nearly: copies of one agency's report.

    Equal texts are noted as pages are stored. Near copies (words changed, paragraphs cut or added) are found by
    --update, which reads what is new or changed. Similarity is the share of the shorter text's three-word runs that
    are in the longer one. Texts of under 200 characters are left out, and nothing is ever deleted. In scripts without
    spaces (Thai, Chinese) count on copies word for word only. A filter leaves groups with an article that fits.
    """
    only = make_filter(site, category, since, until)
    if update:
        if (
            article
            or across_sites
            or min_similarity
            or limit
            or only != make_filter(None, None, None, None)
        ):
            raise UsageError(
                "--update compares all texts",
                "run it alone, then ask: newscrawl dupes --across-sites",
            )
        _update(app, jobs, as_json)
        return
    if jobs:
        raise UsageError("--jobs is for --update", "add --update, or leave it out")
    limit = limit or LIMIT
    from newscrawl.store.read.duplicates import dupe_groups, uncompared

    with app.reader() as reader:
        known = find_article(app, reader, article) if article else None
        groups = dupe_groups(
            reader.db,
            only,
            min_similarity=min_similarity,
            across_sites=across_sites,
            article_id=known.id if known else None,
        )
        found = list(islice(groups, limit + 1))
        left = uncompared(reader.db)
    _print(found[:limit], as_json)
    if len(found) > limit:
        say(f"only the first {limit:,} groups are shown: there are more (--limit)")
    if left:
        say(f"{left:,} texts were not looked at for near copies yet: {app.command} dupes --update")


def _update(app: App, jobs: int | None, as_json: bool) -> None:
    from newscrawl.archive.near_duplicates import require_rensa, update
    from newscrawl.core.lock import archive_lock
    from newscrawl.store.write.store import Store

    require_rensa()
    app.reader().db.close()  # never makes an archive
    with archive_lock(app.archive, "dupes"), Store(app.archive) as store, counter("texts") as tick:
        done = update(store, jobs=jobs, on_text=tick)
    if as_json:
        show_json(asdict(done))
    else:
        show(
            f"{done.texts:,} texts compared ({done.changed:,} of them had changed), {done.pairs:,} near pairs found"
        )


def _print(groups: Sequence[Group], as_json: bool) -> None:
    if as_json:
        show_json([asdict(group) for group in groups])
        return
    columns = ("group", "similar", "published", "article", "words", "title")
    show_table(
        columns,
        [row for number, group in enumerate(groups, 1) for row in _rows(number, group)],
        right=("words",),
    )
    articles = sum(len(group.members) for group in groups)
    say(f"{counted(len(groups), 'group')}, {counted(articles, 'article')}")


def _rows(number: int, group: Group) -> Iterator[tuple[object, ...]]:
    for member in group.members:
        local = to_minute(member.published_local)
        yield (
            number, f"{member.similarity:.0%}", f"{local} first" if member.first else local,
            f"{member.site}/{member.key}", member.word_count, member.title,
        )  # fmt: skip
