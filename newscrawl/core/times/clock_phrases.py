"""The clock time beside a date, in any language: `klo 12.45`, `13h59`, `下午3点15分`, `9:22 p. m.`.

A time of the twelve-hour clock needs its half of the day. So an hour up to twelve is read only if
the words beside it are known; `9:22 da noite` has no known hour.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

from newscrawl.core.times.month_names import is_weekday
from newscrawl.core.times.words import FULL_OFFSET, NAMED_ZONE, one_of, zone_offset

_REACH = 40  # characters between a date and its clock time
_CERTAIN = 13  # hours from here on belong to a clock of 24 hours
_MORNING = frozenset(
    {
        "am", "a.m", "a.m.", "a. m.", "ص", "صباحا", "صباحًا", "صباحاً", "π.μ.", "πμ", "上午", "午前",
        "오전", "凌晨", "早上", "पूर्वाह्न", "एएम", "পূর্বাহ্ন", "এএম", "ق.ظ",
    }
)  # fmt: skip
_AFTERNOON = frozenset(
    {
        "pm", "p.m", "p.m.", "p. m.", "م", "مساء", "مساءً", "مساءا", "μ.μ.", "μμ", "下午", "午後",
        "오후", "अपराह्न", "पीएम", "অপরাহ্ন", "পিএম", "ب.ظ",
    }
)  # fmt: skip
_PART = one_of(_MORNING | _AFTERNOON)
_CLOCK = (
    rf"(?:(?P<early>{_PART})\s?)?(?<![\d.,:/-])(?P<hour>\d{{1,2}})"
    r"(?:\s?(?::|h|u|ч|時|时|点|點|시)\s?|(?P<dot>\.))(?P<minute>\d{2})(?!\d)"
    r"(?:[:.](?P<second>\d{2})(?![\d:])(?:\.\d{1,6}(?!\d))?)?(?:\s?(?:分|분)|min\b)?"
    r"(?:\s?(?P<unit>(?:uhr|uur|hrs?|hs?)\b|น\.?|ч\.))?"
    rf"(?:\s?(?P<late>{_PART})(?![^\W\d_]))?"
)
_ZONES: Mapping[str, int] = {
    "wib": 7, "wita": 8, "мск": 3, "msk": 3, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "jst": 9,
    "kst": 9, "hkt": 8, "sgt": 8, "pht": 8, "sast": 2, "aest": 10, "aedt": 11, "nzst": 12,
    "nzdt": 13, "est": -5, "edt": -4, "pst": -8, "pdt": -7, "cdt": -5, "mdt": -6,
}  # fmt: skip
# Without seconds, `08:00-10:30` is a period and not a time with an offset.
_ZONE = (
    rf"\s?\(?\s?(?P<zone>(?:(?<=:\d\d:\d\d)|(?<=:\d\d:\d\d )|(?=\+)){FULL_OFFSET}"
    rf"|{NAMED_ZONE}|{one_of(frozenset(_ZONES))}(?![^\W_]))\s?\)?"
)
# Words beside a clock time that say nothing about its half of the day.
_HARMLESS = frozenset(
    "t at v ve um à á às as las alle ore ora orele kl kl. klo kello klockan pukul jam saat ساعت "
    "о в у ob u o время le om h hrs hr hs ώρα στις godz godz. plkst val val. เวลา год г г. р р. "
    "року рік года год. god godine god. den uhr uur น น. by von par por автор ist cst bst et pt "
    "ct mt time gmt utc d d. s с".split()
)
_DOT_LABEL = re.compile(
    r"(?:^|[\s(])(?:kl|klo|kello|klockan|ore|ora|alle|pukul|jam|um|ob|om)\.?\s*$"
)
_DOT_UNIT = re.compile(r"\s?(?:wib|wita|wit|gmt|bst|utc)\b")
_DOTTED_CLOCKS = frozenset({"fi", "da", "id"})  # `12.45` alone is a time of day in them
_SPAN = re.compile(r"\s?(?:-|bis|to|until)\s?\d{1,2}(?:[:.h]\d\d|\D|$)")
_SPAN_BEFORE = re.compile(r"\d[:.h]\d\d\s?(?:-|bis|to|until)\s?$")
_NEXT_WORD = re.compile(r" ?([^\W\d_][^\s\d,|;:()/-]*)")
_WORD_BEFORE = re.compile(r"([^\W\d_][^\s\d,|;:()/-]*) ?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPhrase:
    """A clock time in a text: where it begins and ends, and its parts as in Printed."""

    start: int
    end: int
    hour: int
    minute: int
    second: int | None
    meridiem: str | None
    offset: timedelta | None


def clock_beside(
    plain: str, day: tuple[int, int], floor: int, language: str | None
) -> ClockPhrase | None:
    """The clock time after a date, else before it; None if there is none, or if it is uncertain.

    `day` is where the date begins and ends, `floor` where the date before ends.
    """
    end = day[1]
    after = _clock_pattern().search(plain, end, end + _REACH)
    if after and _has_digit(plain[end : after.start()]):
        after = None
    before = _clock_before(plain, day, floor, language)
    if after and not (before and _is_nearer(before, after, plain, day)):
        return _clock_of(plain, after, end, language)
    return _with_what_follows(before, plain, end) if before else None


def _clock_before(
    plain: str, day: tuple[int, int], floor: int, language: str | None
) -> ClockPhrase | None:
    """The last clock time before a date; None if a number stands between them."""
    start = day[0]
    found = list(_clock_pattern().finditer(plain, max(floor, start - _REACH), start))
    clock = _clock_of(plain, found[-1], floor, language) if found else None
    if clock is None or _has_digit(plain[clock.end : start]):
        return None
    return clock


def _is_nearer(before: ClockPhrase, after: re.Match[str], plain: str, day: tuple[int, int]) -> bool:
    """Whether only signs part a date from the time before it, and words from the one after it.

    Such as in `14:35, 24 March 2024 | Updated: 16:00`.
    """
    start, end = day
    has_word_before = any(map(str.isalpha, plain[before.end : start]))
    return not has_word_before and any(map(str.isalpha, plain[end : after.start()]))


def _with_what_follows(clock: ClockPhrase, plain: str, end: int) -> ClockPhrase | None:
    """A time before a date, with the zone after the date; None if another word stands there."""
    is_certain = clock.meridiem is not None or not 0 < clock.hour < _CERTAIN
    if not is_certain and _is_unknown_word_at(plain, end):
        return None
    return _with_zone_after(clock, plain, end)


def _clock_of(
    plain: str, match: re.Match[str], floor: int, language: str | None
) -> ClockPhrase | None:
    """The clock time of a match; None if it is uncertain. Words before `floor` do not count."""
    if match["dot"] and not _is_dotted_clock(plain, match, language):
        return None
    if _SPAN.match(plain, match.end()) or _SPAN_BEFORE.search(plain, 0, match.start()):
        return None
    hour = int(match["hour"])
    meridiem = _meridiem(match["early"] or match["late"])
    if meridiem is None and 0 < hour < _CERTAIN and _has_unknown_word(plain, match, floor):
        return None
    clock = ClockPhrase(
        start=match.start(),
        end=match.end(),
        hour=hour,
        minute=int(match["minute"]),
        second=int(match["second"]) if match["second"] else None,
        meridiem=meridiem,
        offset=None,
    )
    return _with_zone_after(clock, plain, match.end())


def _with_zone_after(clock: ClockPhrase, plain: str, end: int) -> ClockPhrase:
    """The clock time with the zone that follows at `end`, if there is one and none before."""
    zone = _zone_pattern().match(plain, end)
    if zone is None or clock.offset is not None:
        return clock
    name = zone["zone"]
    offset = timedelta(hours=_ZONES[name]) if name in _ZONES else zone_offset(name)
    if offset is None:
        return clock
    return replace(clock, end=zone.end(), offset=offset)


def _is_dotted_clock(plain: str, match: re.Match[str], language: str | None) -> bool:
    """Whether `12.45` is a time of day: by a word beside it, or by the language."""
    if language in _DOTTED_CLOCKS:
        return True
    is_labelled = _DOT_LABEL.search(plain, 0, match.start()) is not None
    has_unit = match["unit"] or _DOT_UNIT.match(plain, match.end())
    return is_labelled or bool(has_unit)


def _has_unknown_word(plain: str, match: re.Match[str], floor: int) -> bool:
    """Whether a word directly beside the time may mean the morning or the afternoon."""
    if _is_unknown_word_at(plain, match.end()):
        return True
    before = _WORD_BEFORE.search(plain, floor, match.start())
    if before is None or before[1] in _HARMLESS:
        return False
    return not is_weekday(before[1])


def _is_unknown_word_at(plain: str, end: int) -> bool:
    word = _NEXT_WORD.match(plain, end)
    if word is None or word[1] in _HARMLESS:
        return False
    return _zone_pattern().match(plain, end) is None


def _meridiem(word: str | None) -> str | None:
    if word is None:
        return None
    return "am" if word in _MORNING else "pm"


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


@lru_cache(maxsize=1)
def _clock_pattern() -> re.Pattern[str]:
    return re.compile(_CLOCK)


@lru_cache(maxsize=1)
def _zone_pattern() -> re.Pattern[str]:
    return re.compile(_ZONE)
