"""`newscrawl parse-time`: reads printed times as the extraction does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import show_json_line
from newscrawl.core.errors import UsageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from newscrawl.core.records import Timestamp

ZONE = "Asia/Ho_Chi_Minh"
EPILOG = """\b
Examples:
  newscrawl parse-time "11:34' - 22/11/2022" "thứ sáu, 4/9/2026"
  newscrawl parse-time --site bnews < times.txt
"""


@click.command("parse-time", epilog=EPILOG)
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option("--site", metavar="SITE", help="Read them with this site's formats and zone.")
@click.option(
    "--zone",
    metavar="AREA/CITY",
    help=f"The zone of times without one.  [default: the site's, else {ZONE}]",
)
@click.pass_obj
def parse_time(app: App, texts: tuple[str, ...], site: str | None, zone: str | None) -> None:
    """Read printed times to one JSON line each.

    The times are the TEXTs, else the lines of stdin.

    `utc` is null for a date without a time of day; `problem` says why a text gave nothing, or what is odd about
    it. No moment of reading is assumed: `2 hours ago` has no value.
    """
    from newscrawl.core.times import NO_FORMATS
    from newscrawl.core.times import parse_time as parse
    from newscrawl.sites.loading import load_site

    chosen = load_site(site, app.archive) if site is not None else None
    formats = chosen.formats if chosen else NO_FORMATS
    found = _zone(zone) if zone is not None else chosen.timezone if chosen else _zone(ZONE)
    for text in texts or _lines():
        show_json_line(stamp_as_json(text, parse(text, formats=formats, zone=found)))


def stamp_as_json(raw: str, stamp: Timestamp) -> dict[str, object]:
    """One line's JSON object."""
    from newscrawl.core.times import to_utc_text

    return {
        "raw": raw,
        "utc": to_utc_text(stamp.utc) if stamp.utc else None,
        "local": stamp.local,
        "precision": stamp.precision,
        "problem": stamp.problem,
    }


def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"--zone {name[:60]!r}: no such time zone", "for example: Asia/Ho_Chi_Minh"
        ) from error


def _lines() -> Iterator[str]:
    """The lines of stdin without their ends; only a line feed ends a line."""
    for line in sys.stdin.buffer:
        yield line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")
