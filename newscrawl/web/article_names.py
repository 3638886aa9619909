"""The ways to name an article in an address: by the archive's row, the site's own id, or SITE/ID."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import quote, unquote, urlencode

from newscrawl.core.errors import UsageError
from newscrawl.store.read.reader import ArticleRef, Reader
from newscrawl.web.responses import Answer, Asked, Redirect

HINT = "look for it by its words or its address"
ArticleView = Callable[[Asked, Reader, Mapping[str, Any]], Answer]


def of_article(view: ArticleView) -> Callable[[Asked, Reader], Answer]:
    """A page of the article with the row of the path; where there is no such row, the way to the site's own id."""

    @wraps(view)
    def answered(asked: Asked, reader: Reader) -> Answer:
        number = asked.parts["id"] or ""
        known = reader.by_id(int(number))
        return (
            view(asked, reader, reader.article(known.id))
            if known
            else _to(asked, _by_own_id(reader, number))
        )

    return answered


def named(asked: Asked, reader: Reader) -> Answer:
    """Straight to the page of the article that the path names by its site's id; UsageError where there is none."""
    name = unquote(asked.parts["name"] or "")
    site, slash, key = name.partition("/")
    known = reader.by_key(site, key) if slash else None
    return _to(asked, known or _by_own_id(reader, name))


def _by_own_id(reader: Reader, key: str) -> ArticleRef:
    """The only article with the id; UsageError where there is none, or several."""
    found = reader.by_own_id(key)
    if len(found) > 1:
        addresses = " or ".join(f"/article/{known.site}/{quote(known.key)}" for known in found)
        raise UsageError(
            f"{key[:60]} is an article of {len(found)} sites", f"say which one: {addresses}"
        )
    if not found:
        raise UsageError("the archive has no such article", HINT)
    return found[0]


def _to(asked: Asked, known: ArticleRef) -> Redirect:
    """The same page under the article's row, with the same parameters."""
    query = f"?{urlencode(asked.arguments)}" if asked.arguments else ""
    return Redirect(f"/article/{known.id}{asked.parts['below']}{query}")
