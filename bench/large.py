"""The cost of each command on a large archive, compared with a smaller one.

    python bench/large.py [--articles 100000 1000000] [--rounds 5] [--only status,front]
    python bench/large.py --folders SMALL LARGE

Without --folders, it generates archives of short texts, as `seeding.py --short-texts` does. The
commands run one after the other, in turn on each archive, as processes of their own: CPU, time and
memory include the start of Python, which the first line shows. The last figure of a command
compares the p95 of its CPU in the largest and in the smallest archive. Commands that read or write
all of an archive run once.

`crawl` requests one page of a site that has nothing else to be fetched. `dupes --update` runs
twice: with all texts, and with none left. Archives given with --folders get site files and are
changed. The memory of a small command is that of this script: Linux counts both together.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread
from time import monotonic

from parts.processes import NEWSCRAWL, Cost, wait_for
from parts.results import Figure, Results, argument_parser, measuring
from parts.short_texts import SITES
from seeding import large, seed

RARE, COMMON = "rau2320", "một đồng"
SITE_FILE = """name = "site{number}"
extends = "bnews"
title = "Báo {number}"
domain = "site{number}.example"
origin = "https://site{number}.example"
hosts = []
legacy_tls = false
"""
USAGE_ERRORS = (1, 2)
P95 = 0.95


@dataclass(frozen=True, slots=True)
class Command:
    """A command to measure. `once`: its cost is that of all articles."""

    name: str
    arguments: tuple[str, ...]
    once: bool = False


class NoPage(BaseHTTPRequestHandler):
    """Answers every request with 404."""

    def do_GET(self) -> None:
        """Answers."""
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Prints nothing."""


@contextmanager
def empty_site() -> Iterator[str]:
    """The address of a site without pages on loopback, while the block runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), NoPage) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def commands(base_url: str, backup: Path) -> list[Command]:
    """All commands, in the order in which they are measured."""
    crawl = ("crawl", "site2", "--base-url", base_url, "--max-requests", "1", "--no-warc")
    return [
        Command("start of Python", ("--version",)),
        Command("status", ("status",)),
        Command("front", ("front", "site1")),
        Command("front of a day", ("front", "site1", "--on", "2026-08-30")),
        Command("search, rare word", ("search", RARE)),
        Command("search, common words", ("search", COMMON)),
        Command("health", ("health",)),
        Command("crawl", (*crawl, "--quiet")),
        Command("maintain --dry-run", ("maintain", "--dry-run")),
        Command("completeness of 30 days", ("completeness", "site1", "--since", "2026-08-01")),
        Command("completeness", ("completeness", "site1"), once=True),
        Command("backup", ("backup", str(backup)), once=True),
        Command("verify", ("verify", "--no-warc"), once=True),
        Command("dupes --update", ("dupes", "--update", "--json"), once=True),
        Command("dupes --update, nothing new", ("dupes", "--update", "--json"), once=True),
        Command("maintain", ("maintain",), once=True),
    ]


def prepare(archive: Path) -> None:
    """Writes the site files of a generated archive."""
    folder = archive / "sites"
    folder.mkdir(exist_ok=True)
    for number in range(1, SITES + 1):
        text = SITE_FILE.format(number=number)
        (folder / f"site{number}.toml").write_text(text, "utf-8")


def run(archive: Path, command: Command) -> Cost:
    """The cost of a command. CalledProcessError if it cannot do what it should.

    Health, a failed crawl and missing pages have exit codes of their own, which are no errors here.
    """
    arguments = [*NEWSCRAWL, "--archive", str(archive), *command.arguments]
    began = monotonic()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    cost = wait_for(process, began)
    if process.returncode in USAGE_ERRORS or process.returncode < 0:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return cost


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * P95))]


def measure(results: Results, archives: Sequence[Path], command: Command, rounds: int) -> None:
    """Adds the figures of a command."""
    costs: dict[Path, list[Cost]] = {archive: [] for archive in archives}
    for _ in range(1 if command.once else rounds):
        for archive in archives:
            costs[archive].append(run(archive, command))
    for archive in archives:
        name = f"{command.name}, {archive.name}"
        cpu = [cost.cpu for cost in costs[archive]]
        wall = [cost.wall for cost in costs[archive]]
        memory = [cost.memory for cost in costs[archive]]
        results.add(Figure(f"{name}: CPU", median(cpu), "s", "", tuple(cpu)))
        results.add(Figure(f"{name}: time", median(wall), "s", "", tuple(wall)))
        results.add(Figure(f"{name}: memory", max(memory), "MB"))
    small, large_one = archives[0], archives[-1]
    growth = p95([cost.cpu for cost in costs[large_one]]) / p95([c.cpu for c in costs[small]])
    results.add(Figure(f"{command.name}: CPU p95 in {large_one.name}", growth, "x", small.name))


def measure_all(
    results: Results, archives: Sequence[Path], rounds: int, only: Sequence[str]
) -> None:
    """Adds the figures of all commands, or of those whose names begin with one of `only`."""
    for archive in archives:
        prepare(archive)
    backup = archives[0].parent / "backup.db"
    with empty_site() as base_url:
        for command in commands(base_url, backup):
            if not only or command.name.startswith(tuple(only)):
                measure(results, archives, command, rounds)
                backup.unlink(missing_ok=True)


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--folders", type=Path, nargs="+", help="archives, the smallest first")
    parser.add_argument("--rounds", type=int, default=5)
    names = partial(str.split, sep=",")
    parser.add_argument("--only", type=names, default=[], help="the beginnings of names")
    options: argparse.Namespace = parser.parse_args()
    with measuring(options) as results, tempfile.TemporaryDirectory() as folder:
        archives = options.folders
        if archives is None:
            archives = [
                seed(Path(folder) / f"{articles:,} articles", large(articles))
                for articles in options.articles
            ]
        measure_all(results, archives, options.rounds, options.only)


if __name__ == "__main__":
    main()
