"""Makes a new database from WARC files alone.

Pages are stored in the order in which they were fetched, by the code of a crawl. docs/rebuild.md
lists what the files do not contain. The database gets its name when it is complete.
"""

from __future__ import annotations

import filecmp
import os
import shlex
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from newscrawl.archive.derive import derive_article
from newscrawl.archive.pages import (
    SiteShelf,
    UnfitRecord,
    capture_of,
    check_record,
    read_record,
    site_of,
)
from newscrawl.core.boundaries import check_plain
from newscrawl.core.crashpoints import reach
from newscrawl.core.errors import PageRejected, StorageError, UsageError
from newscrawl.core.files import file_errors, left_over, part_of, sync_one
from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.core.processes import ProcessPool, jobs_for
from newscrawl.core.records import (
    EXTRACTED_RECORDS,
    HOME,
    OLD_HOME,
    UNREQUESTED_304,
    Article,
    Failure,
    Feed,
    Listing,
    Sitemap,
    Task,
)
from newscrawl.core.tally import Tally
from newscrawl.core.version import VERSION
from newscrawl.sites.site import Site
from newscrawl.store.connection import RowRefused
from newscrawl.store.write.store import Store
from newscrawl.warc import Finding, Record, count_pages, pages, warc_files
from newscrawl.warc.files import OPEN

EXTRACTOR = f"newscrawl {VERSION}"
GONE = frozenset({404, 410})
NO_PAGE = GONE | {304}
# A worker reads this many records between two results, unless their payloads are larger.
BATCH, BATCH_BYTES = 20, 2**20
# Bytes of WARC. For less, starting the processes takes longer than the work.
WORTH_WORKERS = 8_000_000
LONGEST_NUMBER = 18  # digits of a row's number
SENT = (Record, *EXTRACTED_RECORDS)
Outcome = Article | Listing | Feed | Sitemap | PageRejected | UnfitRecord | None
# The hidden folder in which the new database is made.
WORK = "rebuild"
# What reading or storing one record may raise, whatever it holds. Its transaction is rolled back.
OF_ONE_RECORD = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError, RowRefused)


