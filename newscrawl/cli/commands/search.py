"""`newscrawl search`: full-text search."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import filter_options, json_option, make_filter
from newscrawl.cli.output import say, show, show_highlighted, show_json, to_minute
from newscrawl.core.errors import UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.store.read.search import Hit, SearchResult

EPILOG = """\b
Examples:
  newscrawl search duong sat
  newscrawl search '"lãi suất" ngân hàng' --category tai-chinh --since 2026-09-01
"""


class _Search(click.Command):
    """Explains how to search for a word that begins with a dash."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            words = [word for word in given if word.startswith(error.option_name)]
            if error.option_name.startswith("--") or not words:
                raise
            word = words[0]
            hint = f"to search for this word: {ctx.command_path} -- {shlex.quote(word)}"
            raise UsageError(f"no such option {word!r}", hint) from error


@click.command(cls=_Search, epilog=EPILOG)
@click.argument("words", nargs=-1, required=True)
@filter_options
@click.option(
    "--sort",
    type=click.Choice(["rank", "time"]),
    default="rank",
    show_default=True,
    help="Print the best matches (rank) or the newest articles (time) first.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    metavar="N",
    help="Print at most N articles.",
)
@json_option()
@click.pass_obj
def search(
    app: App,
    /,
    *,
    words: tuple[str, ...],
    site: str | None,
    category: str | None,
    since: str | None,
    until: str | None,
    sort: Literal["rank", "time"],
    limit: int,
    as_json: bool,
) -> None:
    """Find stored articles that contain all WORDS.

    Vietnamese words match with or without diacritics: `duong sat` finds `Đường sắt`. If you type
    diacritics, articles with exactly that spelling come first. "Words in double quotes" match as a
    phrase.
    """
    from newscrawl.store.read.search import search as search_store

    only = make_filter(app, site, category, since, until)
    with app.reader() as reader:
        found = search_store(reader.db, " ".join(words), only, limit=limit, order=sort)
    if as_json:
        show_json([hit_as_json(hit) for hit in found.hits])
    else:
        _print(found.hits)
    _print_total(found)
    if not found.hits and _has_no_texts(app):
        say(
            "this release contains no texts; to restore them:"
            f" newscrawl rehydrate {app.archive} --from-warc DIR -o DIR"
        )


def hit_as_json(hit: Hit) -> dict[str, object]:
    """The JSON object of a hit; in `snippet` the matching words are in [brackets]."""
    return {
        "id": hit.id,
        "site": hit.site,
        "key": hit.key,
        "title": hit.title,
        "category": hit.category,
        "published_at": hit.published_at,
        "published_local": hit.published_local,
        "url": hit.url,
        "snippet": hit.snippet.marked(),
        "rank": hit.rank,
    }


def _print(hits: Sequence[Hit]) -> None:
    for hit in hits:
        time = to_minute(hit.published_local) or "no date"
        facts = [time, f"{hit.site}/{hit.key}", hit.category, hit.url]
        show(hit.title or "(no title)")
        show("  " + "  ".join(fact for fact in facts if fact))
        show_highlighted("  ", hit.snippet.text, hit.snippet.marks)


def _print_total(found: SearchResult) -> None:
    if found.query.tree is None:
        say("nothing to search for: WORDS contain no letter and no digit")
        return
    total = counted(found.total, "article")
    if not found.exact:
        total = f"at least {total}"
    shown = ""
    if len(found.hits) < found.total:
        shown = f", {len(found.hits):,} shown (--limit)"
    say(f"{total} found{shown}")


def _has_no_texts(app: App) -> bool:
    return app.is_release and ArchiveFolder(app.archive).lacks_texts
