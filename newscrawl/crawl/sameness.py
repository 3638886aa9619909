"""Pages that say the same for many addresses: "soft 404", an answer that is no article though it looks like one. Pure.

Two articles with one text are a copy, as newspapers print them. Three in one run with the same headline too are a
server that answers every address alike.
"""

from __future__ import annotations

from newscrawl.core.records import Article

TOO_MANY = 3


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
