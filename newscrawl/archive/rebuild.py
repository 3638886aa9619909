"""A new database from WARC files alone: the pages in the order they were fetched, through the code of a crawl.

docs/rebuild.md lists what the files cannot know.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from newscrawl.archive.pages import (
    SiteShelf,
    capture_of,
    read_record,
    site_of,
)
from newscrawl.core.errors import PageRejected, UsageError
from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.core.processes import Workers, jobs_for
from newscrawl.core.records import READINGS, Article, Failure, Feed, Listing, Sitemap, Task
from newscrawl.core.tally import Tally
from newscrawl.core.version import VERSION
from newscrawl.sites.site import Site
from newscrawl.store.write.discoveries import save_discovery
from newscrawl.store.write.rebuilding import listing_task, page_task, source_task
from newscrawl.store.write.store import Store
from newscrawl.warc import Finding, Record, pages, warc_files

EXTRACTOR = f"newscrawl {VERSION}"
GONE = frozenset({404, 410})
NO_PAGE = GONE | {304}
BATCH, BATCH_BYTES = (
    20,
    2**20,
)  # records that a worker reads between two results, and their payloads at most
WORTH_WORKERS = 8_000_000  # bytes of WARC: below, starting the processes takes longer than the work
SENT = (Record, *READINGS)
Said = Article | Listing | Feed | Sitemap | PageRejected | None


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild did; `damage` names the stretches of files that hold no whole record."""

    files: int = 0
    pages: int = 0
    tally: Tally = field(default_factory=Tally)
    damage: list[str] = field(default_factory=list)
    foreign: int = (
        0  # records that newscrawl did not write: it cannot know what they were fetched for
    )


def moving_away(folder: Path) -> str:
    """The command that moves a database away whole: what was stored last may stand in its -wal file only."""
    here = shlex.quote(str(folder))
    return f"mkdir {here}/old && mv {here}/{DATABASE}* {here}/old/"


def rebuild(
    folder: Path,
    source: Path,
    *,
    jobs: int | None = None,
    on_page: Callable[[], None] = lambda: None,
) -> Rebuilt:
    """Makes `folder`'s database from the WARC files in `source`; these are brought into the folder's `warc/`.

    `jobs` processes read pages (None: the cores, if it pays); they are stored here, in the order of fetching.
    UsageError where there is a database already (nothing is overwritten), or no WARC file.
    """
    if ArchiveFolder(folder).database.exists():
        raise UsageError(
            f"{ArchiveFolder(folder).database} exists; a rebuild makes a new database",
            f"name another folder with --archive, or move all its files away together: {moving_away(folder)}",
        )
    files = warc_files(source)
    if not files:
        raise UsageError(f"no WARC files in {source}", "they end in .warc.gz")
    done = Rebuilt()
    own = [_brought_in(path, ArchiveFolder(folder).warc) for path in files]
    jobs = jobs_for(jobs, sum(path.stat().st_size for path in own), WORTH_WORKERS)
    shelf = SiteShelf(folder)
    with Store(folder) as store, Workers(jobs, __name__, SENT) as workers:
        replay = Replay(store, shelf, done)
        for batch, read in workers.map(partial(_read, shelf), _batches(_records(own, done))):
            for record, said in zip(batch, read, strict=True):
                replay.store(record, said)
                on_page()
        replay.end()
    return done


def _records(files: list[Path], done: Rebuilt) -> Iterator[Record]:
    for path in _in_order(files):
        done.files += 1
        yield from pages(path, lambda at, finding: _damaged(done, at, finding))


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == BATCH or sum(len(each.payload) for each in batch) >= BATCH_BYTES:
            yield batch
            batch = []
    yield batch


def _read(shelf: SiteShelf, batch: Sequence[Record]) -> list[Said]:
    """What pages say by the site files of today."""
    return [_said(record, shelf) for record in batch]


def _said(record: Record, shelf: SiteShelf) -> Said:
    if record.kind in (None, "robots") or "site" not in record.warcinfo or record.status in NO_PAGE:
        return None
    site = site_of(record, shelf)
    try:
        return read_record(site, record)
    except PageRejected as error:
        return error


