"""Generates a large archive of made-up articles, written directly to the database.

    python bench/seeding.py FOLDER [--articles 100000] [--sentences 16] [--links 12]
        [--no-full-text] [--crawls 1000 --listings 400000 --edits 20000]
    python bench/seeding.py FOLDER --articles 10000000 --short-texts [--first-site 6]

It measures nothing: other scripts measure on the archive. The sentences consist of the words of the
made-up newspaper, which follow Zipf's law: a few words are in nearly every article, most in few.
--short-texts makes articles of 2.4 kB in a quarter of the time, with captures and addresses, and
with crawls, listings and edits in proportion.
The same options always give the same archive.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from random import Random

from parts.results import Results, argument_parser, measuring
from parts.seeded_history import add_history
from parts.short_texts import index_texts, insert_short_texts

from newscrawl.core.records import CategoryRow, SiteRow
from newscrawl.demo.stories import words
from newscrawl.store.write.store import Store

SITES, CATEGORIES = 5, 12
BATCH = 20_000
FIRST = datetime(2016, 1, 1, tzinfo=UTC)
INTERVAL = timedelta(minutes=4)  # between two articles
VIETNAM = timedelta(hours=7)
TEXT_TRIGGER = "bodies_fts_insert"
# Beside the words of the newspaper, there are as many rare ones as a real newspaper has names and
# figures.
RARE_WORDS = 40_000
SENTENCES = 50_000  # different ones
PRAGMAS = ("synchronous=OFF", "cache_size=-200000", "wal_autocheckpoint=20000")
ARTICLE = (
    "INSERT INTO articles (id, site, key, url, state, title, summary, authors, category_id, tags,"
    " published_at, published_local, published_raw, published_precision, published_source,"
    " language, image_url, word_count, first_seen_at, fetched_at, last_seen_at, revision)"
    " VALUES (:id, :site, :id, :url, 'stored', :title, :summary, :authors, :category_id, :tags,"
    " :published_at, :published_local, :published_raw, 'minute', 'page',"
    " 'vi', :image_url, :word_count, :seen, :seen, :seen, 1)"
)
BODY = "INSERT INTO bodies VALUES (?, ?)"
LINK = "INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, NULL, ?, ?, 1, 1)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The size of an archive. Sixteen sentences make a body of about 2.5 kB.

    Archives with another `first_site` have other sites; only those of short texts can.
    """

    articles: int = 100_000
    sentences: int = 16
    links: int = 12
    full_text: bool = True
    crawls: int = 0
    listings: int = 0
    edits: int = 0
    short_texts: bool = False
    first_site: int = 1


