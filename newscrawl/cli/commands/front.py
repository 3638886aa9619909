"""`newscrawl front`: what the category pages of a site showed on a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import say, show_json, show_table, to_minute
from newscrawl.core.days import parse_day

if TYPE_CHECKING:
    from newscrawl.store.read.front_pages import Front, FrontEntry

EPILOG = """\b
Examples:
  newscrawl front bnews
  newscrawl front bnews --on 2026-09-01 --json
"""
# The arrow against the day before; `.` where the earlier crawl had not read that far down.
ARROWS = {"first": "", "new": "new", "up": "↑", "down": "↓", "same": "=", "deeper": "."}


@click.command(epilog=EPILOG)
@click.argument("site", metavar="SITE")
@click.option(
    "--on",
    metavar="DATE",
    help="A day of the site, such as 2026-09-01.  [default: the last one read]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def front(app: App, site: str, on: str | None, as_json: bool) -> None:
    """Print the category pages of a site as they were seen on a day.

    Arrows compare with the last time before that day; on the first day of all, with the time before on that day. The
    last column has the article's own headline where that is not the one it was teased with.
    """
    from newscrawl.store.read.front_pages import front_page

    day = parse_day(on, "--on", months=False)
    with app.reader() as reader:
        found = front_page(reader.db, site, day.isoformat() if day else None)
    if as_json:
        show_json(asdict(found))
    else:
        columns = [
            "category",
            "seen",
            "place",
            "move",
            "before",
            "article",
            "published",
            "teased",
            "headline",
        ]
        show_table(columns, _rows(found), right=["place", "before"])
    places = sum(len(category.slots) for category in found.categories)
    say(f"{found.site} on {found.day}: {len(found.categories):,} category pages, {places:,} places")
    if found.earlier:
        say(f"the day before it in the archive: newscrawl front {found.site} --on {found.earlier}")


def _rows(found: Front) -> Iterator[tuple[object, ...]]:
    for category in found.categories:
        for slot in category.slots:
            yield (
                category.name,
                category.seen_local,
                slot.rank,
                ARROWS[slot.move],
                slot.before,
                *_article(slot),
            )
        for slot in category.left:
            yield category.name, category.seen_local, None, "left", slot.before, *_article(slot)


def _article(slot: FrontEntry) -> tuple[str, str, str | None, str | None]:
    retitled = slot.headline if slot.retitled else None
    return slot.key, to_minute(slot.published_local), slot.teased or slot.headline, retitled
