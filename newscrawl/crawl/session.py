"""One crawl of one site: stores each page and counts its outcome. Independent of Scrapy.

Every page that a session takes from its queue (queue.py) ends in exactly one outcome. ending.py
determines how the crawl ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from newscrawl.core.coverage import UNREAD
from newscrawl.core.errors import NewscrawlError, PageRejected
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.records import (
    Article,
    Capture,
    Exchange,
    Failure,
    Feed,
    Listing,
    Sitemap,
    Task,
)
from newscrawl.core.tally import Tally
from newscrawl.core.version import VERSION
from newscrawl.crawl.captures import USED_STATUSES, Captures
from newscrawl.crawl.ending import Ending
from newscrawl.crawl.host_rest import HostRest
from newscrawl.crawl.kept_robots import KeptCopy, kept_robots
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.quarantine import hold_back, write_specimen
from newscrawl.crawl.queue import CrawlQueue
from newscrawl.crawl.soft_404 import SOFT, HeldPage, SoftPages
from newscrawl.sites.site import Site
from newscrawl.store.write.store import Store

Clock = Callable[[], datetime]


def now_utc() -> datetime:
    """The current time, to the second: the times in the archive have no finer unit."""
    return datetime.now(UTC).replace(microsecond=0)


class Session:
    """Begins a crawl in the store.

    It fetches nothing itself: `next_task` returns a page to fetch, and `save_*` stores the result.
    """

    def __init__(
        self, site: Site, store: Store, options: CrawlOptions, clock: Clock = now_utc
    ) -> None:
        self.site, self.store, self.options, self.clock = site, store, options, clock
        self.tally = Tally()
        self.error: NewscrawlError | None = None
        self.finished = False
        self.host = HostRest()
        self._soft_pages = SoftPages(store)
        self.on_outcome: list[Callable[[], None]] = []
        self.in_flight: dict[str, Task] = {}
        self._category_keys: dict[int, str] = {}
        store.categories.put_site(site.as_row())
        self.started_at = clock()
        self.crawl_id = store.crawls.begin(
            site.name, options.as_json(), version=VERSION, now=self.started_at
        )
        self.queue = CrawlQueue(site, store, options, self.crawl_id, clock)
        self.captures = Captures(
            site,
            ArchiveFolder(store.path.parent),
            self.crawl_id,
            store.captures,
            keep=options.warc,
        )
        store.before_commit(self.captures.sync)

    def category_key(self, task: Task | None) -> str | None:
        """The key of the category that a task belongs to; None if it belongs to none."""
        if task is None or task.category_id is None:
            return None
        if task.category_id not in self._category_keys:
            key = self.store.categories.key_of(task.category_id)
            self._category_keys[task.category_id] = key
        return self._category_keys[task.category_id]

    def next_task(self) -> Task | None:
        """The page to fetch next, now in flight; None if this run may fetch no open page."""
        if self.error is not None:
            return None
        task = self.queue.next(self.tally.requests, self.tally.articles)
        return None if task is None else self.begin(task)

    def begin_url(self, url: str) -> Task:
        """The task of an article that is not from this session's queue; it is now in flight."""
        return self.begin(
            self.store.frontier.request(self.site.name, self.site.canonical_url(url), "article")
        )

    def begin(self, task: Task) -> Task:
        """Marks the page as in flight, so that this run does not take it again; returns it."""
        self.in_flight[task.url] = task
        self.queue.mark_taken(task)
        self.tally.requests += 1
        self.tally.articles += task.kind == "article"
        return task

    def save_article(self, task: Task, article: Article, capture: Capture, extractor: str) -> None:
        """Stores an article page and counts its outcome.

        A page that the site returns for several articles is counted as failed instead. A page
        that might be one waits for the end of the crawl (see soft_404.py).
        """
        self._soft_pages.add(article)
        page = HeldPage(task, article, capture, extractor)
        waits = not self._soft_pages.is_soft(article) and self._soft_pages.waits(page)
        self._close(task) if waits else self._decide(page)

    def _decide(self, page: HeldPage) -> None:
        if not self._soft_pages.is_soft(page.article):
            self._save_article(page)
            return
        taken = self.store.quarantine.withdraw(
            self.crawl_id, page.article, page.capture.fetched_at, self.options.retry_pause
        )
        self.tally.uncount_articles(taken, SOFT.code)
        self.save_failure(page.task, SOFT, page.capture)

    def _save_article(self, one: HeldPage) -> None:
        is_elsewhere = self.site.is_another_article(one.task.url, one.article.key)
        try:
            saved = self.store.articles.save(
                one.article, one.capture, self.crawl_id,
                asked_url=one.task.url, extractor=one.extractor,
                revisits=self.queue.due.ages(one.task.article_id, one.published_ago),
                answered_url=self.site.canonical_url(one.capture.url), is_elsewhere=is_elsewhere,
                pause_factor=self.options.retry_pause,
            )  # fmt: skip
        except PageRejected as error:
            self.save_failure(
                one.task,
                Failure(code=error.code, message=error.message, stage="extract"),
                one.capture,
            )
            return
        if is_elsewhere:
            self._try_other_addresses(one.task)
        self.tally.count_article(one.article, saved.outcome, saved.links)
        self.host.answer()
        self._close(one.task)

    def save_robots(self, exchange: Exchange) -> None:
        """Keeps the response for robots.txt, which belongs to no task.

        Only a definite response is kept: the file, or the server's response that it does not exist.
        """
        if exchange.status in USED_STATUSES:
            self.store.captures.save(self.captures.write(exchange), self.crawl_id)

    def kept_robots(self, url: str) -> KeptCopy | None:
        """The copy of a robots.txt that an earlier run has kept, for a crawl of what is due."""
        return kept_robots(self.store, url, self.clock()) if self.options.due else None

    def save_listing(self, task: Task, listing: Listing, capture: Capture) -> None:
        """Stores a category page and counts it."""
        saved = self.store.listings.save(
            listing, capture, task, self.crawl_id,
            full=self.options.full, since=self.queue.since, brief=self.options.due,
        )  # fmt: skip
        self.tally.listings += 1
        self.tally.sources += 1
        self.tally.discovered += saved.discovered
        self.host.answer()
        self._close(task)

    def save_discovery(self, task: Task, found: Feed | Sitemap, capture: Capture) -> None:
        """Stores a feed or sitemap and counts it."""
        self.queue.sources.save(task, found, capture, self.tally)
        self.tally.feed_entries += len(found.entries) if isinstance(found, Feed) else 0
        self.tally.sources += 1
        self.host.answer()
        self._close(task)

    def save_not_modified(self, task: Task, capture: Capture) -> None:
        """Records that a page has not changed since its last fetch (HTTP 304)."""
        revisits = self.queue.due.ages(task.article_id)
        self.store.pages.save_not_modified(capture, task, self.crawl_id, revisits=revisits)
        self.tally.not_modified += 1
        self.tally.sources += task.kind != "article"
        self.host.answer()
        self._close(task)

    def save_failure(self, task: Task, failure: Failure, capture: Capture | None = None) -> None:
        """Records why a page could not be stored; it is pending if a later run retries it."""
        pending = self.store.pages.save_failure(
            failure,
            task,
            self.crawl_id,
            now=capture.fetched_at if capture else self.clock(),
            capture=capture,
            pause_factor=self.options.retry_pause,
        )
        if not failure.retry:
            self._try_other_addresses(task)
        if task.kind == "article" and failure.code in UNREAD:
            self.tally.coverage["pages"] += 1
        if failure.blocked:
            self.host.wall()
        elif failure.retry:
            self.host.fault()
        else:
            self.host.answer()
        self.tally.pending += pending
        (self.tally.retry if pending else self.tally.failed)[failure.code] += 1
        self._close(task)

    def stop(self, error: NewscrawlError) -> None:
        """Takes no more pages, because the archive cannot be written. Stored pages are kept."""
        self.error = self.error or error
        self._wake()

    def abandon(self, task: Task, error: BaseException) -> None:
        """Leaves the page open, as if never requested, because the archive cannot be written."""
        self.tally.pending += self.in_flight.pop(task.url, None) is not None
        if isinstance(error, NewscrawlError):
            self.stop(error)
        self._wake()

    def finish(self, reason: str) -> None:
        """Writes the end of the crawl.

        Pages still in flight remain open in the frontier and are counted as pending.
        """
        self.tally.pending += len(self.in_flight)
        self.tally.retry["interrupted"] += len(self.in_flight)
        self.tally.retry += Counter()  # drops zeros
        self.in_flight.clear()
        self.finished = True
        if self.error is None:
            for page in self._soft_pages.decided():
                self._decide(page)
        self.captures.close()
        self.store.forget_before_commit(self.captures.sync)
        ended_at = self.clock()
        lost_fields: tuple[str, ...] = ()
        if self.error is None:
            lost_fields, self.tally.held = hold_back(
                self.store, self.crawl_id, self.tally.coverage, ended_at
            )
        self.tally.lost = {name: self.tally.coverage[name] for name in lost_fields}
        if lost_fields:
            write_specimen(self.store.path.parent, self.store, self.site, self.crawl_id)
        if self.error is None:
            self.queue.due.settle(self.crawl_id)
        self.tally.shown = self.store.crawls.count_listed(self.crawl_id)
        ending = Ending(
            stopped_as=reason,
            error=self.error,
            mostly_failed=self.tally.is_mostly_failed(),
            blocked=self.host.blocked,
            lost_fields=lost_fields,
            ended_by=self.queue.ended_by,
        )
        self.store.crawls.end(
            self.crawl_id,
            reason=ending.reason,
            exit_code=ending.exit_code,
            stats=self.tally.as_json() | {"seconds": (ended_at - self.started_at).total_seconds()},
            now=ended_at,
        )

    def _try_other_addresses(self, task: Task) -> None:
        """Requests an article whose address has failed under those that the site showed too."""
        if task.kind == "article" and task.article_id is not None:
            self.queue.add(self.store.frontier.open_tasks(task.article_id))

    def _close(self, task: Task) -> None:
        self.in_flight.pop(task.url, None)
        self._wake()

    def _wake(self) -> None:
        for call in self.on_outcome:
            call()
