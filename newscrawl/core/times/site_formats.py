"""The timestamp formats of a site file: `%H:%M' - %d/%m/%Y`, compiled once, tried first, in the order given.

    %d %m %Y     day, month (one or two digits each), year of four digits
    %y           year of two digits: 00-68 are 20xx, 69-99 are 19xx
    %B, %b       month by name: `tháng ba`, `tháng 3`, `ba`, `September`, `Sep`
    %A, %a       weekday, Vietnamese or English, not checked
    %H %M %S %f  hour of the 24-hour clock, minute and second (two digits), fraction of a second
    %I %p        hour of the 12-hour clock; AM, PM, SA, CH, sáng, trưa, chiều, tối, đêm
    %z           Z, +07:00, +0700, GMT+7, (GMT+7), UTC, ICT
    %s           seconds since 1970 (`%s%f`: milliseconds)
    *            any text up to 100 characters, as little as possible
    %%           a percent sign
    other text   itself, in upper or lower case; white space may be there or not

Numbers that touch (`%Y%m%d`) have two digits each. The order decides: `%m/%d/%Y %I:%M:%S %p` is the American one.
A literal `Z` (`%Y-%m-%dT%H:%M:%SZ`) is a false one, the wall clock is the site's. Without a year (`%d/%m %H:%M`) or
date (`%H:%M`) the newest such moment before the page was fetched is meant, and without that moment there is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

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
_PADDED = "MS"  # nobody prints 8:5; it is what is left of 8:50 or 8:51
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
_SAME = {"b": "B", "a": "A"}
_DECORATION = r"[\s|,;:•·-]*"  # what surrounds a time on the page without belonging to it
_TOKEN = re.compile(
    r"%(?P<directive>[^%]|$)|(?P<space>\s+)|(?P<star>\*)|%?(?P<literal>[^\s*])", re.DOTALL
)
_MONTH_FIRST = re.compile(r"(?<!%Y.)%m[/.-]%d")
_MAX_STARS = 2  # each star multiplies the work of a text that does not match


@dataclass(frozen=True, slots=True)
class CompiledFormat:
    """One format and its pattern, which matches plain text (see words.plain)."""

    source: str
    pattern: re.Pattern[str]

    def read(self, text: str) -> Printed | None:
        """What the text says in this format, None if it has another form.

        Raises UnreadableError for an hour, month or zone that cannot be.
        """
        found = self.pattern.fullmatch(text)
        return _reading(found.groupdict()) if found else None


@dataclass(frozen=True, slots=True)
class CompiledFormats:
    """A site's formats in order of preference."""

    formats: tuple[CompiledFormat, ...] = ()
    month_first: bool = (
        False  # one of them is American: other numeric dates of this site prove nothing
    )


NO_FORMATS = CompiledFormats()


def compile_formats(formats: Sequence[str]) -> CompiledFormats:
    """The formats, ready to use. ValueError says which one is wrong, what is, and what was expected."""
    compiled = tuple(_compiled(source) for source in formats)
    month_first = any(_MONTH_FIRST.search(source) for source in formats)
    return CompiledFormats(compiled, month_first)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # 'directive', 'space', 'star', 'literal'
    text: str

    @property
    def is_number(self) -> bool:
        """Whether it prints a digit, so that a neighbour must have a fixed width."""
        return self.text in _TWO_DIGITS + "Yfs" if self.kind == "directive" else self.text.isdigit()


def _compiled(source: str) -> CompiledFormat:
    tokens = _tokens(source)
    problem = _problem([token.text for token in tokens if token.kind == "directive"])
    if problem is None and sum(token.kind == "star" for token in tokens) > _MAX_STARS:
        problem = f"expected at most {_MAX_STARS} stars"
    if problem:
        raise ValueError(f"{source!r}: {problem}")
    edge = _Token("edge", "")
    around = zip([edge, *tokens], tokens, [*tokens[1:], edge], strict=False)
    pieces = [_piece(before, token, after) for before, token, after in around]
    return CompiledFormat(source, re.compile(_DECORATION + "".join(pieces) + _DECORATION))


