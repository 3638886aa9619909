"""The gain from a second core: reextract, verify and rebuild in several processes and in one.

    python bench/cores.py [--articles 4000] [--rounds 5] [--jobs 2] [--only NAME...] [--json FILE]

One archive is crawled. Each round runs every command in one process and in several, one after the
other; figures are medians of the ratios of the rounds. The cost of starting is included. It takes a
second, which matters with a thousand articles and hardly with four thousand. If other programs use
the machine, wall time means little. The ratio that the CPU time would allow on idle cores is
therefore reported too.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from parts.processes import NEWSCRAWL, cpu_of_children, crawl_command, run
from parts.results import Results, argument_parser, measuring, median_of
from parts.target import serving

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h

# Gives the arguments of a command, after undoing what an earlier run of it has done.
Prepare = Callable[[], list[str]]


@dataclass(frozen=True, slots=True)
class Seconds:
    """Wall time and CPU of a command with all its processes."""

    wall: float
    cpu: float


def crawled(articles: int, folder: Path) -> Path:
    """An archive with raw pages."""
    archive = folder / "archive"
    with serving(articles) as target:
        run(crawl_command(archive, target.site, target.base_url))
    return archive


def commands(archive: Path, folder: Path) -> Mapping[str, Prepare]:
    """The commands by name."""
    rebuilt = folder / "rebuilt"

    def rebuild() -> list[str]:
        shutil.rmtree(rebuilt, ignore_errors=True)
        return ["--archive", str(rebuilt), "rebuild", "--from-warc", str(archive / "warc")]

    return {
        "reextract": lambda: ["--archive", str(archive), "reextract"],
        "verify": lambda: ["--archive", str(archive), "verify"],
        "rebuild": rebuild,
    }


def cost(arguments: Sequence[str], jobs: int) -> Seconds:
    """The cost of a command with so many processes."""
    began = monotonic()
    cpu_before = cpu_of_children()
    subprocess.run([*NEWSCRAWL, *arguments, "--jobs", str(jobs)], check=True, capture_output=True)
    wall = monotonic() - began
    while True:
        try:
            os.wait()  # the worker processes of the command, which end after it
        except ChildProcessError:
            return Seconds(wall, cpu_of_children() - cpu_before)


def measure(results: Results, name: str, prepare: Prepare, rounds: int, jobs: int) -> None:
    """Adds the figures of one command."""
    runs = [(cost(prepare(), 1), cost(prepare(), jobs)) for _ in range(rounds)]
    speedups = [one.wall / several.wall for one, several in runs]
    possible = [jobs * one.cpu / several.cpu for one, several in runs]
    with_jobs = f"{name} in {jobs} processes"
    results.add(median_of(f"{with_jobs}: times as fast as", speedups, "x", "one process"))
    results.add(median_of(f"{with_jobs}: possible on idle cores", possible))
    results.add(median_of(f"{name} in one process", [one.wall for one, _ in runs], "s"))
    results.add(median_of(with_jobs, [several.wall for _, several in runs], "s"))


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="reextract, verify or rebuild"
    )
    options = parser.parse_args()
    # Worker processes whose command has ended become children of this process.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    print(f"load before the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with measuring(options) as results, tempfile.TemporaryDirectory() as name:
        archive = crawled(options.articles, Path(name))
        for command, prepare in commands(archive, Path(name)).items():
            if not options.only or command in options.only:
                measure(results, command, prepare, options.rounds, options.jobs)


if __name__ == "__main__":
    main()
