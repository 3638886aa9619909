"""One crawl of one site: which page comes next, and what became of each. Knows no Scrapy.

The frontier in the database is the only queue. A session takes open pages from it, category pages before
articles and new articles before deeper category pages, and every page it takes ends in exactly one outcome.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property

from newscrawl.core.coverage import UNREAD
from newscrawl.core.errors import NewscrawlError, PageRejected, SiteFailed, Stopped
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.records import (
    Article,
    Capture,
    Exchange,
    Failure,
    Feed,
    FrontierKind,
    Listing,
    Sitemap,
    Task,
)
from newscrawl.core.tally import Tally
from newscrawl.core.times import to_utc_text
from newscrawl.core.version import VERSION
from newscrawl.crawl.budget import Budget
from newscrawl.crawl.captures import USED_STATUSES, Captures
from newscrawl.crawl.host_rest import HostRest
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.quarantine import hold_back, write_specimen
from newscrawl.crawl.soft_404 import SOFT, Doubts, Waiting
from newscrawl.crawl.source_queue import SourceQueue
from newscrawl.sites.site import Site
from newscrawl.store.write.frontier import FIRST_OVERDUE, Wanted
from newscrawl.store.write.store import Store

Clock = Callable[[], datetime]
BATCH = 64


def now_utc() -> datetime:
    """The moment, to the second: the archive's times have no finer unit."""
    return datetime.now(UTC).replace(microsecond=0)


