"""Checks what a program passes to the API. Each error lists what is possible."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, get_args

from newscrawl.core.days import read_period
from newscrawl.core.edits import EditKind
from newscrawl.core.errors import UsageError
from newscrawl.core.records import LinkKind
from newscrawl.core.text import clean_text
from newscrawl.store.filters import Filter, searched
from newscrawl.store.read.search import Order
from newscrawl.store.read.volume import BYS

LARGEST = 2**53  # more than any archive has of anything
LONGEST_SHOWN = 60  # characters of a wrong value

ORDERS: Sequence[str] = get_args(Order)
EDIT_KINDS: Sequence[str] = get_args(EditKind)
LINK_KINDS: Sequence[str] = get_args(LinkKind)
PERIODS_AND_NAMES: Sequence[str] = BYS

_TEXTS = ("site", "category", "search", "author", "tag")
_NUMBERS = ("min_words", "max_words")
_FLAGS = ("revised", "gone")
FILTERS = ("site", "category", "since", "until", *_TEXTS[2:], *_NUMBERS, *_FLAGS)


def filter_of(only: Mapping[str, Any]) -> Filter:
    """The store's filter. UsageError for an unknown name, or a value that cannot be read."""
    for name in only:
        if name not in FILTERS:
            raise UsageError(f"unknown keyword {name!r}", f"the filters are: {', '.join(FILTERS)}")
    first, last = day_texts(only.get("since"), only.get("until"))
    values: dict[str, Any] = {"since": first, "until": last}
    values |= {name: text_of(name, only.get(name)) for name in _TEXTS}
    values |= {name: number_of(name, only.get(name)) for name in _NUMBERS}
    values |= {name: _flag(name, only.get(name)) for name in _FLAGS}
    if values["search"] is not None:
        searched(values["search"])
    return Filter(**values)


def filter_beside_query(only: Mapping[str, Any]) -> Filter:
    """The filter of a method that has a query. UsageError for a second query in the filter."""
    chosen = filter_of(only)
    if chosen.search is not None:
        raise UsageError(
            "search: this method has a query already", "join both: 'gạo AND (lúa OR ngô)'"
        )
    return chosen


def queries_of(queries: Sequence[str | Sequence[str]]) -> list[str]:
    """The queries, which may come as one list. UsageError if there is none."""
    found: list[str] = []
    for each in queries:
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, list | tuple):
            found += each
        else:
            raise wrong("query", "a text or a list of texts", each)
    if not found:
        raise UsageError("expected a query, got none", "for example: archive.volume('gạo')")
    return [query_of(each) for each in found]


def query_of(query: str) -> str:
    """The query. UsageError if it has no word, or is no text."""
    text = text_of("query", query)
    if text is None:
        raise wrong("query", "a text", query)
    searched(text)
    return text


def one_of(name: str, value: str | None, values: Sequence[str]) -> None:
    """UsageError unless the value is one of these, or None."""
    if value is not None and value not in values:
        raise UsageError(f"{name}: unknown value {_short(value)}", f"write {', '.join(values)}")


def text_of(name: str, value: str | None) -> str | None:
    """The text, without spaces around it; None for None."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong(name, "a text", value)
    return value if name in ("query", "search") else clean_text(value)


def number_of(name: str, value: int | None) -> int | None:
    """The number, which is at most LARGEST; None for None."""
    if value is None:
        return None
    try:
        number = operator.index(value)
    except TypeError:
        raise wrong(name, "a whole number", value) from None
    if isinstance(value, bool) or number < 0:
        raise wrong(name, "a whole number, 0 or more", value)
    return min(number, LARGEST)


def row_number(value: object) -> int:
    """The number of a row, which may be one of numpy. UsageError for what is no whole number."""
    try:
        return operator.index(value)  # type: ignore[arg-type] # anything may be passed
    except TypeError:
        raise wrong("article", "a text, or the number of a row", value) from None


def day_texts(since: object, until: object) -> tuple[str | None, str | None]:
    """The first and last day as text. UsageError if one cannot be read."""
    today = date.today()
    first_text, last_text = day_text("since", since), day_text("until", until)
    first = None if first_text is None else read_period(first_text, "since", today).first
    last = None if last_text is None else read_period(last_text, "until", today).last
    if first and last and last < first:
        raise UsageError(f"until {last} is before since {first}", "swap them")
    return first.isoformat() if first else None, last.isoformat() if last else None


def day_text(name: str, day: object) -> str | None:
    """A day as a user types it. UsageError for what is neither a date nor a text."""
    if isinstance(day, datetime):
        day = day.date()
    if isinstance(day, date):
        return day.isoformat()
    if day is None or isinstance(day, str):
        return day
    raise UsageError(
        f"{name}: expected a date or a text, got {_short(day)}",
        f'for example {name}="2026-09-01" or {name}=datetime.date(2026, 9, 1)',
    )


def _flag(name: str, value: bool | None) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise wrong(name, "True or False", value)


def wrong(name: str, expected: str, value: object) -> UsageError:
    """The error for a value of the wrong type."""
    return UsageError(
        f"{name}: expected {expected}, got {_short(value)}", "see help(newscrawl.Archive)"
    )


def _short(value: object) -> str:
    return repr(value)[:LONGEST_SHOWN]
