"""Dates in any language, alone or in a short text: `Publicado em 22 de novembro de 2020, 13h59`.

A date is complete: day, month and year. Its month is a name in the page's language, or a name that
means the same month in every language, or a number whose order is certain. A clock time beside it
is read only if no unknown word stands beside that, which could mean the afternoon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from newscrawl.core.records import TimeLocale
from newscrawl.core.times.calendars import (
    BUDDHIST_YEARS,
    JALALI_YEARS,
    gregorian_of_buddhist,
    gregorian_of_jalali,
)
from newscrawl.core.times.clock_phrases import clock_beside
from newscrawl.core.times.month_names import is_weekday, jalali_month_of, month_of
from newscrawl.core.times.resolve import Printed, UnreadableError

_LONGEST = 300  # characters of a text in which dates are looked for
_YEARS = range(1980, 2100)  # a news page of another year is a mistake or a history
_CENTURY, _BUDDHIST_CENTURY = 2000, 2500  # of a year of two digits
_OTHER_CALENDARS = frozenset({"ne"})  # Nepal's years are 57 ahead, and look like ours
_ZEROS = (
    "\u0660\u06f0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0e50\u0ed0\u1040\u17e0"
    "\uff10"
)
_DAY = r"(?<![\d:./])(?<!\d[,-])(?<!\d -)(?<!\d - )(?P<day>\d{1,2})(?!\d)"
_ORDINAL = r"(?:\s?(?:st|nd|rd|th|er|re|e|º|ª|°|\.)(?![^\W\d_]))?"
_LETTER = r"[^\s\d,.:;/|()\[\]•·@_<>\"-]"
_NAME = (
    rf"(?P<name>(?:كانون|تشرين)\s{_LETTER}{{5,7}}"
    rf"|{_LETTER}{{1,24}}(?:\.{_LETTER}{{1,2}}(?=\.))?)\.?"  # `พ.ย.`
)
_ALIAS = rf"(?:\s?[/(]\s?(?P<alias>{_LETTER}{{3,20}})\)?)?"  # `24 نيسان / أبريل 2020`
_OF = r"[\s,./-]*(?:(?:de|del|di|of|ng|da|do|din)\s|d'|[พค]\.ศ\.\s?)?"
_YEAR = r"(?<!\d)(?P<year>\d{4})(?!\d)"
_YEAR_WORD = r"(?:\s?(?:-?(?:ko|eko)|m\.|г\.|р\.|жылы|жылғы|оны|он|gada|года))?"
# What may follow a year: `24.11.2023 r.`, `24 ноября 2023 года`, `24 نوفمبر 2023 م`.
_AFTER_YEAR = r"(?:\s?(?:года|год|г\.|року|рік|р\.|r\.|roku|m\.|god\.|godine|م)(?![^\W\d_]))?"
# A year of two digits, which no clock time follows without a sign: `27.04.24`, `27 Mar 20 à 9:21`.
_SHORT_YEAR = (
    r"(?<!\d)(?P<short>\d{2})(?=\s*(?:$|[|,;)·•]|-\s|\d{1,2}[:.h]\d\d"
    r"|(?:à|às|as|um|om|at|kl\.?|ore|ora|alle|o|в|saat|เวลา)\s?\d{1,2}[:.h]\d\d))"
)
_ERA_STARTS = {"昭和": 1925, "平成": 1988, "令和": 2018}  # the years before their first
_SHAPES = (
    rf"{_DAY}{_ORDINAL}{_OF}{_NAME}{_ALIAS}{_OF}{_YEAR}{_AFTER_YEAR}",
    rf"(?<![^\W\d_]){_NAME}\s?(?P<day>\d{{1,2}}){_ORDINAL}(?:\s?,\s?|\s(?:of\s|de\s)?){_YEAR}",
    rf"(?<![./-]){_YEAR}\.?{_YEAR_WORD}[\s,]*{_NAME}\s?(?P<day>\d{{1,2}})(?![\d:])",
    rf"(?<![./-]){_YEAR}\.?{_YEAR_WORD}[\s,]*(?P<day>\d{{1,2}})\.?[\s-]*{_NAME}",
    rf"{_DAY}[\s,/-]*(?:tháng|thg\.?)\s?(?P<month>\d{{1,2}})[\s,/-]*(?:năm\s)?{_YEAR}",
    rf"(?P<era>{'|'.join(_ERA_STARTS)})\s?(?P<year>\d{{1,2}}|元)年\s?(?P<month>\d{{1,2}})月"
    r"\s?(?P<day>\d{1,2})日",
    rf"{_YEAR}\s?[年년]\s?(?:\([^()\s]{{2,8}}\)\s?)?(?P<month>\d{{1,2}})\s?[月월]\s?(?P<day>\d{{1,2}})\s?[日일號号]?",
    rf"(?<![./-]){_YEAR}(?P<sep>\.\s|[./-])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})(?![\d/-])",
    rf"{_DAY}(?P<sep>\s?[./-]\s?)(?P<month>\d{{1,2}})(?P=sep){_YEAR}(?![./-]\d){_AFTER_YEAR}",
    rf"{_DAY}(?P<sep>[./-])(?P<month>\d{{1,2}})(?P=sep){_SHORT_YEAR}",
    rf"{_DAY}{_ORDINAL}{_OF}{_NAME}{_OF}{_SHORT_YEAR}",
)
# Languages that never print the year first, so that the third number is the year.
_YEAR_LAST = frozenset(
    "bg bs ca cs da de el es fi fr gl hr id it nb nl nn no pl pt ro ru sk sl sr th tr uk".split()
)
_NEXT_WORD = re.compile(r"[\s,]*\(?([^\W\d_][^\s\d,|;:()/-]*)\)?")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A date in a text with the clock time beside it: where it begins and ends, what it says."""

    start: int
    end: int
    printed: Printed


