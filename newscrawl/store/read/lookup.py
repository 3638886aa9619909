"""Which article a name means: the number of its row, the site's own id, SITE/ID, or an address."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self
from urllib.parse import urlsplit

from newscrawl.core.errors import UsageError
from newscrawl.store.known_names import has_site

BIGGEST_ROW = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """An article as others refer to it."""

    id: int
    site: str
    key: str
    url: str


class SeveralArticles(UsageError):
    """The id belongs to articles of several sites."""

    def __init__(self, key: str, articles: Sequence[ArticleRef]) -> None:
        self.articles = tuple(articles)
        sites = " and ".join(article.site for article in articles)
        super().__init__(
            f"{key} is an article of {sites}", f"say which one: {articles[0].site}/{key}"
        )


class AddressRules(Protocol):
    """What a site file knows of the addresses of its articles."""

    @property
    def name(self) -> str:
        """The site's name in the archive."""

    def owns(self, url: str) -> bool:
        """Whether the address is one of the site's."""

    def canonical_url(self, url: str) -> str:
        """The form of the address that an article is known by."""

    def article_key(self, url: str) -> str | None:
        """The id in the address of an article; None for any other address."""

    def rebased(self, base_url: str) -> Self:
        """The same rules for a mirror."""


def find_article(
    db: sqlite3.Connection, name: str, sites: Iterable[AddressRules]
) -> ArticleRef | None:
    """The article with this name; None where there is none.

    `#7` is row 7, `7` is the site's own id.

    SeveralArticles where sites share the id. `sites` are only read for an address.
    """
    if name.startswith("#"):
        return by_row(db, name[1:])
    if "://" in name:
        return find_address(db, name, sites)
    article = by_id(db, name)
    if article is not None:
        return article
    site, slash, key = name.partition("/")
    if not slash:
        return None
    if has_site(db, site):
        return by_key(db, site, key)
    if "." in site:  # an address without its scheme
        return find_address(db, f"https://{name}", sites)
    return None


def find_address(
    db: sqlite3.Connection, url: str, sites: Iterable[AddressRules]
) -> ArticleRef | None:
    """The article with this very address, else with the id that a site's rules find in it.

    The words in an address do not matter.
    """
    try:
        host = urlsplit(url).netloc
    except ValueError:  # `http://[`
        return None
    article = by_address(db, url)
    if article is not None:
        return article
    for site in sites:
        own = site.owns(url)
        rules = site if own else _on_mirror(site, url)
        key = None if rules is None else rules.article_key(rules.canonical_url(url))
        article = None if key is None else by_key(db, site.name, key)
        if article is not None and (own or urlsplit(article.url).netloc == host):
            return article
    # Reads the whole table: the last resort.
    return _find(db, "url = ?", url)


def _on_mirror(site: AddressRules, url: str) -> AddressRules | None:
    """The site's rules for a mirror at the host of the address; None for no web address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return site.rebased(f"{parts.scheme}://{parts.netloc}")


def by_row(db: sqlite3.Connection, number: str | int) -> ArticleRef | None:
    """The article with this row number; None also for a text that is not a number."""
    text = str(number)
    if not text.isascii() or not text.isdigit() or len(text) > len(str(BIGGEST_ROW)):
        return None
    row = int(text)
    return _find(db, "id = ?", row) if row <= BIGGEST_ROW else None


def by_key(db: sqlite3.Connection, site: str, key: str) -> ArticleRef | None:
    """The article of this site with this id."""
    return _find(db, "site = ? AND key = ?", site, key)


def by_id(db: sqlite3.Connection, key: str) -> ArticleRef | None:
    """The article of any site with this id. SeveralArticles where sites share it."""
    articles = all_by_id(db, key)
    if len(articles) > 1:
        raise SeveralArticles(key, articles)
    return articles[0] if articles else None


def all_by_id(db: sqlite3.Connection, key: str) -> list[ArticleRef]:
    """The articles of all sites with this id."""
    # The index of ids begins with the site.
    rows = db.execute(
        "SELECT a.id, a.site, a.key, a.url FROM sites s CROSS JOIN articles a"
        " ON a.site = s.site AND a.key = ? ORDER BY s.site",
        (key,),
    )
    return [ArticleRef(*row) for row in rows]


def by_address(db: sqlite3.Connection, url: str) -> ArticleRef | None:
    """The article that this very address was fetched for, or leads to."""
    for table in ("aliases", "frontier"):
        row = db.execute(
            f"SELECT article_id FROM {table} WHERE url = ? AND article_id IS NOT NULL", (url,)
        ).fetchone()
        if row is not None:
            return by_row(db, row["article_id"])
    return None


def _find(db: sqlite3.Connection, where: str, *values: object) -> ArticleRef | None:
    row = db.execute(f"SELECT id, site, key, url FROM articles WHERE {where}", values).fetchone()
    return ArticleRef(*row) if row else None
