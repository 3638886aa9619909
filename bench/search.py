"""Searches and walks along links in a big made-up archive: p50 and p95, searches beside plain FTS5 bm25.

    python bench/search.py [--articles 100000] [--folder FOLDER] [--json FILE]

50 queries: common, middling and rare words, two of them, phrases, each by rank and by time, some with filters. Every
one runs twice and the second counts: what is measured is the work, not the disk.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

from parts.results import Figure, Found
from seeding import on_archive, vocabulary

from newscrawl.store.filters import Filter
from newscrawl.store.read.links import Direction, edges
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.search import Order, search

PLAIN = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rank LIMIT 20"
FILTERS = (
    Filter(),
    Filter(),
    Filter(site="site2"),
    Filter(category="12", site="site1"),
    Filter(since="2022-01-01"),
)


def queries(number: int) -> Iterator[tuple[str, Filter, Order]]:
    """What people might ask."""
    words, rng = vocabulary()[0], Random(3)
    for n in range(number):
        common, middling, rare = (
            words[rng.randrange(30)],
            words[rng.randrange(30, 500)],
            words[rng.randrange(500, 5000)],
        )
        typed = (common, middling, rare, f"{common} {middling}", f'"{common} {middling}"')[n % 5]
        yield typed, FILTERS[n // 5 % len(FILTERS)], ("rank", "time")[n // 25 % 2]


Took = tuple[float, float]  # milliseconds on the clock, and of CPU


def milliseconds(run: Callable[[], object]) -> Took:
    """Of the second run."""
    run()
    start, cpu = time.perf_counter(), time.process_time()
    run()
    return (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000


def said(
    found: Found, name: str, times: list[Took], p50: float | None = None, p95: float | None = None
) -> None:
    """The percentiles: of CPU, which other programs disturb less, and on the clock."""
    for where, each in zip(("on the clock", "of CPU"), zip(*times, strict=True), strict=True):
        ordered = sorted(each)
        for percent, promised in ((50, p50), (95, p95)):
            value = ordered[len(ordered) * percent // 100]
            at_most = promised if where == "of CPU" else None
            found.add(Figure(f"{name}: p{percent}", value, f"ms {where}", at_most=at_most))


def plain(db: sqlite3.Connection, typed: str) -> Took:
    """FTS5's own order, without filters."""
    text = typed if typed.startswith('"') else " ".join(f'"{word}"' for word in typed.split())
    return milliseconds(lambda: db.execute(PLAIN, (text,)).fetchall())


def measure(found: Found, archive: Path) -> None:
    """All of it."""
    with Reader(archive) as reader:
        db, asked = reader.db, list(queries(50))
        last, rng = db.execute("SELECT max(id) FROM articles").fetchone()[0], Random(4)
        size = f"{last:,} articles"
        took = {
            (typed, only, order): milliseconds(
                partial(search, db, typed, only, limit=20, order=order)
            )
            for typed, only, order in asked
        }
        said(found, f"search in {size}", list(took.values()), p95=300)
        said(
            found,
            f"search in {size} without filters",
            [ms for (_, only, _), ms in took.items() if only == Filter()],
        )
        said(
            found,
            f"plain bm25 in {size} without filters",
            [plain(db, typed) for typed, only, _ in asked if only == Filter()],
        )
        for typed, only, order in sorted(took, key=took.__getitem__, reverse=True)[:3]:
            print(f"  slow: {typed!r} by {order}, {only}: {took[typed, only, order][0]:.0f} ms")
        ways: tuple[Direction, ...] = ("out", "in")
        for way in ways:
            ids = [rng.randint(1, last) for _ in range(100)]
            times = [milliseconds(partial(edges, db, i, way, depth=2, limit=1001)) for i in ids]
            said(found, f"links --{way} --depth 2 in {size}", times, p50=1, p95=5)
        said(
            found,
            f"links of the greatest hub in {size}",
            [milliseconds(lambda: edges(db, 1, "in", depth=2, limit=1001))],
        )


if __name__ == "__main__":
    on_archive(__doc__, measure)
