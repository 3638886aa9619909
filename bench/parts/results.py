"""The figures of a script: printed, and written as JSON in one form for all scripts.

    {"script": "crawl", "date": …, "seconds": …, "commit": …, "machine": {…}, "arguments": {…},
     "skipped": null,
     "figures": [{"name": …, "value": …, "unit": …, "baseline": …, "rounds": […]}]}

`value` is the median of `rounds`, which are empty for a single measurement.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from parts.machine import commit, machine


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `baseline` names the denominator of a ratio."""

    name: str
    value: float
    unit: str = "x"
    baseline: str = ""
    rounds: Sequence[float] = ()


def median_of(name: str, rounds: Sequence[float], unit: str = "x", baseline: str = "") -> Figure:
    """The median of several rounds as a figure."""
    return Figure(name, median(rounds), unit, baseline, tuple(rounds))


@dataclass(slots=True)
class Results:
    """The figures of a script so far, or the reason why nothing can be measured."""

    figures: list[Figure] = field(default_factory=list)
    skipped: str | None = None

    def add(self, figure: Figure) -> None:
        """Adds a figure, and prints it."""
        self.figures.append(figure)
        print(f"{figure.name}: {value_text(asdict(figure))}", flush=True)

    def skip(self, reason: str) -> None:
        """Reports that nothing can be measured."""
        self.skipped = reason
        print(f"{reason}: nothing was measured")


def value_text(figure: dict[str, Any]) -> str:
    """`1.14 x no-op Scrapy spider`."""
    parts = [_number(figure["value"]), figure["unit"], figure["baseline"]]
    return " ".join(part for part in parts if part)


def _number(value: float) -> str:
    """At least three digits, but no decimals of an integer: `1.14`, `12.3`, `250,000`."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def argument_parser(description: str | None) -> argparse.ArgumentParser:
    """A parser with the option --json."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    return parser


@contextmanager
def measuring(options: argparse.Namespace) -> Iterator[Results]:
    """Collects the figures of a script. --json writes them if the block ends normally."""
    results = Results()
    began = datetime.now(UTC)
    machine_facts = machine()
    yield results
    if options.json is None:
        return
    arguments = vars(options)
    document = {
        "script": Path(sys.argv[0]).stem,
        "date": f"{began:%Y-%m-%dT%H:%M:%SZ}",
        "seconds": round((datetime.now(UTC) - began).total_seconds(), 1),
        "commit": commit(),
        "machine": machine_facts,
        "arguments": {name: value for name, value in arguments.items() if name != "json"},
        "skipped": results.skipped,
        "figures": [asdict(figure) for figure in results.figures],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False, default=str)
    unfinished = options.json.with_name(f".{options.json.name}.part")
    unfinished.write_text(text + "\n", "utf-8")
    unfinished.replace(options.json)
