"""Imports the pages of foreign archives as captures of the past.

Each page is copied into the WARC files of this archive, with the time of its capture and the record
that it comes from. Then the articles that it shows are derived again from all their captures (see
archive/derive.py), so that files can be imported in any order, twice, and between crawls.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from newscrawl.archive.derive import derive_article
from newscrawl.archive.pages import SiteShelf, imported_page
from newscrawl.core.crashpoints import reach
from newscrawl.core.errors import ArchiveDamaged, PageRejected
from newscrawl.core.files import file_errors
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.records import HOME, Article, Capture, Exchange, Listing, Origin, Page
from newscrawl.core.text import declared_charset
from newscrawl.core.times import to_utc_text
from newscrawl.core.version import VERSION
from newscrawl.crawl.captures import warc_writer
from newscrawl.extract.in_time import page_reader
from newscrawl.history.addresses import Downloader, NotDownloaded
from newscrawl.history.foreign import Address, Broken, ForeignRecord, Found, Input, records
from newscrawl.history.http_message import CUT, Cut, Message, NotHttp, message_of, with_record
from newscrawl.history.targets import Target, Targets
from newscrawl.sites.site import Site
from newscrawl.store.write.revisits import Revisit
from newscrawl.store.write.store import Store
from newscrawl.warc import WarcWriter, read_at
from newscrawl.warc.content_encoding import decoded
from newscrawl.warc.gzip_members import BadRecord
from newscrawl.warc.linked import payload_at
from newscrawl.warc.records import Link, digest

PAGES = frozenset({200, 203})
GONE = frozenset({404, 410})
OK, NOT_MODIFIED = 200, 304
# Pages that are read and stored together: the captures of an article that are near each other in a
# file are derived once. A group takes at most some dozens of megabytes.
_GROUP_PAGES, _GROUP_BYTES = 400, 32 * 2**20
_COMMIT_PAGES, _COMMIT_SECONDS = 100, 5.0


@dataclass(slots=True, kw_only=True)
class Imported:
    """What an import found and stored.

    `refused` and `skipped` count pages by reason code. `known` had been imported before.
    `unresolved` are revisits whose page is in no file that was ever imported. `linked` are pages
    whose bytes stay in the foreign file.
    """

    files: int = 0
    articles: int = 0
    listings: int = 0
    missing: int = 0
    known: int = 0
    unresolved: int = 0
    linked: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    broken: list[Broken] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """How many pages were stored."""
        return self.articles + self.listings + self.missing + self.refused.total()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A page of a foreign archive that is to be stored. `link`: where its bytes may stay."""

    target: Target
    url: str
    at: datetime
    message: Message
    digest: str
    origin: Origin
    link: Link | None = None

    @property
    def page(self) -> Page:
        """The page to read. Raises PageRejected if its content-encoding cannot be undone."""
        encoding = _header(self.message, b"content-encoding")
        body = decoded(self.message.body, encoding)
        charset = declared_charset(_header(self.message, b"content-type"))
        page = Page(self.url, body, charset, self.at, self.message.status)
        return imported_page(self.target.site, page)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How files are read. `on_bytes` gets the bytes that were read or received."""

    stdin: BinaryIO
    on_bytes: Callable[[int], None]
    downloader: Downloader

    def records(self, one: Input, wanted: Callable[[str], bool]) -> Iterator[Found]:
        """The wanted records of a file. NotDownloaded if its address gives none."""
        if not isinstance(one, Address):
            return records(one, self.stdin, wanted, self.on_bytes)
        path = self.downloader.fetch(one, self.on_bytes)
        return records(path, self.stdin, wanted, lambda number: None, one)


def survey(
    folder: Path,
    inputs: Sequence[Input],
    targets: Targets,
    reading: Reading,
) -> Imported:
    """What an import would take. The pages are read; nothing is written."""
    done = Imported()
    with ExitStack() as stack:
        store = None
        if ArchiveFolder(folder).database.exists():
            store = stack.enter_context(Store(folder, read_only=True))
        seen: set[tuple[str, datetime, str]] = set()
        for taken in chain.from_iterable(_taken(one, targets, reading, done) for one in inputs):
            if isinstance(taken, Revisit):
                done.articles += 1
                continue
            identity = (taken.url, taken.at, taken.digest)
            if identity in seen or (store is not None and store.history.has(*identity)):
                done.known += 1
                continue
            seen.add(identity)
            outcome = read_taken(taken)
            if isinstance(outcome, PageRejected):
                counts = done.skipped if taken.target.site.generic else done.refused
                counts[outcome.code] += 1
            elif outcome is None:
                done.missing += 1
            elif taken.target.kind == "listing":
                done.listings += 1
            else:
                done.articles += 1
    return done


def import_files(
    folder: Path,
    store: Store,
    inputs: Sequence[Input],
    targets: Targets,
    reading: Reading,
    *,
    now: datetime,
    link: bool = False,
) -> Imported:
    """Imports files; the caller holds the archive's lock. A killed import can be run again.

    `link`: the bytes of pages stay in their files where a record can be read alone.
    """
    done = Imported()
    with Importer.opened(folder, store, now, done) as importer:
        importer.link = link
        for one in inputs:
            for taken in _taken(one, targets, reading, done):
                importer.take(taken)
            if isinstance(one, Address) and reading.downloader.has(one):
                importer.flush()
                store.flush()
                reading.downloader.forget(one)
        importer.flush()
        importer.resolve_revisits(targets)
    done.unresolved = store.revisits.count()
    return done


def _taken(
    one: Input, targets: Targets, reading: Reading, done: Imported
) -> Iterator[Taken | Revisit]:
    """The wanted pages of a file; everything else is counted."""

    def is_wanted(url: str) -> bool:
        wanted = targets.is_wanted(url)
        done.skipped["other_site"] += not wanted
        return wanted

    try:
        found_records = reading.records(one, is_wanted)
    except NotDownloaded as error:
        hint = "check the address, and run the command again"
        if error.kept:
            hint = f"{error.kept:,} bytes are kept: run the command again"
        done.broken.append(Broken(error.url, error.kept, error.message, hint))
        return
    done.files += 1
    for found in found_records:
        if isinstance(found, Broken):
            done.broken.append(found)
            continue
        taken = _page_in(found, targets, done)
        if taken is not None:
            yield taken


def _page_in(record: ForeignRecord, targets: Targets, done: Imported) -> Taken | Revisit | None:
    """The page of a record; None if it is not wanted, which is counted."""
    origin = Origin(
        source="file", record=record.record_id, address=f"{record.file} at {record.offset}"
    )
    page = page_of_record(record, targets, origin)
    if isinstance(page, str):
        done.skipped[page] += 1
        return None
    return page


def page_of_record(
    record: ForeignRecord, targets: Targets, origin: Origin
) -> Taken | Revisit | str:
    """The page of a record, or the reason code why it is skipped."""
    target = targets.of(record.url)
    if target is None:
        return "other_page"
    try:
        message = _message_in(record)
    except NotHttp:
        return "not_http"
    except Cut:
        return CUT
    is_missing = message.status in GONE and target.kind == "article" and not target.site.generic
    if message.status not in PAGES and not is_missing:
        return f"http_{message.status}"
    if record.revisit:
        return Revisit(
            url=record.url,
            fetched_at=record.at,
            status=message.status,
            headers=message.headers,
            refers_to_url=record.refers_to_url,
            refers_to_date=record.refers_to_date,
            payload_digest=record.payload_digest,
            origin=origin,
        )
    return Taken(
        target=target,
        url=record.url,
        at=record.at,
        message=message,
        digest=digest(message.body),
        origin=origin,
        link=_link_to(record),
    )


def _message_in(record: ForeignRecord) -> Message:
    """The response in a record. A revisit without a block, or with a 304, shows an earlier page."""
    if record.revisit and not record.block.strip():
        return Message(status=OK, reason="OK", headers=(), body=b"")
    message = message_of(record.block, truncated=record.truncated, bodiless=record.revisit)
    if record.revisit and message.status == NOT_MODIFIED:
        return replace(message, status=OK, reason="OK")
    return message


def _link_to(record: ForeignRecord) -> Link | None:
    """Where a record can be read again; None if it has no id, or is in no file of its own."""
    if record.path is None or record.record_id is None:
        return None
    return Link(
        path=record.path.resolve(),
        offset=record.offset,
        record_id=record.record_id,
        target=record.url,
        date=to_utc_text(record.at),
    )


class Importer:
    """Stores pages in groups. One row in `crawls` and one WARC file stand for each site."""

    def __init__(
        self, folder: Path, store: Store, now: datetime, done: Imported, stack: ExitStack
    ) -> None:
        self._folder, self._store, self._now, self._done = folder, store, now, done
        self._stack = stack
        self._shelf = SiteShelf(folder)
        self._crawls: dict[str, int] = {}
        self._writers: dict[str, WarcWriter] = {}
        self._group: list[Taken] = []
        self._group_bytes = 0
        self.link = False

    @classmethod
    @contextmanager
    def opened(
        cls, folder: Path, store: Store, now: datetime, done: Imported
    ) -> Iterator[Importer]:
        """An importer whose pages are committed, and whose files are closed, after the block."""
        store.group(pages=_COMMIT_PAGES, seconds=_COMMIT_SECONDS)
        with ExitStack() as stack:
            yield cls(folder, store, now, done, stack)
            store.flush()

    def take(self, taken: Taken | Revisit) -> None:
        """Stores a page, at the latest when `flush` is called."""
        if isinstance(taken, Revisit):
            self._store.revisits.add(taken)
            return
        self._group.append(taken)
        self._group_bytes += len(taken.message.body)
        if len(self._group) >= _GROUP_PAGES or self._group_bytes >= _GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        """Reads and stores the pages taken since the last call, article by article."""
        pages: dict[tuple[str, str], list[tuple[Taken, Article]]] = defaultdict(list)
        sites: dict[str, Site] = {}
        for taken in self._group:
            if self._store.history.has(taken.url, taken.at, taken.digest):
                self._done.known += 1
                continue
            outcome = read_taken(taken)
            if isinstance(outcome, Article):
                sites[outcome.site] = taken.target.site
                pages[outcome.site, outcome.key].append((taken, outcome))
            else:
                self._save_other(taken, outcome)
        self._group = []
        self._group_bytes = 0
        for (site_name, _), of_article in pages.items():
            self._save_article(sites[site_name], of_article)

    def resolve_revisits(self, targets: Targets) -> None:
        """Stores the revisits whose pages are known by now, as captures with those pages."""
        for revisit, page in self._store.revisits.resolvable():
            target = targets.of(revisit.url)
            if target is None:
                continue
            warc = ArchiveFolder(self._folder).warc
            assert page.warc_file is not None
            try:
                record = read_at(warc, page.warc_file, page.offset, page.length)
            except ArchiveDamaged:
                continue  # `newscrawl verify` reports it
            message = Message(
                status=revisit.status, reason=record.reason, headers=revisit.headers, body=b""
            )
            message = with_record(message, record)
            self._group.append(
                Taken(
                    target=target,
                    url=revisit.url,
                    at=revisit.fetched_at,
                    message=message,
                    digest=digest(message.body),
                    origin=revisit.origin,
                )
            )
            self.flush()
            self._store.revisits.forget(revisit)

    def _save_article(self, site: Site, pages: Sequence[tuple[Taken, Article]]) -> None:
        """Stores captures of one article, and derives it again, in one transaction."""
        history = self._store.history
        read: dict[int, Article] = {}
        with self._store.transaction():
            for taken, article in pages:
                if history.has(taken.url, taken.at, taken.digest):
                    self._done.known += 1
                    continue
                crawl_id = self._crawl(site)
                article_id = history.put_article(article, taken.at)
                capture_id = history.add_capture(
                    self._copy(taken), crawl_id, article_id=article_id, article=article
                )
                read[capture_id] = article
                self._done.articles += 1
            if read:
                reach("mid_import")
                derive_article(self._store, self._folder, self._shelf, article_id, read)

    def _save_other(self, taken: Taken, outcome: Listing | PageRejected | None) -> None:
        """Stores a category page, a page that is refused, or one that was missing."""
        target = taken.target
        if isinstance(outcome, PageRejected) and target.site.generic:
            self._done.skipped[outcome.code] += 1  # most pages of any site are no articles
            return
        history = self._store.history
        with self._store.transaction():
            if history.has(taken.url, taken.at, taken.digest):
                self._done.known += 1
                return
            crawl_id = self._crawl(target.site)
            capture = self._copy(taken)
            if isinstance(outcome, Listing):
                name = target.site.title if target.key == HOME else None
                category_id = history.put_category(target.site.name, target.key, name)
                history.save_listing(outcome, capture, crawl_id, category_id, target.page)
                self._done.listings += 1
                return
            article_id = None
            if target.kind == "article":
                article_id = history.article_id(target.site.name, target.key)
            if outcome is not None:
                history.refuse(capture, crawl_id, outcome, article_id)
                self._done.refused[outcome.code] += 1
                return
            code = f"http_{taken.message.status}"
            history.add_capture(capture, crawl_id, article_id=article_id, refused=code)
            self._done.missing += 1
            if article_id is not None:
                history.check_gone(article_id)

    def _crawl(self, site: Site) -> int:
        """The number of the row that stands for this import into a site."""
        if site.name not in self._crawls:
            self._store.categories.put_site(site.as_row())
            self._crawls[site.name] = self._store.history.begin(
                site.name, version=VERSION, now=self._now
            )
        return self._crawls[site.name]

    def _copy(self, taken: Taken) -> Capture:
        """Writes a page, or a reference to it, into the WARC files of the archive."""
        target = taken.target
        link = taken.link if self.link and _is_readable(taken) else None
        self._done.linked += link is not None
        is_listing = target.kind == "listing"
        capture = self._writer(target.site).write(
            Exchange(
                url=taken.url,
                asked_url=target.site.canonical_url(taken.url),
                method="GET",
                request_headers=(),
                status=taken.message.status,
                reason=taken.message.reason,
                response_headers=taken.message.headers,
                body=taken.message.body,
                fetched_at=taken.at,
                kind=target.kind,
                category=target.key if is_listing else None,
                page=target.page if is_listing else None,
                origin=taken.origin,
            ),
            link,
        )
        reach("after_warc")
        return capture

    def _writer(self, site: Site) -> WarcWriter:
        if site.name not in self._writers:
            writer = warc_writer(site, ArchiveFolder(self._folder), self._crawls[site.name])
            self._store.before_commit(writer.sync)
            self._writers[site.name] = self._stack.enter_context(writer)
        return self._writers[site.name]


def _is_readable(taken: Taken) -> bool:
    """Whether the page can be read alone where it is. ARC records and whole gzip streams cannot."""
    if taken.link is None:
        return False
    try:
        with file_errors("read", taken.link.path), taken.link.path.open("rb") as file:
            return digest(payload_at(file, taken.link.offset)) == taken.digest
    except BadRecord:
        return False


def read_taken(taken: Taken) -> Article | Listing | PageRejected | None:
    """What a page shows, or why it is refused; None for a page that was missing."""
    if taken.message.status in GONE:
        return None
    target = taken.target
    try:
        page = taken.page
        outcome = page_reader().read(target.site, page, target.kind, page.url)
    except PageRejected as error:
        return error
    assert isinstance(outcome, Article | Listing)
    return outcome


def _header(message: Message, name: bytes) -> str | None:
    values = [value for key, value in message.headers if key.lower() == name]
    return b", ".join(values).decode("latin-1") if values else None
