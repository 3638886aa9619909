"""What is asked of a crawl, and the counts of what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from .records import FALLBACK, Article
from .times import to_utc_text

WAYS = ("category", "feed", "sitemap")
NAMED_URLS = 100  # in a crawl's row; all that were asked for are in the frontier


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """What a user may ask of a crawl; `since` and `until` are instants, `urls` replaces every way of discovery."""

    categories: tuple[str, ...] = ()
    discover: tuple[str, ...] = ("category",)
    since: datetime | None = None
    until: datetime | None = None
    max_pages: int | None = None
    limit: int | None = None
    full: bool = False
    refetch: bool = False
    urls: tuple[str, ...] = ()
    base_url: str | None = None
    warc: bool = True
    retry_pause: float = 1.0

    def as_json(self) -> dict[str, object]:
        """What differs from the defaults, for the crawl's row."""
        default = CrawlOptions()
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        found = {
            name: to_utc_text(value) if isinstance(value, datetime) else value
            for name, value in values.items()
            if value != getattr(default, name)
        }
        if len(self.urls) > NAMED_URLS:
            found |= {"urls": self.urls[:NAMED_URLS], "more_urls": len(self.urls) - NAMED_URLS}
        return found


@dataclass(slots=True)
class Tally:
    """Counted outcomes: requests = listings + feeds + sitemaps + new + changed + unchanged + alias + not_modified
    + failed + pending.
    """

    requests: int = 0
    articles: int = 0
    listings: int = 0
    feeds: int = 0
    sitemaps: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    alias: int = 0
    not_modified: int = 0
    pending: int = 0
    links: int = 0
    discovered: int = 0
    sources: int = 0  # category pages, feeds and sitemaps that answered, "not modified" too
    shown: int = 0  # entries of the category pages
    coverage: Counter[str] = field(default_factory=Counter)  # articles read, those that have a field, and their words
    failed: Counter[str] = field(default_factory=Counter)
    retry: Counter[str] = field(default_factory=Counter)  # why the pending ones are pending

    def cover(self, article: Article) -> None:
        """Counts which fields an article's template found: what health compares between crawls."""
        found = {name for name, where in article.provenance.items() if not where.startswith(FALLBACK)}
        self.coverage["articles"] += 1
        self.coverage["words"] += article.word_count
        self.coverage["title"] += article.title is not None and "title" in found
        self.coverage["body"] += article.body is not None
        dated = article.published is not None and article.published.local is not None
        self.coverage["published"] += dated and "published" in found
        self.coverage["links"] += any(link.kind != "inline" for link in article.links)

    def as_json(self) -> dict[str, object]:
        """The crawl row's `stats`, but for the seconds."""
        values: dict[str, object] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return values | {
            "coverage": dict(self.coverage),
            "failed": dict(sorted(self.failed.items())),
            "retry": dict(sorted(self.retry.items())),
        }
