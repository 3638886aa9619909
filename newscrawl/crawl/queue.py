"""Decides which page a crawl fetches next. The frontier in the database is the only queue.

Category pages come before articles, and new articles before deeper category pages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from newscrawl.core.records import Capture, ChildSitemap, Feed, Problem, Sitemap, Task
from newscrawl.core.tally import Tally
from newscrawl.core.times import to_utc_text
from newscrawl.crawl.budget import Budget
from newscrawl.crawl.due import DueTimes
from newscrawl.crawl.options import CrawlOptions
from newscrawl.sites.site import Site
from newscrawl.sites.sources import Source
from newscrawl.store.rows import farthest_visit
from newscrawl.store.write.frontier import FIRST_OVERDUE, SourceKind, Start, Wanted
from newscrawl.store.write.store import Store

# An index, an index per year, a sitemap per month: real sites use at most three levels. Without a
# limit, a chain of indexes could be endless.
DEEPEST = 3
# Twenty years with one sitemap per day. A site with more is probably generating them on request.
MOST_SITEMAPS = 8_000
BATCH = 64


class CrawlQueue:
    """The open pages of one crawl; each is returned once.

    `ended_by` is `budget` or `hours` once one of these limits has ended the crawl.
    """

    def __init__(
        self,
        site: Site,
        store: Store,
        options: CrawlOptions,
        crawl_id: int,
        clock: Callable[[], datetime],
    ) -> None:
        self.site, self.store, self.options, self.clock = site, store, options, clock
        self.crawl_id = crawl_id
        self.due = DueTimes(site, store, options, clock)
        self.ended_by: str | None = None  # open pages are left to the next run
        self.sources = SourceQueue(site, store, options, crawl_id)
        self._budget = Budget(options, site.timezone)
        # Hashes instead of addresses: 7 MB instead of 20 MB for a hundred thousand pages.
        self._tried: set[int] = set()
        self._tried_listings: set[int] = set()
        self._articles, self._asked = deque[Task](), deque[Task]()
        self._place, self._stored_place, self._overdue_place = 0, 0, FIRST_OVERDUE
        self._articles_taken = 0
        self._categories = self._start()

    def next(self, requests: int, articles: int) -> Task | None:
        """The page to fetch next; None if no page is open that this run may fetch.

        Also None once the budget is used up or the crawling hours are over. `requests` is the
        number of requests so far, `articles` how many of them were for articles.
        """
        self._articles_taken = articles
        task = self._take()
        if task is None:
            return None
        self.ended_by = self._budget.ended_by(requests, self.clock())
        return task if self.ended_by is None else None

    def mark_taken(self, task: Task) -> None:
        """Records that a page is being fetched, so that `next` does not return it again."""
        tried = self._tried_listings if task.kind == "listing" else self._tried
        tried.add(hash(task.url))

    def add(self, tasks: Iterable[Task]) -> None:
        """Takes pages next that were queued while the run was already past their place."""
        self._articles.extendleft(tasks)

    @property
    def since(self) -> str | None:
        """The start of the crawl's date range (UTC text); None if it has no start."""
        return self._range[0]

    def _start(self) -> frozenset[int] | None:
        """Queues the pages with which this crawl begins.

        Returns the ids of the categories to which it is restricted (None: all).
        """
        self.store.frontier.bring_back(
            self.site.name,
            self.clock(),
            farthest_visit(self.site.revisit) * max(self.options.retry_pause, 1.0),
        )
        if not self.options.urls:
            return self._start_lists(self.site.category_keys(self.options.categories))
        for url in self.options.urls:
            self._asked.append(self._requested(self.site.canonical_url(url)))
        return None

    def _requested(self, url: str) -> Task:
        """The task of a URL that a user requested: the home page, a category page or an article."""
        site = self.site
        page = site.category_of(url)
        if page is None or site.article_key(url) is not None:
            return self.store.frontier.request(site.name, url, "article")
        category_id = self.store.categories.put(site.name, page.key, page.slug)
        return self.store.frontier.request_listing(
            site.name, url, category_id, page=page.page, crawl_id=self.crawl_id
        )

    def _start_lists(self, keys: frozenset[str] | None) -> frozenset[int] | None:
        """Queues the lists of these categories (None: all); the ids of the categories."""
        lists = self.due.lists(keys)
        first_pages = [source.category for source in lists if source.kind == "category"]
        if "category" in self.options.discover:
            self.store.frontier.start_categories(
                self.site.name, [key for key in first_pages if key is not None], self.crawl_id
            )
        self.sources.start(lists)
        return None if keys is None else self.store.categories.ids(self.site.name, keys)

    @cached_property
    def _range(self) -> tuple[str | None, str | None]:
        since, until = self.options.since, self.options.until
        return to_utc_text(since) if since else None, to_utc_text(until) if until else None

    def _take(self) -> Task | None:
        if self.options.urls:
            return self._asked.popleft() if self._asked else None
        return (
            self._next_listing(first_pages=True)
            or self.sources.next("feed", self._wanted())
            or self._next_article()
            or self._next_sitemap()
            or self._next_listing(first_pages=False)
        )

    def _wanted(self, *, deepest_page: int | None = None) -> Wanted:
        return Wanted(
            site=self.site.name,
            now=to_utc_text(self.clock()),
            ignore_pauses=self.options.retry_pause == 0,
            categories=self._categories,
            since=self._range[0],
            until=self._range[1],
            deepest_page=deepest_page,
        )

    def _next_sitemap(self) -> Task | None:
        """The next sitemap; None once the crawl's limit of articles is reached.

        The articles of another sitemap would only have to wait for the next crawl.
        """
        enough = self.options.limit is not None and self._articles_taken >= self.options.limit
        return None if enough else self.sources.next("sitemap", self._wanted())

    def _next_listing(self, *, first_pages: bool) -> Task | None:
        if "category" not in self.options.discover:
            return None
        limits = [
            limit for limit in (self.options.max_pages, self.site.max_pages) if limit is not None
        ]
        wanted = self._wanted(deepest_page=min(limits, default=None))
        tasks = self.store.frontier.due_listings(
            wanted, first_pages=first_pages, limit=BATCH + len(self._tried_listings)
        )
        return next(
            (t for t in tasks if hash(t.url) not in self._tried_listings and self.site.owns(t.url)),
            None,
        )

    def _next_article(self) -> Task | None:
        if self.options.limit is not None and self._articles_taken >= self.options.limit:
            return None
        while True:
            if not self._articles:
                self._articles.extend(self._refill())
            if not self._articles:
                return None
            task = self._articles.popleft()
            if hash(task.url) not in self._tried and self.site.owns(task.url):
                return task
            # The page belongs to another mirror. A crawl of that mirror fetches it.
            self._tried.add(hash(task.url))

    def _refill(self) -> list[Task]:
        """The next batch: new articles first, then articles that are due for another fetch."""
        wanted = self._wanted()
        tasks, self._place = self.store.frontier.due_articles(
            wanted, after=self._place, limit=BATCH
        )
        if not tasks and self.options.refetch:
            tasks, self._stored_place = self.store.frontier.stored_articles(
                wanted, after=self._stored_place, limit=BATCH
            )
        if not tasks:
            tasks, self._overdue_place = self.store.frontier.due_again(
                wanted, after=self._overdue_place, limit=BATCH
            )
        return tasks


