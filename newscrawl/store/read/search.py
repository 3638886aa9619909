"""Full-text search over the stored articles.

Every match can be reached, in one order: the latest MOST_RANKED matches come first, the best or the
newest of them before the others, and then all older matches, newest first. ("Latest" and "older"
are about when an article was stored.) So a search for a word that half of a large archive has takes
no longer than any other.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import chain, islice
from typing import Literal, NamedTuple

from newscrawl.core.query import Node, Query, all_of
from newscrawl.core.query_parser import parse_query
from newscrawl.store.conditions import Conditions
from newscrawl.store.filters import Filter
from newscrawl.store.matching import Matcher
from newscrawl.store.read.export_rows import Cells, as_cells
from newscrawl.store.read.ranking import (
    BM25,
    MOST_WORDS_RANKED,
    is_quickly_counted,
    likely_count,
    ranks_by_headlines,
    ranks_by_words,
)
from newscrawl.store.read.search_terms import Term, terms_of
from newscrawl.store.read.snippets import Snippet, snippet
from newscrawl.store.rows import HIDDEN

Order = Literal["rank", "time"]

# Ranking reads a few words of every match, and ordering by time reads a row of it.
MOST_RANKED = 5_000
# The list of a site's or category's articles is kept in memory during a search if it is at most
# this long. In a longer list every few matches belong to it, and looking each match up is faster.
SHORT_LIST = 100_000
# Among this many best matches, texts that spell the words as typed come first. It costs a look into
# each text.
CHECKED_FOR_SPELLING = 300
AT_ONCE = 500  # articles that are read together
# What follows the matches in a FROM clause.
_MATCHED = "articles a ON a.id = m.value LEFT JOIN categories c ON c.id = a.category_id"
_HIDDEN_IDS = (
    f"SELECT id FROM articles WHERE site IN (SELECT site FROM sites) AND state IN {HIDDEN}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that matches.

    `rank` is lower for better matches (see store.read.ranking); None in a search by time, for a
    query without words that can be ranked, and beyond the latest MOST_RANKED matches.
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


_OF_TEXTS = ("snippet", "rank")
_OTHER_TABLES: Mapping[str, str] = {"category": "c.name"}
# What is known of a match without reading its text: the SQL expression of each column of Hit.
FACTS: Mapping[str, str] = {
    each.name: _OTHER_TABLES.get(each.name, f"a.{each.name}")
    for each in fields(Hit)
    if each.name not in _OF_TEXTS
}
_SELECTED = ", ".join(f"{sql} AS {name}" for name, sql in FACTS.items())


class Total(NamedTuple):
    """How many articles match: all of them if `exact`, else at least so many."""

    articles: int
    exact: bool


def answer_head(
    query: Query, order: str | None, total: int, exact: bool, shown: int
) -> dict[str, object]:
    """What an answer in JSON begins with, wherever it is asked for."""
    return {
        "query": query.typed,
        "understood": query.understood,
        "note": query.note,
        "order": order,
        "total": total,
        "exact": exact,
        "shown": shown,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """Some of the matches, and how many there are: at least `total` if it is not `exact`.

    `order` is the note about their order (see Search.order_note).
    """

    query: Query
    order: str | None
    hits: tuple[Hit, ...]
    total: int
    exact: bool


def search(
    db: sqlite3.Connection,
    typed: str,
    only: Filter,
    *,
    limit: int | None,
    offset: int = 0,
    order: Order = "rank",
    exact: bool = False,
) -> SearchResult:
    """The matches of a query from `offset` on; none if no word was typed.

    `exact` counts all of them, which takes time for a common word. UsageError for a site or
    category that the archive lacks.
    """
    found = Search(db, typed, only, order)
    hits = tuple(found.hits(limit, offset))
    total, is_exact = found.total(exact=exact)
    return SearchResult(
        query=found.query, order=found.order_note, hits=hits, total=total, exact=is_exact
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the matches are: what follows FROM, the values for it, and the id of an article."""

    sql: str
    values: Sequence[object]
    id: str


