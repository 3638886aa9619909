"""What a page function gives: a template with its values, or rows for CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from newscrawl.core.errors import UsageError
from newscrawl.core.text import clean_text


class BadValue(UsageError):
    """A parameter is not what it can be; the page may show its form again."""


@dataclass(frozen=True, slots=True)
class Query:
    """A request: the parts of its path, its parameters (the last of each name), and the moment it came."""

    path: str
    parts: Mapping[str, str | None]
    arguments: Mapping[str, str]
    now: datetime

    @property
    def format(self) -> str | None:
        """`csv` or `json`; None for a page."""
        return self.parts.get("format")

    def text(self, name: str) -> str | None:
        """A parameter, cleaned; None where it is missing or empty."""
        return clean_text(self.arguments.get(name, "")) or None

    def day(self, name: str) -> str | None:
        """A parameter that is a day; BadValue for anything else."""
        text = self.text(name)
        try:
            return date.fromisoformat(text).isoformat() if text else None
        except ValueError as error:
            raise BadValue(
                f"{text[:40]!r} is no day" if text else "no day", "write it like 2026-09-01"
            ) from error

    def number(self, name: str, default: int, most: int) -> int:
        """A parameter that is a whole number from 1 to `most`; the default for anything else."""
        typed = self.arguments.get(name, "")
        return (
            min(int(typed), most)
            if typed.isascii() and typed.isdigit() and 0 < len(typed) < 10
            else default
        )


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be rendered from a template."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Csv:
    """A table to be sent as CSV under a file name; nested values are written as JSON."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Mapping[str, Any]]

    def csv(self) -> str:
        """CSV with a header; exact values, for programs."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(self.columns)
        for row in self.rows:
            writer.writerow([_cell(row.get(name)) for name in self.columns])
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Json:
    """A value to be sent as JSON."""

    value: Any

    def json(self) -> str:
        """JSON with letters as they are; `<` escaped, so that no browser takes it for a page."""
        return json.dumps(self.value, ensure_ascii=False, indent=2).replace("<", "\\u003c")


@dataclass(frozen=True, slots=True)
class Redirect:
    """A page of ours to go to."""

    path: str


Answer = Page | Csv | Json | Redirect


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
