"""The time formats of a site file, such as `%H:%M' - %d/%m/%Y`. They are compiled once.

    %d %m %Y     day, month (one or two digits each), year of four digits
    %y           year of two digits: 00-68 are 20xx, 69-99 are 19xx
    %B, %b       name of a month: `tháng ba`, `tháng 3`, `ba`, `September`, `Sep`
    %A, %a       weekday in Vietnamese or English, not checked
    %H %M %S %f  hour of the 24-hour clock, minute and second (two digits), fraction of a second
    %I %p        hour of the 12-hour clock; AM, PM, SA, CH, sáng, trưa, chiều, tối, đêm
    %z           Z, +07:00, +0700, GMT+7, (GMT+7), UTC, ICT
    %s           seconds since 1970 (`%s%f`: milliseconds)
    *            any text of up to 100 characters, as short as possible
    %%           a percent sign
    other text   itself, in upper or lower case; white space is optional

Adjacent numbers (`%Y%m%d`) have two digits each. The order of the directives is the order on the
page, so `%m/%d/%Y %I:%M:%S %p` is the American order. A literal `Z` (`%Y-%m-%dT%H:%M:%SZ`) is
ignored, and the time is in the site's zone. A time without a year (`%d/%m %H:%M`) or without a date
(`%H:%M`) is the latest such time before the page was fetched. If that is unknown, it has no value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from newscrawl.core.times.resolve import Printed, UnreadableError, clock_hour, full_year
from newscrawl.core.times.words import (
    ENGLISH_MONTH,
    MERIDIEM,
    VIETNAMESE_MONTH,
    WEEKDAY,
    ZONE,
    month_number,
    plain,
    zone_offset,
)

_TWO_DIGITS = "dmyHIMS"
_PADDED = "MS"  # 8:5 is never printed; it is a truncated 8:50 or 8:51
_PATTERNS: Mapping[str, str] = {
    **dict.fromkeys(_TWO_DIGITS, "[0-9]{1,2}"),
    **dict.fromkeys(_PADDED, "[0-9]{2}"),
    "Y": "[0-9]{4}",
    "f": "[0-9]{1,9}",
    "s": "[0-9]{9,11}",
    "B": rf"(?:(?:tháng\s+)?{VIETNAMESE_MONTH}|(?:tháng|thg|th)\.?\s*[0-9]{{1,2}}|{ENGLISH_MONTH})",
    "A": WEEKDAY,
    "p": MERIDIEM,
    "z": rf"\(?\s*{ZONE}\s*\)?",
}
_SYNONYMS = {"b": "B", "a": "A"}
_DECORATION = r"[\s|,;:•·-]*"  # signs around a time on the page
_TOKEN = re.compile(
    r"%(?P<directive>[^%]|$)|(?P<space>\s+)|(?P<star>\*)|%?(?P<literal>[^\s*])", re.DOTALL
)
_MONTH_FIRST = re.compile(r"(?<!%Y.)%m[/.-]%d")
_MAX_STARS = 2  # each star multiplies the time to find that a text does not match


@dataclass(frozen=True, slots=True)
class CompiledFormat:
    """A format and its pattern, which matches plain text (see words.plain)."""

    source: str
    pattern: re.Pattern[str]

    def read(self, text: str) -> Printed | None:
        """The parts of a time in this format; None if the text has another form.

        Raises UnreadableError for an impossible hour, month or zone.
        """
        match = self.pattern.fullmatch(text)
        return _printed(match.groupdict()) if match else None


@dataclass(frozen=True, slots=True, eq=False)
class CompiledFormats:
    """A site's formats in order of preference. Compared by identity, as the key of a cache."""

    formats: tuple[CompiledFormat, ...] = ()
    # One of them has the American order, so the order in other numeric dates of the site is
    # unknown.
    month_first: bool = False


NO_FORMATS = CompiledFormats()


def compile_formats(formats: Sequence[str]) -> CompiledFormats:
    """The compiled formats. ValueError names a wrong format and what was expected."""
    compiled = tuple(_compile(source) for source in formats)
    month_first = any(_MONTH_FIRST.search(source) for source in formats)
    return CompiledFormats(compiled, month_first)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # 'directive', 'space', 'star', 'literal'
    text: str

    @property
    def is_number(self) -> bool:
        """Whether it prints digits, so that an adjacent number must have a fixed width."""
        if self.kind == "directive":
            return self.text in _TWO_DIGITS + "Yfs"
        return self.text.isdigit()


_EDGE = _Token("edge", "")


def _compile(source: str) -> CompiledFormat:
    tokens = _tokens(source)
    problem = _problem(tokens)
    if problem:
        raise ValueError(f"{source!r}: {problem}")
    before = [_EDGE, *tokens]
    after = [*tokens[1:], _EDGE]
    pieces = [_piece(*neighbours) for neighbours in zip(before, tokens, after, strict=False)]
    return CompiledFormat(source, re.compile(_DECORATION + "".join(pieces) + _DECORATION))


