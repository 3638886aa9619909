"""Crawls a site of pages that are slow to read: CPU of the slowest page, and memory.

    python bench/slow_pages.py [--pages 1000] [--seed 14] [--json FILE]

The pages are generated: large, deep or odd articles, feeds and sitemaps, each slow for some step of
reading. Half of the articles are read with a site file, half without. Beside them there are good
articles, all of which have to be stored. The exit code is 1 if one is not, or if a page takes more
than five seconds of CPU. Only on Linux, which shows the memory of other processes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from parts.results import Figure, Results, argument_parser, measuring

sys.path.insert(0, str(Path(__file__).parents[1]))

from newscrawl.store.connection import open_reader
from tests.support.slow_pages import SlowPage, each_kind, random_pages
from tests.support.slow_paper import SlowPaper, most_memory, slow_paper

PROGRAM = Path(__file__).parent / "parts" / "timed_reading.py"
MOST_SECONDS = 5.0
GOOD = 100
ADDRESSES = 200  # on one command line


class Crawls:
    """The crawls of one paper into one archive, and what they used."""

    def __init__(self, paper: SlowPaper, folder: Path) -> None:
        self.paper = paper
        self.archive = folder / "archive"
        self.memory = 0.0
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._log = folder / "readings"
        paper.write_site(self.archive)

    def with_site_file(self) -> None:
        """Crawls the category page, the feeds and the sitemaps."""
        sources = ("--discover", "category,feed,sitemap")
        self._crawl("slow", "--base-url", self.paper.base_url, *sources)

    def without(self, paths: Sequence[str]) -> None:
        """Crawls articles by their addresses, as those of an unknown site."""
        for start in range(0, len(paths), ADDRESSES):
            part = paths[start : start + ADDRESSES]
            self._crawl(*(self.paper.base_url + path for path in part))

    def _crawl(self, *arguments: str) -> None:
        command = [sys.executable, str(PROGRAM), str(self._log), "--archive", str(self.archive)]
        options = ["--set", "DOWNLOAD_DELAY=0", "--no-warc", "--quiet"]
        process = subprocess.Popen([*command, "crawl", *arguments, *options], text=True)
        self.memory = max(self.memory, most_memory(process, Path("/proc")) / 1024)
        for line in self._log.read_text("utf-8").splitlines():
            url, here, aside = line.rsplit(" ", 2)
            self.seconds[url] += float(here) + float(aside)

    def stored(self) -> set[str]:
        """The paths of the articles in the archive."""
        with closing(open_reader(self.archive)) as db:
            rows = db.execute("SELECT url FROM articles WHERE state = 'stored'").fetchall()
        return {row[0].removeprefix(self.paper.base_url) for row in rows}

    def codes(self) -> Counter[str]:
        """How many slow pages were rejected for which reason."""
        with closing(open_reader(self.archive)) as db:
            rows = db.execute(
                "SELECT code, count(DISTINCT url) FROM problems WHERE stage = 'extract'"
                " AND code IN ('too_slow', 'too_big', 'too_deep', 'unreadable') GROUP BY code"
            ).fetchall()
        return Counter({row[0]: row[1] for row in rows})


def make(pages: int, seed: int, base: str) -> Iterator[SlowPage]:
    """One page of each kind in full size, and the others at random."""
    first = list(each_kind(1.0, base))[:pages]
    yield from first
    yield from random_pages(pages - len(first), seed, base)


def report(results: Results, crawls: Crawls, missing: set[str]) -> bool:
    """Adds the figures; whether all is as it should be."""
    slowest = max(crawls.seconds, key=crawls.seconds.__getitem__)
    results.add(Figure("pages read", len(crawls.seconds), ""))
    results.add(Figure("CPU of the slowest page", crawls.seconds[slowest], "s"))
    in_all = sum(crawls.seconds.values())
    results.add(Figure("CPU of a page, on average", in_all / len(crawls.seconds), "s"))
    for code, count in sorted(crawls.codes().items()):
        results.add(Figure(f"pages rejected as {code}", count, ""))
    results.add(Figure("memory of a crawl and its process for slow pages", crawls.memory, "MB"))
    results.add(Figure("good articles stored", len(crawls.paper.good) - len(missing), ""))
    print(f"slowest: {slowest}")
    return not missing and crawls.seconds[slowest] <= MOST_SECONDS


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=14)
    options = parser.parse_args()
    with (
        measuring(options) as results,
        tempfile.TemporaryDirectory() as name,
        slow_paper(lambda base: make(options.pages, options.seed, base), GOOD) as paper,
    ):
        crawls = Crawls(paper, Path(name))
        articles = paper.paths("article")
        paper.list_articles(articles[::2])
        crawls.with_site_file()
        crawls.without(articles[1::2])
        is_good = report(results, crawls, set(paper.good) - crawls.stored())
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
