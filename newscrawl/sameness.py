"""Pages that say the same for many addresses: "soft 404", an answer that is no article though it looks like one. Pure.

Two articles with one text are a copy, as newspapers print them. Three in one run with the same headline too are a
server that answers every address alike.
"""

from __future__ import annotations

from .records import Article

TOO_MANY = 3


class Sameness:
    """What the pages of one run say, by headline and text; which articles said it."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], set[str]] = {}

    def add(self, article: Article) -> None:
        """Notes one page."""
        if (said := _said(article)) is not None:
            self._keys.setdefault(said, set()).add(article.key)

    def is_soft(self, article: Article) -> bool:
        """Whether too many articles of this run say what this one says."""
        said = _said(article)
        return said is not None and len(self._keys.get(said, ())) >= TOO_MANY


def _said(article: Article) -> tuple[str, str] | None:
    return (article.title or "", article.body_hash) if article.body_hash else None
