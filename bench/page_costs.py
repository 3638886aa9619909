"""The CPU time of each page of `serve`: what a request costs.

    python bench/page_costs.py [--folder FOLDER] [--articles 100000] [--rounds 20] [--most MS]
        [--json FILE] [PATH...]

The pages are requested in this process, without a network. FOLDER is an archive made by seeding.py
with crawls, listings and edits; without it, one is generated. `{edited}` in a PATH stands for an
article that has two revisions. The figures are the first request of a page, and the median and the
95th percentile of the following ones. The last figures are how much longer a search takes while six
requests for the slowest page are answered, and how much CPU all of them use in that time: on a
machine with nothing else to do, the delay is no longer than that. With --most, a page whose
percentile is above that fails the run. A page whose status is not 200 always fails it.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

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
    "/search?q=va+OR+cua+OR+cac",
    "/search?site=site2",
    "/search?site=site2&revised=1",
    "/search?q=%22thi+truong%22&site=site2",
    "/search?since=2016-03&until=2016-04",
    "/search?q=kinh+te&offset=3000",
    "/search.atom?q=kinh+te",
    "/site/site1",
    "/category/site1/3",
    "/author/H%C3%A0%20V%C3%A2n",
    "/tag/thanh",
    "/charts",
    "/charts?q=kinh+te&q2=va",
    "/changes",
    "/changes?kind=headline",
    "/changes?kind=correction",
    "/changes?site=site2",
    "/changes?site=site2&kind=numbers",
    "/changes.atom",
    "/front",
    "/front/site1",
    "/front/site1?on=2026-08-20",
    "/front/site1?category=3&with=2026-08-20",
    "/front/site1?category=3&beside=site2",
    "/links",
    "/duplicates",
    "/crawls",
    "/health",
    "/completeness",
    "/completeness/site1",
    "/problems",
    "/questions",
    "/export",
    "/api",
    "/article/77",
    "/article/{edited}",
    "/article/{edited}/changes",
    "/article/77/links",
    "/article/5/links?depth=2",
    "/article/77/cite.bib",
    "/newscrawl",
    "/newscrawl/articles",
    "/newscrawl/articles?site=site1",
    "/newscrawl/links",
    "/newscrawl/revisions",
    "/newscrawl/listings",
    "/newscrawl/article_links",
    "/newscrawl/who-links-here?article=5",
    "/newscrawl/most-linked?kind=",
    "/newscrawl/edited-after-publication",
    "/newscrawl/headline-changes",
    "/newscrawl/disappeared-from-the-front-page",
    "/newscrawl/what-failed-and-why",
)
AT_ONCE = 6  # requests for the slowest page
QUICK = "/search?q=duong+sat"  # answered meanwhile


def cost(pages: Pages, path: str) -> tuple[int, float]:
    """The status of one request, and its milliseconds of CPU."""
    begin = time.process_time()
    status = pages.get(path).status
    return status, 1000 * (time.process_time() - begin)


def measure(results: Results, folder: Path, paths: Sequence[str], rounds: int) -> dict[str, float]:
    """Adds the figures of each page; the 95th percentile of each, infinite for an error."""
    slowest = {}
    edited = str(_edited_article(folder))
    with asked(folder) as pages:
        pages.get("/api")  # imports and templates
        for template in paths:
            path = template.replace("{edited}", edited)
            status, first = cost(pages, path)
            costs = sorted(cost(pages, path)[1] for _ in range(rounds))
            slow = costs[int(len(costs) * 0.95) - 1]
            results.add(Figure(f"{status} {path}: first", first, "ms of CPU"))
            results.add(Figure(f"{status} {path}: p50", costs[len(costs) // 2], "ms of CPU"))
            results.add(Figure(f"{status} {path}: p95", slow, "ms of CPU"))
            slowest[path] = slow if status == 200 else float("inf")
        answered = {path: slow for path, slow in slowest.items() if slow < float("inf")}
        if answered:
            _measure_delay(results, pages, max(answered, key=lambda path: answered[path]), rounds)
    return slowest


def _edited_article(folder: Path) -> int:
    """The row of an article with a second revision; 0 if the archive has none."""
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db:
        row = db.execute("SELECT max(article_id) FROM revisions WHERE revision > 1").fetchone()
    return int(row[0] or 0)


def _measure_delay(results: Results, pages: Pages, slowest: str, rounds: int) -> None:
    """How much longer a search takes while the slowest page is requested AT_ONCE times."""
    alone = [pages.get_together([QUICK])[-1] for _ in range(rounds)]
    crowd = [slowest] * AT_ONCE
    together = [pages.get_together([*crowd, QUICK])[-1] for _ in range(max(3, rounds // 4))]
    delay = max(each.seconds for each in together) - median(each.seconds for each in alone)
    cpu = max(each.cpu for each in together) - median(each.cpu for each in alone)
    name = f"{QUICK}: delay by {AT_ONCE} requests for {slowest}"
    results.add(Figure(name, 1000 * delay, "ms"))
    results.add(Figure(name, 1000 * cpu, "ms of CPU"))


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