class Search:
    """One search in a snapshot of an archive, whose matches are read as they are asked for."""

    def __init__(
        self, db: sqlite3.Connection, typed: str, only: Filter, order: Order = "rank"
    ) -> None:
        self._db = db
        self._only = only
        self._order = order
        self.query = parse_query(typed)
        self._terms = terms_of(self.query.tree)

    def total(self, *, exact: bool) -> Total:
        """How many articles match, or at least match."""
        if len(self._latest) <= MOST_RANKED:
            return Total(len(self._latest), exact=True)
        if not exact:
            return Total(MOST_RANKED, exact=False)
        assert self._source is not None
        source = self._source
        count = self._db.execute(f"SELECT count(*) FROM {source.sql}", source.values).fetchone()[0]
        return Total(int(count), exact=True)

    @property
    def order_note(self) -> str | None:
        """How the order differs from the one that was asked for; None if it does not."""
        is_cut = len(self._latest) > MOST_RANKED
        is_by_headline = bool(self._terms) and self._order == "rank" and not self._is_countable
        first = "the newest" if self._order == "time" else "the best"
        if is_by_headline:
            first = "those with most of the words in their headlines"
        if is_cut:
            return f"of the {MOST_RANKED:,} stored last, {first} come first, then all older ones"
        return f"{first} come first" if is_by_headline and self._latest else None

    def likely_total(self) -> int:
        """About how many articles match, if the others are as frequent as the latest ones."""
        source = self._source
        if source is None:
            return 0
        latest = f"SELECT {source.id} AS id FROM {source.sql} ORDER BY {source.id} DESC"
        return likely_count(self._db, latest, source.values)

    def ids(self, limit: int | None, offset: int = 0) -> Iterator[int]:
        """The matches from `offset` on, `limit` of them or all."""
        for matches, values in self._parts(limit, offset):
            for row in self._db.execute(f"SELECT m.value FROM {matches}", values):
                yield row[0]

    def latest_ids(self, most: int = MOST_RANKED) -> list[int]:
        """The latest matches, at most `most` of MOST_RANKED."""
        return [article_id for article_id, _ in self._latest[: min(most, MOST_RANKED)]]

    def hits(self, limit: int | None, offset: int = 0) -> Iterator[Hit]:
        """The same, as articles with snippets."""
        ids = self.ids(limit, offset)
        while some := list(islice(ids, AT_ONCE)):
            yield from self._hits(some)

    def cells(self, columns: Sequence[str], limit: int | None, offset: int = 0) -> Cells:
        """The same with columns of FACTS, as text; in constant memory."""
        select = {name: FACTS[name] for name in columns}
        parts = [
            as_cells(self._db, select, f"FROM {matches} CROSS JOIN {_MATCHED}", values)
            for matches, values in self._parts(limit, offset)
        ]
        batches = chain.from_iterable(part.batches for part in parts)
        return replace(parts[0], batches=batches)

    def rows(
        self, columns: Sequence[str], limit: int | None, offset: int = 0
    ) -> Iterator[sqlite3.Row]:
        """The same as values."""
        select = ", ".join(f"{FACTS[name]} AS {name}" for name in columns)
        for matches, values in self._parts(limit, offset):
            yield from self._db.execute(
                f"SELECT {select} FROM {matches} CROSS JOIN {_MATCHED}", values
            )

    def _parts(self, limit: int | None, offset: int) -> list[tuple[str, list[object]]]:
        """FROM clauses, with their values, that give the matches in order, as `m.value`."""
        first = list(islice(self._first, offset, None if limit is None else offset + limit))
        parts: list[tuple[str, list[object]]] = [("json_each(?) m", [json.dumps(first)])]
        source = self._source
        if source is None or len(self._latest) <= MOST_RANKED:
            return parts
        left = -1 if limit is None else limit - len(first)
        skipped = max(0, offset - len(self._first))
        older = (
            f"(SELECT {source.id} AS value FROM {source.sql} AND {source.id} < ?"
            f" ORDER BY {source.id} DESC LIMIT ? OFFSET ?) m"
        )
        parts.append((older, [*source.values, min(self._first), left, skipped]))
        return parts

    @cached_property
    def _source(self) -> _Source | None:
        """None if nothing was typed that can be searched.

        An author or a tag of the filter can be searched too.
        """
        wanted = all_of((self.query.tree, self._only.query()))
        is_unreadable = self.query.tree is None and self.query.typed.strip() != ""
        if wanted is None or is_unreadable:
            return None
        return _source(self._db, self._only, wanted)

    @cached_property
    def _latest(self) -> list[tuple[int, float | None]]:
        """(id, rank) of the latest matches, newest first: at most one more than MOST_RANKED."""
        source = self._source
        if source is None:
            return []
        rank = BM25 if self._ranks_at_once else "NULL"
        rows = self._db.execute(
            f"SELECT {source.id}, {rank} FROM {source.sql}"
            f" ORDER BY {source.id} DESC LIMIT {MOST_RANKED + 1}",
            source.values,
        )
        return [(row[0], row[1]) for row in rows]

    @property
    def _ranks_at_once(self) -> bool:
        """Whether BM25 is computed while the matches are found.

        The rank of a phrase is slow to compute. It is replaced by that of its words, for the latest
        matches only.
        """
        is_short = all(len(term.words) == 1 for term in self._terms)
        is_few = len(self._terms) <= MOST_WORDS_RANKED
        has_index = self._source is not None and self._source.id == "f.rowid"
        return self._order == "rank" and has_index and is_short and is_few and self._is_countable

    @cached_property
    def _is_countable(self) -> bool:
        """Whether BM25 takes little time, since few articles have the words."""
        return is_quickly_counted(self._db, self.query.tree)

    @cached_property
    def _first(self) -> dict[int, float | None]:
        """The latest matches, at most MOST_RANKED, in their order, with their ranks."""
        latest = dict(self._latest[:MOST_RANKED])
        if not latest or self._order == "time":
            return dict.fromkeys(_newest(self._db, list(latest)))
        if not self._ranks_at_once:
            ranks = self._ranks(list(latest))
            latest = {article_id: ranks.get(article_id) for article_id in latest}
        return _best(self._db, latest, self._terms)

    def _ranks(self, ids: Sequence[int]) -> dict[int, float]:
        """The ranks of matches that were found without them, in descending order of ids."""
        if self._is_countable:
            return ranks_by_words(self._db, self.query.tree, ids)
        return ranks_by_headlines(self._db, self._terms[:MOST_WORDS_RANKED], ids)

    def _hits(self, ids: Sequence[int]) -> Iterable[Hit]:
        rows = self._db.execute(
            f"SELECT {_SELECTED}, a.summary, b.body"
            " FROM articles a LEFT JOIN bodies b ON b.article_id = a.id"
            " LEFT JOIN categories c ON c.id = a.category_id"
            " WHERE a.id IN (SELECT value FROM json_each(?))",
            (json.dumps(ids),),
        )
        row_of = {row["id"]: row for row in rows}
        for article_id in ids:
            row = row_of[article_id]
            rank = self._first.get(article_id)
            yield Hit(
                **{name: row[name] for name in FACTS},
                snippet=snippet((row["body"], row["summary"], row["title"]), self._terms),
                rank=None if rank is None else round(rank, 4),
            )