class SourceQueue:
    """The feeds and sitemaps that `--discover` selects; `next` returns each of them once."""

    def __init__(self, site: Site, store: Store, options: CrawlOptions, crawl_id: int) -> None:
        self._site, self._store, self._options, self._crawl_id = site, store, options, crawl_id
        self._waiting: dict[SourceKind, deque[Task]] = {"feed": deque(), "sitemap": deque()}
        self._taken: set[str] = set()

    def start(self, lists: Iterable[Source]) -> None:
        """Queues the feeds and sitemaps among these lists."""
        found = [
            Start(source.kind, source.url, source.category)
            for source in lists
            if source.kind != "category"
        ]
        self._store.frontier.start_sources(self._site.name, found, self._crawl_id)

    def next(self, kind: SourceKind, wanted: Wanted) -> Task | None:
        """The next open feed or sitemap that this crawl has not taken yet."""
        if kind not in self._options.discover or (
            kind == "sitemap" and len(self._taken) >= MOST_SITEMAPS
        ):
            return None
        waiting = self._waiting[kind]
        if not waiting:
            waiting.extend(
                self._store.frontier.due_sources(wanted, kind, skip=self._taken, limit=BATCH)
            )
        if not waiting:
            return None
        task = waiting.popleft()
        self._taken.add(task.url)
        # With --full, a page is read again even if it has not changed: the site file may have.
        return replace(task, etag=None, last_modified=None) if self._options.full else task

    def save(self, task: Task, found: Feed | Sitemap, capture: Capture, tally: Tally) -> None:
        """Stores a feed or sitemap and counts it."""
        children: tuple[str, ...] = ()
        if isinstance(found, Sitemap):
            wanted = wanted_children(found, self._site, self._options.since, self._options.until)
            children = tuple(child.url for child in wanted)
            if children and (task.page or 1) >= DEEPEST:
                children = ()
                message = (
                    f"its sitemaps are more than {DEEPEST} levels below the first one;"
                    " not requested"
                )
                problem = Problem("extract", "sitemap_too_deep", message)
                found = replace(found, problems=(*found.problems, problem))
        tally.discovered += self._store.discoveries.save(
            found, capture, task, self._crawl_id, children=children
        )
        if isinstance(found, Sitemap):
            tally.sitemaps += 1
        else:
            tally.feeds += 1


def wanted_children(
    sitemap: Sitemap, site: Site, since: datetime | None, until: datetime | None
) -> tuple[ChildSitemap, ...]:
    """The child sitemaps that can contain articles published in [`since`, `until`).

    None means no limit.
    """
    first = since.astimezone(site.timezone).date().isoformat() if since else ""
    after = until.astimezone(site.timezone).date().isoformat() if until else "9999"
    return tuple(child for child in sitemap.children if _can_hold(child, first, after))


def _can_hold(child: ChildSitemap, first: str, after: str) -> bool:
    """Whether a child sitemap can contain articles from these days.

    The days in its address are used. Without them, the time of its last change is used, because a
    newer article would have changed it.
    """
    if child.first is not None and child.after is not None:
        return child.after.isoformat() > first and child.first.isoformat() < after
    changed = child.lastmod.local if child.lastmod else None
    return changed is None or changed[:10] >= first[: len(changed)]
