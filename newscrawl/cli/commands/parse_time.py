"""`newscrawl parse-time`: reads printed times as the extraction does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import SITE
from newscrawl.cli.output import show_json_line
from newscrawl.core.errors import UsageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from newscrawl.core.records import Timestamp

DEFAULT_ZONE = "Asia/Ho_Chi_Minh"
EPILOG = """\b
Examples:
  newscrawl parse-time "11:34' - 22/11/2022" "thứ sáu, 4/9/2026"
  newscrawl parse-time --site bnews < times.txt
"""


@click.command("parse-time", epilog=EPILOG)
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option(
    "--site", type=SITE, metavar="SITE", help="Use the time formats and the time zone of this site."
)
@click.option(
    "--zone",
    metavar="AREA/CITY",
    help="Time zone for times that do not include one."
    f"  [default: that of the site, else {DEFAULT_ZONE}]",
)
@click.pass_obj
def parse_time(app: App, texts: tuple[str, ...], site: str | None, zone: str | None) -> None:
    """Convert printed dates and times to JSON, one line each.

    Reads the times from the TEXT arguments or, if there are none, from the lines of standard input.

    `utc` is null for a date without a time of day. `problem` explains why a time could not be
    parsed, or what is unusual about it. Relative times such as `2 hours ago` have no value, because
    the time at which they were read is unknown.
    """
    from newscrawl.core.times import NO_FORMATS
    from newscrawl.core.times import parse_time as parse
    from newscrawl.sites.loading import load_site

    formats, default_zone = NO_FORMATS, _zone(DEFAULT_ZONE)
    if site is not None:
        chosen = load_site(site, app.archive)
        formats, default_zone = chosen.formats, chosen.timezone
    chosen_zone = default_zone if zone is None else _zone(zone)
    for text in texts or _lines():
        show_json_line(stamp_as_json(text, parse(text, formats=formats, zone=chosen_zone)))


def stamp_as_json(raw: str, stamp: Timestamp) -> dict[str, object]:
    """The JSON object of one text."""
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
            f"--zone {name[:60]!r}: no such time zone", f"for example: {DEFAULT_ZONE}"
        ) from error


def _lines() -> Iterator[str]:
    """The lines of standard input without their ends; only a line feed ends a line."""
    for line in sys.stdin.buffer:
        yield line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")
