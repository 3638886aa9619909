"""A long crawl: CPU of its last articles compared with its first, and memory.

    python bench/long_crawl.py [--articles 2000] [--no-warc] [--folder FOLDER] [--json FILE]

While one crawl of the made-up newspaper runs, its CPU and memory are read from /proc, and the
number of its articles from its database. The CPU of starting is not counted. --folder keeps the
archive.
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

from parts.processes import crawl_command, new_archive, wait_for
from parts.results import Figure, Results, argument_parser, measuring
from parts.target import Target, serving

from newscrawl.store.connection import open_reader

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# There is one revision for each stored article, and its row is small.
STORED = "SELECT count(*) FROM revisions"
ENDED_BY_BUDGET = 6  # exit code
MEMORY_SHOWN_AT = (1_000, 2_000, 10_000, 50_000)


@dataclass(frozen=True, slots=True)
class Sample:
    """How far a crawl is: articles stored, CPU seconds, and its maximum memory in MB."""

    seconds: float
    articles: int
    cpu: float
    memory: float


def crawl(target: Target, archive: Path, every: float, options: Sequence[str]) -> list[Sample]:
    """The samples of one crawl, the last one at its end; CalledProcessError if it fails."""
    new_archive(archive)
    command = crawl_command(archive, target.site, target.base_url, *options)
    began = monotonic()
    samples = [Sample(0, 0, 0, 0)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    # WNOWAIT leaves the ended process to wait_for, which reads its CPU.
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        Event().wait(every)
        sample = take_sample(process.pid, archive, monotonic() - began)
        if sample is not None:
            samples.append(sample)
    cost = wait_for(process, began)
    if process.returncode not in (0, ENDED_BY_BUDGET):
        raise subprocess.CalledProcessError(process.returncode, command)
    return [*samples, Sample(cost.wall, stored(archive), cost.cpu, cost.memory)]


def take_sample(pid: int, archive: Path, seconds: float) -> Sample | None:
    """How far a crawl is; None if it has just ended."""
    try:
        cpu, memory = cpu_and_memory(pid)
    except (FileNotFoundError, ProcessLookupError, KeyError):
        return None
    return Sample(seconds, stored(archive), cpu, memory)


def cpu_and_memory(pid: int) -> tuple[float, float]:
    """CPU seconds and maximum MB of a running process; KeyError if it has ended."""
    stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    fields = stat.rpartition(")")[2].split()
    cpu = (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    status = dict(line.split(":", 1) for line in lines)
    return cpu, int(status["VmHWM"].split()[0]) / 1024


def stored(archive: Path) -> int:
    """The number of stored articles."""
    with closing(open_reader(archive)) as db:
        return int(db.execute(STORED).fetchone()[0])


def cpu_at(samples: Sequence[Sample], articles: int) -> float:
    """CPU seconds when so many articles were stored, interpolated between two samples."""
    for before, after in pairwise(samples):
        if before.articles <= articles < after.articles:
            share = (articles - before.articles) / (after.articles - before.articles)
            return before.cpu + share * (after.cpu - before.cpu)
    return first_with(samples, articles).cpu


def first_with(samples: Sequence[Sample], articles: int) -> Sample:
    """The first sample with so many articles."""
    return next(sample for sample in samples if sample.articles >= articles)


def report(results: Results, samples: Sequence[Sample], window: int) -> None:
    """Adds the figures; `window` is the number of articles compared at either end."""
    end = samples[-1]
    first = first_with(samples, 1).articles
    early = cpu_at(samples, first + window) - cpu_at(samples, first)
    late = cpu_at(samples, end.articles) - cpu_at(samples, end.articles - window)
    name = f"a crawl of {end.articles:,} articles"
    baseline = f"the first {window:,}"
    results.add(Figure(f"{name}: CPU of the last {window:,}", late / early, "x", baseline))
    results.add(Figure(f"{name}: CPU per article, first {window:,}", early / window * 1000, "ms"))
    results.add(Figure(f"{name}: CPU per article, last {window:,}", late / window * 1000, "ms"))
    results.add(Figure(f"{name}: memory", end.memory, "MB"))
    for articles in MEMORY_SHOWN_AT:
        if articles < end.articles:
            memory = first_with(samples, articles).memory
            results.add(Figure(f"{name}: memory after {articles:,}", memory, "MB"))
    results.add(Figure(f"{name}: articles per second", end.articles / end.seconds, ""))


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--window", type=int, help="articles at either end (default: a tenth)")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two samples")
    parser.add_argument("--no-warc", action="store_true")
    parser.add_argument("--minutes", type=int, help="end the crawl after this time")
    parser.add_argument("--folder", type=Path, help="keep the archive here")
    options = parser.parse_args()
    crawl_options = []
    if options.no_warc:
        crawl_options.append("--no-warc")
    if options.minutes:
        crawl_options += ["--max-minutes", str(options.minutes)]
    with (
        measuring(options) as results,
        tempfile.TemporaryDirectory() as name,
        serving(options.articles) as target,
    ):
        archive = options.folder or Path(name) / "archive"
        samples = crawl(target, archive, options.every, crawl_options)
        report(results, samples, options.window or samples[-1].articles // 10)


if __name__ == "__main__":
    main()
