"""DOC."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from newscrawl.core.coverage import fields_of
from newscrawl.core.records import Article


@dataclass(slots=True, kw_only=True)
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
    feed_entries: int = 0
    held: int = (
        0  # articles of this run that are held back: their pages lack what the site's usually have
    )
    # Article pages, those read, those that have a field, and words in all.
    coverage: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    retry: Counter[str] = field(default_factory=Counter)  # why the pending ones are pending

    def stored(self, article: Article, outcome: str, links: int) -> None:
        """Counts an article page, and which fields its template found: what health compares between crawls."""
        setattr(self, outcome, getattr(self, outcome) + 1)
        self.links += links
        self.coverage.update(fields_of(article))
        self.coverage["pages"] += 1
        self.coverage["articles"] += 1
        self.coverage["words"] += article.word_count

    def take_back(self, articles: int, code: str) -> None:
        """Articles that counted as new are none; what is more than those of this crawl is of one that was killed."""
        mine = min(articles, self.new)
        self.new -= mine
        self.pending += mine
        self.retry[code] += mine

    def gave_little(self) -> bool:
        """Whether no page at all was read, or fewer than failed."""
        failed = sum(self.failed.values()) + self.pending
        read = self.requests - failed
        return failed > max(read, 1) or (failed > 0 and read == 0)

    def as_json(self) -> dict[str, object]:
        """The crawl row's `stats`, but for the seconds."""
        values: dict[str, object] = {
            name: getattr(self, name) for name in self.__dataclass_fields__
        }
        return values | {
            "coverage": dict(self.coverage),
            "failed": dict(sorted(self.failed.items())),
            "retry": dict(sorted(self.retry.items())),
        }
