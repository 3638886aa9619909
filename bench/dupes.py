"""Near copies: how many are found and how many are right; time, memory and growth at a hundred thousand texts.

    python bench/dupes.py [--newsite ../shared/site/newsite.py] [--texts 100000] [--jobs 2] [--json FILE]

First 2,000 articles of newsite with 200 planted copies (5 to 20 % of their words changed) and 200 others of the same
vocabulary; without newsite's file that part measures nothing. Then made-up texts, a fifth of them copies, in one
process and in several: ratios, and what a million would take by what the last tenth cost.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random

from parts.results import Figure, Found, arguments, measuring
from parts.target import NEWSITE

sys.path.insert(0, str(Path(__file__).parent.parent))

from newscrawl.archive.near_duplicates import update
from newscrawl.core.fingerprints import body_hash
from newscrawl.core.records import SiteRow
from newscrawl.store.write.store import Store
from tests.support.wire_copies import MANY_WORDS, copy_of, report

START = "2026-09-01T00:00:00Z"


def fill(store: Store, texts: Iterable[tuple[int, str]]) -> None:
    """Stores texts under their numbers, with nothing around them."""
    with store.transaction():
        for number, text in texts:
            store.db.execute(
                "INSERT INTO articles (id, site, key, url, state, first_seen_at, last_seen_at, body_hash, revision)"
                " VALUES (?, 'paper', ?, ?, 'stored', ?, ?, ?, 1)",
                (
                    number,
                    str(number),
                    f"https://paper.example/{number}",
                    START,
                    START,
                    body_hash(text),
                ),
            )
            store.db.execute("INSERT INTO bodies VALUES (?, ?)", (number, text))


def new_store(folder: Path) -> Store:
    """An empty archive of one site."""
    store = Store(folder)
    store.categories.put_site(
        SiteRow(
            site="paper",
            name="Paper",
            domain="paper.example",
            language="vi",
            timezone="Asia/Ho_Chi_Minh",
        )
    )
    return store


def planted(found: Found, path: Path) -> None:
    """Precision and recall on newsite."""
    if not path.is_file():
        print(f"{path} is not here: precision and recall on newsite were not measured")
        return
    spec = spec_from_file_location("newsite", path)
    assert spec is not None
    assert spec.loader is not None
    newsite = module_from_spec(spec)
    spec.loader.exec_module(newsite)
    site = newsite.Site(2200, 1, "mixed", "https://paper.example")
    texts = {
        n: "\n\n".join(site.paragraphs(n - 1)) for n in range(1, 2201)
    }  # the last 200 are the unrelated ones
    rng = Random(7)
    copies = {3000 + n: of for n, of in enumerate(rng.sample(range(1, 2001), 200))}
    shares = {copy: 0.05 + 0.15 * n / 199 for n, copy in enumerate(copies)}
    texts |= {copy: copy_of(texts[of], copy, shares[copy]) for copy, of in copies.items()}
    with tempfile.TemporaryDirectory() as folder, new_store(Path(folder)) as store:
        fill(store, texts.items())
        update(store)
        pairs = {
            tuple(row) for row in store.db.execute("SELECT article_id, other_id FROM duplicates")
        }
    right = pairs & {(of, copy) for copy, of in copies.items()}
    name = "newsite, 2,000 articles, 200 copies, 200 unrelated"
    found.add(Figure(f"{name}: precision", len(right) / len(pairs), "", at_least=0.98))
    found.add(Figure(f"{name}: recall", len(right) / len(copies), "", at_least=0.98))


def corpus(count: int) -> Iterable[tuple[int, str]]:
    """Made-up texts of 250 words; every fifth is a copy of the one five before it."""
    for number in range(1, count + 1):
        copied = number % 5 == 0 and number > 5
        yield number, copy_of(paper(number - 4), number, 0.1) if copied else paper(number)


def paper(seed: int) -> str:
    """A report in the words of a whole paper."""
    return report(seed, words=MANY_WORDS)


def grow(found: Found, count: int, jobs: int) -> tuple[float, float]:
    """Seconds for all texts, and CPU seconds for the last tenth of them."""
    with tempfile.TemporaryDirectory() as folder, new_store(Path(folder)) as store:
        texts = iter(corpus(count))
        fill(store, (next(texts) for _ in range(count * 9 // 10)))
        size, first = db_bytes(store), timed(store, jobs)
        bands = db_bytes(store) - size
        fill(store, texts)
        before = cpu_seconds()
        last = timed(store, jobs)
        cpu = cpu_seconds() - before
        pairs = store.db.execute("SELECT count(*) FROM duplicates").fetchone()[0]
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    name = f"near copies, {count:,} texts, {jobs} process{'es' if jobs > 1 else ''}"
    found.add(Figure(f"{name}: time", first + last, "s"))
    found.add(Figure(f"{name}: time for each of the last tenth", 10_000 * last / count, "ms"))
    found.add(Figure(f"{name}: CPU for each of the last tenth", 10_000 * cpu / count, "ms"))
    found.add(Figure(f"{name}: pairs", pairs, ""))
    found.add(Figure(f"{name}: memory", own, "MB"))
    found.add(Figure(f"{name}: memory of a worker", children, "MB"))
    found.add(Figure(f"{name}: database for each text", bands / (count * 0.9) / 1024, "KiB"))
    found.add(Figure(f"{name}: database", bands / size, "x", "texts and full text"))
    return first + last, cpu


def cpu_seconds() -> float:
    """CPU seconds of this process and its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def timed(store: Store, jobs: int) -> float:
    """Seconds of an update."""
    start = time.monotonic()
    update(store, jobs=jobs)
    return time.monotonic() - start


def db_bytes(store: Store) -> int:
    """The database's size without what is free in it."""
    pages, free, size = (
        store.db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def main() -> None:
    """Both parts, and what a million texts would take."""
    words = arguments(__doc__)
    words.add_argument("--newsite", type=Path, default=NEWSITE)
    words.add_argument("--texts", type=int, default=100_000)
    words.add_argument("--jobs", type=int, default=2)
    asked = words.parse_args()
    with measuring(asked) as found:
        planted(found, asked.newsite)
        sample = min(asked.texts, 20_000)
        alone, _ = grow(found, sample, 1)
        shared, cpu = grow(found, sample, asked.jobs)
        found.add(
            Figure(
                f"near copies, {asked.jobs} processes: times as fast as",
                alone / shared,
                "x",
                "one process",
            )
        )
        if asked.texts > sample:
            _, cpu = grow(found, asked.texts, asked.jobs)
        hours = cpu * 10 / asked.texts * 1_000_000 / 3600
        found.add(Figure("near copies, 1,000,000 texts at the CPU of the last tenth", hours, "h"))


if __name__ == "__main__":
    main()