def _source(db: sqlite3.Connection, only: Filter, wanted: Node) -> _Source:
    """Hidden articles, and those that were never read, do not match.

    A plus keeps SQLite from querying the index for each article of a list, which takes far longer
    than looking each match up in the list.
    """
    matching = Matcher(db).matching(wanted)
    if matching.full_text is None:
        others = only.other_conditions(db)
        others.add("a.revision > 0")
        others.add_all(matching.conditions)
        return _Source(f"articles a WHERE {others.sql}", others.values, "a.id")
    found = Conditions()
    found.add("articles_fts MATCH ?", matching.full_text)
    rest = replace(only, search=None, author=None, tag=None)
    if listed := _short_list(db, only):
        found.add_all(listed)
        rest = replace(rest, site=None, category=None)
    if rest == Filter() and not matching.conditions:
        found.add(f"+f.rowid NOT IN ({_HIDDEN_IDS})")
        return _Source(f"articles_fts f WHERE {found.sql}", found.values, "f.rowid")
    found.add_all(rest.other_conditions(db))
    found.add_all(matching.conditions)
    source = f"articles_fts f CROSS JOIN articles a ON a.id = f.rowid WHERE {found.sql}"
    return _Source(source, found.values, "f.rowid")


def _short_list(db: sqlite3.Connection, only: Filter) -> Conditions:
    """A condition that a match is one of the site's or category's articles; none for too many.

    The list is read from an index alone, so it has hidden articles too. They do not match anyway.
    """
    condition = Conditions()
    if not only.site and not only.category:
        return condition
    listed = Filter(site=only.site, category=only.category)
    chosen = listed.conditions(db, with_hidden=True)
    ids = f"SELECT a.id FROM articles a WHERE {chosen.sql}"
    row = db.execute(
        f"SELECT count(*) FROM ({ids} LIMIT {SHORT_LIST + 1})", chosen.values
    ).fetchone()
    if row[0] <= SHORT_LIST:
        condition.add(f"+f.rowid IN ({ids})", *chosen.values)
    return condition


def _newest(db: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
    rows = db.execute(
        "SELECT id FROM articles WHERE id IN (SELECT value FROM json_each(?))"
        " ORDER BY ifnull(published_at, published_local) DESC, id DESC",
        (json.dumps(ids),),
    )
    return [row[0] for row in rows]


def _best(
    db: sqlite3.Connection, ranks: Mapping[int, float | None], terms: Sequence[Term]
) -> dict[int, float | None]:
    """By rank; of the first of them, those that spell most words with marks as typed come first."""
    ids = sorted(ranks, key=lambda article_id: ranks[article_id] or 0.0)
    marked = [term for term in terms if term.has_marks]
    if marked:
        checked = ids[:CHECKED_FOR_SPELLING]
        spelled = {
            article_id: sum(term.is_spelled_in(text) for term in marked)
            for article_id, text in _texts(db, checked)
        }
        checked.sort(key=lambda article_id: -spelled.get(article_id, 0))
        ids[:CHECKED_FOR_SPELLING] = checked
    return {article_id: ranks[article_id] for article_id in ids}


def _texts(db: sqlite3.Connection, ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    rows = db.execute(
        "SELECT a.id, ifnull(a.title, '') || char(10) || ifnull(a.summary, '') || char(10)"
        " || b.body FROM articles a JOIN bodies b ON b.article_id = a.id"
        " WHERE a.id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    for article_id, text in rows:
        yield article_id, text.lower()