@dataclass(frozen=True, slots=True)
class _Text:
    """A text in which dates are looked for, with signs and digits as ASCII, each at its place."""

    plain: str
    locale: TimeLocale


def phrases(text: str, locale: TimeLocale) -> tuple[Phrase, ...]:
    """The dates in a text, in order; none if it is longer than a line.

    A date whose order of day and month is uncertain is left out.
    """
    found: list[Phrase] = []
    for phrase in _phrases(_Text(_plain(text), locale)):
        if phrase.printed.month is not None:
            found.append(phrase)
    return tuple(found)


def read_phrase(text: str, locale: TimeLocale) -> Printed | None:
    """What a text says whose only numbers are those of one moment; None for other texts.

    Raises UnreadableError (`ambiguous`) if day and month may be swapped.
    """
    plain = _plain(text)
    if locale.language in _OTHER_CALENDARS and not any(map(str.isalpha, plain)):
        raise UnreadableError("ambiguous")
    found = list(_phrases(_Text(plain, locale)))
    if len(found) != 1:
        return None
    phrase = found[0]
    if any(map(str.isdigit, plain[: phrase.start] + plain[phrase.end :])):
        return None
    if phrase.printed.month is None:
        raise UnreadableError("ambiguous")
    return phrase.printed


def _plain(text: str) -> str:
    """The text in lower case, other digits and signs as ASCII; '' for one that is too long."""
    if len(text) > _LONGEST:
        return ""
    return text.translate(_signs()).lower()


@lru_cache(maxsize=1)
def _signs() -> dict[int, str]:
    """Each sign becomes exactly one other, so that places in the text stay the same."""
    signs = dict(zip(map(ord, "：．／（）İ"), ":./()i", strict=True))
    signs |= dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d"), "-")
    signs |= dict.fromkeys(map(ord, "\u2018\u2019\u00b4`\u02bc"), "'")
    signs |= dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u3000\t\n\r"), " ")
    signs |= dict.fromkeys(map(ord, "،、，"), ",")
    for zero in _ZEROS:
        for value in range(10):
            signs[ord(zero) + value] = str(value)
    return signs


def _phrases(text: _Text) -> Iterator[Phrase]:
    """The dates in a text, in order; one without a month has an uncertain order."""
    end_of_last = 0
    for match in _date_matches(text.plain):
        if match.start() < end_of_last:
            continue
        day = _printed_date(match, text.locale)
        if day is None:
            continue
        phrase = Phrase(match.start(), match.end(), day)
        if not match.groupdict().get("short"):  # what may be cut off gives a day, never an instant
            phrase = _with_clock(text, phrase, end_of_last)
        phrase = _with_weekday(text.plain, phrase)
        yield phrase
        end_of_last = phrase.end


