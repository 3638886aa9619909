"""When an article was published and changed, by every place of a page, the surest first.

`dateCreated` is not used: on 19 pages of the corpora that have it and a known time, it is the
publication's on 14.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from newscrawl.core.records import RawTime
from newscrawl.extract.generic.facts import Facts
from newscrawl.extract.generic.printed_dates import attribute_dates, printed_dates

PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publish-date",
    "publishdate",
    "publication_date",
    "cxenseparse:recs:publishtime",
    "article.published",
    "article_date_original",
    "og:published_time",
)
MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "dcterms.modified",
)
_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_-]|$)")
# With time of day and offset, and not the year 1 or 1970 of an unfilled field: no place can have
# more than that.
_INSTANT = re.compile(
    r"(?:199|20\d)\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d(?::[0-5]\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)"
)


def published(facts: Facts) -> tuple[RawTime, ...]:
    """The candidates for the publication time, the surest first; empty if the page has none."""
    for_machines = stated(facts)
    if for_machines and _INSTANT.fullmatch(for_machines[0].raw):
        return for_machines
    candidates = tuple(_distinct((*for_machines, *_shown(facts))))
    return candidates or tuple(_distinct(attribute_dates(facts)))


def stated(facts: Facts) -> tuple[RawTime, ...]:
    """The publication times in the page's data and metadata, never printed ones."""
    return tuple(_distinct(_in_data(facts, "datePublished", PUBLISHED)))


def modified(facts: Facts) -> tuple[RawTime, ...]:
    """The same for the last change; a printed date is taken for the publication, never for this."""
    return tuple(_in_data(facts, "dateModified", MODIFIED))


def _in_data(facts: Facts, key: str, metas: tuple[str, ...]) -> Iterator[RawTime]:
    own = facts.data_text(key)
    if own:
        yield RawTime(own, "json-ld", f"json-ld:{key}")
    for name in metas:
        for value in facts.meta(name)[:1]:
            yield RawTime(value, "meta", f"meta:{name}")


def _shown(facts: Facts) -> Iterator[RawTime]:
    yield from printed_dates(facts)
    if in_url := _IN_URL.search(urlsplit(facts.url).path):
        day = "-".join(part.zfill(2) for part in in_url.groups())
        yield RawTime(day, "url", "url")


def _distinct(candidates: Iterable[RawTime]) -> Iterator[RawTime]:
    """The candidates without those whose text an earlier one has."""
    seen: set[str] = set()
    for candidate in candidates:
        if candidate.raw not in seen:
            seen.add(candidate.raw)
            yield candidate