class Replay:
    """Stores records as the crawl did that fetched them."""

    def __init__(self, store: Store, shelf: SiteShelf, done: Rebuilt) -> None:
        self._store, self._shelf, self._done = store, shelf, done
        self._crawls: dict[tuple[str, str], int] = {}
        self._last: dict[int, datetime] = {}
        self._sites: dict[str, Site] = {}

    def store(self, record: Record, said: Said) -> None:
        """Stores one record and what it says."""
        if record.kind is None or "site" not in record.warcinfo:
            self._done.foreign += 1
            return
        self._done.pages += 1
        site = site_of(record, self._shelf)
        crawl_id = self._crawl(site, record)
        self._last[crawl_id] = record.fetched_at
        if record.kind == "robots":
            self._store.save_capture(capture_of(record), crawl_id)
            return
        self._done.tally.requests += 1
        task = self._task(site, record, crawl_id)
        try:
            self._save(site, record, said, task, crawl_id)
        except PageRejected as error:
            self._failed(
                Failure(error.code, error.message, stage="extract"), record, task, crawl_id
            )

    def end(self) -> None:
        """Every crawl ends with its last record."""
        for crawl_id, at in self._last.items():
            self._store.end_crawl(crawl_id, "rebuilt", 0, {}, at)

    def _save(self, site: Site, record: Record, said: Said, task: Task, crawl_id: int) -> None:
        capture = capture_of(record)
        if isinstance(said, PageRejected):
            raise said
        if record.status == 304:
            self._store.save_not_modified(capture, task, crawl_id, revisits=site.revisit)
            self._done.tally.not_modified += 1
        elif record.status in GONE:
            message = "the server says that the page is not there"
            self._failed(
                Failure(f"http_{record.status}", message, gone=True), record, task, crawl_id
            )
        elif isinstance(said, Listing):
            self._store.save_listing(said, capture, task, crawl_id)
            self._done.tally.listings += 1
        elif isinstance(said, Feed | Sitemap):
            with self._store.transaction() as db:
                save_discovery(db, said, capture, task, crawl_id)
            self._done.tally.feeds += record.kind == "feed"
            self._done.tally.sitemaps += record.kind == "sitemap"
        elif isinstance(said, Article):
            saved = self._store.save_article(
                said, capture, crawl_id,
                asked_url=task.url, extractor=EXTRACTOR, revisits=site.revisit,
            )  # fmt: skip
            setattr(self._done.tally, saved.outcome, getattr(self._done.tally, saved.outcome) + 1)
            self._done.tally.links += saved.links

    def _failed(self, failure: Failure, record: Record, task: Task, crawl_id: int) -> None:
        self._store.save_failure(
            failure, task, crawl_id, now=record.fetched_at, capture=capture_of(record)
        )
        self._done.tally.failed[failure.code] += 1

    def _crawl(self, site: Site, record: Record) -> int:
        """The crawl's row; its number is the one that the WARC file names."""
        number = record.warcinfo.get("crawl", "")
        if (site.name, number) not in self._crawls:
            if site.name not in self._sites:
                self._store.put_site(site.as_row())
                self._sites[site.name] = site
            options: Mapping[str, object] = (
                {"base_url": site.origin} if site.origin != site.model.origin else {}
            )
            self._crawls[site.name, number] = self._store.begin_crawl(
                site.name, options, record.warcinfo.get("software", "").rpartition("/")[2] or VERSION,
                record.fetched_at, crawl_id=int(number) if number.isdecimal() else None,
            )  # fmt: skip
        return self._crawls[site.name, number]

    def _task(self, site: Site, record: Record, crawl_id: int) -> Task:
        assert record.kind in ("article", "listing", "feed", "sitemap")
        if record.kind == "listing" and record.category is not None:
            with self._store.transaction() as db:
                return listing_task(
                    db, site.name, record.asked_url, record.category, record.page or 1, crawl_id
                )
        with self._store.transaction() as db:
            if record.kind in ("feed", "sitemap"):
                return source_task(
                    db, site.name, record.asked_url, record.kind, crawl_id=crawl_id, key=record.category,
                    depth=record.page or 1,
                )  # fmt: skip
            return page_task(db, site.name, record.asked_url, record.kind)


def _brought_in(path: Path, folder: Path) -> Path:
    """The file in the archive's own folder: itself, a hard link to it, or a copy where links cannot be made."""
    target = folder / path.name
    if path.resolve() == target.resolve():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        try:
            os.link(path, target)
        except OSError:
            shutil.copy2(path, target)
    return target


def _in_order(files: list[Path]) -> list[Path]:
    """By the moment of their first page: the order in which the crawls began to write them."""
    starts: dict[Path, tuple[str, str]] = {}
    for path in files:
        first = next(pages(path, lambda at, finding: None), None)
        starts[path] = (first.fetched_at.isoformat() if first else "", path.name)
    return sorted(files, key=lambda path: starts[path])


def _damaged(done: Rebuilt, path: Path, finding: Finding) -> None:
    done.damage.append(f"{path.name} at {finding.offset}: {finding.message}")
