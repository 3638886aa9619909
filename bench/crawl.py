"""The cost of a crawl: CPU, time and memory, compared with two simple spiders.

    python bench/crawl.py [--articles 1000] [--rounds 5] [--json FILE]
    python bench/crawl.py --parts

In each round, all contestants read the same site, one after the other. A ratio is the median of
the ratios of the rounds. The no-op spider fetches every page that a crawl fetches and does nothing
with it. The naive spider fetches only the articles, and stores what newscrawl stores of an article
with one commit each. CPU is user and system time per fetched page without the cost of starting,
which is measured with a run over one page. Archives are kept in memory (/dev/shm), so that no disk
is measured; on a disk, the naive spider is slower. --parts prints how much CPU each part of a crawl
takes.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from parts.processes import Cost, crawl_command, memory_folder, new_archive, run
from parts.results import Figure, Results, argument_parser, measuring, median_of
from parts.target import Target, serving

from newscrawl.store.connection import open_reader

PARTS = Path(__file__).parent / "parts"
ACCOUNTED = (sys.executable, str(PARTS / "accounted_crawl.py"))
NOOP = "no-op Scrapy spider on the same pages"
NAIVE = "naive Scrapy spider"


@dataclass(frozen=True, slots=True)
class Contestant:
    """`run` fetches all `pages`, `start` only one or two."""

    pages: int
    run: Callable[[], Cost]
    start: Callable[[], Cost]


@dataclass(frozen=True, slots=True)
class Measured:
    """The runs of a contestant, and the cheapest of its starts."""

    pages: int
    start: Cost
    runs: Sequence[Cost]

    def cpu_per_page(self) -> list[float]:
        """Milliseconds, by round."""
        return [(run.cpu - self.start.cpu) / self.pages * 1000 for run in self.runs]

    def pages_per_second(self) -> list[float]:
        """By round."""
        return [self.pages / (run.wall - self.start.wall) for run in self.runs]


class Field:
    """The contestants on one site; `folder` takes their archives."""

    def __init__(self, target: Target, folder: Path) -> None:
        self._target = target
        self._archive = folder / "archive"
        self._empty_archive = folder / "empty"
        self._urls = folder / "urls"
        self._database = folder / "naive.db"
        new_archive(self._empty_archive)

    def contestants(self) -> dict[str, Contestant]:
        """All contestants by name."""
        self.crawl("--no-warc")
        pages = self.fetched()
        articles = self._target.urls
        return {
            "noop": Contestant(
                len(pages),
                lambda: self._spider("noop", pages),
                lambda: self._spider("noop", pages[:1]),
            ),
            "naive": Contestant(
                len(articles),
                lambda: self._spider("naive", articles),
                lambda: self._spider("naive", articles[:1]),
            ),
            "no WARC": Contestant(len(pages), lambda: self.crawl("--no-warc"), self._start),
            "with WARC": Contestant(len(pages), self.crawl, self._start),
        }

    def crawl(self, *options: str) -> Cost:
        """Crawls the whole site into a new archive."""
        shutil.rmtree(self._archive, ignore_errors=True)
        shutil.copytree(self._empty_archive, self._archive)
        target = self._target
        return run(crawl_command(self._archive, target.site, target.base_url, *options))

    def _start(self) -> Cost:
        return self.crawl("--limit", "1", "--max-pages", "1", "--no-warc")

    def fetched(self) -> list[str]:
        """The URLs that the last crawl fetched, in their order, without repetitions."""
        with closing(open_reader(self._archive)) as db:
            urls = [row[0] for row in db.execute("SELECT url FROM captures ORDER BY id")]
        return list(dict.fromkeys(urls))

    def _spider(self, name: str, urls: Sequence[str]) -> Cost:
        """Runs one of the simple spiders on these URLs."""
        self._urls.write_text("\n".join(urls), "utf-8")
        self._database.unlink(missing_ok=True)
        program = str(PARTS / f"{name}_spider.py")
        return run([sys.executable, program, str(self._urls), str(self._database)])

    def cpu_by_part(self) -> dict[str, float]:
        """Milliseconds of CPU per page, by part of a crawl with raw pages."""
        shutil.rmtree(self._archive, ignore_errors=True)
        shutil.copytree(self._empty_archive, self._archive)
        result = self._archive.with_name("parts.json")
        target = self._target
        command = crawl_command(
            self._archive, target.site, target.base_url, command=[*ACCOUNTED, str(result)]
        )
        run(command)
        pages = len(self.fetched())
        seconds: dict[str, float] = json.loads(result.read_text("utf-8"))
        return {name: spent / pages * 1000 for name, spent in seconds.items()}


def measure(contestants: Mapping[str, Contestant], rounds: int) -> dict[str, Measured]:
    """All runs, by contestant."""
    starts = {}
    runs: dict[str, list[Cost]] = {name: [] for name in contestants}
    for name, contestant in contestants.items():
        costs = [contestant.start() for _ in range(3)]
        starts[name] = min(costs, key=lambda cost: cost.cpu)
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}", file=sys.stderr)
        for name, contestant in contestants.items():
            runs[name].append(contestant.run())
    return {
        name: Measured(contestant.pages, starts[name], runs[name])
        for name, contestant in contestants.items()
    }


def report(results: Results, measured: Mapping[str, Measured]) -> None:
    """Adds the figures."""
    cpu = {name: runs.cpu_per_page() for name, runs in measured.items()}
    for name in ("no WARC", "with WARC"):
        ratios = _ratios(cpu[name], cpu["noop"])
        results.add(median_of(f"crawl, {name}: CPU per page", ratios, "x", NOOP))
    ratios = _ratios(cpu["no WARC"], cpu["naive"])
    results.add(median_of("crawl, no WARC: CPU per page", ratios, "x", NAIVE))
    ours = measured["no WARC"].pages_per_second()
    ratios = _ratios(ours, measured["naive"].pages_per_second())
    results.add(median_of("crawl, no WARC: pages per second", ratios, "x", NAIVE))
    for name, runs in measured.items():
        memory = max(run.memory for run in runs.runs)
        results.add(Figure(f"{name}: memory with {runs.pages:,} pages", memory, "MB"))
        results.add(median_of(f"{name}: CPU per page", cpu[name], "ms"))
        results.add(median_of(f"{name}: pages per second", runs.pages_per_second(), ""))
        results.add(Figure(f"{name}: CPU of starting", runs.start.cpu, "s"))


def _ratios(values: Sequence[float], baseline: Sequence[float]) -> list[float]:
    return [value / base for value, base in zip(values, baseline, strict=True)]


def report_parts(results: Results, field: Field, rounds: int) -> None:
    """Adds the CPU of each part, the largest first."""
    runs = [field.cpu_by_part() for _ in range(rounds)]
    for name in sorted(runs[0], key=lambda name: -runs[0][name]):
        milliseconds = [run[name] for run in runs]
        results.add(median_of(f"a page of a crawl: {name}", milliseconds, "ms of CPU"))


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--parts", action="store_true", help="CPU of each part of a crawl")
    options = parser.parse_args()
    with (
        measuring(options) as results,
        tempfile.TemporaryDirectory(dir=memory_folder()) as name,
        serving(options.articles) as target,
    ):
        field = Field(target, Path(name))
        if options.parts:
            report_parts(results, field, options.rounds)
        else:
            report(results, measure(field.contestants(), options.rounds))


if __name__ == "__main__":
    main()