def large(articles: int, first_site: int = 1) -> Size:
    """An archive of short texts, with crawls, listings and edits in proportion."""
    return Size(
        articles=articles,
        short_texts=True,
        crawls=max(SITES, articles // 1_000),
        listings=articles * 2 // 5,
        edits=articles // 50,
        first_site=first_site,
    )


def seed(folder: Path, size: Size) -> Path:
    """Fills a new archive, and returns its folder."""
    with Store(folder) as store:
        for number in range(size.first_site, size.first_site + SITES):
            store.categories.put_site(_site(number))
            store.crawls.begin(f"site{number}", {}, version="bench", now=FIRST)
    with closing(sqlite3.connect(folder / "newscrawl.db", isolation_level=None)) as db:
        for pragma in PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
        trigger = db.execute(
            "SELECT sql FROM sqlite_master WHERE name = ?", (TEXT_TRIGGER,)
        ).fetchone()[0]
        db.execute(f"DROP TRIGGER {TEXT_TRIGGER}")
        if size.short_texts:
            insert_short_texts(db, size.articles, *vocabulary(), first_site=size.first_site)
            # Otherwise the next crawl would look at all captures as those of killed crawls.
            db.execute(
                "UPDATE crawls SET finished_at = started_at, reason = 'finished', exit_code = 0"
            )
        else:
            _insert(db, size)
        if size.full_text:
            index_texts(db)
        db.execute(trigger)
        if size.crawls:
            add_history(db, size.crawls, size.listings, size.edits)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


def vocabulary() -> tuple[list[str], list[float]]:
    """Words, the frequent ones first, and the cumulated weights of their frequency."""
    text = " ".join(_strings(words())).lower()
    counts = Counter(re.findall(r"[^\W\d_]+", text))
    frequent = [word for word, _ in counts.most_common()]
    rng = Random(1)
    rare = [f"{rng.choice(frequent)}{number}" for number in range(RARE_WORDS)]
    all_words = frequent + rare
    return all_words, list(accumulate(1 / (rank + 3) for rank in range(len(all_words))))


def _strings(value: object) -> Iterator[str]:
    """All strings in a nested value, without their {slots}."""
    if isinstance(value, str):
        yield re.sub(r"\{[^}]*\}", " ", value)
    elif isinstance(value, dict):
        yield from _strings(list(value.values()))
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _site(number: int) -> SiteRow:
    categories = [
        CategoryRow(str(key), f"muc-{key}", f"Mục {key}", None) for key in range(1, CATEGORIES + 1)
    ]
    return SiteRow(
        site=f"site{number}",
        name=f"Báo {number}",
        domain=f"site{number}.example",
        language="vi",
        timezone="Asia/Ho_Chi_Minh",
        categories=tuple(categories),
    )


def _insert(db: sqlite3.Connection, size: Size) -> None:
    rng = Random(2)
    sentences = _sentences(rng)
    numbers = iter(range(1, size.articles + 1))
    while batch := list(islice(numbers, BATCH)):
        articles = [_article(rng, sentences, number, size) for number in batch]
        bodies = [(number, _body(rng, sentences, size)) for number in batch]
        links: list[tuple[object, ...]] = []
        for number in batch:
            links += _links(rng, number, size)
        db.execute("BEGIN")
        db.executemany(ARTICLE, articles)
        db.executemany(BODY, bodies)
        db.executemany(LINK, links)
        db.execute("COMMIT")


def _sentences(rng: Random) -> list[str]:
    all_words, weights = vocabulary()
    sentences = []
    for _ in range(SENTENCES):
        text = " ".join(rng.choices(all_words, cum_weights=weights, k=rng.randint(14, 28)))
        sentences.append(f"{text[0].upper()}{text[1:]}.")
    return sentences


def _article(rng: Random, sentences: Sequence[str], number: int, size: Size) -> dict[str, object]:
    """A row. Articles are in the order of publication, but every tenth is an older one."""
    site = number % SITES + 1
    category = int(CATEGORIES * rng.random() ** 2) + 1
    position = rng.randint(1, size.articles) if number % 10 == 0 else number
    published = FIRST + INTERVAL * (position * 1_000_000 / size.articles)
    local = published + VIETNAM
    title = rng.choice(sentences)[:90]
    return {
        "id": number,
        "site": f"site{site}",
        "url": f"https://site{site}.example/tin/{number}.html",
        "title": title,
        "summary": rng.choice(sentences),
        "authors": json.dumps(["Tường Lam", "Hà Vân"][: number % 3], ensure_ascii=False),
        "category_id": (site - 1) * CATEGORIES + category,
        "tags": json.dumps(title.split()[:3], ensure_ascii=False),
        "published_at": f"{published:%Y-%m-%dT%H:%M:%SZ}",
        "published_local": f"{local:%Y-%m-%dT%H:%M:%S}+07:00",
        "published_raw": f"{local:%H:%M - %d/%m/%Y}",
        "image_url": f"https://site{site}.example/anh/{number}.jpg",
        "word_count": 24 * size.sentences,
        "seen": _seen_at(number),
    }


def _seen_at(number: int) -> str:
    return f"{FIRST + INTERVAL * number:%Y-%m-%dT%H:%M:%SZ}"


def _body(rng: Random, sentences: Sequence[str], size: Size) -> str:
    chosen = rng.choices(sentences, k=size.sentences)
    paragraphs = [" ".join(chosen[start : start + 3]) for start in range(0, size.sentences, 3)]
    return "\n\n".join(paragraphs)


def _links(rng: Random, number: int, size: Size) -> Iterator[tuple[object, ...]]:
    """Half of the links lead to recent articles, half to any; the first articles are hubs."""
    seen = _seen_at(number)
    for position in range(1, size.links + 1):
        if position <= size.links // 2:
            kind = "same_category"
            target = max(1, number - rng.randint(1, 200))
        else:
            kind = "related"
            target = min(int(size.articles * rng.random() ** 3) + 1, size.articles)
        if target != number:
            yield number, target, kind, position, seen, seen


def measure_on_archive(
    description: str | None, measure: Callable[[Results, Path], None], *, full_text: bool = True
) -> None:
    """The main function of a script that measures on an archive, given or generated."""
    parser = argument_parser(description)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="an archive made by seeding.py")
    options = parser.parse_args()
    with measuring(options) as results, tempfile.TemporaryDirectory() as name:
        archive = options.folder
        if archive is None:
            archive = seed(
                Path(name) / "archive", Size(articles=options.articles, full_text=full_text)
            )
        measure(results, archive)


def main() -> None:
    """Generates an archive."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--sentences", type=int, default=16)
    parser.add_argument("--links", type=int, default=12)
    parser.add_argument("--no-full-text", action="store_true")
    parser.add_argument("--short-texts", action="store_true")
    parser.add_argument("--first-site", type=int, default=1, help="with --short-texts")
    parser.add_argument("--crawls", type=int, default=0)
    parser.add_argument("--listings", type=int, default=0)
    parser.add_argument("--edits", type=int, default=0)
    options = parser.parse_args()
    start = time.monotonic()
    size = Size(
        articles=options.articles,
        sentences=options.sentences,
        links=options.links,
        full_text=not options.no_full_text,
        crawls=options.crawls,
        listings=options.listings,
        edits=options.edits,
    )
    if options.short_texts:
        size = large(options.articles, options.first_site)
    seed(options.folder, size)
    print(f"{options.articles:,} articles in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
