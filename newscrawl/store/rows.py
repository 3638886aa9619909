"""What the store takes and returns beside the records of pages: rows without behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from newscrawl.core.records import FALLBACK

Outcome = Literal["new", "changed", "unchanged", "alias"]

# An article is fetched again at these ages after its first fetch: most edits of a news article are
# made on its first day.
REVISITS = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 7 * 24, 30 * 24))

# The longest pause of an address that failed, or that leads elsewhere.
LONGEST_WAIT = timedelta(days=30)


def farthest_visit(revisits: Sequence[timedelta]) -> timedelta:
    """The longest time that a page may have to wait for its next request.

    A page that waits longer was stored while the clock was ahead.
    """
    return max(LONGEST_WAIT, *revisits)


# The reason of the row in `crawls` that stands for an import, and not for a crawl.
IMPORTED = "imported"

# The state of articles in quarantine, and the code of the problems that explain it.
QUARANTINED = "degraded"
# States that lists, searches and exports leave out, as SQL.
HIDDEN = "('degraded', 'blocked')"
# For each field, the SQL condition that an article lacks it: no selector of its template gave it.
# Teasers do not count.
LACKING = {
    "title": f"ifnull(json_extract(a.provenance, '$.title'), '{FALLBACK}') LIKE '{FALLBACK}%'",
    "body": "a.body_hash IS NULL",
    "published": (
        "(a.published_local IS NULL OR a.published_source NOT IN ('json-ld', 'meta', 'page')"
        f" OR ifnull(json_extract(a.provenance, '$.published'), '{FALLBACK}') LIKE '{FALLBACK}%')"
    ),
    "links": "NOT EXISTS (SELECT 1 FROM links l WHERE l.source_id = a.id AND l.kind <> 'inline')",
}
# The texts that are new or changed since they were last compared, as SQL.
# The list of texts comes first: most of the articles of a large archive have been compared.
UNCOMPARED = (
    "uncompared_texts u CROSS JOIN articles a ON a.id = u.article_id"
    " LEFT JOIN bodies b ON b.article_id = a.id"
    " LEFT JOIN compared_texts m ON m.article_id = a.id"
    " WHERE a.body_hash IS NOT NULL AND m.body_hash IS NOT substr(a.body_hash, 8, 16)"
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One fetch of an article page, as the rows that it changes refer to it."""

    crawl_id: int | None
    capture_id: int | None
    seen_at: str
    extractor: str
    queues: bool = True  # what the page shows may be queued: an import queues nothing


@dataclass(frozen=True, slots=True)
class Saved:
    """The outcome of an article page; `links` counts the new rows of links."""

    outcome: Outcome
    article_id: int
    links: int = 0


@dataclass(frozen=True, slots=True)
class SavedListing:
    """The outcome of a category page: the number of new articles, and why paging ends.

    `end` is None if paging continues.
    """

    discovered: int
    end: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles with the same text, the smaller id first; `similarity` is from 0 to 1."""

    article_id: int
    other_id: int
    method: str
    similarity: float
