"""The counted outcomes of a crawl, which are stored as the crawl's stats."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from newscrawl.core.coverage import fields_of
from newscrawl.core.records import DROPPED, Article


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counted outcomes.

    requests = listings + feeds + sitemaps + new + changed + unchanged + alias + not_modified +
    failed + pending.
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
    sources: int = 0  # category pages, feeds and sitemaps that answered, including "not modified"
    shown: int = 0  # entries of the category pages
    feed_entries: int = 0
    held: int = 0  # quarantined articles of this run: their pages lack what the site usually has
    # Counts of article pages, of pages read, of pages with each field, and of words.
    coverage: Counter[str] = field(default_factory=Counter)
    # Fields that most article pages lack, but usually have: on how many pages they were found.
    lost: dict[str, int] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)  # by reason
    retry: Counter[str] = field(default_factory=Counter)  # the pending ones by reason

    def count_article(self, article: Article, outcome: str, links: int) -> None:
        """Counts an article page and the fields that its template found, which health compares."""
        setattr(self, outcome, getattr(self, outcome) + 1)
        self.links += links
        self.coverage.update(fields_of(article))
        self.coverage["pages"] += 1
        self.coverage["articles"] += 1
        self.coverage["words"] += article.word_count

    def uncount_articles(self, number: int, code: str) -> None:
        """Counts articles as pending that were counted as new."""
        counted_here = min(number, self.new)
        self.new -= counted_here
        self.pending += counted_here
        self.retry[code] += counted_here

    def is_mostly_failed(self) -> bool:
        """Whether more pages failed than were read.

        A page that a user's pipeline dropped did not fail.
        """
        failed = sum(self.failed.values()) - self.failed[DROPPED] + self.pending
        read = self.requests - failed
        return failed > read

    def as_json(self) -> dict[str, object]:
        """The `stats` of the crawl's row, without the seconds."""
        values: dict[str, object] = {
            name: getattr(self, name) for name in self.__dataclass_fields__
        }
        return values | {
            "coverage": dict(self.coverage),
            "failed": dict(sorted(self.failed.items())),
            "retry": dict(sorted(self.retry.items())),
        }
