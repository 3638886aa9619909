"""Full-text search over the stored articles: Vietnamese with or without marks, and an answer to every input."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Literal

from newscrawl.store.filters import Filter
from newscrawl.store.read.search_terms import Term, match_all, parse_terms, words_of
from newscrawl.store.read.snippets import Snippet, snippet
from newscrawl.store.rows import HIDDEN

Order = Literal["rank", "time"]
Ranks = Mapping[int, float | None]

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
HELD_BACK = f"SELECT id FROM articles WHERE site IN (SELECT site FROM sites) AND state IN {HIDDEN}"


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


def search(
    db: sqlite3.Connection, typed: str, only: Filter, *, limit: int, order: Order = "rank"
) -> Found:
    """The articles that have every word and every "quoted phrase"; nothing where nothing was asked for.

    UsageError for a site or category that the archive lacks.
    """
    source, values = _source(db, only)
    terms = parse_terms(typed)
    if not terms:
        return Found((), 0, False, ())
    ranked = order == "rank" and all(len(term.words) == 1 for term in terms)
    latest = _latest(db, source, [match_all(terms), *values], ranked=ranked)
    found = dict(latest[:MOST_RANKED])
    if order == "time":
        ranks: Ranks = dict.fromkeys(_newest(db, list(found), limit))
    else:
        scores = found if ranked or not found else _scores(db, words_of(terms), list(found))
        best = nsmallest(max(limit, LOOKED_INTO), scores.items(), key=lambda pair: pair[1])
        ranks = dict(_as_typed_first(db, dict(best), terms)[:limit])
    return Found(tuple(_hits(db, ranks, terms)), len(found), len(latest) > len(found), terms)


def _source(db: sqlite3.Connection, only: Filter) -> tuple[str, list[object]]:
    """Where to look for matches and which of them count, as SQL with the text asked for as its first value.

    Articles that are held back do not count. A plus keeps SQLite from asking the full text about each article of a
    list, which takes far longer than to look up each match in the list.
    """
    where, values = only.where(db)
    listed, among = _few(db, only)
    text = f"articles_fts MATCH ?{listed}"
    if (
        only.since is not None
        or only.until is not None
        or (not listed and (only.site or only.category))
    ):
        return f"articles_fts f CROSS JOIN articles a ON a.id = f.rowid WHERE {text} AND {where}", [
            *among,
            *values,
        ]
    return f"articles_fts f WHERE {text} AND +f.rowid NOT IN ({HELD_BACK})", among


def _few(db: sqlite3.Connection, only: Filter) -> tuple[str, list[object]]:
    """A condition that the match is in a list of the site's or category's articles; "" where these are many, or all.

    The list is read from an index alone.
    """
    if not only.site and not only.category:
        return "", []
    where, values = Filter(site=only.site, category=only.category).where(db, held=None)
    few = f"SELECT a.id FROM articles a WHERE {where}"
    count = db.execute(f"SELECT count(*) FROM ({few} LIMIT {FEW_ARTICLES + 1})", values).fetchone()[
        0
    ]
    return (f" AND +f.rowid IN ({few})", values) if count <= FEW_ARTICLES else ("", [])


def _latest(
    db: sqlite3.Connection, source: str, values: Sequence[object], *, ranked: bool
) -> list[tuple[int, float]]:
    """(id, rank) of the matches that came last, newest first: one more than MOST_RANKED where there are more."""
    rank = f"bm25(articles_fts, {WEIGHTS})" if ranked else "0.0"
    statement = (
        f"SELECT f.rowid, {rank} FROM {source} ORDER BY f.rowid DESC LIMIT {MOST_RANKED + 1}"
    )
    return [(row[0], row[1]) for row in db.execute(statement, values)]


def _scores(db: sqlite3.Connection, match: str, ids: Sequence[int]) -> dict[int, float]:
    """The rank of these articles, at least one and the newest first, for the words in `match`; in the same order."""
    rows = db.execute(
        f"SELECT rowid, bm25(articles_fts, {WEIGHTS}) FROM articles_fts WHERE articles_fts MATCH ?"
        " AND rowid >= ? AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid DESC",
        (match, ids[-1], json.dumps(ids)),
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
    db: sqlite3.Connection, ranks: Mapping[int, float], terms: Sequence[Term]
) -> list[tuple[int, float]]:
    """Those that spell most of the words typed with marks just so, then the rest, each by rank."""
    marked = [term for term in terms if term.has_marks]
    if not marked:
        return list(ranks.items())
    exact = {
        article_id: sum(term.is_spelled_in(text) for term in marked)
        for article_id, text in _texts(db, ranks)
    }
    return sorted(ranks.items(), key=lambda pair: -exact.get(pair[0], 0))


def _texts(db: sqlite3.Connection, ids: Iterable[int]) -> Iterable[tuple[int, str]]:
    for row in db.execute(
        "SELECT a.id, ifnull(a.title, '') || char(10) || ifnull(a.summary, '') || char(10) || b.body FROM articles a"
        " JOIN bodies b ON b.article_id = a.id WHERE a.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    ):
        yield row[0], row[1].lower()


def _hits(db: sqlite3.Connection, ranks: Ranks, terms: Sequence[Term]) -> Iterable[Hit]:
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
