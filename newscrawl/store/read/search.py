"""Full-text search over the stored articles:

Vietnamese with or without marks, and a result for every input.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Literal

from newscrawl.store.filters import Filter
from newscrawl.store.read.search_terms import Term, match_all, parse_terms, words_of
from newscrawl.store.read.snippets import Snippet, snippet
from newscrawl.store.rows import HIDDEN

Order = Literal["rank", "time"]
Ranks = Mapping[int, float | None]

# Ranking reads a few words of every match, and ordering by time reads a row of it. For a word that
# half the archive has, both consider the latest matches only.
MOST_RANKED = 5_000
# The list of a site's or category's articles is kept in memory during a search if it is at most
# this long. In a longer list every few matches belong to it, and looking each match up is faster.
SHORT_LIST = 100_000
# Among this many best matches, texts that spell the words as typed come first. It costs a look into
# each text.
CHECKED_FOR_SPELLING = 300
# Of the columns title, summary, body, folded: a headline shows what a text is about.
WEIGHTS = "8.0, 3.0, 1.0, 1.0"
_HIDDEN_IDS = (
    f"SELECT id FROM articles WHERE site IN (SELECT site FROM sites) AND state IN {HIDDEN}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that matches.

    `rank` is lower for better matches (bm25), None in a search by time.
    """

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
class SearchResult:
    """`total` counts the matches up to MOST_RANKED; `more` says whether there are more."""

    hits: tuple[Hit, ...]
    total: int
    more: bool
    terms: tuple[Term, ...]


def search(
    db: sqlite3.Connection, typed: str, only: Filter, *, limit: int, order: Order = "rank"
) -> SearchResult:
    """The articles that have every word and every "quoted phrase"; none if no word was typed.

    UsageError for a site or category that the archive lacks.
    """
    source, values = _source(db, only)
    terms = parse_terms(typed)
    if not terms:
        return SearchResult(hits=(), total=0, more=False, terms=())
    # The rank of a phrase is slow to compute. It is replaced by that of its words, for the latest
    # matches only.
    has_ranks = order == "rank" and all(len(term.words) == 1 for term in terms)
    latest = _latest(db, source, [match_all(terms), *values], with_ranks=has_ranks)
    matches = dict(latest[:MOST_RANKED])
    ranks: Ranks
    if order == "time":
        ranks = dict.fromkeys(_newest(db, list(matches), limit))
    else:
        scores = matches
        if matches and not has_ranks:
            scores = _rank(db, words_of(terms), list(matches))
        ranks = _best(db, scores, terms, limit)
    return SearchResult(
        hits=tuple(_hits(db, ranks, terms)),
        total=len(matches),
        more=len(latest) > len(matches),
        terms=terms,
    )


def _source(db: sqlite3.Connection, only: Filter) -> tuple[str, list[object]]:
    """Where to look for matches and which of them count, and the values.

    The text to match is the first value, which the caller adds. Hidden articles do not count. A
    plus keeps SQLite from querying the index for each article of a list, which takes far longer
    than looking each match up in the list.
    """
    conditions = only.conditions(db)
    in_list, list_values = _short_list(db, only)
    match = f"articles_fts MATCH ?{in_list}"
    has_days = only.since is not None or only.until is not None
    has_long_list = not in_list and bool(only.site or only.category)
    if has_days or has_long_list:
        source = (
            "articles_fts f CROSS JOIN articles a ON a.id = f.rowid"
            f" WHERE {match} AND {conditions.sql}"
        )
        return source, [*list_values, *conditions.values]
    return f"articles_fts f WHERE {match} AND +f.rowid NOT IN ({_HIDDEN_IDS})", list_values


