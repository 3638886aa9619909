"""The CPU time of each page of `serve`: what a request costs, the slowest of twenty aside.

    python bench/page_costs.py FOLDER [--rounds 20] [--most MILLISECONDS] [PATH...]

The pages are asked in this process, without a network. FOLDER is an archive (bench/seeding.py makes
a large one). With --most, a page that costs more fails the run.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

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
    "/newscrawl",
    "/newscrawl/articles",
)


def cost(pages: Pages, path: str, rounds: int) -> tuple[int, list[float]]:
    """The status, and the milliseconds of CPU of each request, ascending."""
    costs = []
    status = 0
    for _ in range(rounds):
        begin = time.process_time()
        status = pages.get(path).status
        costs.append(1000 * (time.process_time() - begin))
    return status, sorted(costs)


def main(arguments: Sequence[str]) -> int:
    """Prints a line for each page; 1 if one of them fails or costs too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("paths", nargs="*", default=PATHS)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--most", type=float)
    options = parser.parse_args(arguments)
    is_slow = False
    print(f"load {os.getloadavg()[0]:.1f}; ms of CPU: median, 95th of 100, first request")
    with asked(options.folder) as pages:
        pages.get("/api")  # imports and templates
        for path in options.paths:
            begin = time.process_time()
            pages.get(path)
            first = 1000 * (time.process_time() - begin)
            status, costs = cost(pages, path, options.rounds)
            worst = costs[int(len(costs) * 0.95) - 1]
            print(f"{costs[len(costs) // 2]:8.1f} {worst:8.1f} {first:8.1f}  {status} {path}")
            is_slow |= status >= 400 or (options.most is not None and worst > options.most)
    return int(is_slow)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