@dataclass(slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild stored.

    `damage` names each part of a file without a complete record. `set_aside` names each complete
    record that cannot be stored, with the reason. `foreign` counts the records of other crawlers,
    which do not contain the purpose for which a page was fetched.
    """

    files: int = 0
    pages: int = 0
    tally: Tally = field(default_factory=Tally)
    damage: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    foreign: int = 0

    def add_damage(self, path: Path, finding: Finding) -> None:
        """Notes a stretch of a file without a whole record."""
        self.damage.append(f"{path.name} at {finding.offset}: {finding.message}")

    def add_unfit(self, record: Record, error: Exception) -> None:
        """Notes a whole record that cannot be stored."""
        reason = (
            str(error) if isinstance(error, UnfitRecord) else f"{type(error).__name__}: {error}"
        )
        self.set_aside.append(f"{record.warc_file} at {record.offset}: {reason}")


def moving_away(folder: Path) -> str:
    """A shell command that moves a database away with its -wal file, which may hold recent data."""
    quoted = shlex.quote(str(folder))
    return f"mkdir {quoted}/old && mv {quoted}/{DATABASE}* {quoted}/old/"


def rebuild(
    folder: Path,
    source: Path,
    *,
    jobs: int | None = None,
    on_page: Callable[[], None] = lambda: None,
) -> Rebuilt:
    """Makes the database of `folder` from the WARC files in `source`, and links these into it.

    `jobs` processes read pages (None: one per core, if that pays). This process stores them, in the
    order of fetching. A record that cannot be stored is set aside. The database appears when it is
    complete, so that a rebuild that was killed, or whose disk was full, can be run again. The
    caller holds the archive's lock. UsageError if there is a database already, or no WARC file.
    """
    archive = ArchiveFolder(folder)
    source_files = _source_files(archive, source)
    rebuilt = Rebuilt()
    with file_errors("write", archive.warc):
        for path in left_over(archive.warc):
            path.unlink()
        files = [_link_or_copy(path, archive.warc) for path in source_files]
    size = sum(path.stat().st_size for path in files)
    shelf = SiteShelf(folder)
    with (
        _new_database(archive) as work,
        Store(work) as store,
        ProcessPool(jobs_for(jobs, size, WORTH_WORKERS), __name__, SENT) as workers,
    ):
        replay = Replay(store, shelf, rebuilt)
        read_batch = partial(_read_batch, shelf)
        for records, outcomes in workers.map(read_batch, _batches(_records(files, rebuilt))):
            for record, outcome in zip(records, outcomes, strict=True):
                replay.store(record, outcome)
                on_page()
        replay.derive_imported(folder)
        replay.end()
        reach("mid_rebuild")
    return rebuilt


def count_records(folder: Path, source: Path) -> int:
    """How many records a rebuild will read, which takes a small part of its time.

    UsageError where a rebuild raises it before it reads.
    """
    return sum(map(count_pages, _source_files(ArchiveFolder(folder), source)))


def _source_files(archive: ArchiveFolder, source: Path) -> list[Path]:
    """The WARC files to read; UsageError if there are none, or if there is a database already."""
    _check_no_database(archive)
    files = warc_files(source)
    if not files:
        raise UsageError(f"no WARC files in {source}", "they end in .warc.gz")
    for path in files:
        check_plain(path)
    return files


def _check_no_database(archive: ArchiveFolder) -> None:
    """UsageError for a database, or the log of one: SQLite would apply that log to the new one."""
    for suffix in ("", "-wal", "-journal"):
        path = archive.database.with_name(archive.database.name + suffix)
        if path.exists():
            raise UsageError(
                f"{path} exists; a rebuild makes a new database",
                "name another folder with --archive, or move all its files away together:"
                f" {moving_away(archive.path)}",
            )


@contextmanager
def _new_database(archive: ArchiveFolder) -> Iterator[Path]:
    """A hidden folder whose database becomes that of the archive after the block.

    The caller closes the database within the block. What killed rebuilds left is removed before.
    """
    with file_errors("write", archive.path):
        for path in archive.path.glob(f".{WORK}.*.part"):
            shutil.rmtree(path)
    work = part_of(archive.path / WORK)
    try:
        yield work
        database = ArchiveFolder(work).database
        if database.with_name(f"{database.name}-wal").exists():
            raise StorageError(
                f"cannot write {archive.database}: its last transactions could not be written",
                "free some space and run again",
            )
        with file_errors("write", archive.database):
            sync_one(database)
            if archive.warc.is_dir():
                sync_one(archive.warc)  # the names of the files that the rows refer to
            database.replace(archive.database)
            sync_one(archive.path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _records(files: Iterable[Path], rebuilt: Rebuilt) -> Iterator[Record]:
    for path in _in_order(files):
        rebuilt.files += 1
        yield from pages(path, rebuilt.add_damage)


def _in_order(files: Iterable[Path]) -> list[Path]:
    """The files by the time of their first page, which is when their crawl began to write them."""
    return sorted(files, key=_start)


def _start(path: Path) -> tuple[str, str]:
    first = next(pages(path, lambda path, finding: None), None)
    return first.fetched_at.isoformat() if first else "", path.name


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.payload)
        if len(batch) == BATCH or size >= BATCH_BYTES:
            yield batch
            batch = []
            size = 0
    yield batch


def _read_batch(shelf: SiteShelf, records: Sequence[Record]) -> list[Outcome]:
    return [_read(shelf, record) for record in records]


def _read(shelf: SiteShelf, record: Record) -> Outcome:
    """What the page holds, or the reason why it is rejected; None for a record that is not read."""
    if record.kind is None or "site" not in record.warcinfo:
        return None
    try:
        check_record(record, shelf)
        if record.kind == "robots" or record.status in NO_PAGE:
            return None
        return read_record(site_of(record, shelf), record)
    except (PageRejected, UnfitRecord) as error:
        return error
    except OF_ONE_RECORD as error:
        return UnfitRecord(f"{type(error).__name__}: {error}")


class Replay:
    """Stores records as the crawls did that fetched them."""

    def __init__(self, store: Store, shelf: SiteShelf, rebuilt: Rebuilt) -> None:
        self._store = store
        self._shelf = shelf
        self._rebuilt = rebuilt
        self._tally = rebuilt.tally
        self._crawls: dict[tuple[str, str], int] = {}
        self._last_fetches: dict[int, datetime] = {}
        self._sites: set[str] = set()
        self._imported: dict[int, None] = {}  # articles, in the order of their first pages

    def store(self, record: Record, outcome: Outcome) -> None:
        """Stores a record and what was read from it, or sets it aside."""
        if record.kind is None or "site" not in record.warcinfo:
            self._rebuilt.foreign += 1
            return
        if isinstance(outcome, UnfitRecord):
            self._rebuilt.add_unfit(record, outcome)
            return
        site = site_of(record, self._shelf)
        crawl_id = self._crawl(site, record)
        try:
            if record.origin is not None:
                self._store_imported(site, record, outcome, crawl_id)
                return
            try:
                self._store_page(site, record, outcome, crawl_id)
            except PageRejected as error:  # compared with the stored article, it is worse
                self._store_page(site, record, error, crawl_id)
        except OF_ONE_RECORD as error:
            self._rebuilt.add_unfit(record, error)
            return
        self._last_fetches[crawl_id] = record.fetched_at
        self._rebuilt.pages += 1
        self._tally.requests += record.kind != "robots"

    def _store_page(self, site: Site, record: Record, outcome: Outcome, crawl_id: int) -> None:
        with self._store.transaction():
            if record.kind == "robots":
                self._store.captures.save(capture_of(record), crawl_id)
                return
            task = self._task(site, record, crawl_id)
            if isinstance(outcome, PageRejected):
                failure = Failure(code=outcome.code, message=outcome.message, stage="extract")
                self._save_failure(failure, record, task, crawl_id)
            else:
                self._save(site, record, outcome, task, crawl_id)

    def _store_imported(self, site: Site, record: Record, outcome: Outcome, crawl_id: int) -> None:
        """Stores a page of another archive. Its article is derived once all pages are stored."""
        history = self._store.history
        if history.has(record.url, record.fetched_at, record.payload_digest):
            return  # a killed import copies its last pages again
        capture = capture_of(record)
        self._rebuilt.pages += 1
        self._tally.requests += 1
        with self._store.transaction():
            if isinstance(outcome, Listing):
                key = HOME if record.category in (None, OLD_HOME) else record.category
                name = site.title if key == HOME else None
                category_id = history.put_category(site.name, key, name)
                history.save_listing(outcome, capture, crawl_id, category_id, record.page or 1)
                self._tally.listings += 1
                return
            if isinstance(outcome, Article):
                article_id = history.put_article(outcome, record.fetched_at)
                history.add_capture(capture, crawl_id, article_id=article_id, article=outcome)
                self._imported[article_id] = None
                return
            article_key = site.article_key(site.canonical_url(record.url))
            known = None if article_key is None else history.article_id(site.name, article_key)
            code = f"http_{record.status}"
            if isinstance(outcome, PageRejected):
                code = outcome.code
                history.refuse(capture, crawl_id, outcome, known)
            else:
                history.add_capture(capture, crawl_id, article_id=known, refused=code)
            self._tally.failed[code] += 1

    def derive_imported(self, folder: Path) -> None:
        """Makes the articles of imported pages from all their captures. `folder` has the WARCs."""
        for article_id in self._imported:
            derive_article(self._store, folder, self._shelf, article_id)
            self._tally.new += 1

    def end(self) -> None:
        """Ends every crawl at the time of its last record."""
        for crawl_id, fetched_at in self._last_fetches.items():
            self._store.crawls.end(
                crawl_id, reason="rebuilt", exit_code=0, stats={}, now=fetched_at
            )

    def _save(
        self, site: Site, record: Record, outcome: Outcome, task: Task, crawl_id: int
    ) -> None:
        capture = capture_of(record)
        if record.status == 304 and not task.conditional:
            self._save_failure(UNREQUESTED_304, record, task, crawl_id)
        elif record.status == 304:
            self._store.pages.save_not_modified(capture, task, crawl_id, revisits=site.revisit)
            self._tally.not_modified += 1
        elif record.status in GONE:
            message = "the server reports that the page does not exist"
            failure = Failure(code=f"http_{record.status}", message=message, gone=True)
            self._save_failure(failure, record, task, crawl_id)
        elif isinstance(outcome, Listing):
            self._store.listings.save(outcome, capture, task, crawl_id)
            self._tally.listings += 1
        elif isinstance(outcome, Feed | Sitemap):
            self._store.discoveries.save(outcome, capture, task, crawl_id)
            self._tally.feeds += record.kind == "feed"
            self._tally.sitemaps += record.kind == "sitemap"
        elif isinstance(outcome, Article):
            saved = self._store.articles.save(
                outcome,
                capture,
                crawl_id,
                asked_url=task.url,
                extractor=EXTRACTOR,
                revisits=site.revisit,
                answered_url=site.canonical_url(record.url),
                is_elsewhere=site.is_another_article(task.url, outcome.key),
            )
            count = getattr(self._tally, saved.outcome)
            setattr(self._tally, saved.outcome, count + 1)
            self._tally.links += saved.links

    def _save_failure(self, failure: Failure, record: Record, task: Task, crawl_id: int) -> None:
        self._store.pages.save_failure(
            failure, task, crawl_id, now=record.fetched_at, capture=capture_of(record)
        )
        self._tally.failed[failure.code] += 1

    def _crawl(self, site: Site, record: Record) -> int:
        """The id of the crawl's row. The WARC file has it; a number that is taken is not reused."""
        number = record.warcinfo.get("crawl", "")
        key = (site.name, number)
        if key not in self._crawls:
            crawl_id = self._begin_crawl(site, record, number)
            self._crawls[key] = crawl_id
            if record.origin is None:
                self._last_fetches[crawl_id] = record.fetched_at
        return self._crawls[key]

    def _begin_crawl(self, site: Site, record: Record, number: str) -> int:
        if site.name not in self._sites:
            self._store.categories.put_site(site.as_row())
            self._sites.add(site.name)
        is_mirror = site.origin != site.model.origin
        software = record.warcinfo.get("software", "")
        version = software.rpartition("/")[2] or VERSION
        crawl_id = int(number) if _is_row_number(number) else None
        if record.origin is not None:
            return self._store.history.begin(
                site.name, version=version, now=record.fetched_at, number=crawl_id
            )
        return self._store.crawls.begin(
            site=site.name,
            options={"base_url": site.origin} if is_mirror else {},
            version=version,
            now=record.fetched_at,
            crawl_id=crawl_id,
        )

    def _task(self, site: Site, record: Record, crawl_id: int) -> Task:
        """The entry of the frontier that led to the record."""
        assert record.kind in ("article", "listing", "feed", "sitemap")
        url = record.asked_url
        page = record.page or 1
        tasks = self._store.rebuilding
        if record.kind == "listing" and record.category is not None:
            return tasks.listing_task(
                site.name, url, key=record.category, page=page, crawl_id=crawl_id
            )
        if record.kind in ("feed", "sitemap"):
            return tasks.source_task(
                site.name, url, record.kind, crawl_id=crawl_id, key=record.category, depth=page
            )
        return tasks.page_task(site.name, url, record.kind)


def _is_row_number(text: str) -> bool:
    """Whether a text is a number that SQLite can give to a row."""
    return text.isdecimal() and len(text) <= LONGEST_NUMBER


def _link_or_copy(path: Path, folder: Path) -> Path:
    """The file in this folder: itself, a hard link to it, or a copy.

    A file that is still being written is copied, because a repair would cut off both names.
    UsageError if there is another file of that name.
    """
    target = folder / path.name
    if path.resolve() == target.resolve():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    if target.exists():
        if not filecmp.cmp(path, target):  # a copy has the same size and time
            raise UsageError(
                f"{target} exists and differs from {path}",
                "name another folder with --archive, or move that file away",
            )
        return target
    if not path.name.endswith(OPEN):
        with suppress(OSError):  # on another file system, or on one without links
            os.link(path, target)
            return target
    part = part_of(target)
    try:
        shutil.copy2(path, part)
        sync_one(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target
