"""The feeds and sitemaps of one crawl: which come next, and what became of each."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from newscrawl.core.records import Capture, Feed, Problem, Sitemap, Task
from newscrawl.core.tally import Tally
from newscrawl.crawl.options import CrawlOptions
from newscrawl.extract.discovery import wanted_children
from newscrawl.sites.site import Site
from newscrawl.sites.sources import sources_of
from newscrawl.store.write.frontier import SourceKind, Start, Wanted
from newscrawl.store.write.store import Store

# An index, an index of a year, its months: a real site needs no more; a chain of indexes may have no end.
DEEPEST = 3
# Twenty years of a sitemap a day; more would be made up by the site as it is asked.
MOST_SITEMAPS = 8_000
BATCH = 64


class SourceQueue:
    """Queues what `--discover` asks for; `next` gives one task after the other, each once."""

    def __init__(self, site: Site, store: Store, options: CrawlOptions, crawl_id: int) -> None:
        self._site, self._store, self._options, self._crawl_id = site, store, options, crawl_id
        self._waiting: dict[SourceKind, deque[Task]] = {"feed": deque(), "sitemap": deque()}
        self._taken: set[str] = set()

    def start(self, keys: frozenset[str] | None) -> frozenset[int] | None:
        """Queues the feeds of these categories (None: all feeds) and the sitemaps; the ids of the categories.

        A sitemap does not say of which category an article is, so that it is no help for some of them.
        """
        found = [
            Start(source.kind, source.url, source.category)
            for source in sources_of(self._site, self._options.discover, keys)
            if source.kind != "category"
        ]
        self._store.frontier.start_sources(self._site.name, found, self._crawl_id)
        return None if keys is None else self._store.categories.ids(self._site.name, keys)

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
        # --full reads again what a changed site file may read otherwise.
        return replace(task, etag=None, last_modified=None) if self._options.full else task

    def save(self, task: Task, found: Feed | Sitemap, capture: Capture, tally: Tally) -> None:
        """Stores a feed or sitemap and counts it."""
        children: tuple[str, ...] = ()
        if isinstance(found, Sitemap):
            wanted = wanted_children(found, self._site, self._options.since, self._options.until)
            children = tuple(child.url for child in wanted)
            if children and (task.page or 1) >= DEEPEST:
                children = ()
                message = f"the sitemaps it names are more than {DEEPEST} steps away from the first; not asked for"
                problem = Problem("extract", "sitemap_too_deep", message)
                found = replace(found, problems=(*found.problems, problem))
        tally.discovered += self._store.discoveries.save(
            found, capture, task, self._crawl_id, children=children
        )
        if isinstance(found, Sitemap):
            tally.sitemaps += 1
        else:
            tally.feeds += 1
