"""A big archive of made-up articles, written straight through the schema: what the other scripts measure on.

    python bench/seeding.py FOLDER [--articles 100000] [--sentences 16] [--no-full-text] [--links 12]

Sentences are drawn from the words of the demo's newspaper by Zipf's law: a few words stand in nearly every
article, most in few.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from random import Random

from parts.results import Found, arguments, measuring

from newscrawl.core.records import CategoryRow, SiteRow
from newscrawl.demo.stories import words
from newscrawl.store.write.store import Store

SITES, CATEGORIES = 5, 12
BATCH = 20_000
START = datetime(2016, 1, 1, tzinfo=UTC)
TEXT_TRIGGER = "bodies_fts_insert"
RARE = 40_000  # words beside those of the newspaper, as names and figures are
ARTICLE = (
    "INSERT INTO articles (id, site, key, url, state, title, summary, authors, category_id, tags, published_at,"
    " published_local, published_raw, published_precision, published_source, modified_at, language, image_url,"
    " word_count, first_seen_at, fetched_at, last_seen_at, revision)"
    " VALUES (?, ?, ?, ?, 'stored', ?, ?, ?, ?, ?, ?, ?, ?, 'minute', 'page', ?, 'vi', ?, ?, ?, ?, ?, 1)"
)


@dataclass(frozen=True, slots=True)
class Size:
    """What to make. 16 sentences are a body of about 2.5 KB."""

    articles: int = 100_000
    sentences: int = 16
    links: int = 12
    full_text: bool = True


def seed(folder: Path, size: Size) -> Path:
    """Fills a new archive; always the same for the same size. The folder."""
    with Store(folder) as store:
        for number in range(1, SITES + 1):
            store.categories.put_site(_site(number))
            store.crawls.begin(f"site{number}", {}, version="bench", now=START)
    db = sqlite3.connect(folder / "newscrawl.db", isolation_level=None)
    for pragma in ("synchronous=OFF", "cache_size=-200000", "wal_autocheckpoint=20000"):
        db.execute(f"PRAGMA {pragma}")
    trigger = db.execute(
        "SELECT sql FROM sqlite_master WHERE name = ?", (TEXT_TRIGGER,)
    ).fetchone()[0]
    db.execute(f"DROP TRIGGER {TEXT_TRIGGER}")
    _insert(db, size)
    if size.full_text:
        db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')")
    db.execute(trigger)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return folder


def vocabulary() -> tuple[list[str], list[float]]:
    """The newspaper's words, frequent ones first, then rare made-up ones; and their shares added up."""
    texts = " ".join(_strings(words())).lower()
    found = [word for word, _ in Counter(re.findall(r"[^\W\d_]+", texts)).most_common()]
    rng = Random(1)
    rare = [f"{rng.choice(found)}{number}" for number in range(RARE)]
    return found + rare, list(accumulate(1 / (rank + 3) for rank in range(len(found) + RARE)))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield re.sub(r"\{[^}]*\}", " ", value)
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _site(number: int) -> SiteRow:
    name = f"site{number}"
    rows = tuple(
        CategoryRow(str(key), f"muc-{key}", f"Mục {key}", None) for key in range(1, CATEGORIES + 1)
    )
    return SiteRow(
        site=name,
        name=f"Báo {number}",
        domain=f"{name}.example",
        language="vi",
        timezone="Asia/Ho_Chi_Minh",
        categories=rows,
    )


def _insert(db: sqlite3.Connection, size: Size) -> None:
    rng = Random(2)
    found, shares = vocabulary()
    pool = [
        " ".join(rng.choices(found, cum_weights=shares, k=rng.randint(14, 28)))
        for _ in range(50_000)
    ]
    pool = [f"{text[0].upper()}{text[1:]}." for text in pool]
    ids = iter(range(1, size.articles + 1))
    while batch := list(islice(ids, BATCH)):
        db.execute("BEGIN")
        db.executemany(ARTICLE, [_article(rng, pool, number, size) for number in batch])
        db.executemany(
            "INSERT INTO bodies VALUES (?, ?)", [_body(rng, pool, number, size) for number in batch]
        )
        db.executemany(
            "INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, NULL, ?, ?, 1, 1)",
            [link for number in batch for link in _links(rng, number, size)],
        )
        db.execute("COMMIT")


