"""The kinds of values in a site file, each checked as it is read: selectors, places, expressions, forms, zones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import regex
from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from newscrawl.core.hours import Hours, read_hours
from newscrawl.core.times import compile_formats
from newscrawl.sites.selectors import compile_selector

PROBE_SECONDS = 1.0  # a sound expression needs microseconds; a busy machine may sleep in between
EMBEDDED = ("json-ld:", "meta:")


def css(selector: str) -> str:
    """Checks a selector: CSS, with `::attr(name)` or `::text` at its end."""
    return compile_selector(selector).source.strip()


def place(selector: str) -> str:
    """Checks where a value may stand: a CSS selector, `json-ld:name` or `meta:name`."""
    for prefix in EMBEDDED:
        if selector.startswith(prefix):
            if not selector.removeprefix(prefix).strip():
                raise ValueError(f"expected a name after {prefix!r}")
            return selector.strip()
    return css(selector)


def pattern(text: str) -> str:
    """Checks a regular expression, also that it does not take forever on a text made to be hard for it."""
    try:
        compiled = regex.compile(text)
    except regex.error as error:
        raise ValueError(f"expected a regular expression, got {text!r}: {error}") from error
    for hard in _hard_texts(text):
        try:
            compiled.search(hard, timeout=PROBE_SECONDS)
        except TimeoutError as error:
            short = f"{hard[:5]}… ({len(hard)} characters)"
            raise ValueError(
                f"{text!r} takes too long on {short!r}: a repetition within a repetition?"
            ) from error
    return text


def _hard_texts(text: str) -> Iterator[str]:
    """Long runs of each character that the expression names, and of some usual ones, with an end that fits nothing."""
    for letter in sorted({*text, *"a1-/ "}):
        yield letter * 60 + "\x01"
        yield "/" + letter * 60 + "\x01"
        yield f"/{letter}" * 30 + "\x01"


def hours(text: object) -> Hours:
    """The hours of the day that a text gives."""
    if not isinstance(text, str):
        raise ValueError(f"expected hours such as '01:00-06:00', got {text!r}")
    return read_hours(text)


def zone_name(name: str) -> str:
    """Checks the name of a time zone."""
    try:
        return ZoneInfo(name).key
    except (
        ZoneInfoNotFoundError,
        ValueError,
        OSError,
    ) as error:  # OSError: the name of a folder, such as Asia
        raise ValueError(f"expected a zone such as Asia/Ho_Chi_Minh, got {name!r}") from error


def form(places: frozenset[str], text: str) -> str:
    """Checks the form of an address: `/rss/{slug}.rss` with none but these places."""
    for name in re.findall(r"\{([^}]*)\}?", text):
        if name not in places:
            raise ValueError(
                f"unknown place {{{name}}}; expected {', '.join(f'{{{one}}}' for one in sorted(places))}"
            )
    if re.search(r"[{}]", re.sub(r"\{[a-z]+\}", "", text)):
        raise ValueError(f"a brace too many in {text!r}")
    return text


def times_formats(value: tuple[str, ...]) -> tuple[str, ...]:
    """Checks formats of printed times."""
    compile_formats(value)
    return value


def as_list(value: object) -> object:
    """One string stands for a list of one."""
    return [value] if isinstance(value, str) else value


Css = Annotated[str, BeforeValidator(lambda value: css(value) if isinstance(value, str) else value)]
Place = Annotated[
    str, BeforeValidator(lambda value: place(value) if isinstance(value, str) else value)
]
Pattern = Annotated[
    str, BeforeValidator(lambda value: pattern(value) if isinstance(value, str) else value)
]
CssList = Annotated[tuple[Css, ...], BeforeValidator(as_list)]
PlaceList = Annotated[tuple[Place, ...], BeforeValidator(as_list)]
Strings = Annotated[tuple[str, ...], BeforeValidator(as_list)]
Host = Annotated[str, Field(pattern=r"^[a-z0-9.-]+(?::\d{1,5})?$")]
HoursOfDay = Annotated[Hours, PlainValidator(hours)]
Zone = Annotated[str, AfterValidator(zone_name)]
Formats = Annotated[tuple[str, ...], BeforeValidator(as_list), AfterValidator(times_formats)]
