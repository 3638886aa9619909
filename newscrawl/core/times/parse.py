"""The order in which a printed time is tried: the site's formats, the common forms, relative words, dateparser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from newscrawl.core.records import Timestamp
from newscrawl.core.times.any_language import read_with_dateparser
from newscrawl.core.times.common_forms import read_form
from newscrawl.core.times.relative import read_relative
from newscrawl.core.times.resolve import UnreadableError, resolve
from newscrawl.core.times.site_formats import NO_FORMATS, CompiledFormat, CompiledFormats
from newscrawl.core.times.words import plain

_MAX_LENGTH = (
    200  # the longest printed time seen is 45; more is a paragraph caught by a wrong selector
)
_MAX_RAW_LENGTH = 2000  # with the indentation around it; cleaning more than this is wasted


def parse_time(
    raw: str,
    *,
    formats: CompiledFormats = NO_FORMATS,
    zone: ZoneInfo | None,
    now: datetime | None = None,
) -> Timestamp:
    """The instant, or the bare date, that a printed time names; else `problem` says why not (see newscrawl.times).

    `formats` are the site's own and win. `zone` is the site's; an offset in the text wins. `now` is the moment the
    page was fetched, never "now" itself: with it a future time is marked, a relative one and one without a year
    may be read. ValueError for a naive `now`, nothing for any `raw`.
    """
    if now is not None and now.tzinfo is None:
        raise ValueError(f"expected an aware datetime for now, got {now!r}")
    if len(raw) > _MAX_RAW_LENGTH:
        return Timestamp(raw, problem="too_long")
    text = plain(raw)
    if not text:
        return Timestamp(raw, problem="empty")
    if len(text) > _MAX_LENGTH:
        return Timestamp(raw, problem="too_long")
    return _by_site_formats(raw, text, formats.formats, zone, now) or _by_common_forms(
        raw, text, formats, zone, now
    )


def _by_site_formats(
    raw: str,
    text: str,
    formats: Sequence[CompiledFormat],
    zone: ZoneInfo | None,
    now: datetime | None,
) -> Timestamp | None:
    """The first of the site's formats that gives a value, else the problem of the first that has the text's form."""
    first_problem: Timestamp | None = None
    for site_format in formats:
        try:
            reading = site_format.read(text)
        except UnreadableError as reason:
            stamp = Timestamp(raw, problem=reason.code)
        else:
            if reading is None:
                continue
            stamp = resolve(raw, reading, zone, now)
        if stamp.local is not None:
            return stamp
        first_problem = first_problem or stamp
    return first_problem


def _by_common_forms(
    raw: str, text: str, formats: CompiledFormats, zone: ZoneInfo | None, now: datetime | None
) -> Timestamp:
    try:
        reading = (
            read_form(text, zone, month_first=formats.month_first)
            or read_relative(text, zone, now)
            or read_with_dateparser(text)
        )
    except UnreadableError as reason:
        return Timestamp(raw, problem=reason.code)
    return resolve(raw, reading, zone, now) if reading else Timestamp(raw, problem="unknown_format")
