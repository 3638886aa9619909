"""Which lists of a site a crawl requests, and when each list and article is due again.

The times to come are in the frontier: a list that was read has its next request there, as an
article has its next visit. What they are computed from is in the captures (see rhythm.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby, pairwise
from operator import itemgetter

from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.rhythm import (
    WATCHED,
    AgeEdits,
    ListRequest,
    Profile,
    Visit,
    articles_a_day,
    edits_before,
    next_request,
    profile_of,
    usual_interval,
    worthwhile_ages,
)
from newscrawl.sites.site import Site
from newscrawl.sites.sources import Source, sources_of
from newscrawl.store.request_history import RequestHistory
from newscrawl.store.write.store import Store


class DueTimes:
    """The due times of one site during one crawl."""

    def __init__(
        self, site: Site, store: Store, options: CrawlOptions, clock: Callable[[], datetime]
    ) -> None:
        self._site, self._store, self._options, self._clock = site, store, options, clock

    def lists(self, keys: Collection[str] | None) -> tuple[Source, ...]:
        """The lists with which the crawl begins: of a crawl of what is due, the due ones.

        `keys` are those of the categories to which the crawl is restricted (None: all).
        """
        sources = sources_of(self._site, self._options.discover, keys)
        if not self._options.due:
            return sources
        now = to_utc_text(self._clock())
        waiting = self._store.due.waiting(self._site.name, [one.url for one in sources], now)
        return tuple(source for source in sources if source.url not in waiting)

    def ages(
        self, article_id: int | None, published_ago: timedelta = timedelta()
    ) -> tuple[timedelta, ...]:
        """The ages at which to visit an article (None: one that the archive does not know yet).

        A crawl of what is due leaves out those at which the site's articles have hardly changed,
        and those that the article has passed already, because it was `published_ago`.
        """
        ages = self._site.revisit
        if not self._options.due or not ages:
            return ages
        if article_id is not None and article_id % WATCHED != 0:
            ages = self._worthwhile_ages
        return (*(age for age in ages[:-1] if age > published_ago), ages[-1])

    def settle(self, crawl_id: int) -> None:
        """Writes when each list that the crawl has requested is due again."""
        if self._options.urls or self._options.base_url is not None:
            return
        keys = self._site.category_keys(self._options.categories)
        sources = sources_of(self._site, self._options.discover, keys)
        urls = [source.url for source in sources]
        ended = self._store.due.ended(self._site.name, urls, crawl_id)
        now = self._clock()
        rhythm = Rhythm(self._site, self._store.due.history)
        times: dict[str, datetime] = {}
        for url, state in ended.items():
            if state == "done":
                times[url] = rhythm.next_request(url, now)
            else:  # it is not there, or is no list: it may come back
                times[url] = now + self._site.lists.longest
        self._store.due.put(self._site.name, times)

    @cached_property
    def _worthwhile_ages(self) -> tuple[timedelta, ...]:
        return Rhythm(self._site, self._store.due.history).ages


class Rhythm:
    """What the archive knows of the rhythm of one site."""

    def __init__(self, site: Site, history: RequestHistory) -> None:
        self._site, self._history = site, history

    def rate(self, url: str, now: datetime) -> float:
        """How many articles a day a list is the first to announce."""
        requests = [
            ListRequest(from_utc_text(at), discovered)
            for at, discovered in self._history.list_requests(url)
        ]
        return articles_a_day(requests, now)

    def has_evidence(self, url: str) -> bool:
        """Whether `rate` rests on requests: the first request of a list says nothing."""
        return len(self._history.list_requests(url)) > 1

    def next_request(self, url: str, now: datetime) -> datetime:
        """When to request a list again that was requested `now`."""
        zone = self._site.timezone
        return next_request(now, self.rate(url, now), self.profile, zone, self._site.lists)

    def usual_interval(self, url: str, now: datetime) -> timedelta:
        """How long it takes on average until a list is requested again."""
        return usual_interval(self.rate(url, now), self.profile, self._site.lists)

    @cached_property
    def profile(self) -> Profile:
        """The hours of the day at which the site publishes."""
        return profile_of(self._history.publication_hours(self._site.name))

    @cached_property
    def edits(self) -> list[AgeEdits]:
        """For each age in the site file, what visits show of edits since the age before."""
        return edits_before(self._visits(), self._site.revisit)

    @cached_property
    def ages(self) -> tuple[timedelta, ...]:
        """The ages at which articles are visited that are not watched closely."""
        return worthwhile_ages(self.edits)

    def _visits(self) -> Iterable[Visit]:
        fetches = self._history.article_fetches(self._site.name, WATCHED)
        for _, rows in groupby(fetches, key=itemgetter(0)):
            times = [(from_utc_text(at), is_revised) for _, at, is_revised in rows]
            first = times[0][0]
            for (earlier, _), (later, is_revised) in pairwise(times):
                yield Visit(earlier - first, later - first, is_revised)