def _tokens(source: str) -> list[_Token]:
    tokens = []
    for match in _TOKEN.finditer(unicodedata.normalize("NFC", source)):
        kind, text = match.lastgroup or "", match[match.lastgroup or 0]
        tokens.append(_Token(kind, _SAME.get(text, text) if kind == "directive" else text))
    return tokens


def _problem(names: Sequence[str]) -> str | None:
    """Why these directives are unknown or together name no moment, or more than one."""
    for name in names:
        if name not in _PATTERNS:
            return f"%{name} is not known; expected one of {' '.join('%' + letter for letter in _PATTERNS)}"
        if names.count(name) > 1:
            return f"%{name} comes twice"
    for one, other in (("Y", "y"), ("m", "B"), ("H", "I")):
        if one in names and other in names:
            return f"%{one} and %{other} exclude each other"
    given = set(names)
    if "s" in given:
        return (
            "%s is the whole time, only %A and %f may stand beside it"
            if given - {"s", "f", "A"}
            else None
        )
    return _date_problem(given) or _clock_problem(given)


def _date_problem(given: set[str]) -> str | None:
    month, year = bool(given & {"m", "B"}), bool(given & {"Y", "y"})
    clock = bool(given & {"H", "I"})
    if (("d" in given) != month and (clock or not year or "d" in given)) or (
        year and clock and not month
    ):
        return "expected day and month together (%d/%m)"
    return None if year or month or clock else "expected a date (%d/%m/%Y), a time (%H:%M) or %s"


def _clock_problem(given: set[str]) -> str | None:
    clock = bool(given & {"H", "I"})
    if clock != ("M" in given) or (given & {"S", "p", "z"} and not clock):
        return "expected hour and minute together (%H:%M), and %S, %p, %z only beside them"
    if "f" in given and "S" not in given:
        return "expected %S before %f"
    if "I" in given and "p" not in given:
        return "expected %p beside %I; write %H for a 24-hour clock"
    return None


def _piece(before: _Token, token: _Token, after: _Token) -> str:
    if token.kind == "space":
        return r"\s+" if before.is_number and after.is_number else r"\s*"
    if token.kind == "star":
        return r".{0,100}?"
    if token.kind == "literal":
        sign = re.escape(plain(token.text))
        return sign if token.text.isalnum() else rf"\s*{sign}\s*"
    name, pattern = token.text, _PATTERNS[token.text]
    if name in _TWO_DIGITS and (before.is_number or after.is_number):
        pattern = "[0-9]{2}"
    elif name == "s" and after.is_number:
        pattern = "[0-9]{10}"
    if token.is_number and not before.is_number and before.kind not in ("edge", "literal"):
        pattern = f"(?<![0-9]){pattern}"  # or a star would take the first digits
    return f"(?P<{name}>{pattern})"


def _reading(printed: Mapping[str, str | None]) -> Printed:
    number = {
        name: int(text) for name, text in printed.items() if text and text.isdigit() and name != "f"
    }
    if "s" in number:
        return Printed(instant=datetime.fromtimestamp(number["s"], UTC))
    offset = zone_offset(printed["z"] or "") if "z" in printed else None
    month = month_number(printed["B"] or "") if "B" in printed else number.get("m")
    if ("z" in printed and offset is None) or ("B" in printed and month is None):
        raise UnreadableError("impossible")
    return Printed(
        year=full_year(number["y"]) if "y" in number else number.get("Y"),
        month=month,
        day=number.get("d"),
        hour=_hour(number, printed.get("p")),
        minute=number.get("M"),
        second=number.get("S"),
        offset=offset,
    )


def _hour(number: Mapping[str, int], meridiem: str | None) -> int | None:
    """Hour 0-23. The format knows the clock: with %H a PM may be there, but must not say otherwise."""
    if "I" in number:
        if number["I"] > 12:
            raise UnreadableError("impossible")
        return clock_hour(number["I"], meridiem)
    hour = number.get("H")
    if hour is not None and clock_hour(hour, meridiem) != hour:
        raise UnreadableError("ambiguous")
    return hour
