"""The last resort: dateparser in strict mode, for Vietnamese, English and the page's own language.

A result is used only if it explains every number in the text. A call takes more than a millisecond,
so only texts with a year and the name of a month are tried, and results are cached. Weekdays are
removed first: dateparser takes the `năm` of `Thứ năm` for a year.

In other languages only days are read: dateparser ignores words that it does not know, which could
mean the afternoon.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.core.deadline import uncounted
from newscrawl.core.times.resolve import Printed
from newscrawl.core.times.words import (
    ENGLISH_MONTH,
    ENGLISH_MONTHS,
    VIETNAMESE_MONTH,
    VIETNAMESE_MONTHS,
    WEEKDAY,
    month_number,
)

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

_LANGUAGES = ("vi", "en")
_MAX_LENGTH = 80
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_WEEKDAY = re.compile(WEEKDAY)
_NUMBER = re.compile(r"[0-9]+")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_WORD = re.compile(r"[^\W\d_]+")
# Offsets are excluded: dateparser takes `+07:00` for a clock time.
_SIGNS = re.compile(r"(?:[\w\s,.:/']|-(?![0-9]+:))+")
_MONTH = re.compile(rf"tháng\s(?:[0-9]{{1,2}}|{VIETNAMESE_MONTH})|\b{ENGLISH_MONTH}")
# dateparser ignores some words (`about`) and guesses zones (`ist`), so no other words are allowed.
_CLOCK_WORDS = {"giờ", "phút", "giây", "lúc", "h", "am", "pm", "sáng", "chiều", "tối", "utc", "gmt"}
_DATE_WORDS = {"năm", "tháng", "ngày", "of", "the", "on", "at", "st", "nd", "rd", "th"}
_MONTH_WORDS = set(" ".join([*ENGLISH_MONTHS, *VIETNAMESE_MONTHS]).split())
_KNOWN_WORDS = _CLOCK_WORDS | _DATE_WORDS | _MONTH_WORDS


@lru_cache(maxsize=4096)
def read_with_dateparser(text: str, language: str | None = None) -> Printed | None:
    """The time that dateparser finds in plain text; None if it is uncertain.

    `language` is the page's, if that may be another than Vietnamese or English.
    """
    if language not in (None, *_LANGUAGES):
        return _day_in(text, language)
    bare = " ".join(_WEEKDAY.sub(" ", text).strip(" ,|-").split())
    if not _is_plausible(bare):
        return None
    result = _parser(_LANGUAGES).get_date_data(bare)
    if not result or result.date_obj is None:
        return None
    moment = result.date_obj
    if not _explains(moment, bare):
        return None
    printed = Printed(
        year=moment.year, month=moment.month, day=moment.day, offset=moment.utcoffset()
    )
    if ":" not in bare or result.period != "time":
        return printed
    second = moment.second if bare.count(":") > 1 else None
    return replace(printed, hour=moment.hour, minute=moment.minute, second=second)


def _day_in(text: str, language: str) -> Printed | None:
    """The day that a text names in a language; None if its numbers are not a day and a year."""
    numbers = sorted(int(digits) for digits in _NUMBER.findall(_CLOCK.sub(" ", text)))
    has_signs_of_dates = len(text) <= _MAX_LENGTH and _SIGNS.fullmatch(text) is not None
    if not has_signs_of_dates or len(numbers) != 2 or len(_YEAR.findall(text)) != 1:
        return None
    if not _WORD.search(text) or not _is_known(language):
        return None
    result = _parser((language,)).get_date_data(text)
    moment = result.date_obj if result else None
    if moment is None or numbers != [moment.day, moment.year]:
        return None
    return Printed(year=moment.year, month=moment.month, day=moment.day)


def _is_known(language: str) -> bool:
    with uncounted():
        from dateparser.data.languages_info import language_order

    return language in language_order


@lru_cache(maxsize=8)
def _parser(languages: tuple[str, ...]) -> DateDataParser:
    # The import takes a third of a second, and most runs do not need it.
    with uncounted():
        from dateparser.date import DateDataParser

    return DateDataParser(
        languages=list(languages),
        use_given_order=True,
        settings={
            "STRICT_PARSING": True,
            "PARSERS": ["absolute-time"],
            "DATE_ORDER": "DMY",
            "RETURN_TIME_AS_PERIOD": True,
            "PREFER_LOCALE_DATE_ORDER": False,
            "NORMALIZE": True,
        },
    )


def _is_plausible(text: str) -> bool:
    """Whether the text is short and has one year, one month by name, and only words of dates."""
    if len(text) > _MAX_LENGTH or not _SIGNS.fullmatch(text):
        return False
    if len(_YEAR.findall(text)) != 1 or len(_MONTH.findall(text)) != 1:
        return False
    return _KNOWN_WORDS.issuperset(_WORD.findall(text))


def _explains(moment: datetime, text: str) -> bool:
    """Whether the text has the month, year, day and clock time of this moment, and no others."""
    month = _MONTH.search(text)
    if month is None or month_number(month.group()) != moment.month:
        return False
    without_month = _MONTH.sub(" ", text)
    numbers = sorted(int(digits) for digits in _NUMBER.findall(_CLOCK.sub(" ", without_month)))
    if numbers != [moment.day, moment.year]:
        return False
    clocks = _CLOCK.findall(without_month)
    if not clocks:
        return True
    if len(clocks) > 1:
        return False
    clock = tuple(map(int, clocks[0].split(":")))
    hours_24 = (moment.hour, moment.minute, moment.second)
    hours_12 = (moment.hour % 12 or 12, moment.minute, moment.second)
    return clock in (hours_24[: len(clock)], hours_12[: len(clock)])
