"""The CPU time of each page of `serve`: what a request costs.

    python bench/page_costs.py [--folder FOLDER] [--articles 100000] [--rounds 20] [--most MS]
        [--json FILE] [PATH...]

The pages are requested in this process, without a network. FOLDER is an archive made by seeding.py;
without it, one is generated. The figures are the first request of a page, and the median and the
95th percentile of the following ones. With --most, a page whose percentile is above that fails the
run, as does one that is an error.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from parts.results import Figure, Results, argument_parser, measuring
from seeding import Size, seed

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.asked_pages import Pages, asked

PATHS = (
    "/",
    "/search",
    "/search?q=duong+sat",
    "/search?q=title:gia+OR+thi+truong&sort=time",
    "/search?q=va",
    "/search?since=2016-03&until=2016-04",
    "/search?q=kinh+te&offset=3000",
    "/charts",
    "/changes",
    "/changes?kind=headline",
    "/changes?kind=correction",
    "/changes?site=site2",
    "/changes.atom",
    "/front/site1",
    "/front/site1?category=3&beside=site2",
    "/links",
    "/duplicates",
    "/crawls",
    "/health",
    "/problems",
    "/front",
    "/questions",
    "/export",
    "/api",
    "/article/77",
    "/article/77/links",
    "/article/5/links?depth=2",
    "/article/77/changes",
    "/article/site3/77/cite.bib",
    "/newscrawl",
    "/newscrawl/articles",
)


def cost(pages: Pages, path: str) -> tuple[int, float]:
    """The status of one request, and its milliseconds of CPU."""
    begin = time.process_time()
    status = pages.get(path).status
    return status, 1000 * (time.process_time() - begin)


def measure(results: Results, folder: Path, paths: Sequence[str], rounds: int) -> dict[str, float]:
    """Adds the figures of each page; the 95th percentile of each, infinite for an error."""
    slowest = {}
    with asked(folder) as pages:
        pages.get("/api")  # imports and templates
        for path in paths:
            status, first = cost(pages, path)
            costs = sorted(cost(pages, path)[1] for _ in range(rounds))
            slow = costs[int(len(costs) * 0.95) - 1]
            results.add(Figure(f"{status} {path}: first", first, "ms of CPU"))
            results.add(Figure(f"{status} {path}: p50", costs[len(costs) // 2], "ms of CPU"))
            results.add(Figure(f"{status} {path}: p95", slow, "ms of CPU"))
            slowest[path] = slow if status < 400 else float("inf")
    return slowest


def main() -> int:
    """1 if a page fails or costs too much."""
    parser = argument_parser(__doc__)
    parser.add_argument("paths", nargs="*", default=PATHS)
    parser.add_argument("--folder", type=Path, help="an archive made by seeding.py")
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--most", type=float, default=float("inf"))
    options = parser.parse_args()
    with measuring(options) as results, tempfile.TemporaryDirectory() as name:
        size = Size(
            articles=options.articles,
            crawls=1_000,
            listings=4 * options.articles,
            edits=options.articles // 5,
        )
        folder = options.folder or seed(Path(name) / "archive", size)
        slowest = measure(results, folder, options.paths, options.rounds)
    slow = [path for path, milliseconds in slowest.items() if milliseconds > options.most]
    failed = [path for path, milliseconds in slowest.items() if milliseconds == float("inf")]
    for path in dict.fromkeys([*failed, *slow]):
        print(f"FAILED: {path}")
    return int(bool(failed or slow))


if __name__ == "__main__":
    sys.exit(main())
