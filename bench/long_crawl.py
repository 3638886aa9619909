"""A long crawl: does an article cost more CPU late than early, and how much memory does it take?

    python bench/long_crawl.py [--articles 2000] [--no-warc] [--folder FOLDER] [--json FILE]
    python bench/long_crawl.py --articles 100000 --every 5

One crawl of newsite.py of ../shared; without it nothing is measured. From outside, every few seconds: the crawl's CPU
(user and system, from /proc) and memory, and how many articles its database has, by a read that waits for nobody. What
an article costs is the CPU between two numbers of articles; the start is not counted. `--folder` keeps the archive.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Event
from time import monotonic

from parts.processes import NEWSCRAWL
from parts.results import Figure, Found, arguments, measuring
from parts.target import NEWSITE, Target, serving

from newscrawl.core.errors import NewscrawlError
from newscrawl.store.connection import open_reader

TICKS = os.sysconf("SC_CLK_TCK")
STORED = (
    "SELECT count(*) FROM revisions"  # its rows are small, and there is one of each stored article
)
ENDED_BY_BUDGET = 6  # exit code
PROMISED_MB = {2_000: 160, 100_000: 200}


@dataclass(frozen=True, slots=True)
class Sample:
    """So many seconds after the start: articles, CPU seconds, memory now and at most, in MB."""

    seconds: float
    articles: int
    cpu: float
    memory: float
    most: float


def crawl(target: Target, archive: Path, every: float, options: Sequence[str]) -> list[Sample]:
    """Samples of one crawl, the last one of its end; CalledProcessError where it fails."""
    command = [
        *NEWSCRAWL,
        "--archive",
        str(archive),
        "crawl",
        target.site,
        "--base-url",
        target.base_url,
    ]
    command += ["--set", "DOWNLOAD_DELAY=0", "--quiet", *options]
    began, samples = monotonic(), [Sample(0, 0, 0, 0, 0)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
        Event().wait(every)
        sample = taken(process.pid, archive, monotonic() - began)
        samples += [sample] if sample else []
    _, status, usage = ended
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, ENDED_BY_BUDGET):
        raise subprocess.CalledProcessError(process.returncode, command)
    cpu, most = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    return [*samples, Sample(monotonic() - began, stored(archive), cpu, samples[-1].memory, most)]


def taken(pid: int, archive: Path, seconds: float) -> Sample | None:
    """How far a crawl is; None if it has just ended."""
    try:
        return Sample(seconds, stored(archive), *used(pid))
    except (ProcessLookupError, KeyError):  # a process that has ended has no memory
        return None


def used(pid: int) -> tuple[float, float, float]:
    """(CPU seconds, MB now, MB at most) of a process that runs."""
    after_name = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    )
    memory, most = (int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return (int(after_name[11]) + int(after_name[12])) / TICKS, memory, most


def stored(archive: Path) -> int:
    """How many articles the archive has; 0 before there is one."""
    try:
        with closing(open_reader(archive)) as db:
            return int(db.execute(STORED).fetchone()[0])
    except NewscrawlError:
        return 0


def cpu_at(samples: Sequence[Sample], articles: int) -> float:
    """CPU seconds when so many were stored, by a straight line between the samples around."""
    for before, after in pairwise(samples):
        if before.articles <= articles < after.articles:
            share = (articles - before.articles) / (after.articles - before.articles)
            return before.cpu + share * (after.cpu - before.cpu)
    return next(sample.cpu for sample in samples if sample.articles >= articles)


def report(found: Found, samples: Sequence[Sample], window: int) -> None:
    """The figures."""
    end = samples[-1]
    first = next(
        sample.articles for sample in samples if sample.articles
    )  # what was before is the start
    early = (cpu_at(samples, first + window) - cpu_at(samples, first)) / window * 1000
    late = (cpu_at(samples, end.articles) - cpu_at(samples, end.articles - window)) / window * 1000
    size = f"a crawl of {end.articles:,} articles"
    wanted = 1.1 if end.articles >= max(PROMISED_MB) else None
    found.add(
        Figure(
            f"{size}: CPU of the last {window:,}",
            late / early,
            "x",
            f"the first {window:,}",
            at_most=wanted,
        )
    )
    found.add(Figure(f"{size}: CPU of each of the first {window:,}", early, "ms"))
    found.add(Figure(f"{size}: CPU of each of the last {window:,}", late, "ms"))
    promised = next((mb for articles, mb in PROMISED_MB.items() if end.articles <= articles), None)
    found.add(Figure(f"{size}: memory", end.most, "MB", at_most=promised))
    for articles in (number for number in (1_000, 2_000, 10_000, 50_000) if number < end.articles):
        sample = next(sample for sample in samples if sample.articles >= articles)
        found.add(Figure(f"{size}: memory after {articles:,}", sample.most, "MB"))
    found.add(Figure(f"{size}: articles a second", end.articles / end.seconds, ""))


def main() -> None:
    """Measures."""
    words = arguments(__doc__)
    words.add_argument("--articles", type=int, default=2_000)
    words.add_argument("--window", type=int, help="articles at either end (a tenth of all)")
    words.add_argument("--every", type=float, default=1.0, help="seconds between two samples")
    words.add_argument("--no-warc", action="store_true")
    words.add_argument("--minutes", type=int, help="the crawl ends after so many, wherever it is")
    words.add_argument("--folder", type=Path, help="where the archive stays")
    asked = words.parse_args()
    with measuring(asked) as found:
        if not NEWSITE.is_file():
            found.nothing("no site/newsite.py in ../shared")
            return
        with tempfile.TemporaryDirectory() as name:
            with serving(asked.articles, Path(name), truth=False) as target:
                archive = asked.folder or Path(name) / "archive"
                options = ["--no-warc"] if asked.no_warc else []
                options += ["--max-minutes", str(asked.minutes)] if asked.minutes else []
                samples = crawl(target, archive, asked.every, options)
            report(found, samples, asked.window or samples[-1].articles // 10)


if __name__ == "__main__":
    main()
