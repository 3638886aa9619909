"""When an article was published and changed, by every place of a page, the surest first.

`dateCreated` is not used: on 19 pages of the corpora that have it and a known time, it is the
publication's on 14.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from newscrawl.core.records import RawTime, TimeLocale
from newscrawl.extract.generic.facts import Facts, first_text
from newscrawl.extract.generic.nearby_dates import nearby_dates
from newscrawl.extract.generic.printed_dates import attribute_dates, printed_dates
from newscrawl.extract.generic.surroundings import Surroundings
from newscrawl.extract.generic.url_date import url_date

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
    "published_time",
    "published-date",
    "published_date",
    "publish_date",
    "publish_time",
    "article:published",
    "og:pubdate",
    "og:publish_date",
    "og:article:published",
    "dcterms.issued",
    "dc:date",
    "dc.date.publication",
    "citation_publication_date",
    "originalpublicationdate",
    "mediator_published_time",
    "bt:pubdate",
    "vr:published_time",
    "rbpubdate",
    "displaydate",
    "weibo:article:create_at",
)
MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "dcterms.modified",
)
# With time of day and offset, and not the year 1 or 1970 of an unfilled field: no place can have
# more than that.
_INSTANT = re.compile(
    r"(?:199|20\d)\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d(?::[0-5]\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)"
)

_OFFSET = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
_NO_OFFSET = ("", "Z", "+0000")  # programs write these for local times too
_MINUTE = len("2024-03-05T09:30")


def published(facts: Facts, surroundings: Surroundings, locale: TimeLocale) -> tuple[RawTime, ...]:
    """The candidates for the publication time, the surest first; empty if the page has none."""
    for_machines = _by_offset(stated(facts), facts)
    candidates: Iterable[RawTime] = for_machines
    if not for_machines or not _INSTANT.fullmatch(for_machines[0].raw):
        candidates = (*for_machines, *_shown(facts, surroundings, locale))
    return tuple(replace(raw, locale=locale) for raw in _distinct(candidates))


def _by_offset(candidates: tuple[RawTime, ...], facts: Facts) -> tuple[RawTime, ...]:
    """The candidates; the first of its minute is one with the offset that most places have.

    Places of one page may state the same clock time with different offsets, of which one is wrong.
    """
    if len(candidates) < 2 or not _INSTANT.fullmatch(candidates[0].raw):
        return candidates
    minute = candidates[0].raw[:_MINUTE]
    rivals = [raw for raw in candidates if raw.raw[:_MINUTE] == minute]
    if len({_offset(raw.raw) for raw in rivals}) == 1:
        return candidates
    votes = Counter(_offset(value) for value in _all_instants(facts))
    best = max(rivals, key=lambda raw: votes[_offset(raw.raw)])
    is_surer = votes[_offset(best.raw)] >= 2 * votes[_offset(candidates[0].raw)]
    if not is_surer or _offset(best.raw) in _NO_OFFSET:
        return candidates
    return (best, *(raw for raw in candidates if raw is not best))


def _all_instants(facts: Facts) -> Iterator[str]:
    """The instants that the page's data and metadata state, of whatever."""
    for key in ("datePublished", "dateModified", "dateCreated"):
        yield facts.data_text(key)
    for name in (*PUBLISHED, *MODIFIED, "lastmod", "datecreated"):
        yield from facts.meta(name)[:1]


def _offset(instant: str) -> str:
    match = _OFFSET.search(instant)
    return match.group().replace(":", "") if match else ""


def stated(facts: Facts) -> tuple[RawTime, ...]:
    """The publication times in the page's data and metadata, never printed ones."""
    return tuple(_distinct(_in_data(facts, "datePublished", PUBLISHED)))


def modified(facts: Facts, locale: TimeLocale) -> tuple[RawTime, ...]:
    """The same for the last change; a printed date is taken for the publication, never for this."""
    stated_times = _in_data(facts, "dateModified", MODIFIED)
    return tuple(replace(raw, locale=locale) for raw in stated_times)


def _in_data(facts: Facts, key: str, metas: tuple[str, ...]) -> Iterator[RawTime]:
    own = facts.data_text(key)
    if own:
        yield RawTime(own, "json-ld", f"json-ld:{key}")
    elif of_page := first_text(facts.page_data.get(key)):
        yield RawTime(of_page, "json-ld", f"json-ld:WebPage.{key}")
    for name in metas:
        for value in facts.meta(name)[:1]:
            yield RawTime(value, "meta", f"meta:{name}")


def _shown(facts: Facts, surroundings: Surroundings, locale: TimeLocale) -> tuple[RawTime, ...]:
    """The dates that the page and its address show, the surest first.

    Two that agree are surer than one. So a printed date that contradicts the address comes after
    it, and does not count at all in an element that is not named as a date.
    """
    printed = list(printed_dates(facts, surroundings, locale))
    nearby = list(nearby_dates(facts, surroundings, locale))
    in_attributes = attribute_dates(facts, surroundings)
    in_url = url_date(facts.url)
    if in_url is None:
        return (*printed, *nearby, *in_attributes)
    agreeing = [raw for raw in (*printed, *nearby) if in_url.agrees_with(raw, locale)]
    others = [raw for raw in printed if raw not in agreeing]
    if not in_url.is_day:
        return (*agreeing, *others, *in_attributes)
    day = RawTime(in_url.first.isoformat(), "url", "url")
    return (*agreeing, day, *others, *in_attributes)


def _distinct(candidates: Iterable[RawTime]) -> Iterator[RawTime]:
    """The candidates without those whose text an earlier one has."""
    seen: set[str] = set()
    for candidate in candidates:
        if candidate.raw not in seen:
            seen.add(candidate.raw)
            yield candidate
