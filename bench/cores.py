"""What both cores are worth: reextract, verify, rebuild and dupes in several processes against one.

    python bench/cores.py [--articles 4000] [--rounds 5] [--jobs 2] [--only NAME...] [--json FILE]

One archive is crawled from a site on this machine, and each round runs every command in one process and in several,
one after the other; medians of the rounds' ratios, of wall time and of CPU. Start-up counts: it takes a second, which
a thousand articles feel and four thousand hardly. Where others use the machine too, wall time says little; what the
CPU allows on idle cores (the processes' number by how much more CPU they take) is a figure as well.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

from parts.processes import NEWSCRAWL, cpu_of_children
from parts.results import Found, arguments, in_median, measuring
from parts.target import serving

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
PROMISED = {"reextract": 1.6}


def crawled(articles: int, folder: Path) -> Path:
    """An archive with raw pages; the demo newspaper is asked again until there are enough pages."""
    archive = folder / "archive"
    with serving(articles, folder) as target:
        command = [
            *NEWSCRAWL,
            "--archive",
            str(archive),
            "crawl",
            target.site,
            "--base-url",
            target.base_url,
        ]
        command += ["--set", "DOWNLOAD_DELAY=0", "--quiet"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for _ in range(articles // len(target.urls) - 1):
            subprocess.run([*command, "--full", "--refetch"], check=True, stdout=subprocess.DEVNULL)
    return archive


def commands(archive: Path, folder: Path) -> Mapping[str, Callable[[], list[str]]]:
    """What is run, by name; where a run would leave nothing to do for the next, it gets a new folder."""

    def on(place: Path, *words: str) -> list[str]:
        return ["--archive", str(place), *words]

    def rebuild() -> list[str]:
        shutil.rmtree(folder / "rebuilt", ignore_errors=True)
        return on(folder / "rebuilt", "rebuild", "--from-warc", str(archive / "warc"))

    def dupes() -> list[str]:
        shutil.rmtree(folder / "copy", ignore_errors=True)
        shutil.copytree(archive, folder / "copy", ignore=shutil.ignore_patterns("warc"))
        return on(folder / "copy", "dupes", "--update")

    return {
        "reextract": lambda: on(archive, "reextract"),
        "verify": lambda: on(archive, "verify"),
        "rebuild": rebuild,
        "dupes": dupes,
    }


def cost(words: list[str], jobs: int) -> tuple[float, float]:
    """Seconds of wall time and of CPU of a command in so many processes."""
    began, used = monotonic(), cpu_of_children()
    subprocess.run([*NEWSCRAWL, *words, "--jobs", str(jobs)], check=True, capture_output=True)
    wall = monotonic() - began
    while True:  # the processes that worked for the command, which end after it
        try:
            os.wait()
        except ChildProcessError:
            return wall, cpu_of_children() - used


def measure(found: Found, name: str, make: Callable[[], list[str]], rounds: int, jobs: int) -> None:
    """The figures of one command."""
    runs = [(cost(make(), 1), cost(make(), jobs)) for _ in range(rounds)]
    (wall, cpu), several = (
        ([(one[at], more[at]) for one, more in runs] for at in (0, 1)),
        f"{jobs} processes",
    )
    found.add(
        in_median(
            f"{name} in {several}: times as fast as in", [one / more for one, more in wall], "x", "one process",
            at_least=PROMISED.get(name),
        )
    )  # fmt: skip
    found.add(
        in_median(
            f"{name} in {several}: as the CPU allows on idle cores",
            [jobs * one / more for one, more in cpu],
        )
    )
    found.add(in_median(f"{name} in one process", [one for one, _ in wall], "s"))
    found.add(in_median(f"{name} in {several}", [more for _, more in wall], "s"))


def main() -> None:
    """Prints the table."""
    words = arguments(__doc__)
    words.add_argument("--articles", type=int, default=4000)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--jobs", type=int, default=2)
    words.add_argument(
        "--only", action="append", metavar="NAME", help="reextract, verify, rebuild or dupes"
    )
    asked = words.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # orphans of a command become ours
    print(
        f"load of the last minute before the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    with measuring(asked) as found, tempfile.TemporaryDirectory() as name:
        archive = crawled(asked.articles, Path(name))
        for command, make in commands(archive, Path(name)).items():
            if command in (asked.only or command):
                measure(found, command, make, asked.rounds, asked.jobs)


if __name__ == "__main__":
    main()
