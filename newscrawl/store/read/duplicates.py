"""Groups of articles with the same text: who published it first, and how alike the others are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from newscrawl.store.filters import Filter
from newscrawl.store.rows import UNCOMPARED, Pair


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a group; `similarity` is to the one that is most like it.

    `first`: published before all others of the group. Only a known instant counts; a date alone never does.
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
    """Articles that pairs connect, the first published first; `similarity` is the lowest of those pairs."""

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
    """The groups with an article that fits, the largest first, then in the order of arrival.

    `min_similarity` leaves weaker pairs out before groups are made. `article_id`: only the group of that article.
    """
    rows = db.execute(
        "SELECT article_id, other_id, method, similarity FROM duplicates WHERE similarity >= ? ORDER BY 1, 2, 3",
        (min_similarity,),
    )
    pairs = [Pair(*row) for row in rows]
    of_group: dict[int, list[Pair]] = {}
    roots = connected((pair.article_id, pair.other_id) for pair in pairs)
    for pair in pairs:
        of_group.setdefault(roots[pair.article_id], []).append(pair)
    wanted = _fitting(db, only)
    members: dict[int, list[int]] = {}
    for each in sorted(roots):
        members.setdefault(roots[each], []).append(each)
    for root in sorted(members, key=lambda root: (-len(members[root]), root)):
        ids = members[root]
        if (article_id is None or article_id in ids) and any(each in wanted for each in ids):
            group = _group(db, ids, of_group[root])
            if len(group.sites) > 1 or not across_sites:
                yield group


def connected(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each number with the smallest of those that pairs connect it to (union-find)."""
    roots: dict[int, int] = {}

    def root(each: int) -> int:
        while (above := roots.setdefault(each, each)) != each:
            roots[each] = each = roots[above]
        return each

    for one, other in pairs:
        a, b = root(one), root(other)
        roots[max(a, b)] = min(a, b)
    return {each: root(each) for each in list(roots)}


def _fitting(db: sqlite3.Connection, only: Filter) -> set[int]:
    where, values = only.where(db)
    rows = db.execute(
        "SELECT a.id FROM articles a WHERE a.id IN (SELECT article_id FROM duplicates UNION ALL"
        f" SELECT other_id FROM duplicates) AND {where}",
        values,
    )
    return {row[0] for row in rows}


def _group(db: sqlite3.Connection, ids: Sequence[int], pairs: Sequence[Pair]) -> Group:
    best: dict[int, float] = {}
    for pair in pairs:
        for each in (pair.article_id, pair.other_id):
            best[each] = max(best.get(each, 0.0), pair.similarity)
    members = sorted((_member(db, each, best) for each in ids), key=_publication)
    if members[0].published_at is not None and members[0].published_at != members[1].published_at:
        members[0] = replace(members[0], first=True)
    sites = tuple(sorted({member.site for member in members}))
    return Group(min(pair.similarity for pair in pairs), sites, tuple(members), tuple(pairs))


def _member(db: sqlite3.Connection, article_id: int, best: Mapping[int, float]) -> Member:
    row = db.execute(
        "SELECT id, site, key, url, title, published_at, published_local, word_count FROM articles WHERE id = ?",
        (article_id,),
    ).fetchone()
    return Member(**dict(row), similarity=best[article_id])


def _publication(member: Member) -> tuple[bool, str, int]:
    return member.published_at is None, member.published_at or "", member.id


def elsewhere(db: sqlite3.Connection, article_id: int) -> list[dict[str, Any]]:
    """The articles with the same text as this one, the most similar first, then the first published (NULL last)."""
    rows = db.execute(
        "WITH pairs(id, method, similarity) AS ("
        " SELECT other_id, method, similarity FROM duplicates WHERE article_id = :id"
        " UNION ALL SELECT article_id, method, similarity FROM duplicates WHERE other_id = :id)"
        " SELECT a.id, a.site, a.key, a.title, a.published_at, a.published_local, p.method, p.similarity"
        " FROM pairs p JOIN articles a ON a.id = p.id"
        " ORDER BY p.similarity DESC, a.published_at IS NULL, a.published_at, a.id",
        {"id": article_id},
    )
    return [dict(row) for row in rows]


def uncompared(db: sqlite3.Connection) -> int:
    """How many texts the band table does not have, or has in an older wording."""
    return int(db.execute(f"SELECT count(*) FROM {UNCOMPARED}").fetchone()[0])
