"""Near copies in many texts: time, memory and growth, with one process and with several.

    python bench/dupes.py [--texts 100000] [--jobs 2] [--json FILE]

The texts are made up, and a fifth of them are copies. tests/store/test_duplicates.py checks that
copies are found.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from parts.results import Figure, Results, argument_parser, measuring

sys.path.insert(0, str(Path(__file__).parent.parent))

from newscrawl.archive.near_duplicates import update
from newscrawl.core.fingerprints import body_hash
from newscrawl.core.records import SiteRow
from newscrawl.store.write.store import Store
from tests.support.wire_copies import MANY_WORDS, copy_of, report

FIRST_SEEN = "2026-09-01T00:00:00Z"
ARTICLE = (
    "INSERT INTO articles (id, site, key, url, state, first_seen_at, last_seen_at, body_hash,"
    " revision) VALUES (?, 'paper', ?, ?, 'stored', ?, ?, ?, 1)"
)
SITE = SiteRow(
    site="paper",
    name="Paper",
    domain="paper.example",
    language="vi",
    timezone="Asia/Ho_Chi_Minh",
)
SAMPLE = 20_000  # texts for the comparison of one process and several


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds for all texts, and CPU seconds for the last tenth of them."""

    wall: float
    cpu_of_last_tenth: float


def texts(count: int) -> Iterator[tuple[int, str]]:
    """Numbered texts of 250 words. Every fifth is a copy of the one four before it."""
    for number in range(1, count + 1):
        if number % 5 == 0 and number > 5:
            yield number, copy_of(original(number - 4), number, 0.1)
        else:
            yield number, original(number)


def original(number: int) -> str:
    """A text in the vocabulary of a whole newspaper."""
    return report(number, words=MANY_WORDS)


def fill(store: Store, numbered_texts: Iterable[tuple[int, str]]) -> None:
    """Stores texts as the bodies of articles without anything else."""
    with store.transaction():
        for number, text in numbered_texts:
            key = str(number)
            url = f"https://paper.example/{number}"
            store.db.execute(ARTICLE, (number, key, url, FIRST_SEEN, FIRST_SEEN, body_hash(text)))
            store.db.execute("INSERT INTO bodies VALUES (?, ?)", (number, text))


def measure(results: Results, count: int, jobs: int) -> Cost:
    """Adds the figures of so many texts in so many processes."""
    first_part = count * 9 // 10
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store:
        store.categories.put_site(SITE)
        numbered_texts = texts(count)
        fill(store, islice(numbered_texts, first_part))
        size_of_texts = used_bytes(store)
        first = update_seconds(store, jobs)
        size_of_bands = used_bytes(store) - size_of_texts
        fill(store, numbered_texts)
        cpu_before = cpu_seconds()
        last = update_seconds(store, jobs)
        cpu = cpu_seconds() - cpu_before
        pairs = store.db.execute("SELECT count(*) FROM duplicates").fetchone()[0]
    last_part = count - first_part
    name = f"near copies, {count:,} texts, {jobs} process{'es' if jobs > 1 else ''}"
    results.add(Figure(f"{name}: time", first + last, "s"))
    results.add(Figure(f"{name}: time per text, last tenth", 1000 * last / last_part, "ms"))
    results.add(Figure(f"{name}: CPU per text, last tenth", 1000 * cpu / last_part, "ms"))
    results.add(Figure(f"{name}: pairs", pairs, ""))
    results.add(Figure(f"{name}: memory", max_memory(resource.RUSAGE_SELF), "MB"))
    if jobs > 1:
        memory = max_memory(resource.RUSAGE_CHILDREN)
        results.add(Figure(f"{name}: memory of a worker", memory, "MB"))
    per_text = size_of_bands / first_part / 1024
    results.add(Figure(f"{name}: database per text", per_text, "KiB"))
    share = size_of_bands / size_of_texts
    results.add(Figure(f"{name}: database", share, "x", "texts and full text"))
    return Cost(first + last, cpu)


def max_memory(who: int) -> float:
    """The maximum in MB so far."""
    return resource.getrusage(who).ru_maxrss / 1024


def cpu_seconds() -> float:
    """CPU seconds of this process and of its children that have ended."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def update_seconds(store: Store, jobs: int) -> float:
    """Wall time of an update."""
    start = time.monotonic()
    update(store, jobs=jobs)
    return time.monotonic() - start


def used_bytes(store: Store) -> int:
    """The size of the database without its free pages."""
    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    free = store.db.execute("PRAGMA freelist_count").fetchone()[0]
    size = store.db.execute("PRAGMA page_size").fetchone()[0]
    return int((pages - free) * size)


def main() -> None:
    """Measures, and estimates the time for a million texts."""
    parser = argument_parser(__doc__)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with measuring(options) as results:
        sample = min(options.texts, SAMPLE)
        one = measure(results, sample, 1)
        several = measure(results, sample, options.jobs)
        name = f"near copies, {options.jobs} processes: times as fast as"
        results.add(Figure(name, one.wall / several.wall, "x", "one process"))
        if options.texts > sample:
            several = measure(results, options.texts, options.jobs)
        cpu_per_text = several.cpu_of_last_tenth * 10 / options.texts
        name = "near copies, 1,000,000 texts at the CPU of the last tenth"
        results.add(Figure(name, cpu_per_text * 1_000_000 / 3600, "h"))


if __name__ == "__main__":
    main()
