"""Lookups of articles by site and key in a large archive, one at a time and in batches.

    python bench/lookups.py [--articles 100000] [--folder FOLDER] [--json FILE]

Half of the keys are known. They are looked up in the order of arrival, as newer category pages show
newer articles, and in random order. Figures are lookups per second of CPU and of wall time, medians
of five runs.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random

from parts.results import Results, median_of
from seeding import SITES, measure_on_archive

from newscrawl.store.connection import open_writer

LOOKUPS = 100_000
ROUNDS = 5
PAGE = 30  # teasers of a category page
SITEMAP = 1000  # articles of a sitemap
BATCHES = PAGE * SITEMAP // 10  # the keys of a site are a multiple of both sizes
KNOWN = "SELECT id FROM articles WHERE site = ? AND key = ?"
TEASER = (
    "SELECT id, state, title, summary, category_id, last_seen_at, published_at, published_local,"
    " published_raw, published_precision, published_source FROM articles WHERE site = ? AND key = ?"
)
BATCH = "SELECT key, id FROM articles WHERE site = ? AND key IN (SELECT value FROM json_each(?))"

Keys = Sequence[tuple[str, str]]
LookUp = Callable[[sqlite3.Connection, Keys], int]


def one_by_one(db: sqlite3.Connection, keys: Keys, *, statement: str) -> int:
    """How many of the articles are known."""
    return sum(db.execute(statement, key).fetchone() is not None for key in keys)


def in_batches(db: sqlite3.Connection, keys: Keys, *, size: int) -> int:
    """The same, with so many keys of a site at once."""
    known = 0
    for start in range(0, len(keys), size):
        batch = keys[start : start + size]
        site = batch[0][0]
        batch_keys = json.dumps([key for _, key in batch])
        known += len(db.execute(BATCH, (site, batch_keys)).fetchall())
    return known


def keys_of(ids: Iterable[int]) -> list[tuple[str, str]]:
    """Site and key of known articles, and as many unknown ones."""
    keys = []
    for article_id in ids:
        site = f"site{article_id % SITES + 1}"
        keys.append((site, str(article_id)))
        keys.append((site, f"{article_id}x"))
    return keys


def whole_batches(keys: Keys) -> list[tuple[str, str]]:
    """The keys by site in their order; only as many of each site as fill batches of either size."""
    by_site: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for site, key in keys:
        by_site[site].append((site, key))
    chosen: list[tuple[str, str]] = []
    for site_keys in by_site.values():
        chosen += site_keys[: len(site_keys) // BATCHES * BATCHES]
    return chosen


def measure_lookups(
    results: Results, name: str, db: sqlite3.Connection, look_up: LookUp, keys: Keys
) -> None:
    """Adds lookups per second; nothing if there are too few keys for whole batches."""
    if not keys:
        return
    known = look_up(db, keys)
    assert known == len(keys) // 2, (name, known)
    per_second = []
    per_cpu_second = []
    for _ in range(ROUNDS):
        wall_start = time.perf_counter()
        cpu_start = time.process_time()
        look_up(db, keys)
        per_cpu_second.append(len(keys) / (time.process_time() - cpu_start))
        per_second.append(len(keys) / (time.perf_counter() - wall_start))
    results.add(median_of(f"lookups, {name}", per_cpu_second, "per second of CPU"))
    results.add(median_of(f"lookups, {name}", per_second, "per second"))


def measure(results: Results, archive: Path) -> None:
    """Adds all figures."""
    with closing(open_writer(archive)) as db:
        db.row_factory = None
        last = db.execute("SELECT max(id) FROM articles").fetchone()[0]
        count = min(LOOKUPS, last) // 2
        orders = {
            "in order": range(last - count + 1, last + 1),
            "in random order": Random(5).sample(range(1, last + 1), count),
        }
        for order, ids in orders.items():
            keys = keys_of(ids)
            batched = whole_batches(keys)
            lookups: dict[str, tuple[LookUp, Keys]] = {
                "one at a time": (partial(one_by_one, statement=KNOWN), keys),
                "one at a time with all of the row": (partial(one_by_one, statement=TEASER), keys),
                f"{PAGE} at once": (partial(in_batches, size=PAGE), batched),
                f"{SITEMAP:,} at once": (partial(in_batches, size=SITEMAP), batched),
            }
            for name, (look_up, chosen) in lookups.items():
                full_name = f"{name}, {order}, of {last:,} articles"
                measure_lookups(results, full_name, db, look_up, chosen)


if __name__ == "__main__":
    measure_on_archive(__doc__, measure, full_text=False)
