"""When an article was published and changed: every place of a page that may say so, the surest first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from ...records import RawTime
from ...text import clean_text
from .facts import Facts, text
from .words import DATES, UPDATED, begins

PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "date", "dc.date", "dc.date.issued",
    "dcterms.date", "dcterms.created", "parsely-pub-date", "sailthru.date", "pubdate", "publish-date", "publishdate",
    "publication_date", "cxenseparse:recs:publishtime", "article.published", "last-published", "article_date_original",
    "og:published_time", "date.created", "datecreated",
)  # fmt: skip
MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified")
_ELSEWHERE = frozenset({"aside", "nav", "footer", "a", "form"})
_OTHERS = re.compile(r"related|comment|teaser|recommend|sidebar|latest|card|widget|clock|today|current", re.IGNORECASE)
_PRINTED = etree.XPath(
    """//*[self::time or self::span or self::p or self::div or self::li or self::abbr or self::i or self::em][
    self::time or re:test(concat(@class, ' ', @id, ' ', @itemprop), $dates, 'i')]""",
    namespaces={"re": "http://exslt.org/regular-expressions"},
)
_DATE_NAMES = rf"(^|[\s_-])({'|'.join(DATES)})([\s_-]|$|[a-z]*(time|date))"
_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_-]|$)")
_ATTRIBUTES = etree.XPath(
    "//@*[re:test(name(), '^data-(.*-)?(publish(ed)?|pub|deploy|created?)(-?(date|time|at|dt|on))?$', 'i')]",
    namespaces={"re": "http://exslt.org/regular-expressions"},
)
_DATE = re.compile(r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{4}(?:\D{1,4}\d{1,2}:\d{2}(?::\d{2})?)?(?!\d)")
_UPDATED = begins(UPDATED)
_LONGEST = 80
_MOST = 5  # printed dates that are looked at


def published(facts: Facts) -> tuple[RawTime, ...]:
    """The candidates in order of trust; empty where the page says nothing."""
    return tuple(_distinct(_published(facts))) or tuple(_distinct(_in_attributes(facts.root)))


def modified(facts: Facts) -> tuple[RawTime, ...]:
    """The same for the last change; a page's visible dates are taken for publication, never for this."""
    own = facts.own("dateModified")
    found = [RawTime(own, "json-ld", "json-ld:dateModified")] if own else []
    return (*found, *_metas(facts, MODIFIED))


def _published(facts: Facts) -> Iterator[RawTime]:
    if own := facts.own("datePublished"):
        yield RawTime(own, "json-ld", "json-ld:datePublished")
    yield from _metas(facts, PUBLISHED)
    yield from _printed(facts.root)
    if (own := facts.own("dateCreated")) or (own := facts.own("uploadDate")):
        yield RawTime(own, "json-ld", "json-ld:dateCreated")
    if in_url := _IN_URL.search(urlsplit(facts.url).path):
        year, month, day = in_url.groups()
        yield RawTime(f"{year}-{int(month):02}-{int(day):02}", "url", "url")


def _metas(facts: Facts, names: tuple[str, ...]) -> Iterator[RawTime]:
    for name in names:
        for value in facts.meta(name)[:1]:
            yield RawTime(value, "meta", f"meta:{name}")


def _printed(root: HtmlElement) -> Iterator[RawTime]:
    """What the page prints as dates, outside lists of other articles; the one nearest below the headline first."""
    headline = next(iter(root.iter("h1")), None)
    order = {element: place for place, element in enumerate(root.iter())} if headline is not None else {}
    start = order.get(headline, 0) if headline is not None else 0
    found = [one for one in cast("list[HtmlElement]", _PRINTED(root, dates=_DATE_NAMES)) if _own_date(one)]
    found.sort(key=lambda one: abs(order.get(one, 0) - start))
    for element in found[:_MOST]:
        machine = element.get("datetime") or element.get("content")
        printed = clean_text(element.text_content())
        where = f"{element.tag}.{'.'.join((element.get('class') or '').split())}".rstrip(".")
        if machine and any(char.isdigit() for char in machine):
            yield RawTime(
                text(machine), "page", f"{where}::attr({'datetime' if element.get('datetime') else 'content'})"
            )
        elif any(char.isdigit() for char in printed):
            yield RawTime(printed, "page", where)
            if (first := _DATE.search(printed)) and not _UPDATED.match(printed):
                yield RawTime(first.group(), "page", where)


def _in_attributes(root: HtmlElement) -> Iterator[RawTime]:
    """The last resort: `data-publish-date` and the like, which scripts make the page's date of."""
    for value in cast("list[etree._ElementUnicodeResult]", _ATTRIBUTES(root))[:_MOST]:
        if any(char.isdigit() for char in value):
            yield RawTime(clean_text(value), "page", f"::attr({cast(str, value.attrname)})")


def _own_date(element: HtmlElement) -> bool:
    if len(element.text_content()) > _LONGEST:
        return False
    for around in (element, *element.iterancestors()):
        if around.tag in _ELSEWHERE or _OTHERS.search(f"{around.get('class') or ''} {around.get('id') or ''}"):
            return False
        if around.tag in ("article", "main"):
            return True
    return True


def _distinct(found: Iterator[RawTime]) -> Iterator[RawTime]:
    seen: set[str] = set()
    for one in found:
        if one.raw not in seen:
            seen.add(one.raw)
            yield one
