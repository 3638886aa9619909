"""What both cores are worth: reextract, verify, rebuild and dupes in several processes against one.

    python bench/cores.py [--articles 3000] [--rounds 5] [--jobs 2] [--only NAME...]

One archive is crawled from a site on this machine, and each round runs every command in one process and in several,
one after the other; the medians of the rounds' ratios are printed, of wall time and of CPU. Start-up counts. Where
others use the machine too, wall time says little; what the CPU allows on idle cores is printed as well.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

from parts.target import serving

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
NEWSCRAWL = [sys.executable, "-m", "newscrawl"]


def crawled(articles: int, folder: Path) -> Path:
    """An archive with raw pages; the demo newspaper is asked again until there are enough pages."""
    archive = folder / "archive"
    with serving(articles, folder) as target:
        command = [*NEWSCRAWL, "--archive", str(archive), "crawl", target.site, "--base-url", target.base_url]
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
    began, used = monotonic(), children_cpu()
    subprocess.run([*NEWSCRAWL, *words, "--jobs", str(jobs)], check=True, capture_output=True)
    wall = monotonic() - began
    while True:  # the processes that worked for the command, which end after it
        try:
            os.wait()
        except ChildProcessError:
            return wall, children_cpu() - used


def children_cpu() -> float:
    """CPU seconds of all processes that this one has waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Prints the table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--articles", type=int, default=3000)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--jobs", type=int, default=2)
    words.add_argument("--only", action="append", metavar="NAME", help="reextract, verify, rebuild or dupes")
    asked = words.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # orphans of a command become ours
    print(f"load of the last minute before the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as name:
        archive = crawled(asked.articles, Path(name))
        for command, make in commands(archive, Path(name)).items():
            if command in (asked.only or command):
                runs = [(cost(make(), 1), cost(make(), asked.jobs)) for _ in range(asked.rounds)]
                wall, cpu = ([(one[at], several[at]) for one, several in runs] for at in (0, 1))
                more = statistics.median(several / one for one, several in cpu)
                print(
                    f"{command:<10} {statistics.median(one for one, _ in wall):6.2f} s in one process,"
                    f" {statistics.median(several for _, several in wall):6.2f} s in {asked.jobs}:"
                    f" {statistics.median(one / several for one, several in wall):.2f} x;"
                    f" CPU {more:.2f} x: at most {asked.jobs / more:.2f} x on idle cores"
                )


if __name__ == "__main__":
    main()
