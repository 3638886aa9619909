"""When an article was published and changed: every place of a page that may say so, the surest first.

`dateCreated` is none of them: of 19 pages of the corpora that have it and a known time, it is the publication's on 14.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from newscrawl.core.records import RawTime
from newscrawl.extract.generic.facts import Facts
from newscrawl.extract.generic.printed_dates import attribute_dates, printed_dates

PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "date", "dc.date", "dc.date.issued",
    "dcterms.date", "parsely-pub-date", "sailthru.date", "pubdate", "publish-date", "publishdate",
    "publication_date", "cxenseparse:recs:publishtime", "article.published", "article_date_original",
    "og:published_time",
)  # fmt: skip
MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "dcterms.modified",
)
_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_-]|$)")
# With an offset and a time of day, and not the year 1 or 1970 of a field that nobody has filled: no place can say more.
_INSTANT = re.compile(
    r"(?:199|20\d)\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d(?::[0-5]\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)"
)


def published(facts: Facts) -> tuple[RawTime, ...]:
    """The candidates in order of trust; empty where the page says nothing."""
    said = stated(facts)
    if said and _INSTANT.fullmatch(said[0].raw):
        return said
    return tuple(_distinct((*said, *_shown(facts)))) or tuple(_distinct(attribute_dates(facts)))


def stated(facts: Facts) -> tuple[RawTime, ...]:
    """What the page says for machines about this very article; never what it prints."""
    own = facts.own("datePublished")
    found = [RawTime(own, "json-ld", "json-ld:datePublished")] if own else []
    return tuple(_distinct((*found, *_metas(facts, PUBLISHED))))


def modified(facts: Facts) -> tuple[RawTime, ...]:
    """The same for the last change; a page's visible dates are taken for publication, never for this."""
    own = facts.own("dateModified")
    found = [RawTime(own, "json-ld", "json-ld:dateModified")] if own else []
    return (*found, *_metas(facts, MODIFIED))


def _shown(facts: Facts) -> Iterator[RawTime]:
    yield from printed_dates(facts)
    if in_url := _IN_URL.search(urlsplit(facts.url).path):
        year, month, day = in_url.groups()
        yield RawTime(f"{year}-{int(month):02}-{int(day):02}", "url", "url")


def _metas(facts: Facts, names: tuple[str, ...]) -> Iterator[RawTime]:
    for name in names:
        for value in facts.meta(name)[:1]:
            yield RawTime(value, "meta", f"meta:{name}")


def _distinct(found: Iterable[RawTime]) -> Iterator[RawTime]:
    seen: set[str] = set()
    for one in found:
        if one.raw not in seen:
            seen.add(one.raw)
            yield one
