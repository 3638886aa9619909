"""The ways to name an article in an address: by the archive's row, the site's own id, or SITE/ID."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import quote, unquote, urlencode

from newscrawl.core.errors import UsageError
from newscrawl.store.read.lookup import ArticleRef, SeveralArticles, by_id, by_key, by_row
from newscrawl.store.read.reader import Reader
from newscrawl.web.responses import Answer, Query, Redirect

HINT = "look for it by its words or its address"
ArticleView = Callable[[Query, Reader, Mapping[str, Any]], Answer]


def of_article(view: ArticleView) -> Callable[[Query, Reader], Answer]:
    """A page of the article with the row of the path; where there is no such row, the way to the site's own id."""

    @wraps(view)
    def answered(query: Query, reader: Reader) -> Answer:
        number = query.parts["id"] or ""
        article = by_row(reader.db, number)
        if article is None:
            return _to(query, _by_id(reader, number))
        return view(query, reader, reader.article(article.id))

    return answered


def named(query: Query, reader: Reader) -> Answer:
    """Straight to the page of the article that the path names by its site's id; UsageError where there is none."""
    name = unquote(query.parts["name"] or "")
    site, slash, key = name.partition("/")
    article = by_key(reader.db, site, key) if slash else None
    return _to(query, article or _by_id(reader, name))


def _by_id(reader: Reader, key: str) -> ArticleRef:
    """The only article with the id; UsageError where there is none, or several."""
    try:
        article = by_id(reader.db, key)
    except SeveralArticles as error:
        addresses = [f"/article/{each.site}/{quote(each.key)}" for each in error.articles]
        raise UsageError(
            f"{key[:60]} is an article of {len(addresses)} sites",
            f"say which one: {' or '.join(addresses)}",
        ) from error
    if article is None:
        raise UsageError("the archive has no such article", HINT)
    return article


def _to(query: Query, article: ArticleRef) -> Redirect:
    """The same page under the article's row, with the same parameters."""
    parameters = f"?{urlencode(query.arguments)}" if query.arguments else ""
    return Redirect(f"/article/{article.id}{query.parts['below']}{parameters}")
