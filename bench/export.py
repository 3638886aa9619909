"""Exports of a big made-up archive: time against `sqlite3 -csv` on the same rows, and memory at two sizes.

    python bench/export.py [--articles 100000] [--folder FOLDER] [--quick]

`--folder` keeps the archives for the next run. Times are medians of 5 runs (1 with --quick), the baseline before each.
CSV is measured in CPU seconds and on the clock, as is its baseline; all write to a file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

FORMS = ("csv", "jsonl", "parquet")
SMALL = 10_000
ROWS = "SELECT * FROM export_articles WHERE revision > 0 ORDER BY id"


def run(command: list[str], out: Path) -> tuple[float, float, float]:
    """Seconds on the clock, seconds of CPU, and the most memory in MB of a command whose stdout goes to a file."""
    with out.open("wb") as file:
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def ours(archive: Path, form: str) -> list[str]:
    """The command that exports articles."""
    return [sys.executable, "-m", "newscrawl", "--archive", str(archive), "export", "articles", "--format", form]


def made(folder: Path, articles: int) -> Path:
    """The archive of that size, made where it is not there yet. Without full text, which no export reads.

    In a process of its own: a child's memory counts from that of the process which starts it.
    """
    archive = folder / f"articles-{articles}"
    if not archive.exists():
        seeding = [sys.executable, str(Path(__file__).with_name("seeding.py")), str(archive), "--no-full-text"]
        subprocess.run([*seeding, "--articles", str(articles)], check=True, stdout=subprocess.DEVNULL)
    return archive


def measure(folder: Path, articles: int, rounds: int) -> None:
    """Prints the ratios and the memory."""
    archive, small, out = made(folder, articles), made(folder, SMALL), folder / "out"
    baseline = ["sqlite3", "-csv", "-header", str(archive / "newscrawl.db"), ROWS]
    run(baseline, out)
    for form in FORMS:
        pairs = [(run(baseline, out), run(ours(archive, form), out)) for _ in range(rounds)]
        clock, cpu = (median(own[n] / base[n] for base, own in pairs) for n in (0, 1))
        memory, less = max(own[2] for _, own in pairs), run(ours(small, form), out)[2]
        print(
            f"{form:8} {articles:,} articles: {clock:.2f} of the time of sqlite3 -csv ({cpu:.2f} of its CPU),"
            f" {memory:.0f} MB; {SMALL:,} articles: {less:.0f} MB"
        )
    print(f"sqlite3 -csv: {median(base[0] for base, _ in pairs):.2f} s, {pairs[0][0][2]:.0f} MB")


def main() -> None:
    """Makes the archives, measures, and takes them away again."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--articles", type=int, default=100_000)
    words.add_argument("--folder", type=Path)
    words.add_argument("--quick", action="store_true")
    asked = words.parse_args()
    if shutil.which("sqlite3") is None:
        print("sqlite3 is not here (apt install sqlite3): nothing was measured")
        return
    if asked.folder is not None:
        measure(asked.folder, asked.articles, 1 if asked.quick else 5)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), asked.articles, 1 if asked.quick else 5)


if __name__ == "__main__":
    main()
