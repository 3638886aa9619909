"""`newscrawl dupes`: articles with the same text."""

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
from newscrawl.cli.rows import Output, cut_note, limit_option, output_options, show_rows
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
GROUPS_LIMIT = 100
# The columns of --jsonl, --csv and --tsv. Groups are numbered from 1, as in the list.
COLUMNS = (
    "group",
    "group_similarity",
    "similarity",
    "first",
    "id",
    "site",
    "key",
    "url",
    "title",
    "published_at",
    "published_local",
    "word_count",
)


@click.command(epilog=EPILOG)
@click.argument("article", metavar="[ID-OR-URL]", required=False)
@click.option(
    "--update",
    is_flag=True,
    help="Compare the texts that are new or changed since the last update.",
)
@jobs_option
@click.option(
    "--across-sites", is_flag=True, help="Only groups with articles from at least two sites."
)
@click.option(
    "--min-similarity",
    type=click.FloatRange(0, 1),
    default=0,
    metavar="SHARE",
    help="Only pairs that are at least this similar: 0.8, or 1 for identical texts.",
)
@filter_options
@limit_option(f"Print at most N groups.  [default: {GROUPS_LIMIT}]")
@output_options()
@click.pass_obj
def dupes(
    app: App,
    /,
    *,
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
    output: Output,
) -> None:
    """Print groups of articles with the same or nearly the same text.

    Such articles are often copies of the same wire story. Identical texts are found when pages are
    stored; near-duplicates are found by --update, which compares new and changed texts.

    The similarity is the proportion of the shorter text's three-word sequences that also occur in
    the longer one. Texts shorter than 200 characters are ignored. In scripts without spaces, such
    as Thai or Chinese, only word-for-word copies are found reliably. Filters keep groups in which
    at least one article matches. No article is deleted. With --jsonl, --csv and --tsv, each row is
    an article with the number of its group.
    """
    from newscrawl.store.read.duplicates import dupe_groups, uncompared

    only = make_filter(app, site, category, since, until)
    if update:
        filtered = only != make_filter(app, None, None, None, None)
        if article or across_sites or min_similarity or limit or filtered:
            raise UsageError(
                "--update compares all texts and takes no filters",
                f"run it alone, then for example: {app.command} dupes --across-sites",
            )
        if output.as_rows:
            raise UsageError("--update prints no rows", "run it alone, or with --json")
        _update(app, jobs, output.as_json)
        return
    if jobs:
        raise UsageError("--jobs applies only with --update", "add --update, or remove --jobs")
    limit = limit or GROUPS_LIMIT
    with app.reader() as reader:
        groups = dupe_groups(
            reader.db,
            only,
            min_similarity=min_similarity,
            across_sites=across_sites,
            article_id=find_article(app, reader, article).id if article else None,
        )
        shown = list(islice(groups, limit))
        total = len(shown) + sum(1 for _ in groups)
        waiting = uncompared(reader.db)
    _print(shown, output)
    note = cut_note(len(shown), total, "groups")
    if note:
        say(note)
    if waiting:
        say(
            f"{counted(waiting, 'text')} not compared yet;"
            f" to find near-duplicates: {app.command} dupes --update"
        )


def _update(app: App, jobs: int | None, as_json: bool) -> None:
    from newscrawl.archive.near_duplicates import require_rensa, update
    from newscrawl.core.lock import archive_lock
    from newscrawl.store.read.duplicates import uncompared
    from newscrawl.store.write.store import Store

    require_rensa()
    app.reader().db.close()  # an error if there is no archive: Store would create one
    with (
        archive_lock(app.archive, "dupes"),
        Store(app.archive) as store,
        counter("texts", lambda: uncompared(store.db)) as tick,
    ):
        done = update(store, jobs=jobs, on_text=tick)
    if as_json:
        show_json(asdict(done))
    else:
        show(
            f"{counted(done.texts, 'text')} compared, {done.changed:,} of them changed;"
            f" {counted(done.pairs, 'near pair')} found"
        )


def _print(groups: Sequence[Group], output: Output) -> None:
    if output.as_rows:
        show_rows(output, COLUMNS, _flat(groups))
        return
    if output.as_json:
        show_json([asdict(group) for group in groups])
        return
    rows: list[tuple[object, ...]] = []
    for number, group in enumerate(groups, 1):
        rows += _rows(number, group)
    columns = ("group", "similar", "published", "article", "words", "title")
    show_table(columns, rows, right=("words",))
    articles = sum(len(group.members) for group in groups)
    say(f"{counted(len(groups), 'group')}, {counted(articles, 'article')}")


def _flat(groups: Sequence[Group]) -> Iterator[dict[str, object]]:
    """Each article of a group as one row."""
    for number, group in enumerate(groups, 1):
        for member in group.members:
            yield {"group": number, "group_similarity": group.similarity} | asdict(member)


def _rows(number: int, group: Group) -> Iterator[tuple[object, ...]]:
    for member in group.members:
        published = to_minute(member.published_local)
        if member.first:
            published = f"{published} first"
        article = f"{member.site}/{member.key}"
        similar = f"{member.similarity:.0%}"
        yield number, similar, published, article, member.word_count, member.title
