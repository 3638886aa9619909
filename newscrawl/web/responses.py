"""What a page function takes and returns: a Query, and a page, a file or a redirect."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO
from urllib.parse import urlencode

from newscrawl.core.days import Period, read_period
from newscrawl.core.errors import UsageError
from newscrawl.core.text import clean_text
from newscrawl.store.read.reader import Reader
from newscrawl.web.atom import Feed

PAGE_SECONDS = 10.0  # that a page may take; a file may take longer
LONGEST_NUMBER = 9  # digits
MOST_SKIPPED = 10**9


class BadValue(UsageError):
    """A parameter of the request has an invalid value. The page may show its form again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A request: the parts of its path, its parameters (the last of each name) and when it came.

    `repeated` has all values of the names that were given more than once. `origin` is where the
    browser asked: `https://archive.example`.
    """

    path: str
    parts: Mapping[str, str | None]
    arguments: Mapping[str, str]
    now: datetime
    repeated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    origin: str = ""

    @property
    def format(self) -> str | None:
        """`csv` or `json`; None for a page."""
        return self.parts.get("format")

    def text(self, name: str) -> str | None:
        """A parameter, cleaned; None if it is missing or empty."""
        return clean_text(self.arguments.get(name, "")) or None

    def flag(self, name: str) -> bool:
        """Whether a checkbox is ticked."""
        return self.text(name) is not None

    def since(self) -> str | None:
        """The first day of the parameter `since` (`2026-09-01`), in any form of `core.days`.

        None if it is missing or empty; BadValue if it cannot be read.
        """
        period = self._period("since")
        return period.first.isoformat() if period else None

    def until(self) -> str | None:
        """The last day of the parameter `until`, like `since`; BadValue if it is before it."""
        period = self._period("until")
        if period is None:
            return None
        since, until = self.since(), period.last.isoformat()
        if since is not None and since > until:
            raise BadValue(f"since {since} is after until {until}", "swap the two days")
        return until

    def day(self, name: str) -> str | None:
        """A parameter that is one day, like `since`."""
        period = self._period(name)
        if period is not None and period.first != period.last:
            raise BadValue(f"{name}: expected one day", f"for example {period.first}")
        return period.first.isoformat() if period else None

    def _period(self, name: str) -> Period | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            return read_period(text, name, self.now.astimezone().date())
        except UsageError as error:
            raise BadValue(error.message, error.hint) from error

    def number(self, name: str, default: int, most: int, least: int = 1) -> int:
        """A parameter that is a number from `least` to `most`; larger ones are lowered to `most`.

        The default if it is missing or empty; BadValue for any other text.
        """
        text = self.text(name)
        if text is None:
            return default
        is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
        if not is_number or int(text) < least:
            raise BadValue(
                f"{name}: expected a number from {least} to {most:,}, got {text[:40]!r}",
                f"for example {name}={default}",
            )
        return min(int(text), most)

    def offset(self, most: int = MOST_SKIPPED) -> int:
        """How many rows of a list are on the pages before; BadValue if it is no number."""
        return self.number("offset", 0, most, least=0)

    def link(self, **changes: object) -> str:
        """`?q=rail&limit=1000`: the parameters of this request with changes; None removes one."""
        parameters = {**self.arguments, **changes}
        kept = {name: value for name, value in parameters.items() if value not in (None, "")}
        return f"?{urlencode(kept)}" if kept else ""

    def link_with(self, name: str, value: str | None) -> str:
        """The same for a filter, from the beginning of the list."""
        changes: dict[str, object] = {name: value, "offset": None, "exact": None}
        return self.link(**changes)


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be rendered from a template."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Csv:
    """A table to be sent as a CSV file; nested values are written as JSON."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Mapping[str, Any]]

    def csv(self) -> str:
        """CSV with a header, with exact values for programs."""
        return "".join(self.lines())

    def lines(self) -> Iterator[str]:
        """The same, row by row; a row is several lines if a value is."""
        yield _line(self.columns)
        for row in self.rows:
            yield _line([_cell(row.get(name)) for name in self.columns])


@dataclass(frozen=True, slots=True)
class Json:
    """A value to be sent as JSON."""

    value: Any
    status: int = 200

    def json(self) -> str:
        """JSON in UTF-8; `<` is escaped, so that no browser mistakes it for a page."""
        return json.dumps(self.value, ensure_ascii=False, indent=2).replace("<", "\\u003c")


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes of a type of their own; with a `name`, browsers save them as a file."""

    body: bytes
    content_type: str
    name: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What browsers need to know beside the type."""
        if self.name is None:
            return {}
        name = re.sub(r"[^A-Za-z0-9.-]+", "-", self.name)
        return {"content-disposition": f'attachment; filename="{name}"'}


@dataclass(frozen=True, slots=True)
class Redirect:
    """Another page of this server to go to."""

    path: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of any length, which is sent while it is written.

    `write` gets a reader of its own, in another thread.
    """

    name: str
    content_type: str
    write: Callable[[Reader, BinaryIO], object]


Answer = Page | Csv | Json | Redirect | Document | File | Feed


def _line(values: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return value