def _tokens(source: str) -> list[_Token]:
    tokens = []
    for match in _TOKEN.finditer(unicodedata.normalize("NFC", source)):
        kind = match.lastgroup or ""
        text = match[kind]
        if kind == "directive":
            text = _SYNONYMS.get(text, text)
        tokens.append(_Token(kind, text))
    return tokens


def _problem(tokens: Sequence[_Token]) -> str | None:
    """Why the format is invalid: unknown directives, or directives that do not name one moment."""
    names = [token.text for token in tokens if token.kind == "directive"]
    for name in names:
        if name not in _PATTERNS:
            known = " ".join(f"%{letter}" for letter in _PATTERNS)
            return f"%{name} is not known; expected one of {known}"
        if names.count(name) > 1:
            return f"%{name} occurs twice"
    for one, other in (("Y", "y"), ("m", "B"), ("H", "I")):
        if one in names and other in names:
            return f"%{one} and %{other} exclude each other"
    given = set(names)
    problem = _seconds_problem(given) if "s" in given else _parts_problem(given)
    if problem is None and sum(token.kind == "star" for token in tokens) > _MAX_STARS:
        return f"expected at most {_MAX_STARS} stars"
    return problem


def _seconds_problem(given: set[str]) -> str | None:
    if given - {"s", "f", "A"}:
        return "%s is the whole time, only %A and %f may be used with it"
    return None


def _parts_problem(given: set[str]) -> str | None:
    return _date_problem(given) or _clock_problem(given)


def _date_problem(given: set[str]) -> str | None:
    has_day = "d" in given
    has_month = bool(given & {"m", "B"})
    has_year = bool(given & {"Y", "y"})
    has_clock = bool(given & {"H", "I"})
    if has_month and has_year and not has_day and not has_clock:
        return None  # %m/%Y
    if has_day != has_month or (has_year and has_clock and not has_month):
        return "expected day and month together (%d/%m)"
    if not (has_year or has_month or has_clock):
        return "expected a date (%d/%m/%Y), a time (%H:%M) or %s"
    return None


def _clock_problem(given: set[str]) -> str | None:
    has_hour = bool(given & {"H", "I"})
    has_details = bool(given & {"S", "p", "z"})
    if has_hour != ("M" in given) or (has_details and not has_hour):
        return "expected hour and minute together (%H:%M), and %S, %p, %z only with them"
    if "f" in given and "S" not in given:
        return "expected %S before %f"
    if "I" in given and "p" not in given:
        return "expected %p with %I; write %H for a 24-hour clock"
    return None


def _piece(before: _Token, token: _Token, after: _Token) -> str:
    """The pattern of one token, which depends on its neighbours."""
    if token.kind == "space":
        return r"\s+" if before.is_number and after.is_number else r"\s*"
    if token.kind == "star":
        return r".{0,100}?"
    if token.kind == "literal":
        sign = re.escape(plain(token.text))
        return sign if token.text.isalnum() else rf"\s*{sign}\s*"
    name = token.text
    pattern = _PATTERNS[name]
    if name in _TWO_DIGITS and (before.is_number or after.is_number):
        pattern = "[0-9]{2}"
    elif name == "s" and after.is_number:
        pattern = "[0-9]{10}"
    if token.is_number and not before.is_number and before.kind not in ("edge", "literal"):
        pattern = f"(?<![0-9]){pattern}"  # otherwise a star would match the first digits
    return f"(?P<{name}>{pattern})"


def _printed(texts: Mapping[str, str | None]) -> Printed:
    """The parts of a time from the texts by directive."""
    numbers = {name: int(text) for name, text in texts.items() if text and text.isdigit()}
    if "s" in numbers:
        return Printed(instant=datetime.fromtimestamp(numbers["s"], UTC))
    offset = _offset(texts["z"]) if "z" in texts else None
    return Printed(
        year=full_year(numbers["y"]) if "y" in numbers else numbers.get("Y"),
        month=_month(texts["B"]) if "B" in texts else numbers.get("m"),
        day=numbers.get("d"),
        hour=_hour(numbers, texts.get("p")),
        minute=numbers.get("M"),
        second=numbers.get("S"),
        offset=offset,
    )


def _month(name: str | None) -> int:
    month = month_number(name or "")
    if month is None:
        raise UnreadableError("impossible")
    return month


def _offset(zone: str | None) -> timedelta:
    offset = zone_offset(zone or "")
    if offset is None:
        raise UnreadableError("impossible")
    return offset


def _hour(numbers: Mapping[str, int], meridiem: str | None) -> int | None:
    """The hour 0-23. With %H, a printed PM is allowed, but must not contradict the hour."""
    if "I" in numbers:
        if numbers["I"] > 12:
            raise UnreadableError("impossible")
        return clock_hour(numbers["I"], meridiem)
    hour = numbers.get("H")
    if hour is not None and clock_hour(hour, meridiem) != hour:
        raise UnreadableError("ambiguous")
    return hour