def _short_list(db: sqlite3.Connection, only: Filter) -> tuple[str, list[object]]:
    """A condition that a match is one of the site's or category's articles; "" for too many.

    The list is read from an index alone.
    """
    if not only.site and not only.category:
        return "", []
    conditions = Filter(site=only.site, category=only.category).conditions(db, with_hidden=True)
    ids = f"SELECT a.id FROM articles a WHERE {conditions.sql}"
    row = db.execute(
        f"SELECT count(*) FROM ({ids} LIMIT {SHORT_LIST + 1})", conditions.values
    ).fetchone()
    if row[0] > SHORT_LIST:
        return "", []
    return f" AND +f.rowid IN ({ids})", conditions.values


def _latest(
    db: sqlite3.Connection, source: str, values: Sequence[object], *, with_ranks: bool
) -> list[tuple[int, float]]:
    """(id, rank) of the latest matches, newest first: at most one more than MOST_RANKED."""
    rank = f"bm25(articles_fts, {WEIGHTS})" if with_ranks else "0.0"
    rows = db.execute(
        f"SELECT f.rowid, {rank} FROM {source} ORDER BY f.rowid DESC LIMIT {MOST_RANKED + 1}",
        values,
    )
    return [(row[0], row[1]) for row in rows]


def _rank(db: sqlite3.Connection, match: str, ids: Sequence[int]) -> dict[int, float]:
    """The ranks of these articles for the words in `match`; `ids` must be in descending order."""
    rows = db.execute(
        f"SELECT rowid, bm25(articles_fts, {WEIGHTS}) FROM articles_fts WHERE articles_fts MATCH ?"
        " AND rowid >= ? AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid DESC",
        (match, ids[-1], json.dumps(ids)),
    )
    return {row[0]: row[1] for row in rows}


def _newest(db: sqlite3.Connection, ids: Sequence[int], limit: int) -> list[int]:
    rows = db.execute(
        "SELECT id FROM articles WHERE id IN (SELECT value FROM json_each(?))"
        " ORDER BY ifnull(published_at, published_local) DESC, id DESC LIMIT ?",
        (json.dumps(ids), limit),
    )
    return [row[0] for row in rows]


def _best(
    db: sqlite3.Connection, matches: Mapping[int, float], terms: Sequence[Term], limit: int
) -> dict[int, float]:
    """The best matches: those that spell most words with marks as typed, then by rank."""
    count = max(limit, CHECKED_FOR_SPELLING)
    best = nsmallest(count, matches.items(), key=lambda match: match[1])
    marked = [term for term in terms if term.has_marks]
    if marked:
        spelled: dict[int, int] = {}
        for article_id, text in _texts(db, [article_id for article_id, _ in best]):
            spelled[article_id] = sum(term.is_spelled_in(text) for term in marked)
        best.sort(key=lambda match: -spelled.get(match[0], 0))
    return dict(best[:limit])


def _texts(db: sqlite3.Connection, ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    rows = db.execute(
        "SELECT a.id, ifnull(a.title, '') || char(10) || ifnull(a.summary, '') || char(10)"
        " || b.body FROM articles a JOIN bodies b ON b.article_id = a.id"
        " WHERE a.id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    for article_id, text in rows:
        yield article_id, text.lower()


def _hits(db: sqlite3.Connection, ranks: Ranks, terms: Sequence[Term]) -> Iterable[Hit]:
    """The articles in the order of `ranks`, each with its snippet."""
    rows = db.execute(
        "SELECT a.id, a.site, a.key, a.url, a.state, a.title, a.summary, b.body,"
        " c.name AS category, a.published_at, a.published_local"
        " FROM articles a JOIN bodies b ON b.article_id = a.id"
        " LEFT JOIN categories c ON c.id = a.category_id"
        " WHERE a.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ranks)),),
    )
    row_of = {row["id"]: row for row in rows}
    for article_id, rank in ranks.items():
        row = row_of[article_id]
        yield Hit(
            id=row["id"],
            site=row["site"],
            key=row["key"],
            url=row["url"],
            state=row["state"],
            title=row["title"],
            category=row["category"],
            published_at=row["published_at"],
            published_local=row["published_local"],
            snippet=snippet((row["body"], row["summary"], row["title"]), terms),
            rank=None if rank is None else round(rank, 4),
        )