def _date_matches(plain: str) -> list[re.Match[str]]:
    """What may be a date, the first and longest before others."""
    matches: list[re.Match[str]] = []
    for shape in _compiled_shapes():
        matches += shape.finditer(plain)
    return sorted(matches, key=lambda match: (match.start(), -match.end()))


@lru_cache(maxsize=1)
def _compiled_shapes() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(shape) for shape in _SHAPES)


# ---- The date ----


def _printed_date(match: re.Match[str], locale: TimeLocale) -> Printed | None:
    """The date of a match; None if it is none. Without month and day if these may be swapped."""
    groups = match.groupdict()
    if groups.get("short") and locale.language not in _YEAR_LAST:
        return None
    year, day = _year(groups, locale), int(groups["day"])
    if groups.get("name"):
        return _date_with_name(year, day, groups, locale)
    month = int(groups["month"])
    if locale.language in _OTHER_CALENDARS:
        return None
    if locale.language == "fa" and year in JALALI_YEARS:
        return _from_jalali(year, month, day)
    if locale.language == "th" and year in BUDDHIST_YEARS:
        year = gregorian_of_buddhist(year)
    is_last = groups.get("short") or match.start("year") > match.start("day")
    if "sep" not in groups or not is_last:
        return _gregorian(year, month, day)
    return _in_order(year, month, day, groups["sep"].strip(), locale)


def _year(groups: Mapping[str, str | None], locale: TimeLocale) -> int:
    """The year of a match; Japan also counts the years of an era, the first as `元`."""
    if short := groups.get("short"):
        return (_BUDDHIST_CENTURY if locale.language == "th" else _CENTURY) + int(short)
    digits = groups["year"] or ""
    if not (era := groups.get("era")):
        return int(digits)
    return _ERA_STARTS[era] + (1 if digits == "元" else int(digits))


def _date_with_name(
    year: int, day: int, groups: Mapping[str, str | None], locale: TimeLocale
) -> Printed | None:
    name, alias = groups["name"] or "", groups.get("alias")
    month = month_of(name, locale.language)
    if month is None:
        jalali = jalali_month_of(name)
        return _from_jalali(year, jalali, day) if jalali else None
    if alias and month_of(alias, locale.language) != month:
        return None
    if year in BUDDHIST_YEARS and _is_thai(name):
        year = gregorian_of_buddhist(year)
    return _gregorian(year, month, day)


def _is_thai(name: str) -> bool:
    return "\u0e00" < name[0] < "\u0e7f"


def _in_order(
    year: int, second: int, first: int, separator: str, locale: TimeLocale
) -> Printed | None:
    """The date of `first/second/year`. Dots stand only between day and month, in this order."""
    day_first = True if separator == "." else locale.day_first
    by_order = {True: _gregorian(year, second, first), False: _gregorian(year, first, second)}
    if day_first is not None:
        return by_order[day_first]
    if by_order[True] is None or by_order[False] is None or first == second:
        return by_order[True] or by_order[False]
    return Printed(year=year)


def _gregorian(year: int, month: int, day: int) -> Printed | None:
    if year not in _YEARS:
        return None
    try:
        date(year, month, day)
    except ValueError:
        return None
    return Printed(year=year, month=month, day=day)


def _from_jalali(year: int, month: int, day: int) -> Printed | None:
    found = gregorian_of_jalali(year, month, day)
    return Printed(year=found.year, month=found.month, day=found.day) if found else None


def _with_clock(text: _Text, day: Phrase, floor: int) -> Phrase:
    """The date with the clock time beside it; `floor` is where the date before ends."""
    clock = clock_beside(text.plain, (day.start, day.end), floor, text.locale.language)
    if clock is None:
        return day
    printed = replace(
        day.printed,
        hour=clock.hour,
        minute=clock.minute,
        second=clock.second,
        meridiem=clock.meridiem,
        offset=clock.offset,
    )
    return Phrase(min(day.start, clock.start), max(day.end, clock.end), printed)


def _with_weekday(plain: str, phrase: Phrase) -> Phrase:
    """The phrase with the name of the weekday that follows it."""
    word = _NEXT_WORD.match(plain, phrase.end)
    if word is None or not is_weekday(word[1]):
        return phrase
    return replace(phrase, end=word.end())
