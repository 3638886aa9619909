"""The page of one article.

The path names the article by its row, by the site's own id, or by SITE/ID.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import unquote, urlencode

from newscrawl.core.errors import UsageError
from newscrawl.store.read.front_pages import shown_on
from newscrawl.store.read.links import edges
from newscrawl.store.read.lookup import ArticleRef, by_id, by_key, by_row
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.revisions import edits_of
from newscrawl.web.link_graph import draw, end_of
from newscrawl.web.pages.changes import comparing
from newscrawl.web.responses import Answer, Json, Page, Query, Redirect

ArticleValues = Mapping[str, Any]
ArticleView = Callable[[Query, Reader, ArticleValues], Answer]

LINKS = 400  # read in each direction for the graph
IN_COLUMN = 7  # articles in a column of the graph
# The fields of a page: label -> (column, name of the field in `provenance`).
FIELDS: Mapping[str, tuple[str, str]] = {
    "Headline": ("title", "title"),
    "Standfirst": ("summary", "summary"),
    "Text": ("word_count", "body"),
    "Published": ("published_local", "published"),
    "As printed": ("published_raw", "published"),
    "Changed by the publisher": ("modified_at", "modified"),
    "Authors": ("authors", "authors"),
    "Category": ("category", "category"),
    "Tags": ("tags", "tags"),
    "Picture": ("image_url", "image"),
    "Language": ("language", "language"),
}


def of_article(view: ArticleView) -> Callable[[Query, Reader], Answer]:
    """The view for the article whose row id is in the path.

    If there is no such row, the number is used as the site's own id, and the view redirects.
    """

    @wraps(view)
    def answer(query: Query, reader: Reader) -> Answer:
        number = query.parts["id"] or ""
        article = by_row(reader.db, number)
        if article is None:
            return _redirect(query, by_id(reader.db, number))
        return view(query, reader, reader.article(article.id))

    return answer


def named_article(query: Query, reader: Reader) -> Answer:
    """A redirect to the article that the path names by SITE/ID or by the site's own id."""
    name = unquote(query.parts["name"] or "")
    site, slash, key = name.partition("/")
    article = by_key(reader.db, site, key) if slash else None
    return _redirect(query, article or by_id(reader.db, name))


def _redirect(query: Query, article: ArticleRef | None) -> Redirect:
    """To the same page under the article's row id, with the same parameters."""
    if article is None:
        raise UsageError("the archive has no such article", "search for its words or its address")
    parameters = f"?{urlencode(query.arguments)}" if query.arguments else ""
    return Redirect(f"/article/{article.id}{query.parts['below']}{parameters}")


@of_article
def article(query: Query, reader: Reader, values: ArticleValues) -> Answer:
    """Everything that the archive knows about an article."""
    if query.format == "json":
        return Json(values)
    article_id = values["id"]
    out = edges(reader.db, article_id, "out", limit=LINKS)
    into = edges(reader.db, article_id, "in", limit=LINKS)
    return Page(
        "article.html",
        {
            "article": values,
            "fields": [_field(label, values) for label in FIELDS],
            "shown": shown_on(reader.db, article_id),
            "edits": edits_of(reader.db, article_id, comparing()),
            "drawings": draw(end_of(values), into, out, IN_COLUMN),
        },
    )


def _field(label: str, values: ArticleValues) -> dict[str, Any]:
    """A row of the table that shows where on the page each value was found."""
    column, origin = FIELDS[label]
    value = values[column]
    if isinstance(value, list):
        value = ", ".join(value)
    elif column == "word_count" and value is not None:
        value = f"{value:,} words"
    source = values["published_source"] if origin == "published" else None
    return {"label": label, "value": value, "source": values["provenance"].get(origin, source)}