class Session:
    """Begins a crawl in the store. Nothing is fetched here: `next_task` says what to fetch, `save_*` what came."""

    def __init__(
        self, site: Site, store: Store, options: CrawlOptions, clock: Clock = now_utc
    ) -> None:
        self.site, self.store, self.options, self.clock = site, store, options, clock
        self.tally = Tally()
        self.error: NewscrawlError | None = None
        self.finished = False
        self.host = HostRest()
        self._budget = Budget(options, site.timezone)
        self.ended_by: str | None = None  # `budget` or `hours`: open pages are left to the next run
        self.lost: tuple[str, ...] = ()  # the fields that fell under half of what is usual
        self._doubts = Doubts(store)
        self.on_outcome: list[Callable[[], None]] = []
        self.in_flight: dict[str, Task] = {}
        self._tried: set[int] = (
            set()
        )  # hashes of addresses: of a hundred thousand pages, 7 MB and not 20
        self._tried_listings: set[int] = set()
        self._articles, self._asked = deque[Task](), deque[Task]()
        self._place, self._stored_place, self._overdue_place = 0, 0, FIRST_OVERDUE
        store.categories.put_site(site.as_row())
        self.started_at = clock()
        self.crawl_id = store.crawls.begin(
            site.name, options.as_json(), version=VERSION, now=self.started_at
        )
        self._sources = SourceQueue(site, store, options, self.crawl_id)
        self._categories = self._start()
        self.captures = Captures(
            site, ArchiveFolder(store.path.parent), self.crawl_id, keep=options.warc
        )

    def category_key(self, task: Task | None) -> str | None:
        """The key of the category whose page a task is."""
        return (
            None
            if task is None or task.category_id is None
            else self.store.categories.key_of(task.category_id)
        )

    def _start(self) -> frozenset[int] | None:
        """Queues what this crawl begins with; the ids of the categories it keeps to (None: all)."""
        if not self.options.urls:
            keys = self.site.category_keys(self.options.categories)
            if "category" in self.options.discover:
                self.store.frontier.start_categories(self.site.name, keys, self.crawl_id)
            return self._sources.start(keys)
        for url in self.options.urls:
            kind: FrontierKind = (
                "listing"
                if self.site.article_key(url) is None and self.site.category_of(url)
                else "article"
            )
            self._asked.append(
                self.store.frontier.request(self.site.name, self.site.canonical_url(url), kind)
            )
        return None

    @cached_property
    def _range(self) -> tuple[str | None, str | None]:
        since, until = self.options.since, self.options.until
        return to_utc_text(since) if since else None, to_utc_text(until) if until else None

    def next_task(self) -> Task | None:
        """The page to fetch next, now in flight; None where nothing is open that this run may take."""
        task = self._take()
        return None if task is None or self._is_over() else self.begin(task)

    def begin_url(self, url: str) -> Task:
        """The task of an article that nobody has asked this session for, in flight from now on."""
        return self.begin(
            self.store.frontier.request(self.site.name, self.site.canonical_url(url), "article")
        )

    def begin(self, task: Task) -> Task:
        """The page, in flight from now on: it is not taken again in this run."""
        self.in_flight[task.url] = task
        (self._tried_listings if task.kind == "listing" else self._tried).add(hash(task.url))
        self.tally.requests += 1
        self.tally.articles += task.kind == "article"
        return task

    def _is_over(self) -> bool:
        self.ended_by = self._budget.ended_by(self.tally.requests, self.clock())
        return self.ended_by is not None

    def _take(self) -> Task | None:
        if self.error is not None:
            return None
        if self.options.urls:
            return self._asked.popleft() if self._asked else None
        return (
            self._next_listing(first_pages=True)
            or self._sources.next("feed", self._wanted())
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
        """None once the articles asked for are enough: what a sitemap names would only wait for the next crawl."""
        enough = self.options.limit is not None and self.tally.articles >= self.options.limit
        return None if enough else self._sources.next("sitemap", self._wanted())

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
        if self.options.limit is not None and self.tally.articles >= self.options.limit:
            return None
        while True:
            if not self._articles:
                self._articles.extend(self._refill())
            if not self._articles:
                return None
            task = self._articles.popleft()
            if hash(task.url) not in self._tried and self.site.owns(task.url):
                return task
            self._tried.add(hash(task.url))  # of another mirror: it waits for a crawl of that one

    def _refill(self) -> list[Task]:
        """New articles first, then those whose time to be asked for again has come."""
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

    def save_article(self, task: Task, article: Article, capture: Capture, extractor: str) -> None:
        """Stores an article page and counts its outcome, unless the site gives this page for other articles too."""
        self._doubts.add(article)
        page = Waiting(task, article, capture, extractor)
        waits = not self._doubts.is_soft(article) and self._doubts.waits(page)
        self._close(task) if waits else self._decide(page)

    def _decide(self, page: Waiting) -> None:
        if not self._doubts.is_soft(page.article):
            self._save_article(page)
            return
        taken = self.store.quarantine.withdraw(
            self.crawl_id, page.article, page.capture.fetched_at, self.options.retry_pause
        )
        self.tally.uncount_articles(taken, SOFT.code)
        self.save_failure(page.task, SOFT, page.capture)

    def _save_article(self, one: Waiting) -> None:
        try:
            saved = self.store.articles.save(
                one.article, one.capture, self.crawl_id,
                asked_url=one.task.url, extractor=one.extractor, revisits=self.site.revisit,
            )  # fmt: skip
        except PageRejected as error:
            self.save_failure(
                one.task,
                Failure(code=error.code, message=error.message, stage="extract"),
                one.capture,
            )
            return
        self.tally.count_article(one.article, saved.outcome, saved.links)
        self.host.answer()
        self._close(one.task)

    def save_robots(self, exchange: Exchange) -> None:
        """Keeps a robots.txt, which belongs to no task; only one that the server has, or says it has not."""
        if exchange.status in USED_STATUSES:
            self.store.captures.save(self.captures.write(exchange), self.crawl_id)

    def save_listing(self, task: Task, listing: Listing, capture: Capture) -> None:
        """Stores a category page and counts it."""
        saved = self.store.listings.save(
            listing, capture, task, self.crawl_id, full=self.options.full, since=self._range[0]
        )
        self.tally.listings += 1
        self.tally.sources += 1
        self.tally.discovered += saved.discovered
        self.host.answer()
        self._close(task)

    def save_discovery(self, task: Task, found: Feed | Sitemap, capture: Capture) -> None:
        """Stores a feed or sitemap and counts it."""
        self._sources.save(task, found, capture, self.tally)
        self.tally.feed_entries += len(found.entries) if isinstance(found, Feed) else 0
        self.tally.sources += 1
        self.host.answer()
        self._close(task)

    def save_not_modified(self, task: Task, capture: Capture) -> None:
        """Notes that a page is as it was."""
        self.store.pages.save_not_modified(capture, task, self.crawl_id, revisits=self.site.revisit)
        self.tally.not_modified += 1
        self.tally.sources += task.kind != "article"
        self.host.answer()
        self._close(task)

    def save_failure(self, task: Task, failure: Failure, capture: Capture | None = None) -> None:
        """Notes why a page gave nothing; counted as pending where it will be tried again by itself."""
        pending = self.store.pages.save_failure(
            failure,
            task,
            self.crawl_id,
            now=capture.fetched_at if capture else self.clock(),
            capture=capture,
            pause_factor=self.options.retry_pause,
        )
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
        """Takes no more pages: the archive cannot be written. What was stored stays."""
        self.error = self.error or error
        self._wake()

    def abandon(self, task: Task, error: BaseException) -> None:
        """The archive cannot be written, and so the page stays open as if it had never been asked for."""
        self.tally.pending += self.in_flight.pop(task.url, None) is not None
        if isinstance(error, NewscrawlError):
            self.stop(error)
        self._wake()

    def finish(self, reason: str) -> None:
        """Writes the crawl's end. Pages still in flight stay open in the frontier and count as pending."""
        self.tally.pending += len(self.in_flight)
        self.tally.retry["interrupted"] += len(self.in_flight)
        self.tally.retry += Counter()  # drops zeros
        self.in_flight.clear()
        self.finished = True
        if self.error is None:
            for page in self._doubts.decided():
                self._decide(page)
        self.captures.close()
        ended_at = self.clock()
        if self.error is None:
            self.lost, self.tally.held = hold_back(
                self.store, self.crawl_id, self.tally.coverage, ended_at
            )
            if self.lost:
                write_specimen(self.store.path.parent, self.store, self.site, self.crawl_id)
        self.tally.shown = self.store.crawls.count_listed(self.crawl_id)
        stats = self.tally.as_json() | {"seconds": (ended_at - self.started_at).total_seconds()}
        self.store.crawls.end(
            self.crawl_id,
            reason=self._reason(reason),
            exit_code=self.exit_code(reason),
            stats=stats,
            now=ended_at,
        )

    def _reason(self, reason: str) -> str:
        """Why the crawl ended, in a word: a site that refuses or has changed outweighs a queue that ran empty."""
        if reason != "finished":
            return reason
        return (
            "blocked" if self.host.blocked else "degraded" if self.lost else self.ended_by or reason
        )

    def exit_code(self, reason: str = "finished") -> int:
        """0; 3 where the site gave little or nothing, refuses the crawl, or has another design; 6 where it is not done.

        What is wrong with a site outweighs a budget that is spent.
        """
        if self.error is not None:
            return self.error.exit_code
        if reason in ("shutdown", "stopped"):
            return 6
        bad = self.tally.is_mostly_failed() or self.host.blocked or self.lost
        return SiteFailed.exit_code if bad else Stopped.exit_code if self.ended_by else 0

    def _close(self, task: Task) -> None:
        self.in_flight.pop(task.url, None)
        self._wake()

    def _wake(self) -> None:
        for call in self.on_outcome:
            call()
