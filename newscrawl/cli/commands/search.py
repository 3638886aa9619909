"""`newscrawl search`: full text."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import filter_options, make_filter
from newscrawl.cli.output import say, show, show_highlighted, show_json, to_minute
from newscrawl.core.errors import UsageError

if TYPE_CHECKING:
    from newscrawl.store.read.search import Found, Hit

EPILOG = """\b
Examples:
  newscrawl search duong sat
  newscrawl search '"lãi suất" ngân hàng' --category tai-chinh --since 2026-09-01
"""


class _Words(click.Command):
    """A command whose words may begin with a dash, which has to be said."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            word = next((word for word in given if word.startswith(error.option_name)), "")
            if error.option_name.startswith("--") or not word:
                raise
            hint = f"to look for it: {ctx.command_path} -- {shlex.quote(word)}"
            raise UsageError(f"no such option {word!r}", hint) from error


@click.command(cls=_Words, epilog=EPILOG)
@click.argument("words", nargs=-1, required=True)
@filter_options
@click.option(
    "--sort",
    type=click.Choice(["rank", "time"]),
    default="rank",
    help="Best first (rank), or newest first.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    metavar="N",
    help="At most N articles.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def search(
    app: App,
    words: tuple[str, ...],
    site: str | None,
    category: str | None,
    since: str | None,
    until: str | None,
    sort: Literal["rank", "time"],
    limit: int,
    as_json: bool,
) -> None:
    """Find stored articles that have all the WORDS.

    Vietnamese is found with or without its marks: `duong sat` finds `Đường sắt`. Words typed with marks show
    those spelled so first. "Quoted words" are found as they stand.
    """
    from newscrawl.store.read.search import search as search_store

    only = make_filter(site, category, since, until)
    with app.reader() as reader:
        found = search_store(reader.db, " ".join(words), only, limit=limit, order=sort)
    if as_json:
        show_json([hit_as_json(hit) for hit in found.hits])
    else:
        _print(found.hits)
    _summarise(found)
    if app.is_release and not found.hits and (app.archive / "csv" / "removed-texts.csv").is_file():
        say(
            f"this release has no texts: newscrawl rehydrate {app.archive} --from-warc DIR -o FILLED"
        )


def hit_as_json(hit: Hit) -> dict[str, object]:
    """A hit's JSON object; in `snippet` the words found stand in [brackets]."""
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
        show(hit.title or "(no title)")
        time = to_minute(hit.published_local) or "no date"
        show(
            "  "
            + "  ".join(
                part for part in (time, f"{hit.site}/{hit.key}", hit.category, hit.url) if part
            )
        )
        show_highlighted("  ", hit.snippet.text, hit.snippet.marks)


def _summarise(found: Found) -> None:
    if not found.terms:
        say("nothing to look for: no letter or digit in it")
        return
    total = f"more than {found.total:,}" if found.more else f"{found.total:,}"
    shown = f", {len(found.hits):,} shown" if len(found.hits) < found.total else ""
    say(f"{total} article{'' if found.total == 1 else 's'} found{shown}")
