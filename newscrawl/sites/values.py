"""The types of values in a site file, with their checks: selectors, patterns, templates, zones."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import regex
from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from newscrawl.core.hours import Hours, read_hours
from newscrawl.core.times import compile_formats
from newscrawl.sites.selectors import compile_selector

PROBE_SECONDS = 1.0  # a good pattern takes microseconds, but the machine may be busy
EMBEDDED = ("json-ld:", "meta:")


def css(selector: str) -> str:
    """Checks a CSS selector, which may end in `::attr(name)` or `::text`."""
    return compile_selector(selector).source.strip()


def place(selector: str) -> str:
    """Checks the place of a value: a CSS selector, `json-ld:name` or `meta:name`."""
    for prefix in EMBEDDED:
        if selector.startswith(prefix):
            if not selector.removeprefix(prefix).strip():
                raise ValueError(f"expected a name after {prefix!r}")
            return selector.strip()
    return css(selector)


@lru_cache(maxsize=1024)  # sites inherit most of their patterns
def pattern(text: str) -> str:
    """Checks a regular expression. It must not take too long on texts made to be hard for it."""
    try:
        compiled = regex.compile(text)
    except regex.error as error:
        raise ValueError(f"expected a regular expression, got {text!r}: {error}") from error
    for hard in _hard_texts(text):
        try:
            compiled.search(hard, timeout=PROBE_SECONDS)
        except TimeoutError as error:
            sample = f"{hard[:5]}… ({len(hard)} characters)"
            message = f"{text!r} takes too long on {sample!r}: a repetition within a repetition?"
            raise ValueError(message) from error
    return text


def _hard_texts(text: str) -> Iterator[str]:
    """Long runs of one character, with an end that matches nothing.

    There is one for each character of the pattern, and for some common ones.
    """
    for letter in sorted({*text, *"a1-/ "}):
        yield letter * 60 + "\x01"
        yield "/" + letter * 60 + "\x01"
        yield f"/{letter}" * 30 + "\x01"


def hours(text: object) -> Hours:
    """The hours of the day in a text such as `01:00-06:00`."""
    if not isinstance(text, str):
        raise ValueError(f"expected hours such as '01:00-06:00', got {text!r}")
    return read_hours(text)


def duration(text: str) -> timedelta:
    """The duration of `10m`, `6h` or `30d`."""
    number = int(text[:-1])
    units = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
    return number * units[text[-1]]


def zone_name(name: str) -> str:
    """Checks the name of a time zone."""
    try:
        return ZoneInfo(name).key
    # OSError: the name of a folder, such as Asia.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"expected a zone such as Asia/Ho_Chi_Minh, got {name!r}") from error


def url_template(names: Collection[str], text: str | None) -> str | None:
    """Checks a template of URLs, such as `/rss/{slug}.rss`, which may have only these names."""
    if text is None:
        return None
    for name in re.findall(r"\{([^}]*)\}?", text):
        if name not in names:
            expected = ", ".join(f"{{{known}}}" for known in sorted(names))
            raise ValueError(f"unknown name {{{name}}}; expected {expected}")
    if re.search(r"[{}]", re.sub(r"\{[a-z]+\}", "", text)):
        raise ValueError(f"an extra brace in {text!r}")
    return text


def times_formats(value: tuple[str, ...]) -> tuple[str, ...]:
    """Checks formats of printed times."""
    compile_formats(value)
    return value


def as_list(value: object) -> object:
    """Accepts one string as a list of one."""
    return [value] if isinstance(value, str) else value


Css = Annotated[str, AfterValidator(css)]
Place = Annotated[str, AfterValidator(place)]
Pattern = Annotated[str, AfterValidator(pattern)]
CssList = Annotated[tuple[Css, ...], BeforeValidator(as_list)]
PlaceList = Annotated[tuple[Place, ...], BeforeValidator(as_list)]
Strings = Annotated[tuple[str, ...], BeforeValidator(as_list)]
Host = Annotated[str, Field(pattern=r"^[a-z0-9.-]+(?::\d{1,5})?$")]
HoursOfDay = Annotated[Hours, PlainValidator(hours)]
Zone = Annotated[str, AfterValidator(zone_name)]
Formats = Annotated[tuple[str, ...], BeforeValidator(as_list), AfterValidator(times_formats)]
