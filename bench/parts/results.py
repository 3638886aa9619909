"""What a measurement found: figures beside their targets, printed, and written as JSON in one form for all scripts.

    {"script": "crawl", "date": …, "seconds": …, "commit": …, "machine": {…}, "arguments": {…}, "skipped": null,
     "figures": [{"name": …, "value": …, "unit": …, "baseline": …, "bound": "at most", "target": …, "met": …,
                  "rounds": […]}]}

`met` and `target` are null where nothing is promised. `rounds` are the values whose median `value` is.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from parts.machine import commit, machine


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `baseline`: what a ratio is of, in words; at most one of the bounds is given."""

    name: str
    value: float
    unit: str = "x"
    baseline: str = ""
    at_most: float | None = None
    at_least: float | None = None
    rounds: Sequence[float] = ()

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return None if self.at_least is None else self.value >= self.at_least

    def row(self) -> dict[str, Any]:
        """As it stands in the JSON file."""
        target = self.at_least if self.at_most is None else self.at_most
        bound = None if target is None else "at least" if self.at_most is None else "at most"
        return {
            "name": self.name, "value": self.value, "unit": self.unit, "baseline": self.baseline, "bound": bound,
            "target": target, "met": self.met, "rounds": list(self.rounds),
        }  # fmt: skip


def in_median(
    name: str,
    rounds: Sequence[float],
    unit: str = "x",
    baseline: str = "",
    *,
    at_most: float | None = None,
    at_least: float | None = None,
) -> Figure:
    """The figure of several rounds: their median."""
    return Figure(name, median(rounds), unit, baseline, at_most, at_least, tuple(rounds))


@dataclass(slots=True)
class Found:
    """What a run of a script has found so far."""

    figures: list[Figure] = field(default_factory=list)
    skipped: str | None = None

    def add(self, figure: Figure) -> None:
        """Takes a figure, and prints it."""
        self.figures.append(figure)
        print(line(figure.row()), flush=True)

    def nothing(self, why: str) -> None:
        """Says why nothing can be measured here."""
        self.skipped = why
        print(f"{why}: nothing was measured")


def line(row: dict[str, Any]) -> str:
    """A figure in words: `CPU a page: 1.14 x no-op Scrapy (wanted: at most 1.2; met)`."""
    text = f"{row['name']}: {number(row['value'])}{row['unit'] and ' ' + row['unit']}"
    text += f" {row['baseline']}" if row["baseline"] else ""
    return text if row["target"] is None else f"{text} ({goal(row)}; {verdict(row)})"


def goal(row: dict[str, Any]) -> str:
    """`wanted: at most 1.2`."""
    return "" if row["target"] is None else f"wanted: {row['bound']} {number(row['target'])}"


def verdict(row: dict[str, Any]) -> str:
    """`met`, `MISSED`, or nothing where nothing is promised."""
    return "" if row["met"] is None else "met" if row["met"] else "MISSED"


def number(value: float) -> str:
    """`1.14`, `12.3`, `250,000`: three digits at least, none that say nothing."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{2 if abs(value) < 10 else 1 if abs(value) < 100 else 0}f}"


def arguments(about: str | None) -> argparse.ArgumentParser:
    """A script's words, with --json already among them."""
    words = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    words.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    return words


@contextmanager
def measuring(asked: argparse.Namespace) -> Iterator[Found]:
    """Takes the figures of a run; writes them, where --json asks for it, when the block has ended well."""
    found, began, facts = Found(), datetime.now(UTC), machine()
    yield found
    if asked.json is None:
        return
    given = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in vars(asked).items()
    }
    result = {
        "script": Path(sys.argv[0]).stem,
        "date": f"{began:%Y-%m-%dT%H:%M:%SZ}",
        "seconds": round((datetime.now(UTC) - began).total_seconds(), 1),
        "commit": commit(),
        "machine": facts,
        "arguments": {name: value for name, value in given.items() if name != "json"},
        "skipped": found.skipped,
        "figures": [figure.row() for figure in found.figures],
    }
    unfinished = asked.json.with_name(f".{asked.json.name}.part")
    unfinished.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
    unfinished.replace(asked.json)
