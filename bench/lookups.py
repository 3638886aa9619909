"""Is an article known already? Look-ups by site and key in a big archive, one at a time and a page's at once.

    python bench/lookups.py [--articles 100000] [--folder FOLDER] [--json FILE]

Half of the keys are known. They are asked in the order of arrival, as newer pages show newer articles, and at random.
Per second of CPU and on the clock, the median of five; beside the whole question that the store asks for each teaser.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from parts.results import Found, in_median
from seeding import SITES, on_archive

from newscrawl.store.connection import open_writer

ASKED = 100_000
PAGE = 30  # teasers of a category page
SINGLE = "SELECT id FROM articles WHERE site = ? AND key = ?"
TEASER = (
    "SELECT id, state, title, summary, category_id, last_seen_at, published_at, published_local, published_raw,"
    " published_precision, published_source FROM articles WHERE site = ? AND key = ?"
)
BATCHED = "SELECT key, id FROM articles WHERE site = ? AND key IN (SELECT value FROM json_each(?))"

Keys = Sequence[tuple[str, str]]
Ask = Callable[[sqlite3.Connection, Keys], int]


def one_by_one(db: sqlite3.Connection, keys: Keys, statement: str = SINGLE) -> int:
    """How many are known."""
    return sum(db.execute(statement, key).fetchone() is not None for key in keys)


def for_a_teaser(db: sqlite3.Connection, keys: Keys) -> int:
    """The same with all that the store reads of the row."""
    return one_by_one(db, keys, TEASER)


def by_pages(db: sqlite3.Connection, keys: Keys, size: int = PAGE) -> int:
    """So many at once, all of one site."""
    known = 0
    for start in range(0, len(keys), size):
        page = keys[start : start + size]
        known += len(
            db.execute(BATCHED, (page[0][0], json.dumps([key for _, key in page]))).fetchall()
        )
    return known


def by_thousands(db: sqlite3.Connection, keys: Keys) -> int:
    """As many as a sitemap names."""
    return by_pages(db, keys, 1000)


def said(
    found: Found,
    name: str,
    db: sqlite3.Connection,
    ask: Ask,
    keys: Keys,
    at_least: int | None = None,
) -> None:
    """Look-ups a second, of CPU and on the clock."""
    if not keys:
        return  # too few articles for whole batches
    known = ask(db, keys)
    assert known == len(keys) // 2, (name, known)
    clock, cpu = [], []
    for _ in range(5):
        start, before = time.perf_counter(), time.process_time()
        ask(db, keys)
        clock.append(len(keys) / (time.perf_counter() - start))
        cpu.append(len(keys) / (time.process_time() - before))
    found.add(in_median(f"look-ups, {name}", cpu, "a second of CPU", at_least=at_least))
    found.add(in_median(f"look-ups, {name}", clock, "a second"))


def measure(found: Found, archive: Path) -> None:
    """All of it."""
    db = open_writer(archive)
    db.row_factory = None
    last = db.execute("SELECT max(id) FROM articles").fetchone()[0]
    asked = min(ASKED, last)
    for order, first in (
        (f"in order, of {last:,}", last - asked // 2),
        (f"at random, of {last:,}", 0),
    ):
        ids = (
            range(first + 1, first + asked // 2 + 1)
            if first
            else Random(5).sample(range(1, last + 1), asked // 2)
        )
        keys = [
            pair
            for i in ids
            for pair in ((f"site{i % SITES + 1}", str(i)), (f"site{i % SITES + 1}", f"{i}x"))
        ]
        by_site = sorted(keys, key=lambda pair: pair[0])  # keeps the order within a site
        said(found, f"one at a time, {order}", db, one_by_one, keys, 80_000)
        said(found, f"a teaser's row, {order}", db, for_a_teaser, keys)
        whole = [pair for n in range(1, SITES + 1) for pair in _pages(by_site, f"site{n}")]
        said(found, f"{PAGE} at once, {order}", db, by_pages, whole, 250_000)
        said(found, f"1,000 at once, {order}", db, by_thousands, whole, 250_000)
    db.close()


def _pages(keys: Keys, site: str) -> Keys:
    """The site's keys, in whole batches of either size."""
    found = [pair for pair in keys if pair[0] == site]
    return found[: len(found) // (PAGE * 100) * PAGE * 100]


if __name__ == "__main__":
    on_archive(__doc__, measure, full_text=False)
