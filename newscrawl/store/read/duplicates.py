"""Groups of articles with the same text: who published it first, and how similar the others are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from newscrawl.store.filters import Filter
from newscrawl.store.read.overview import has_table
from newscrawl.store.rows import UNCOMPARED, Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article of a group; `similarity` is that to the most similar other article.

    `first`: published before all others of the group. Only a known instant counts, never a date
    alone.
    """

    id: int
    site: str
    key: str
    url: str
    title: str | None
    published_at: str | None
    published_local: str | None
    word_count: int | None
    similarity: float
    first: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Articles that pairs connect, the first published first.

    `similarity` is the lowest of the pairs.
    """

    similarity: float
    sites: tuple[str, ...]
    members: tuple[Member, ...]
    pairs: tuple[Pair, ...]


def dupe_groups(
    db: sqlite3.Connection,
    only: Filter,
    *,
    min_similarity: float = 0.0,
    across_sites: bool = False,
    article_id: int | None = None,
) -> Iterator[Group]:
    """The groups in which at least one article matches, the largest first, then the oldest.

    `min_similarity` leaves out weaker pairs before groups are made. `across_sites` leaves out
    groups of one site. `article_id`: only the group of that article.
    """
    rows = db.execute(
        "SELECT article_id, other_id, method, similarity FROM duplicates WHERE similarity >= ?"
        " ORDER BY 1, 2, 3",
        (min_similarity,),
    )
    pairs = [Pair(*row) for row in rows]
    roots = connected((pair.article_id, pair.other_id) for pair in pairs)
    pairs_of: dict[int, list[Pair]] = {}
    for pair in pairs:
        pairs_of.setdefault(roots[pair.article_id], []).append(pair)
    members_of: dict[int, list[int]] = {}
    for member_id in sorted(roots):
        members_of.setdefault(roots[member_id], []).append(member_id)
    matching = _matching(db, only)
    for root in sorted(members_of, key=lambda root: (-len(members_of[root]), root)):
        ids = members_of[root]
        if article_id is not None and article_id not in ids:
            continue
        if matching.isdisjoint(ids):
            continue
        group = _group(db, ids, pairs_of[root])
        if across_sites and len(group.sites) == 1:
            continue
        yield group


def connected(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each number with the smallest of those that pairs connect it to (union-find)."""
    parents: dict[int, int] = {}

    def root(number: int) -> int:
        while (parent := parents.setdefault(number, number)) != number:
            parents[number] = number = parents[parent]
        return number

    for one, other in pairs:
        roots = root(one), root(other)
        parents[max(roots)] = min(roots)
    return {number: root(number) for number in list(parents)}


def _matching(db: sqlite3.Connection, only: Filter) -> set[int]:
    """The ids of the articles in pairs that match the filter."""
    conditions = only.conditions(db)
    rows = db.execute(
        "SELECT a.id FROM articles a WHERE a.id IN (SELECT article_id FROM duplicates UNION ALL"
        f" SELECT other_id FROM duplicates) AND {conditions.sql}",
        conditions.values,
    )
    return {row[0] for row in rows}


def _group(db: sqlite3.Connection, ids: Sequence[int], pairs: Sequence[Pair]) -> Group:
    best: dict[int, float] = dict.fromkeys(ids, 0.0)
    for pair in pairs:
        for article_id in (pair.article_id, pair.other_id):
            best[article_id] = max(best[article_id], pair.similarity)
    members = sorted((_member(db, article_id, best) for article_id in ids), key=_publication_order)
    first, second = members[:2]
    if first.published_at is not None and first.published_at != second.published_at:
        members[0] = replace(first, first=True)
    return Group(
        similarity=min(pair.similarity for pair in pairs),
        sites=tuple(sorted({member.site for member in members})),
        members=tuple(members),
        pairs=tuple(pairs),
    )


def _member(db: sqlite3.Connection, article_id: int, similarities: Mapping[int, float]) -> Member:
    row = db.execute(
        "SELECT id, site, key, url, title, published_at, published_local, word_count FROM articles"
        " WHERE id = ?",
        (article_id,),
    ).fetchone()
    return Member(**dict(row), similarity=similarities[article_id])


def _publication_order(member: Member) -> tuple[bool, str, int]:
    return member.published_at is None, member.published_at or "", member.id


def elsewhere(db: sqlite3.Connection, article_id: int) -> list[dict[str, Any]]:
    """The articles with the same text as this one, the most similar first, then the oldest."""
    rows = db.execute(
        """
        WITH pairs(id, method, similarity) AS (
            SELECT other_id, method, similarity FROM duplicates WHERE article_id = :id
            UNION ALL SELECT article_id, method, similarity FROM duplicates WHERE other_id = :id
        )
        SELECT a.id, a.site, a.key, a.title, a.published_at, a.published_local, p.method,
            p.similarity
        FROM pairs p JOIN articles a ON a.id = p.id
        ORDER BY p.similarity DESC, a.published_at IS NULL, a.published_at, a.id
        """,
        {"id": article_id},
    )
    return [dict(row) for row in rows]


def uncompared(db: sqlite3.Connection, most: int = -1) -> int:
    """How many texts are new or changed since `dupes --update` last compared them.

    At most `most` are counted; -1 counts all.
    """
    if not has_table(db, "uncompared_texts"):
        return 0
    found = f"SELECT 1 FROM {UNCOMPARED} LIMIT ?"
    return int(db.execute(f"SELECT count(*) FROM ({found})", (most,)).fetchone()[0])


def is_compared(db: sqlite3.Connection, article_id: int) -> bool:
    """Whether `dupes --update` has compared the text that the article has now."""
    if not has_table(db, "uncompared_texts"):
        return True
    found = db.execute(f"SELECT 1 FROM {UNCOMPARED} AND u.article_id = ?", (article_id,)).fetchone()
    return found is None