def _article(rng: Random, pool: list[str], number: int, size: Size) -> tuple[object, ...]:
    """Articles come in the order of publication, but for every tenth, which an older page led to."""
    site, category = number % SITES + 1, int(CATEGORIES * rng.random() ** 2) + 1
    age = timedelta(
        minutes=4
        * (number if number % 10 else rng.randint(1, size.articles))
        * 1_000_000
        // size.articles
    )
    published, seen = START + age, f"{START + timedelta(minutes=4 * number):%Y-%m-%dT%H:%M:%SZ}"
    local = published + timedelta(hours=7)
    title, summary = rng.choice(pool)[:90], rng.choice(pool)
    name = f"https://site{site}.example/tin/{number}.html"
    authors = json.dumps(["Tường Lam", "Hà Vân"][: number % 3], ensure_ascii=False)
    return (
        number, f"site{site}", str(number), name, title, summary, authors,
        (site - 1) * CATEGORIES + category, json.dumps(title.split()[:3], ensure_ascii=False),
        f"{published:%Y-%m-%dT%H:%M:%SZ}", f"{local:%Y-%m-%dT%H:%M:%S}+07:00", f"{local:%H:%M - %d/%m/%Y}", None,
        f"https://site{site}.example/anh/{number}.jpg", 24 * size.sentences, seen, seen, seen,
    )  # fmt: skip


def _body(rng: Random, pool: list[str], number: int, size: Size) -> tuple[int, str]:
    texts = rng.choices(pool, k=size.sentences)
    return number, "\n\n".join(
        " ".join(texts[start : start + 3]) for start in range(0, size.sentences, 3)
    )


def _links(rng: Random, number: int, size: Size) -> Iterator[tuple[object, ...]]:
    """Half to the newest articles, half to any; a few of these, the hubs, are linked far more than others."""
    seen = f"{START + timedelta(minutes=4 * number):%Y-%m-%dT%H:%M:%SZ}"
    for position in range(1, size.links + 1):
        near = position <= size.links // 2
        target = (
            max(1, number - rng.randint(1, 200))
            if near
            else int(size.articles * rng.random() ** 3) + 1
        )
        if target != number:
            yield (
                number,
                min(target, size.articles),
                "same_category" if near else "related",
                position,
                seen,
                seen,
            )


def on_archive(
    about: str | None, measure: Callable[[Found, Path], None], *, full_text: bool = True
) -> None:
    """Reads a script's arguments, makes the archive unless one is named, measures, and takes it away again."""
    words = arguments(about)
    words.add_argument("--articles", type=int, default=100_000)
    words.add_argument("--folder", type=Path, help="an archive that seeding.py made")
    asked = words.parse_args()
    with measuring(asked) as found, tempfile.TemporaryDirectory() as folder:
        measure(
            found,
            asked.folder
            or seed(Path(folder) / "archive", Size(asked.articles, full_text=full_text)),
        )


def main() -> None:
    """Makes one."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("folder", type=Path, nargs="?")
    asked.add_argument("--articles", type=int, default=100_000)
    asked.add_argument("--sentences", type=int, default=16)
    asked.add_argument("--links", type=int, default=12)
    asked.add_argument("--no-full-text", action="store_true")
    given = asked.parse_args()
    if given.folder is None:
        print("no folder named: nothing was made")
        return
    start = time.monotonic()
    seed(given.folder, Size(given.articles, given.sentences, given.links, not given.no_full_text))
    print(f"{given.articles:,} articles in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
