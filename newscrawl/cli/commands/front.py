"""`newscrawl front`: what the category pages of a site showed on a given day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import SITE
from newscrawl.cli.output import say, show_json, show_table, to_minute
from newscrawl.cli.rows import Output, output_options, show_rows
from newscrawl.core.days import read_day
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.store.read.front_pages import Front, FrontEntry

EPILOG = """\b
Examples:
  newscrawl front bnews
  newscrawl front bnews --on 2026-09-01 --json
"""
# Move -> its mark. `.`: the earlier crawl had not read so far down, so the move is unknown.
MOVES = {"first": "", "new": "new", "up": "↑", "down": "↓", "same": "=", "deeper": "."}
COLUMNS = (
    "category",
    "seen",
    "place",
    "move",
    "before",
    "article",
    "published",
    "teased",
    "headline",
)
GROUPS = 2  # category and seen: on a narrow terminal, the heading of their rows

# The columns of --jsonl, --csv and --tsv. An article that is no longer shown has the move `left`.
ENTRY_COLUMNS = (
    "rank",
    "page",
    "position",
    "block",
    "article_id",
    "key",
    "url",
    "state",
    "teased",
    "headline",
    "published_raw",
    "published_local",
    "before",
    "move",
)
ROW_COLUMNS = ("site", "day", "category_key", "category", "seen_at", "seen_local", *ENTRY_COLUMNS)


@click.command(epilog=EPILOG)
@click.argument("site", type=SITE, metavar="SITE")
@click.option(
    "--on",
    metavar="DATE",
    help="A day in the site's time zone, such as 2026-09-01.  [default: the last day crawled]",
)
@output_options()
@click.pass_obj
def front(app: App, site: str, on: str | None, output: Output) -> None:
    """Print what the category pages of a site showed on a given day.

    The `move` column compares each position with the latest crawl before that day or, on the first
    day, with an earlier crawl of the same day. The `headline` column shows the article's own
    headline if it differs from the teaser's.
    """
    from newscrawl.store.read.front_pages import front_page

    day = read_day(on, "--on", app.today)
    with app.reader() as reader:
        page = front_page(reader.db, site, day.isoformat() if day else None)
    if output.as_rows:
        show_rows(output, ROW_COLUMNS, _flat(page))
    elif output.as_json:
        show_json(asdict(page))
    else:
        show_table(COLUMNS, _rows(page), right=["place", "before"], groups=GROUPS)
    places = counted(sum(len(category.slots) for category in page.categories), "place")
    pages = counted(len(page.categories), "category page")
    say(f"{page.site} on {page.day}: {pages}, {places}")
    if page.earlier:
        say(f"previous day in the archive: {app.command} front {page.site} --on {page.earlier}")


def _flat(page: Front) -> Iterator[dict[str, object]]:
    """Each place as one row, then the articles that have left the category page."""
    for category in page.categories:
        start = {
            "site": page.site,
            "day": page.day,
            "category_key": category.key,
            "category": category.name,
            "seen_at": category.seen_at,
            "seen_local": category.seen_local,
        }
        for slot in category.slots:
            yield start | asdict(slot)
        gone = {"rank": None, "page": None, "position": None, "move": "left"}
        for slot in category.left:
            yield start | asdict(slot) | gone


def _rows(page: Front) -> Iterator[tuple[object, ...]]:
    for category in page.categories:
        start = (category.name, category.seen_local)
        for slot in category.slots:
            yield (*start, slot.rank, MOVES[slot.move], slot.before, *_article(slot))
        for slot in category.left:
            yield (*start, None, "left", slot.before, *_article(slot))


def _article(slot: FrontEntry) -> tuple[str, str, str | None, str | None]:
    other_headline = slot.headline if slot.retitled else None
    return slot.key, to_minute(slot.published_local), slot.teased or slot.headline, other_headline
