"""Fills a large archive quickly: short texts, and all that a crawl writes for each article.

An article has a row, a body of about 260 characters, a revision, a capture without its raw page, an
address in the frontier and two links. That is about 2.4 kB, a quarter of a usual article.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from random import Random

SITES, CATEGORIES = 5, 12
BATCH = 20_000
FIRST, LAST = datetime(2016, 9, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
MINUTES = (LAST - FIRST) // timedelta(minutes=1)
VIETNAM = timedelta(hours=7)
# Two different texts rarely share a phrase, as in a real archive: near copies are looked for among
# the texts that share runs of three words.
PHRASES, PHRASE_WORDS, BODY_PHRASES = 1_000_000, 6, 7
COPY_EVERY = 50  # one in so many articles is a near copy of a recent one
OPEN_EVERY = 10_000  # one in so many addresses is still to be fetched
REVISITED = 50_000  # of the newest articles, which are to be requested again
REVISIT = "2099-01-01T00:00:00Z"

ARTICLE = (
    "INSERT INTO articles (id, site, key, url, state, title, summary, authors, category_id, tags,"
    " published_at, published_local, published_raw, published_precision, published_source,"
    " language, word_count, body_hash, first_seen_at, fetched_at, last_seen_at, revision)"
    " VALUES (?, ?, ?, ?, 'stored', ?, ?, ?, ?, '[]', ?, ?, ?, 'minute', 'page', 'vi', ?, ?,"
    " ?, ?, ?, 1)"
)
BODY = "INSERT INTO bodies VALUES (?, ?)"
REVISION = (
    "INSERT INTO revisions (article_id, revision, fetched_at, title, summary, body, body_hash,"
    " capture_id, authors, published_local, published_source)"
    " VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, 'page')"
)
CAPTURE = (
    "INSERT INTO captures (id, crawl_id, url, kind, status, fetched_at, article_id)"
    " VALUES (?, 1, ?, 'article', 200, ?, ?)"
)
ADDRESS = (
    "INSERT INTO frontier (url, site, kind, article_id, state, not_before, category_id, capture_id)"
    " VALUES (?, ?, 'article', ?, ?, ?, ?, ?)"
)
LINK = "INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, NULL, ?, ?, 1, 1)"
FULL_TEXT_BYTES = 64_000_000  # of the index in memory, between two writes
USUAL_FULL_TEXT_BYTES = 1_048_576


def insert_short_texts(
    db: sqlite3.Connection,
    articles: int,
    words: Sequence[str],
    weights: Sequence[float],
    *,
    first_site: int = 1,
) -> None:
    """Inserts so many articles. Indexes are made afterwards, in the order of their entries."""
    indexes = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " AND name NOT LIKE 'idx__sqlite%'"
    ).fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    rows = _Rows(articles, words, weights, first_site)
    numbers = iter(range(1, articles + 1))
    while batch := list(islice(numbers, BATCH)):
        rows.make(batch)
        db.execute("BEGIN")
        for statement, values in rows.by_statement():
            db.executemany(statement, values)
        db.execute("COMMIT")
    for _, sql in indexes:
        db.execute(sql)


def index_texts(db: sqlite3.Connection) -> None:
    """Makes the full-text index, with few writes of a large part each."""
    setting = "INSERT INTO articles_fts(articles_fts, rank) VALUES ('hashsize', ?)"
    db.execute(setting, (FULL_TEXT_BYTES,))
    db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')")
    db.execute(setting, (USUAL_FULL_TEXT_BYTES,))


class _Rows:
    """The rows of one batch of articles after the other."""

    def __init__(
        self, articles: int, words: Sequence[str], weights: Sequence[float], first_site: int
    ) -> None:
        self._articles = articles
        self._first_site = first_site
        self._rng = Random(5)
        self._phrases = _phrases(self._rng, min(PHRASES, articles * 4), words, weights)
        self._recent: list[list[str]] = []
        self._values: dict[str, list[tuple[object, ...]]] = {}

    def by_statement(self) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
        """Each statement with its rows."""
        yield from self._values.items()

    def make(self, numbers: Sequence[int]) -> None:
        """Makes the rows of these articles."""
        statements = (ARTICLE, BODY, REVISION, CAPTURE, ADDRESS, LINK)
        self._values = {statement: [] for statement in statements}
        chosen = self._rng.choices(self._phrases, k=len(numbers) * (BODY_PHRASES + 2))
        for place, number in enumerate(numbers):
            start = place * (BODY_PHRASES + 2)
            self._add(number, chosen[start : start + BODY_PHRASES + 2])

    def _add(self, number: int, phrases: list[str]) -> None:
        title = phrases[0].capitalize()
        summary = phrases[1]
        body = self._body(number, phrases[2:])
        place = number % SITES
        site = f"site{self._first_site + place}"
        url = f"https://{site}.example/tin/{number}.html"
        category = place * CATEGORIES + int(CATEGORIES * self._rng.random() ** 2) + 1
        seen_at, _, _ = _times(number * MINUTES // self._articles)
        position = self._rng.randint(1, self._articles) if number % 10 == 0 else number
        published_at, local, raw = _times(position * MINUTES // self._articles)
        authors = '["Tường Lam"]' if number % 3 else "[]"
        digest = f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"
        words = BODY_PHRASES * PHRASE_WORDS
        values = self._values
        known = (number, site, str(number), url, title, summary, authors, category)
        times = (published_at, local, raw)
        visits = (seen_at, seen_at, seen_at)
        values[ARTICLE].append((*known, *times, words, digest, *visits))
        values[BODY].append((number, body))
        values[REVISION].append(
            (number, seen_at, title, summary, body, digest, number, authors, local)
        )
        values[CAPTURE].append((number, url, seen_at, number))
        state = "pending" if number % OPEN_EVERY == 0 else "done"
        is_revisited = number > self._articles - REVISITED
        not_before = REVISIT if is_revisited else None
        values[ADDRESS].append((url, site, number, state, not_before, category, number))
        for kind, target in self._links(number):
            values[LINK].append((number, target, kind, 1, seen_at, seen_at))

    def _body(self, number: int, phrases: list[str]) -> str:
        if number % COPY_EVERY == 0 and self._recent:
            original = self._rng.choice(self._recent)
            phrases = [*original[:-2], *phrases[-2:]]
        self._recent.append(phrases)
        if len(self._recent) > 200:
            self._recent = self._recent[100:]
        return " ".join(phrases)

    def _links(self, number: int) -> Iterator[tuple[str, int]]:
        """One link to a recent article, and one to any earlier one; the first ones are hubs."""
        if number > 1:
            yield "same_category", max(1, number - self._rng.randint(1, 200))
            yield "related", int((number - 1) * self._rng.random() ** 3) + 1


def _phrases(rng: Random, count: int, words: Sequence[str], weights: Sequence[float]) -> list[str]:
    chosen = rng.choices(words, cum_weights=weights, k=count * PHRASE_WORDS)
    starts = range(0, len(chosen), PHRASE_WORDS)
    return [" ".join(chosen[start : start + PHRASE_WORDS]) for start in starts]


@lru_cache(maxsize=10_000)
def _times(minute: int) -> tuple[str, str, str]:
    """A minute after FIRST, in UTC, local time and as the page prints it."""
    moment = FIRST + timedelta(minutes=minute)
    local = moment + VIETNAM
    return (
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        f"{local:%Y-%m-%dT%H:%M:%S}+07:00",
        f"{local:%H:%M - %d/%m/%Y}",
    )
