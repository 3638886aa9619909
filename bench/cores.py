"""What both cores are worth: reextract, verify, rebuild and dupes in several processes against one.

    python bench/cores.py [--articles 3000] [--rounds 5] [--jobs 2] [--only NAME...]

One archive is crawled from a site on this machine, and each round runs every command in one process and in several,
one after the other; the medians of the rounds' ratios of wall time are printed. Start-up counts. Cores that others use
count too: measure on an idle machine.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

from parts.target import serving

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


def seconds(words: list[str], jobs: int) -> float:
    """Wall time of a command in so many processes."""
    began = monotonic()
    subprocess.run([*NEWSCRAWL, *words, "--jobs", str(jobs)], check=True, capture_output=True)
    return monotonic() - began


def main() -> None:
    """Prints the table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--articles", type=int, default=3000)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--jobs", type=int, default=2)
    words.add_argument("--only", action="append", metavar="NAME", help="reextract, verify, rebuild or dupes")
    asked = words.parse_args()
    print(f"load of the last minute before the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as name:
        archive = crawled(asked.articles, Path(name))
        for command, make in commands(archive, Path(name)).items():
            if command in (asked.only or command):
                runs = [(seconds(make(), 1), seconds(make(), asked.jobs)) for _ in range(asked.rounds)]
                alone, together = (statistics.median(each) for each in zip(*runs, strict=True))
                faster = statistics.median(one / several for one, several in runs)
                print(f"{command:<10} {alone:6.2f} s in one process, {together:6.2f} s in {asked.jobs}: {faster:.2f} x")


if __name__ == "__main__":
    main()
