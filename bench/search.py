"""Searches, counts and walks along links in a large archive: percentiles, compared with plain SQL.

    python bench/search.py [--articles 100000] [--folder FOLDER] [--json FILE]

There are 50 queries: common, less common and rare words, two words, and phrases, by rank and by
time, some with filters. The most common words are counted by month. Each query runs twice and the
second run counts, so that the work and not the disk is measured.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import get_args

from parts.results import Figure, Results
from seeding import measure_on_archive, vocabulary

from newscrawl.store.filters import Filter
from newscrawl.store.read.links import Direction, edges
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.search import Order, search
from newscrawl.store.read.volume import volume

QUERIES = 50
WALKS = 100
SLOW_QUERIES_SHOWN = 3
COUNTED = 10  # words
PLAIN_COUNT = (
    "SELECT substr(a.published_local, 1, 7), count(*) FROM articles_fts f"
    " CROSS JOIN articles a ON a.id = f.rowid WHERE articles_fts MATCH ? GROUP BY 1"
)
PLAIN = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rank LIMIT 20"
NO_FILTER = Filter()
FILTERS = (
    NO_FILTER,
    NO_FILTER,
    Filter(site="site2"),
    Filter(category="12", site="site1"),
    Filter(since="2022-01-01"),
)


@dataclass(frozen=True, slots=True)
class Query:
    """What a user might search for."""

    text: str
    only: Filter
    order: Order


@dataclass(frozen=True, slots=True)
class Milliseconds:
    """Wall time and CPU of one run."""

    wall: float
    cpu: float


def queries(count: int) -> Iterator[Query]:
    """Different queries, always the same ones."""
    words, _ = vocabulary()
    rng = Random(3)
    orders: tuple[Order, ...] = ("rank", "time")
    for number in range(count):
        common = words[rng.randrange(30)]
        less_common = words[rng.randrange(30, 500)]
        rare = words[rng.randrange(500, 5000)]
        texts = (
            common,
            less_common,
            rare,
            f"{common} {less_common}",
            f'"{common} {less_common}"',
        )
        yield Query(
            text=texts[number % len(texts)],
            only=FILTERS[number // 5 % len(FILTERS)],
            order=orders[number // 25 % len(orders)],
        )


def timed(call: Callable[[], object]) -> Milliseconds:
    """The cost of the second run."""
    call()
    wall_start = time.perf_counter()
    cpu_start = time.process_time()
    call()
    cpu = (time.process_time() - cpu_start) * 1000
    return Milliseconds((time.perf_counter() - wall_start) * 1000, cpu)


def search_plainly(db: sqlite3.Connection, text: str) -> Milliseconds:
    """The query in the order of FTS5."""
    if not text.startswith('"'):
        text = " ".join(f'"{word}"' for word in text.split())
    return timed(lambda: db.execute(PLAIN, (text,)).fetchall())


def report(results: Results, name: str, times: Sequence[Milliseconds]) -> None:
    """Adds the percentiles."""
    add_percentiles(results, name, [each.wall for each in times], "ms")
    add_percentiles(results, name, [each.cpu for each in times], "ms of CPU")


def add_percentiles(results: Results, name: str, values: Sequence[float], unit: str) -> None:
    """Adds the median and the 95th percentile."""
    ordered = sorted(values)
    for percent in (50, 95):
        value = ordered[len(ordered) * percent // 100]
        results.add(Figure(f"{name}: p{percent}", value, unit))


def measure(results: Results, archive: Path) -> None:
    """Adds all figures."""
    with Reader(archive) as reader:
        db = reader.db
        last = db.execute("SELECT max(id) FROM articles").fetchone()[0]
        measure_searches(results, db, f"{last:,} articles")
        measure_counts(results, db, f"{last:,} articles")
        measure_links(results, db, last)


def measure_searches(results: Results, db: sqlite3.Connection, size: str) -> None:
    """Adds the figures of the queries, and prints the slowest ones."""
    times = {}
    for query in queries(QUERIES):
        call = partial(search, db, query.text, query.only, limit=20, order=query.order)
        times[query] = timed(call)
    unfiltered = [query for query in times if query.only == NO_FILTER]
    report(results, f"search in {size}", list(times.values()))
    report(results, f"search in {size} without filters", [times[query] for query in unfiltered])
    plain = [search_plainly(db, query.text) for query in unfiltered]
    report(results, f"plain bm25 in {size} without filters", plain)
    slowest = sorted(times, key=lambda query: -times[query].wall)
    for query in slowest[:SLOW_QUERIES_SHOWN]:
        print(f"  slow: {query}: {times[query].wall:.0f} ms")


def measure_counts(results: Results, db: sqlite3.Connection, size: str) -> None:
    """Adds the figures of counts by month."""
    words = vocabulary()[0][:COUNTED]
    times = [timed(partial(volume, db, [word], NO_FILTER)) for word in words]
    report(results, f"count by month in {size}", times)
    plain = [timed(partial(count_plainly, db, word)) for word in words]
    report(results, f"plain count by month in {size}", plain)


def count_plainly(db: sqlite3.Connection, word: str) -> list[sqlite3.Row]:
    """The same from whole rows of articles."""
    return db.execute(PLAIN_COUNT, (word,)).fetchall()


def measure_links(results: Results, db: sqlite3.Connection, last: int) -> None:
    """Adds the figures of links two steps away."""
    rng = Random(4)
    size = f"{last:,} articles"
    directions: tuple[Direction, ...] = get_args(Direction)
    for direction in directions:
        ids = [rng.randint(1, last) for _ in range(WALKS)]
        times = [timed(partial(edges, db, i, direction, depth=2, limit=1001)) for i in ids]
        report(results, f"links --{direction} --depth 2 in {size}", times)
    largest_hub = [timed(lambda: edges(db, 1, "in", depth=2, limit=1001))]
    report(results, f"links of the largest hub in {size}", largest_hub)


if __name__ == "__main__":
    measure_on_archive(__doc__, measure)
