"""The order in which a printed time is parsed.

First the site's formats, then the common forms, then relative words, then dateparser.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from newscrawl.core.records import TimeLocale, Timestamp
from newscrawl.core.times.any_language import read_with_dateparser
from newscrawl.core.times.common_forms import read_form, read_machine_form
from newscrawl.core.times.phrases import read_phrase
from newscrawl.core.times.relative import read_relative
from newscrawl.core.times.resolve import UnreadableError, resolve, with_future_marked
from newscrawl.core.times.site_formats import NO_FORMATS, CompiledFormats
from newscrawl.core.times.words import plain

# The longest printed time seen has 45 characters. More is a paragraph found by a wrong selector.
_MAX_LENGTH = 200
_CACHED_LENGTH = 100
_MAX_RAW_LENGTH = 2000  # with the white space around it; longer texts are not worth cleaning


def parse_time(
    raw: str,
    *,
    formats: CompiledFormats = NO_FORMATS,
    zone: ZoneInfo | None,
    now: datetime | None = None,
    locale: TimeLocale | None = None,
) -> Timestamp:
    """The instant or bare date of a printed time, or a `problem` (see newscrawl.core.times).

    `formats` are those of the site, which are tried first. `zone` is the site's; an offset in the
    text has precedence. `now` is the time when the page was fetched, never the current time. With
    it, future times are marked, and relative times and times without a year can be parsed.
    `locale` is that of a page without a site file, whose numeric dates are read only if their order
    is certain. ValueError for a naive `now`; no value of `raw` raises.
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
    stamp = _by_site_formats(raw, text, formats, zone, now)
    if stamp is not None:
        return stamp
    if locale is not None:
        return _by_locale(raw, text, locale, zone, now)
    return _by_common_forms(raw, text, formats, zone, now)


def _by_site_formats(
    raw: str, text: str, formats: CompiledFormats, zone: ZoneInfo | None, now: datetime | None
) -> Timestamp | None:
    """The value of the first format that gives one; None if no format matches.

    If formats match, but none gives a value, the problem of the first of them.
    """
    if len(raw) > _CACHED_LENGTH:
        return _first_value(raw, text, formats, zone, now)[0]
    stamp, needs_now = _first_value_without_now(raw, text, formats, zone)
    if stamp is None:
        return None
    if needs_now:
        return _first_value(raw, text, formats, zone, now)[0]
    return with_future_marked(stamp, zone, now)


def _first_value(
    raw: str, text: str, formats: CompiledFormats, zone: ZoneInfo | None, now: datetime | None
) -> tuple[Timestamp | None, bool]:
    """The value, and whether it depends on `now`, because a matching format prints no year."""
    first_problem: Timestamp | None = None
    needs_now = False
    for site_format in formats.formats:
        try:
            printed = site_format.read(text)
        except UnreadableError as error:
            stamp = Timestamp(raw, problem=error.code)
        else:
            if printed is None:
                continue
            needs_now = needs_now or (printed.year is None and printed.instant is None)
            stamp = resolve(raw, printed, zone, now)
        if stamp.local is not None:
            return stamp, needs_now
        first_problem = first_problem or stamp
    return first_problem, needs_now


# The link blocks of a site's pages show the same articles, and so the same times, again and again.
@lru_cache(maxsize=10_000)
def _first_value_without_now(
    raw: str, text: str, formats: CompiledFormats, zone: ZoneInfo | None
) -> tuple[Timestamp | None, bool]:
    return _first_value(raw, text, formats, zone, None)


def _by_common_forms(
    raw: str, text: str, formats: CompiledFormats, zone: ZoneInfo | None, now: datetime | None
) -> Timestamp:
    read = _by_machine_form_again if len(raw) <= _CACHED_LENGTH else _by_machine_form
    stamp = read(raw, text, zone)
    if stamp is not None:
        return with_future_marked(stamp, zone, now)
    try:
        printed = (
            read_form(text, zone, month_first=formats.month_first)
            or read_relative(text, zone, now)
            or read_with_dateparser(text)
        )
    except UnreadableError as error:
        return Timestamp(raw, problem=error.code)
    if printed is None:
        return Timestamp(raw, problem="unknown_format")
    return resolve(raw, printed, zone, now)


def _by_machine_form(raw: str, text: str, zone: ZoneInfo | None) -> Timestamp | None:
    """The value of a time in a form for programs, which always has a date; None for others."""
    try:
        printed = read_machine_form(text)
    except UnreadableError as error:
        return Timestamp(raw, problem=error.code)
    if printed is None:
        return None
    return resolve(raw, printed, zone, None)


# A page states its times several times: in its data, in its metadata, and as the last change.
_by_machine_form_again = lru_cache(maxsize=1_000)(_by_machine_form)


def _by_locale(
    raw: str, text: str, locale: TimeLocale, zone: ZoneInfo | None, now: datetime | None
) -> Timestamp:
    """The value of a time on a page without a site file."""
    try:
        printed = (
            read_machine_form(text)
            or read_phrase(text, locale)
            or read_form(text, zone, month_first=locale.day_first is not True)
            or read_relative(text, zone, now)
            or read_with_dateparser(text, locale.language)
        )
    except UnreadableError as error:
        return Timestamp(raw, problem=error.code)
    if printed is None:
        return Timestamp(raw, problem="unknown_format")
    return resolve(raw, printed, zone, now)
