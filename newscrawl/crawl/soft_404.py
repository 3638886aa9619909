"""Article pages that may be none: the same for many addresses, or all new under the address of an old one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from newscrawl.core.records import Article, Capture, Failure, Task
from newscrawl.store.write.store import Store

# Two articles with one text are a copy, as newspapers print them. Three in one run with the same headline too are a
# server that gives one page for every address.
TOO_MANY = 3
MOST_WAITING = 200  # articles in memory; a crawl finds a handful
SOFT = Failure(
    code="soft_404",
    message="the site gives the same page for other articles",
    stage="extract",
    retry=True,
)


@dataclass(frozen=True, slots=True)
class HeldPage:
    """A page that was read and is not stored yet."""

    task: Task
    article: Article
    capture: Capture
    extractor: str


class SoftPages:
    """Of one crawl. What waits is lost by a kill, and due as if it had not been asked for."""

    def __init__(self, store: Store) -> None:
        self._store, self._same = store, Sameness()
        self._waiting: list[HeldPage] = []

    def add(self, article: Article) -> None:
        """Notes one page."""
        self._same.add(article)

    def is_soft(self, article: Article) -> bool:
        """Whether the crawl has seen this page for too many articles."""
        return self._same.is_soft(article)

    def waits(self, page: HeldPage) -> bool:
        """Whether the page waits for the end of the crawl: a stored article's headline and text are both others."""
        waits = len(self._waiting) < MOST_WAITING and self._store.articles.is_rewritten(
            page.article
        )
        if waits:
            self._waiting.append(page)
        return waits

    def decided(self) -> Iterator[HeldPage]:
        """What waited, at the end of the crawl."""
        while self._waiting:
            yield self._waiting.pop(0)


class Sameness:
    """What the pages of one run say, by headline and text; which articles said it.

    Of either the hash is kept, and a second article beside the first only where there is one: a run has as many as
    pages, and six hundred bytes for each were half of what a long crawl grew by.
    """

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._others: dict[int, set[int]] = {}

    def add(self, article: Article) -> None:
        """Notes one page."""
        if (said := _said(article)) is not None:
            key = hash(article.key)
            if self._first.setdefault(said, key) != key:
                self._others.setdefault(said, set()).add(key)

    def is_soft(self, article: Article) -> bool:
        """Whether too many articles of this run say what this one says."""
        said = _said(article)
        return said is not None and said in self._others and 1 + len(self._others[said]) >= TOO_MANY


def _said(article: Article) -> int | None:
    return hash((article.title or "", article.body_hash)) if article.body_hash else None
