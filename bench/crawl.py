"""What a crawl costs: CPU per page and pages a second, against Scrapy doing nothing and a naive spider.

    python bench/crawl.py [--articles 1000] [--rounds 5] [--json FILE]

Every round runs all of them on the same site, one after the other; the medians of the rounds' ratios are printed. The
CPU of starting up (a run over one page) is taken off each, and counted apart.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

from parts.target import Target, serving

PARTS = Path(__file__).parent / "parts"
FAST = ["--set", "DOWNLOAD_DELAY=0", "--quiet"]
FIGURES = (
    ("newscrawl, no WARC: CPU per page", "no WARC", "noop", "cpu", "at most 1.2"),
    ("newscrawl with WARC: CPU per page", "with WARC", "noop", "cpu", "at most 1.45"),
    ("newscrawl, no WARC: CPU per page", "no WARC", "naive", "cpu", "at most 0.55"),
    ("newscrawl, no WARC: pages a second", "no WARC", "naive", "speed", "at least 1.9"),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of CPU and of the clock, and the most memory in MB, of one process."""

    cpu: float
    wall: float
    memory: float


def run(command: list[str]) -> Cost:
    """Runs a command to its end; CalledProcessError where it fails."""
    began = monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(usage.ru_utime + usage.ru_stime, monotonic() - began, usage.ru_maxrss / 1000)


def crawl(target: Target, folder: Path, *options: str) -> Cost:
    """A crawl of the whole site into a new archive."""
    shutil.rmtree(folder / "archive", ignore_errors=True)
    command = [sys.executable, "-m", "newscrawl", "--archive", str(folder / "archive"), "crawl", target.site]
    return run([*command, "--base-url", target.base_url, *FAST, *options])


def spider(name: str, target: Target, folder: Path, *, pages: int | None = None) -> Cost:
    """One of the baselines over the site's articles."""
    (folder / "urls").write_text("\n".join(target.urls[:pages]), "utf-8")
    (folder / "naive.db").unlink(missing_ok=True)
    return run([sys.executable, str(PARTS / f"{name}_spider.py"), str(folder / "urls"), str(folder / "naive.db")])


def contestants(target: Target, folder: Path) -> Mapping[str, tuple[Callable[[], Cost], Callable[[], Cost]]]:
    """By name: a run over the whole site, and one over next to nothing."""
    little = ("--limit", "1", "--max-pages", "1", "--no-warc")
    return {
        "noop": (lambda: spider("noop", target, folder), lambda: spider("noop", target, folder, pages=1)),
        "naive": (lambda: spider("naive", target, folder), lambda: spider("naive", target, folder, pages=1)),
        "no WARC": (lambda: crawl(target, folder, "--no-warc"), lambda: crawl(target, folder, *little)),
        "with WARC": (lambda: crawl(target, folder), lambda: crawl(target, folder, *little)),
    }


def measure(target: Target, folder: Path, rounds: int) -> tuple[dict[str, list[Cost]], dict[str, Cost]]:
    """(runs by name, the least start-up by name)."""
    runners = contestants(target, folder)
    starts = {name: min((start() for _ in range(3)), key=lambda cost: cost.cpu) for name, (_, start) in runners.items()}
    runs: dict[str, list[Cost]] = {name: [] for name in runners}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for name, (whole, _) in runners.items():
            runs[name].append(whole())
    return runs, starts


def ratio(runs: dict[str, list[Cost]], starts: dict[str, Cost], names: tuple[str, str], what: str) -> float:
    """The median over the rounds; what="cpu": ours to theirs, "speed": theirs to ours."""
    ours, theirs = names

    def net(name: str, cost: Cost) -> float:
        return cost.cpu - starts[name].cpu if what == "cpu" else cost.wall - starts[name].wall

    pairs = [(net(ours, a), net(theirs, b)) for a, b in zip(runs[ours], runs[theirs], strict=True)]
    return statistics.median(a / b if what == "cpu" else b / a for a, b in pairs)


def main() -> None:
    """Prints the table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--articles", type=int, default=1000)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--json", type=Path, metavar="FILE", help="also write every run's cost to FILE")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as name, serving(asked.articles, Path(name)) as target:
        runs, starts = measure(target, Path(name), asked.rounds)
    for label, ours, theirs, what, goal in FIGURES:
        print(f"{label:<36} {ratio(runs, starts, (ours, theirs), what):5.2f} x {theirs:<6} (wanted: {goal})")
    for name, costs in runs.items():
        each = statistics.median(cost.cpu - starts[name].cpu for cost in costs) / len(target.urls) * 1000
        most = max(cost.memory for cost in costs)
        print(f"{name:<10} {each:5.2f} ms CPU a page, start {starts[name].cpu:.2f} s, at most {most:.0f} MB")
    if asked.json:
        found = {name: [asdict(cost) for cost in costs] for name, costs in runs.items()}
        asked.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
