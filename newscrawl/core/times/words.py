"""The Vietnamese and English words of printed times.

Also `plain`, which gives texts the spelling that all patterns of times expect.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import timedelta

from newscrawl.core.text import clean_text, without_joiners

_SAME_SIGN = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u2032\u02b9\u02bc\u00b4`\uff07", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\uff0d", "-")
)
_SIGN = re.compile(f"[{''.join(map(chr, _SAME_SIGN))}]")

WEEKDAYS: Mapping[str, int] = {
    "thứ hai": 0, "thứ ba": 1, "thứ tư": 2, "thứ năm": 3, "thứ sáu": 4, "thứ bảy": 5, "thứ bẩy": 5,
    "chủ nhật": 6,
    "thứ 2": 0, "thứ 3": 1, "thứ 4": 2, "thứ 5": 3, "thứ 6": 4, "thứ 7": 5,
    "t2": 0, "t3": 1, "t4": 2, "t5": 3, "t6": 4, "t7": 5, "cn": 6,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5,
    "sunday": 6,
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5,
    "sun": 6,
}  # fmt: skip

VIETNAMESE_MONTHS: Mapping[str, int] = {
    "một": 1, "giêng": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7,
    "bẩy": 7, "tám": 8, "chín": 9, "mười": 10, "mười một": 11, "mười hai": 12, "chạp": 12,
}  # fmt: skip

ENGLISH_MONTHS: Mapping[str, int] = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7,
    "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9,
    "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip

ENGLISH_MERIDIEMS = frozenset({"am", "pm", "a.m.", "p.m.", "a.m", "p.m"})


def one_of(words: Mapping[str, int] | frozenset[str]) -> str:
    """A pattern for any of the words, longest first. Spaces in them match any white space."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    patterns = [re.escape(word).replace(r"\ ", r"\s+") for word in longest_first]
    return f"(?:{'|'.join(patterns)})"


VIETNAMESE_MONTH = one_of(VIETNAMESE_MONTHS)
ENGLISH_MONTH = rf"{one_of(ENGLISH_MONTHS)}\b\.?"
MERIDIEM = r"(?:[ap]\.?m\b\.?|sa\b|ch\b|sáng\b|trưa\b|chiều\b|tối\b|đêm\b)"
_DAY_NAMES = frozenset(name for name in WEEKDAYS if not name[-1].isdigit())
_DAY_NUMBERS = frozenset(WEEKDAYS) - _DAY_NAMES
# `thứ 7/3/2026` is a date, not a Saturday.
WEEKDAY = rf"(?:\b{one_of(_DAY_NAMES)}\b\.?|\b{one_of(_DAY_NUMBERS)}(?![/.-]?[0-9]))"
NAMED_ZONE = r"(?:z|(?:gmt|utc|ut)(?:\s?[+-]\s?[0-9]{1,2}(?::?[0-9]{2})?)?|ict)(?![0-9a-z])"
OFFSET = r"[+-][0-9]{2}(?::?[0-9]{2})?(?![0-9:])"
FULL_OFFSET = r"[+-][0-9]{2}:?[0-9]{2}(?![0-9:])"
ZONE = rf"(?:{NAMED_ZONE}|{OFFSET})"

_WEEKDAY = re.compile(WEEKDAY)
_OFFSET = re.compile(r"([+-])\s?([0-9]{1,2}):?([0-9]{2})?$")
_RFC_ZONES: Mapping[str, int] = {
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
}
RFC_ZONE = rf"(?:{ZONE}|[+-][0-9]{{4}}|{one_of(frozenset(_RFC_ZONES))})"


def plain(value: str) -> str:
    """Clean text in lower case, with entities resolved and one kind of apostrophe and dash."""
    if value.isascii() and value.isprintable() and "&" not in value and "`" not in value:
        return " ".join(value.split()).lower()
    if "&" in value:
        value = html.unescape(value)
    text = without_joiners(clean_text(value)).lower()
    return text.translate(_SAME_SIGN) if _SIGN.search(text) else text


def weekday_in(text: str) -> tuple[int, bool] | None:
    """The first weekday in plain text (Monday is 0), and whether its name is Vietnamese."""
    match = _WEEKDAY.search(text)
    if not match:
        return None
    name = " ".join(match.group().rstrip(".").split())
    is_vietnamese = not name.isascii() or name[-1].isdigit() or name == "cn"
    return WEEKDAYS[name], is_vietnamese


def month_number(word: str) -> int | None:
    """1-12 for `tháng ba`, `ba`, `thg 3`, `sept.`; None for other words."""
    name = re.sub(r"^(?:tháng|thg|th)\.?\s*", "", " ".join(word.split()).rstrip("."))
    if name.isascii() and name.isdigit():
        return int(name)
    return VIETNAMESE_MONTHS.get(name) or ENGLISH_MONTHS.get(name)


def zone_offset(name: str) -> timedelta | None:
    """The offset of `z`, `+0700`, `gmt+7`, `(gmt+07:00)`, `ict`, `est`; None if no place has it."""
    text = name.strip("() ")
    if text in _RFC_ZONES:
        return timedelta(hours=_RFC_ZONES[text])
    if text == "ict":  # Indochina Time
        return timedelta(hours=7)
    match = _OFFSET.search(text)
    if not match:
        return timedelta(0)
    sign = -1 if match[1] == "-" else 1
    hours = int(match[2])
    minutes = int(match[3] or 0)
    if minutes % 15 or minutes > 45 or hours * 60 + minutes > 14 * 60:
        return None
    return sign * timedelta(hours=hours, minutes=minutes)
