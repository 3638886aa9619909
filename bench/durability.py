"""The cost of syncing raw pages before each commit: CPU and wall time of a crawl on a real disk.

    python bench/durability.py [--articles 500] [--rounds 5] [--folder FOLDER] [--against PYTHON]

In each round, a crawl as it is and a crawl that never syncs its WARC files read the same site, one
after the other. A ratio is the median of the ratios of the rounds. --folder is on the disk to be
measured; the default is the current folder. --against compares with the newscrawl of another
checkout instead: PYTHON is the interpreter of its environment.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from parts.processes import NEWSCRAWL, Cost, crawl_command, memory_folder, new_archive, run
from parts.results import Figure, Results, argument_parser, measuring, median_of
from parts.target import Target, serving

PARTS = Path(__file__).parent / "parts"
UNSYNCED = (sys.executable, str(PARTS / "unsynced_crawl.py"))
SYNCS = 50  # of the disk itself, whose speed explains the figures
SYNCED_BYTES = 64_000  # of raw pages in a usual commit


def milliseconds_of_a_sync(folder: Path) -> float:
    """How long an fsync takes on this disk, after as many bytes as a commit usually has."""
    taken = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(SYNCS):
            file.write(os.urandom(SYNCED_BYTES))
            began = perf_counter()
            os.fsync(file.fileno())
            taken.append(perf_counter() - began)
    return median(taken) * 1000


def crawl(target: Target, folder: Path, command: tuple[str, ...], *options: str) -> Cost:
    """Crawls the whole site into a new archive."""
    archive = folder / "archive"
    shutil.rmtree(archive, ignore_errors=True)
    shutil.copytree(folder / command[0].replace("/", "_"), archive)
    return run(crawl_command(archive, target.site, target.base_url, *options, command=command))


def report(
    results: Results, target: Target, folder: Path, other: tuple[str, ...], rounds: int
) -> None:
    """Adds the figures."""
    baseline = "no sync of raw pages" if other == UNSYNCED else other[0]
    start = {}
    runs: dict[str, list[Cost]] = {"now": [], "other": []}
    commands = {"now": NEWSCRAWL, "other": other}
    for name, command in commands.items():
        crawl(target, folder, command, "--limit", "1", "--max-pages", "1")
        starts = [crawl(target, folder, command, "--limit", "1", "--max-pages", "1") for _ in "123"]
        start[name] = min(starts, key=lambda cost: cost.cpu)
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        # Whoever comes first finds another state of the disk and of the machine.
        for name in sorted(commands, reverse=number % 2 == 1):
            runs[name].append(crawl(target, folder, commands[name]))
    pairs = list(zip(runs["now"], runs["other"], strict=True))
    cpu = [(a.cpu - start["now"].cpu) / (b.cpu - start["other"].cpu) for a, b in pairs]
    wall = [(a.wall - start["now"].wall) / (b.wall - start["other"].wall) for a, b in pairs]
    results.add(median_of("crawl with synced raw pages: CPU per page", cpu, "x", baseline))
    results.add(median_of("crawl with synced raw pages: time per page", wall, "x", baseline))
    for name, costs in runs.items():
        label = "synced" if name == "now" else baseline
        milliseconds = [(cost.cpu - start[name].cpu) / len(target.urls) * 1000 for cost in costs]
        results.add(median_of(f"{label}: CPU per article", milliseconds, "ms"))
        milliseconds = [(cost.wall - start[name].wall) / len(target.urls) * 1000 for cost in costs]
        results.add(median_of(f"{label}: time per article", milliseconds, "ms"))


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path())
    parser.add_argument("--against", metavar="PYTHON")
    options = parser.parse_args()
    # -P: not the newscrawl of the current folder.
    other = (options.against, "-P", "-m", "newscrawl") if options.against else UNSYNCED
    with (
        measuring(options) as results,
        tempfile.TemporaryDirectory(dir=options.folder) as name,
        serving(options.articles) as target,
    ):
        folder = Path(name)
        if memory_folder() in folder.resolve().parents:
            sys.exit(f"{folder} is in memory; name a folder on a disk with --folder")
        for python in {NEWSCRAWL[0], other[0]}:
            new_archive(folder / python.replace("/", "_"), python)
        results.add(Figure("fsync of this disk", milliseconds_of_a_sync(folder), "ms"))
        report(results, target, folder, other, options.rounds)


if __name__ == "__main__":
    main()
