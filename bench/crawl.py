"""What a crawl costs: CPU per page and pages a second, against Scrapy doing nothing and a naive spider.

    python bench/crawl.py [--articles 1000] [--rounds 5] [--json FILE]
    python bench/crawl.py --parts

Every round runs all of them on the same site, one after the other; the medians of the rounds' ratios are printed. The
CPU of starting up (a run over one page) is taken off each, and counted apart. Figures are per page fetched: newscrawl
and the spider that does nothing fetch the articles, the category pages and robots.txt (its list is what a first crawl
fetched), the naive spider the articles alone. CPU is user and system time. Archives lie in memory where /dev/shm is
there, so that no disk has a part in it; on a disk the naive spider, which commits every item, is slower. With `--parts`
nothing is compared: it says which part of a crawl takes how much of a page's CPU.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from parts.processes import NEWSCRAWL, Cost, in_memory, run
from parts.results import Figure, Found, arguments, in_median, measuring
from parts.target import Target, serving

from newscrawl.store.connection import open_reader

PARTS = Path(__file__).parent / "parts"
FAST = ("--set", "DOWNLOAD_DELAY=0", "--quiet")
PAGES_OF_MEMORY = 2_000  # what a crawl of so many pages may take is promised


@dataclass(frozen=True, slots=True)
class Contestant:
    """`whole` runs over all `pages`, `start` over next to nothing."""

    pages: int
    whole: Callable[[], Cost]
    start: Callable[[], Cost]


def crawl(target: Target, folder: Path, *options: str) -> Cost:
    """A crawl of the whole site into a new archive."""
    shutil.rmtree(folder / "archive", ignore_errors=True)
    command = [*NEWSCRAWL, "--archive", str(folder / "archive"), "crawl", target.site]
    return run([*command, "--base-url", target.base_url, *FAST, *options])


def fetched(archive: Path) -> list[str]:
    """What a crawl has fetched, in its order, each once."""
    db = open_reader(archive)
    urls = [row[0] for row in db.execute("SELECT url FROM captures ORDER BY id")]
    db.close()
    return list(dict.fromkeys(urls))


def spider(name: str, urls: Sequence[str], folder: Path) -> Cost:
    """One of the baselines over these addresses."""
    (folder / "urls").write_text("\n".join(urls), "utf-8")
    (folder / "naive.db").unlink(missing_ok=True)
    return run(
        [
            sys.executable,
            str(PARTS / f"{name}_spider.py"),
            str(folder / "urls"),
            str(folder / "naive.db"),
        ]
    )


def contestants(target: Target, folder: Path) -> Mapping[str, Contestant]:
    """By name."""
    crawl(target, folder, "--no-warc")
    every, articles = fetched(folder / "archive"), target.urls
    little = ("--limit", "1", "--max-pages", "1", "--no-warc")

    def start() -> Cost:
        return crawl(target, folder, *little)

    return {
        "noop": Contestant(
            len(every),
            lambda: spider("noop", every, folder),
            lambda: spider("noop", every[:1], folder),
        ),
        "naive": Contestant(
            len(articles),
            lambda: spider("naive", articles, folder),
            lambda: spider("naive", articles[:1], folder),
        ),
        "no WARC": Contestant(len(every), lambda: crawl(target, folder, "--no-warc"), start),
        "with WARC": Contestant(len(every), lambda: crawl(target, folder), start),
    }


@dataclass(frozen=True, slots=True)
class Runs:
    """Of one contestant: its pages, its least start-up, and every run."""

    pages: int
    start: Cost
    runs: Sequence[Cost]

    def cpu(self) -> list[float]:
        """Milliseconds for a page, run by run."""
        return [(one.cpu - self.start.cpu) / self.pages * 1000 for one in self.runs]

    def speed(self) -> list[float]:
        """Pages a second, run by run."""
        return [self.pages / (one.wall - self.start.wall) for one in self.runs]


def measure(target: Target, folder: Path, rounds: int) -> dict[str, Runs]:
    """All runs, by contestant."""
    all_of_them = contestants(target, folder)
    starts = {
        name: min((one.start() for _ in range(3)), key=lambda cost: cost.cpu)
        for name, one in all_of_them.items()
    }
    runs: dict[str, list[Cost]] = {name: [] for name in all_of_them}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for name, one in all_of_them.items():
            runs[name].append(one.whole())
    return {name: Runs(one.pages, starts[name], runs[name]) for name, one in all_of_them.items()}


def by_rounds(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """The ratio of each round."""
    return [own / other for own, other in zip(ours, theirs, strict=True)]


def report(found: Found, runs: Mapping[str, Runs]) -> None:
    """The figures."""
    cpu = {name: one.cpu() for name, one in runs.items()}
    quiet, naive = "no-op Scrapy spider on the same pages", "naive Scrapy spider"
    for name, at_most in (("no WARC", 1.2), ("with WARC", 1.45)):
        ratios = by_rounds(cpu[name], cpu["noop"])
        found.add(in_median(f"crawl, {name}: CPU per page", ratios, "x", quiet, at_most=at_most))
    ratios = by_rounds(cpu["no WARC"], cpu["naive"])
    found.add(in_median("crawl, no WARC: CPU per page", ratios, "x", naive, at_most=0.55))
    ratios = by_rounds(runs["no WARC"].speed(), runs["naive"].speed())
    found.add(in_median("crawl, no WARC: pages a second", ratios, "x", naive, at_least=1.9))
    for name, one in runs.items():
        most = max(cost.memory for cost in one.runs)
        promised = (
            160 if name in ("no WARC", "with WARC") and one.pages <= PAGES_OF_MEMORY * 1.1 else None
        )
        found.add(Figure(f"{name}: memory of {one.pages:,} pages", most, "MB", at_most=promised))
        found.add(in_median(f"{name}: CPU per page", cpu[name], "ms"))
        found.add(in_median(f"{name}: pages a second", one.speed(), ""))
        found.add(Figure(f"{name}: CPU of starting", one.start.cpu, "s"))


def by_part(target: Target, folder: Path, *options: str) -> dict[str, float]:
    """Milliseconds of CPU for a page of a crawl."""
    shutil.rmtree(folder / "archive", ignore_errors=True)
    command = [sys.executable, str(PARTS / "accounted_crawl.py"), str(folder / "parts.json")]
    command += [
        "--archive",
        str(folder / "archive"),
        "crawl",
        target.site,
        "--base-url",
        target.base_url,
    ]
    run([*command, *FAST, *options])
    pages = len(fetched(folder / "archive"))
    seconds: dict[str, float] = json.loads((folder / "parts.json").read_text("utf-8"))
    return {name: spent / pages * 1000 for name, spent in seconds.items()}


def report_parts(found: Found, target: Target, folder: Path, rounds: int) -> None:
    """The same as figures, in the median of the rounds, of a crawl that keeps raw pages."""
    runs = [by_part(target, folder) for _ in range(rounds)]
    for name in sorted(runs[0], key=lambda name: -runs[0][name]):
        found.add(in_median(f"a page of a crawl: {name}", [one[name] for one in runs], "ms of CPU"))


def main() -> None:
    """Measures."""
    words = arguments(__doc__)
    words.add_argument("--articles", type=int, default=1000)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--parts", action="store_true", help="which part of a crawl takes how much")
    asked = words.parse_args()
    with measuring(asked) as found, tempfile.TemporaryDirectory(dir=in_memory()) as name:
        with serving(asked.articles, Path(name)) as target:
            if asked.parts:
                report_parts(found, target, Path(name), asked.rounds)
                return
            runs = measure(target, Path(name), asked.rounds)
        report(found, runs)


if __name__ == "__main__":
    main()
