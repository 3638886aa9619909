"""Detects error pages that a site returns with status 200 in place of articles.

Two signs are used: the same page for many addresses, or a completely different page at the address
of a stored article.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from newscrawl.core.records import Article, Capture, Failure, Task
from newscrawl.store.write.store import Store

# Newspapers do print one text as two articles. Three in one run, with the same headline too, show
# that the server returns one page for every address.
TOO_MANY = 3
MOST_WAITING = 200  # articles kept in memory; a normal crawl has only a few
SOFT = Failure(
    code="soft_404",
    message="the site returns the same page for other articles",
    stage="extract",
    retry=True,
)


@dataclass(frozen=True, slots=True)
class HeldPage:
    """A page that has been read but not stored yet."""

    task: Task
    article: Article
    capture: Capture
    extractor: str

    @property
    def published_ago(self) -> timedelta:
        """How long before the fetch the article was published; 0 if the page does not say it."""
        published = self.article.published
        if published is None or published.utc is None:
            return timedelta()
        return self.capture.fetched_at - published.utc


class SoftPages:
    """The article pages of one crawl that may be soft 404s.

    If the crawl is killed, waiting pages are lost. They remain open and are requested again.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._same = store, Sameness()
        self._waiting: list[HeldPage] = []

    def add(self, article: Article) -> None:
        """Registers one page."""
        self._same.add(article)

    def is_soft(self, article: Article) -> bool:
        """Whether the crawl has received this page for too many articles.

        An article that is stored with this text keeps its own page, whatever other addresses give.
        """
        return self._same.is_soft(article) and not self._store.articles.is_as_stored(article)

    def waits(self, page: HeldPage) -> bool:
        """Whether the page waits for the end of the crawl.

        It does if its headline and text both differ from those of the stored article.
        """
        waits = len(self._waiting) < MOST_WAITING and self._store.articles.is_rewritten(
            page.article
        )
        if waits:
            self._waiting.append(page)
        return waits

    def decided(self) -> Iterator[HeldPage]:
        """The waiting pages, to be stored or rejected at the end of the crawl."""
        while self._waiting:
            yield self._waiting.pop(0)


class Sameness:
    """Which articles of one run have the same headline and text.

    Only hashes are kept, and a set only where a second article has the same content. Every page
    has an entry, and at 600 bytes per entry this was half the memory growth of a long crawl.
    """

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._others: dict[int, set[int]] = {}

    def add(self, article: Article) -> None:
        """Registers one page."""
        if (said := _said(article)) is not None:
            key = hash(article.key)
            if self._first.setdefault(said, key) != key:
                self._others.setdefault(said, set()).add(key)

    def is_soft(self, article: Article) -> bool:
        """Whether too many articles of this run have the same headline and text as this one."""
        said = _said(article)
        return said is not None and said in self._others and 1 + len(self._others[said]) >= TOO_MANY


def _said(article: Article) -> int | None:
    return hash((article.title or "", article.body_hash)) if article.body_hash else None
