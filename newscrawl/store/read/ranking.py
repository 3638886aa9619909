"""How well articles match a query; a lower rank is a better match.

BM25 counts all articles that have a word, which takes longer in a larger archive. For words that
very many articles have, the headlines decide instead.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from newscrawl.core.query import WHOLE_FIELDS, Node, Or, Words, leaves
from newscrawl.store.full_text import FullText
from newscrawl.store.read.search_terms import Term, fold_in_place

# Of the columns of the index, in their order: a headline shows what a text is about. The columns
# with d for đ repeat the words of the others.
WEIGHTS = "8.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0"
BM25 = f"bm25(articles_fts, {WEIGHTS})"
# A ranking looks for each of the words.
MOST_WORDS_RANKED = 64
# Entries of the index, one for each word of an article, that BM25 counts in 0.03 s.
MOST_COUNTED = 300_000
SAMPLED = 1_000  # latest matches that show how frequent all of them are


def is_quickly_counted(db: sqlite3.Connection, tree: Node | None) -> bool:
    """Whether few articles have the words of the query, as far as the latest ones show."""
    index = FullText(db)
    entries = 0
    for word in _words_of(tree):
        latest = "SELECT rowid AS id FROM articles_fts WHERE articles_fts MATCH ? ORDER BY id DESC"
        entries += likely_count(db, latest, [index.syntax(word)])
    return entries <= MOST_COUNTED


def _words_of(tree: Node | None) -> list[Words]:
    """The single words by which articles are ranked, each once."""
    words: dict[Words, None] = {}
    for leaf in leaves(tree, wanted_only=True):
        if leaf.field not in WHOLE_FIELDS:
            single = [replace(leaf, words=(word,), is_prefix=False) for word in leaf.words]
            words.update(dict.fromkeys(single))
    return list(words)[:MOST_WORDS_RANKED]


def likely_count(db: sqlite3.Connection, latest: str, values: Sequence[object]) -> int:
    """About how many articles a query finds, if all are as frequent as the latest ones.

    `latest` gives the `id` of each, the latest first.
    """
    found, newest, oldest = db.execute(
        f"SELECT count(*), max(id), min(id) FROM ({latest} LIMIT ?)", [*values, SAMPLED]
    ).fetchone()
    return int(found if found < SAMPLED else found * newest // (newest - oldest + 1))


def ranks_by_words(
    db: sqlite3.Connection, tree: Node | None, ids: Sequence[int]
) -> dict[int, float]:
    """BM25 of these articles, in descending order of ids, by the single words of the query."""
    words = _words_of(tree)
    if not words:
        return {}
    match = FullText(db).syntax(Or(tuple(words)))
    rows = db.execute(
        f"SELECT rowid, {BM25} FROM articles_fts WHERE articles_fts MATCH ? AND rowid >= ?"
        " AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid DESC",
        (match, ids[-1], json.dumps(ids)),
    )
    return {row[0]: row[1] for row in rows}


def ranks_by_headlines(
    db: sqlite3.Connection, terms: Sequence[Term], ids: Sequence[int]
) -> dict[int, float]:
    """How many of the words and phrases the headline of each article has, as a negative number."""
    if not terms:
        return {}
    rows = db.execute(
        "SELECT id, title FROM articles WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    ranks: dict[int, float] = {}
    for article_id, title in rows:
        headline = fold_in_place(title or "")
        ranks[article_id] = -sum(term.folded.search(headline) is not None for term in terms)
    return ranks
