"""The page of one article.

The path names the article by its row, by the site's own id, by SITE/ID, or, with one of its
revisions, by SITE/ID@REVISION.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from newscrawl.core.errors import UsageError
from newscrawl.store.read.duplicates import is_compared
from newscrawl.store.read.front_pages import shown_on
from newscrawl.store.read.links import End, edges
from newscrawl.store.read.lookup import ArticleRef, by_id, by_key, by_row
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.revisions import edits_of
from newscrawl.store.read.sites import site_name
from newscrawl.web.citation import FORMATS, Source, apa, source_of
from newscrawl.web.pages.changes import comparing
from newscrawl.web.responses import Answer, Document, Json, Page, Query, Redirect
from newscrawl.web.security import LOOPBACK
from newscrawl.web.timeline import captures_of, is_kept, timeline

ArticleValues = Mapping[str, Any]
ArticleView = Callable[[Query, Reader, ArticleValues], Answer]

LINKS = 8  # listed in each direction; the page of links has all
EVENTS, COMPARED = 40, 40  # of the timeline, and revisions whose kinds of change it names
HIGHEST_REVISION = 10**9
# What a revision keeps of its own.
OF_REVISION = (
    "revision",
    "fetched_at",
    "title",
    "summary",
    "body",
    "published_local",
    "published_source",
    "modified_at",
)
# The fields of a page: label -> (column, name of the field in `provenance`).
FIELDS: Mapping[str, tuple[str, str]] = {
    "Headline": ("title", "title"),
    "Standfirst": ("summary", "summary"),
    "Text": ("word_count", "body"),
    "Published": ("published_local", "published"),
    "As given by the page": ("published_raw", "published"),
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
    article = _by_name(reader, name)
    whole, at, revision = name.rpartition("@")
    if article is None and at and revision.isascii() and revision.isdigit():
        article = _by_name(reader, whole)
        query = replace(query, arguments={**query.arguments, "revision": revision})
    return _redirect(query, article)


def _by_name(reader: Reader, name: str) -> ArticleRef | None:
    site, slash, key = name.partition("/")
    article = by_key(reader.db, site, key) if slash else None
    return article or by_id(reader.db, name)


def _redirect(query: Query, article: ArticleRef | None) -> Redirect:
    """To the same page under the article's row id, with the same parameters."""
    if article is None:
        raise UsageError("the archive has no such article", "search for its words or its address")
    parameters = f"?{urlencode(query.arguments)}" if query.arguments else ""
    return Redirect(f"/article/{article.id}{query.parts['below']}{parameters}")


@of_article
def article(query: Query, reader: Reader, values: ArticleValues) -> Answer:
    """Everything that the archive knows about an article.

    With `revision`: its texts as they were then.
    """
    values = _at_revision(query, reader, values)
    if query.format == "json":
        return Json(values)
    article_id = values["id"]
    first_compared = max(0, values["newest_revision"] - COMPARED)
    edits = edits_of(reader.db, article_id, comparing(), after=first_compared)
    captures = captures_of(reader, article_id)
    events = timeline(values, captures, edits)
    into = edges(reader.db, article_id, "in", limit=LINKS)
    out = edges(reader.db, article_id, "out", limit=LINKS)
    return Page(
        "article.html",
        {
            "article": values,
            "fields": [_field(label, values) for label in FIELDS],
            "shown": shown_on(reader.db, article_id),
            "events": events[-EVENTS:],
            "event_count": len(events),
            "has_page": any(is_kept(capture) for capture in captures),
            "citation": apa(_source(query, reader, values)),
            "stable_path": stable_path(values),
            "formats": {form: name for form, (name, _, _) in FORMATS.items()},
            "is_compared": is_compared(reader.db, article_id),
            "into": merged((edge.source, edge.kind) for edge in into),
            "out": merged((edge.target, edge.kind) for edge in out),
            "listed": (len(into), len(out)),
        },
    )


def merged(links: Iterable[tuple[End, str]]) -> dict[End, list[str]]:
    """Every article once, in order, with the kinds of its links."""
    found: dict[End, list[str]] = {}
    for end, kind in links:
        kinds = found.setdefault(end, [])
        if kind not in kinds:
            kinds.append(kind)
    return found


@of_article
def cite(query: Query, reader: Reader, values: ArticleValues) -> Answer:
    """The citation of an article, or of one of its revisions, as a file."""
    source = _source(query, reader, _at_revision(query, reader, values))
    form = query.parts["form"] or ""
    _, content_type, write = FORMATS[form]
    return Document(write(source).encode(), content_type, f"{source.name}.{form}")


def stable_path(values: ArticleValues) -> str:
    """`/article/demo/235425@2`: the revision, which never changes; all of it if none was read."""
    name = f"{quote(values['site'], safe='')}/{quote(values['key'], safe='')}"
    return f"/article/{name}@{values['revision']}" if values["revision"] else f"/article/{name}"


def _source(query: Query, reader: Reader, values: ArticleValues) -> Source:
    """What to cite. An address of this machine is of no use to others, and is left out."""
    is_local = urlsplit(query.origin).hostname in LOOPBACK
    address = None if is_local else f"{query.origin}{stable_path(values)}"
    return source_of(values, site_name(reader.db, values["site"]), address)


def _at_revision(query: Query, reader: Reader, values: ArticleValues) -> ArticleValues:
    """The article with the texts of the revision that the query names, by default the newest.

    UsageError if there is no such revision. What revisions do not keep is that of the newest one.
    The address is the one from which the revision was fetched, if that fetch is known.
    """
    newest = values["revision"]
    wanted = query.number("revision", newest, HIGHEST_REVISION) if newest else newest
    now = dict(values) | {"newest_revision": newest}
    if wanted == newest:
        return now
    for row in reader.revision_texts(values["id"]):
        if row["revision"] == wanted:
            kept = {name: row[name] for name in OF_REVISION}
            authors = json.loads(row["authors"]) if row["authors"] else []
            words = {"word_count": len((row["body"] or "").split())}
            url = reader.captured_url(row["capture_id"]) or values["url"]
            return now | kept | words | {"authors": authors, "url": url}
    raise UsageError(f"this article has no revision {wanted}", f"its last one is {newest}")


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
