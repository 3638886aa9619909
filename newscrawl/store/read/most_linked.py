"""Which articles others point to most: by kind of link, by site, and by when the links were seen."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from newscrawl.store.days import spans
from newscrawl.store.filters import check_site


@dataclass(frozen=True, slots=True)
class MostLinked:
    """An article with the number of articles that point to it, and how many by each kind of link."""

    id: int
    site: str
    key: str
    url: str
    state: str
    title: str | None
    published_local: str | None
    linked_by: int
    related: int
    same_category: int
    inline: int
    first_seen_at: str
    last_seen_at: str


@dataclass(frozen=True, slots=True)
class LinkFilter:
    """`since` and `until` are days of the linking site: the link was last seen then. `site` is that of the target."""

    kind: str | None = None
    site: str | None = None
    since: str | None = None
    until: str | None = None


def most_linked(db: sqlite3.Connection, only: LinkFilter, limit: int) -> list[MostLinked]:
    """The most linked articles first; UsageError for an unknown site."""
    if only.site is not None:
        check_site(db, only.site)
    with_spans, values = spans(db, only.since, only.until)
    dated = only.since is not None or only.until is not None
    # Links join their source's row only where days are asked for: the count itself needs the links alone.
    when = (
        " AND EXISTS (SELECT 1 FROM articles s JOIN span ON span.site = s.site WHERE s.id = l.source_id"
        " AND l.last_seen_at >= span.first AND l.last_seen_at < span.after)"
    )
    rows = db.execute(
        f"WITH {with_spans}, counted AS ("
        " SELECT target_id, count(DISTINCT source_id) AS linked_by, sum(kind = 'related') AS related,"
        " sum(kind = 'same_category') AS same_category, sum(kind = 'inline') AS inline,"
        " min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at"
        f" FROM links l WHERE kind = ifnull(?, kind){when if dated else ''} GROUP BY target_id)"
        " SELECT t.id, t.site, t.key, t.url, t.state, t.title, t.published_local, c.linked_by, c.related,"
        " c.same_category, c.inline, c.first_seen_at, c.last_seen_at"
        " FROM counted c JOIN articles t ON t.id = c.target_id WHERE t.site = ifnull(?, t.site)"
        " ORDER BY c.linked_by DESC, t.id LIMIT ?",
        (*values, only.kind, only.site, limit),
    )
    return [MostLinked(*row) for row in rows]
