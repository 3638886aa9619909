"""What the store takes and gives beside the records of the pages: plain rows, without behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Outcome = Literal["new", "changed", "unchanged", "alias"]
FrontierKind = Literal["article", "listing", "feed", "sitemap"]

# A wall instead of the page, one page for many addresses, and the statuses that say so plainly.
BLOCKED = frozenset({"blocked_page", "soft_404", "http_401", "http_403", "http_451"})
# After a first fetch, pages are asked for again at these ages: most edits of a news article fall in its first day.
REVISITS = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 7 * 24, 30 * 24))


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category as the site file names it; `name` is None where only pages can tell."""

    key: str
    slug: str | None
    name: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as the archive remembers it."""

    site: str
    name: str
    domain: str
    language: str | None
    timezone: str | None
    categories: tuple[CategoryRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A page to fetch. `etag` and `last_modified` are of its last good fetch, for a conditional request."""

    url: str
    kind: FrontierKind
    article_id: int | None = None
    category_id: int | None = None
    page: int | None = None
    chain: int | None = None  # the crawl in which this run of category pages began
    attempts: int = 0
    etag: str | None = None
    last_modified: str | None = None


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


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a page gave nothing. `retry`: the fault may pass; `gone`: the server says that the page is not there."""

    code: str
    message: str
    stage: str = "fetch"
    retry: bool = False
    gone: bool = False
    retry_after: timedelta | None = None  # what the server asked for
    raw: str | None = None  # what was refused, where it is not the page's own address

    @property
    def blocked(self) -> bool:
        """Whether the site refused the page: the answer says nothing about the article."""
        return self.code in BLOCKED
