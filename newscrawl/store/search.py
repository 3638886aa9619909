"""Full-text search over the stored articles: Vietnamese with or without marks, and an answer to every input."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .filters import Filter
from .snippets import Snippet, snippet
from .terms import Term, match_all, parse_terms, words_of

Order = Literal["rank", "time"]

# Ranking reads a few words of every match, and order by time a row of it. For a word that half the archive has both
# look at the matches that came last.
MOST_RANKED = 5_000
# A site or category of at most so many articles is kept at hand while the matches are gone through; of a bigger one
# every few matches are some, and each is looked up.
FEW_ARTICLES = 100_000
# Of the best of these, texts that spell the words as typed come first; it takes a look into each text.
LOOKED_INTO = 300
# Columns title, summary, body, folded: a headline says what a text is about.
WEIGHTS = "8.0, 3.0, 1.0, 1.0"


@dataclass(frozen=True, slots=True)
class Hit:
    """An article found. `rank` is lower for better ones (bm25), None where the hits are in order of time."""

    id: int
    site: str
    key: str
    url: str
    state: str
    title: str | None
    category: str | None
    published_at: str | None
    published_local: str | None
    snippet: Snippet
    rank: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """`total` counts the matches, up to MOST_RANKED; `more` says that there are more than these."""

    hits: tuple[Hit, ...]
    total: int
    more: bool
    terms: tuple[Term, ...]


def search(db: sqlite3.Connection, typed: str, only: Filter, *, limit: int, order: Order = "rank") -> Found:
    """The articles that have every word and every "quoted phrase"; nothing where nothing was asked for.

    UsageError for a site or category that the archive lacks.
    """
    where, values = only.where(db)
    terms = parse_terms(typed)
    if not terms:
        return Found((), 0, False, ())
    ids = _latest(db, match_all(terms), only, where, values)
    more = len(ids) > MOST_RANKED
    ids = ids[:MOST_RANKED]
    if order == "time":
        ranks: dict[int, float | None] = dict.fromkeys(_newest(db, ids, limit))
    else:
        ranks = _best(db, words_of(terms), ids, max(limit, LOOKED_INTO))
        ranks = dict(_as_typed_first(db, ranks, terms)[:limit])
    return Found(tuple(_hits(db, ranks, terms)), len(ids), more, terms)


def _latest(db: sqlite3.Connection, match: str, only: Filter, where: str, values: Sequence[object]) -> list[int]:
    """The ids of the matches that came last, newest first: one more than MOST_RANKED where there are more."""
    if only == Filter():
        return _ids(db, "articles_fts f WHERE articles_fts MATCH ?", [match])
    matching, bound = "articles_fts MATCH ?", list[object]([match])
    among, among_values = Filter(site=only.site, category=only.category).where(db)
    few = f"SELECT a.id FROM articles a WHERE {among}"
    count = f"SELECT count(*) FROM ({few} LIMIT {FEW_ARTICLES + 1})"
    if db.execute(count, among_values).fetchone()[0] <= FEW_ARTICLES:
        # The plus keeps SQLite from asking the full text about each of these articles, which takes far longer.
        matching, bound = f"{matching} AND +f.rowid IN ({few})", [match, *among_values]
    source = f"articles_fts f CROSS JOIN articles a ON a.id = f.rowid WHERE {matching} AND {where}"
    return _ids(db, source, [*bound, *values])


def _ids(db: sqlite3.Connection, source: str, values: Sequence[object]) -> list[int]:
    found = db.execute(f"SELECT f.rowid FROM {source} ORDER BY f.rowid DESC LIMIT {MOST_RANKED + 1}", values)
    return [row[0] for row in found]


def _best(db: sqlite3.Connection, match: str, ids: Sequence[int], limit: int) -> dict[int, float | None]:
    """The best of these articles for the words in `match`."""
    rows = db.execute(
        f"SELECT rowid, bm25(articles_fts, {WEIGHTS}) AS rank FROM articles_fts WHERE articles_fts MATCH ?"
        " AND rowid >= ? AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY rank, rowid DESC LIMIT ?",
        (match, ids[-1] if ids else 0, json.dumps(ids), limit),
    )
    return {row[0]: row[1] for row in rows}


def _newest(db: sqlite3.Connection, ids: Sequence[int], limit: int) -> Iterable[int]:
    rows = db.execute(
        "SELECT id FROM articles WHERE id IN (SELECT value FROM json_each(?))"
        " ORDER BY ifnull(published_at, published_local) DESC, id DESC LIMIT ?",
        (json.dumps(ids), limit),
    )
    return [row[0] for row in rows]


def _as_typed_first(
    db: sqlite3.Connection, ranks: Mapping[int, float | None], terms: Sequence[Term]
) -> list[tuple[int, float | None]]:
    """Those that spell most of the words typed with marks just so, then the rest, each by rank."""
    marked = [term for term in terms if term.has_marks]
    if not marked:
        return list(ranks.items())
    exact = {
        article_id: sum(term.exact.search(text) is not None for term in marked)
        for article_id, text in _texts(db, ranks)
    }
    return sorted(ranks.items(), key=lambda pair: -exact.get(pair[0], 0))


def _texts(db: sqlite3.Connection, ids: Iterable[int]) -> Iterable[tuple[int, str]]:
    for row in db.execute(
        "SELECT id, ifnull(title, '') || char(10) || ifnull(summary, '') || char(10) || body FROM article_texts"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    ):
        yield row[0], row[1].lower()


def _hits(db: sqlite3.Connection, ranks: Mapping[int, float | None], terms: Sequence[Term]) -> Iterable[Hit]:
    """The articles in the order of `ranks`, each with its snippet."""
    rows = {
        row["id"]: row
        for row in db.execute(
            "SELECT a.id, a.site, a.key, a.url, a.state, a.title, a.summary, b.body, c.name AS category,"
            " a.published_at, a.published_local FROM articles a JOIN bodies b ON b.article_id = a.id"
            " LEFT JOIN categories c ON c.id = a.category_id WHERE a.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ranks)),),
        )
    }
    for article_id, rank in ranks.items():
        row = rows[article_id]
        yield Hit(
            row["id"], row["site"], row["key"], row["url"], row["state"], row["title"], row["category"],
            row["published_at"], row["published_local"],
            snippet((row["body"], row["summary"], row["title"]), terms), None if rank is None else round(rank, 4),
        )  # fmt: skip
