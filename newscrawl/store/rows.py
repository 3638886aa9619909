"""What the store takes and gives beside the records of the pages: plain rows, without behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from newscrawl.core.records import FALLBACK

Outcome = Literal["new", "changed", "unchanged", "alias"]

# After a first fetch, pages are asked for again at these ages: most edits of a news article fall in its first day.
REVISITS = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 7 * 24, 30 * 24))


@dataclass(frozen=True, slots=True)
class Visit:
    """One fetch of an article page, as the rows that it changes refer to it."""

    crawl_id: int | None
    capture_id: int | None
    seen_at: str
    extractor: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of an article page; `links` counts the link rows that are new."""

    outcome: Outcome
    article_id: int
    links: int = 0


@dataclass(frozen=True, slots=True)
class SavedListing:
    """What a category page brought: articles never seen before, and why paging ends here (None: it goes on)."""

    discovered: int
    end: str | None


QUARANTINED = "degraded"  # the code of the problem rows, and the state of the articles


HIDDEN = "('degraded', 'blocked')"  # states that lists, searches and exports leave out


# For each field, when a row lacks it: no place of its template gave it, whatever a teaser says.
LACKING = {
    "title": f"ifnull(json_extract(a.provenance, '$.title'), '{FALLBACK}') LIKE '{FALLBACK}%'",
    "body": "a.body_hash IS NULL",
    "published": (
        "(a.published_local IS NULL OR a.published_source NOT IN ('json-ld', 'meta', 'page')"
        f" OR ifnull(json_extract(a.provenance, '$.published'), '{FALLBACK}') LIKE '{FALLBACK}%')"
    ),
    "links": "NOT EXISTS (SELECT 1 FROM links l WHERE l.source_id = a.id AND l.kind <> 'inline')",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles with the same text, the smaller id first; `similarity` from 0 to 1."""

    article_id: int
    other_id: int
    method: str
    similarity: float


UNCOMPARED = (
    "articles a LEFT JOIN bodies b ON b.article_id = a.id LEFT JOIN compared_texts m ON m.article_id = a.id"
    " WHERE a.body_hash IS NOT NULL AND m.body_hash IS NOT substr(a.body_hash, 8, 16)"
)
