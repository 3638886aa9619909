"""What an article's rows should hold, by all the pages that were read for it.

A page replaces what it has. What it lacks is kept, as when it was stored: from an earlier page, a
teaser, a feed or a sitemap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from newscrawl.core.records import LIST_FIELDS, Article
from newscrawl.extract.as_json import PUBLISHED, article_fields
from newscrawl.store.write.publication_time import Time, better_time, row_time, time_of
from newscrawl.store.write.reextraction import FIELDS, FROM_ELSEWHERE, REVISED

NO_TIME = Time(None, None, None, None, None)
OWN_SOURCES = frozenset({"json-ld", "meta", "page"})
# Fields that have another name in the provenance.
PLACES = {"image_url": "image", "modified_at": "modified"}


class Expected:
    """What the rows of one article should hold. Its pages are added in the order of storing.

    `provenance` is the stored one. `complete`: every page that could have given a value is among
    `articles`, so that a field which the provenance names and no page gives is lost.
    """

    def __init__(
        self, provenance: Mapping[str, str], articles: Sequence[Article], *, complete: bool
    ) -> None:
        self._old_places = provenance
        self.provenance: dict[str, str] = {}
        for article in articles:
            self.provenance |= article.provenance
        if not complete:
            self.provenance = dict(provenance) | self.provenance
        self._given: dict[str, Any] = {}
        self._time = NO_TIME

    def add(self, article: Article) -> None:
        """Adds the next page."""
        for name, value in article_fields(article).items():
            if value not in (None, []):
                self._given[name] = value
        published = article.published
        raw = published.raw if published else None
        self._time = better_time(self._time, time_of(published, article.published_source, raw))

    def fields(self, article: Article, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The FIELDS of the article's row, whose newest page is `article`."""
        page = article_fields(article)
        time = self._article_time(row_time(stored))
        values = (time.at, time.local, time.raw, time.precision, time.source)
        of_time = dict(zip(PUBLISHED, values, strict=True))
        return {name: self._value(name, page, stored) for name in FIELDS} | of_time

    def revised_fields(self, article: Article, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of the revision that this page made: those of REVISED."""
        page = article_fields(article)
        fields = {name: self._value(name, page, stored) for name in REVISED}
        if stored["authors"] is None:  # archives of the first schema have only texts of revisions
            kept = ("authors", "published_local", "published_source")
            return fields | {name: stored[name] for name in kept}
        return fields | self._revised_time(stored)

    def is_lost(self, name: str) -> bool:
        """Whether pages gave a field when they were stored, and none gives it now."""
        place = PLACES.get(name, name)
        return place in self._old_places and place not in self.provenance

    def _value(self, name: str, page: Mapping[str, Any], stored: Mapping[str, Any]) -> Any:
        if page[name] not in (None, []):
            return page[name]
        if self.is_lost(name):
            return [] if name in LIST_FIELDS else None
        place = PLACES.get(name, name)
        is_read_otherwise = self._old_places.get(place) != self.provenance.get(place)
        if is_read_otherwise and name in self._given and name != "category":
            return self._given[name]
        return stored[name]

    def _article_time(self, stored: Time) -> Time:
        if stored.source is None or stored.source in FROM_ELSEWHERE:
            return better_time(stored, self._time)
        if self._time != NO_TIME:
            return self._time
        return NO_TIME if self.is_lost("published") else stored

    def _revised_time(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        local, source = self._time.local, self._time.source
        if local is None or source not in OWN_SOURCES:
            local, source = None, None
        if self._time == NO_TIME and not self.is_lost("published"):
            local, source = stored["published_local"], stored["published_source"]
        return {"published_local": local, "published_source": source}
