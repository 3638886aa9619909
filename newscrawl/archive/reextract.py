"""Reads the raw pages again with the site files of today, and reports or writes what differs.

The rows that a capture produced are replaced. A better selector therefore never looks like an edit
by the publisher.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from newscrawl.archive.derive import derive_article
from newscrawl.archive.expected import Expected
from newscrawl.archive.pages import SiteShelf, read_record, site_of
from newscrawl.core.coverage import fields_of, still_fallen, usual_shares
from newscrawl.core.errors import ArchiveDamaged, NewscrawlError, PageRejected, StorageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.processes import ProcessPool, batches, jobs_for
from newscrawl.core.records import EXTRACTED_RECORDS, Article
from newscrawl.core.times import from_utc_text
from newscrawl.core.version import VERSION
from newscrawl.store.write.reextraction import (
    FIELDS,
    REVISED,
    StoredArticle,
    StoredCapture,
    links_in,
)
from newscrawl.store.write.store import Store
from newscrawl.warc import read_at

ChangeKind = Literal["gained", "lost", "changed"]
# (template, field, kind of change)
ChangeKey = tuple[str, str, ChangeKind]
# Field -> its old and its new value.
Changes = dict[str, tuple[Any, Any]]
# An article, or the code of the reason why the page cannot be read.
Outcome = Article | str
Reading = tuple[StoredCapture, Outcome]
LinkKey = tuple[str, str]  # kind, and the key of the target

EXTRACTOR = f"newscrawl {VERSION}"
BATCH = 20  # pages that a worker reads between two results
WORTH_WORKERS = 500  # pages; for fewer, starting the processes takes longer than the work
SENT = (StoredCapture, *EXTRACTED_RECORDS)
EXAMPLES = 3
SHOWN_LENGTH = 80


@dataclass(slots=True, kw_only=True)
class Reextracted:
    """What reading the pages of a site again finds.

    `released` counts pages that were rejected or in quarantine and are articles now, `still_held`
    articles that remain in quarantine: together, their pages still lack what the pages of the
    site usually have. `fields` counts changed fields, and `examples` has some of each count.
    """

    site: str
    pages: int = 0
    changed_pages: int = 0
    released: int = 0
    still_held: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    fields: Counter[ChangeKey] = field(default_factory=Counter)
    examples: dict[ChangeKey, list[dict[str, Any]]] = field(default_factory=dict)

    def add_changes(self, article: Article, changes: Changes) -> None:
        """Counts the differences of one page."""
        if changes:
            self.changed_pages += 1
        for name, (old, new) in changes.items():
            key = (article.template, name, _kind_of_change(old, new))
            self.fields[key] += 1
            examples = self.examples.setdefault(key, [])
            if len(examples) < EXAMPLES:
                examples.append({"url": article.url, "old": _short(old), "new": _short(new)})


def _kind_of_change(old: Any, new: Any) -> ChangeKind:
    if old in (None, []):
        return "gained"
    if new in (None, []):
        return "lost"
    return "changed"


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > SHOWN_LENGTH:
        return value[:SHOWN_LENGTH] + "…"
    return value


def reextract(
    folder: Path,
    store: Store,
    sites: Sequence[str],
    *,
    apply: bool,
    now: datetime,
    jobs: int | None = None,
    on_page: Callable[[], None] = lambda: None,
) -> list[Reextracted]:
    """Reads every archived article page of the sites again; writes what differs only with `apply`.

    `jobs` processes read pages (None: one per core, if that pays). This process compares and writes
    them, one article after the other. `now` is recorded with the sites until all their pages have
    been read.
    """
    captures: list[StoredCapture] = []
    for site in sites:
        captures += store.reextraction.captures(site)
    if apply:
        store.reextraction.begin(Counter(capture.site for capture in captures), now)
    read_batch = partial(_read_batch, ArchiveFolder(folder).warc, SiteShelf(folder))
    with ProcessPool(jobs_for(jobs, len(captures), WORTH_WORKERS), __name__, SENT) as workers:

        def read(captures: Sequence[StoredCapture]) -> Iterator[tuple[StoredCapture, Outcome]]:
            for batch, outcomes in workers.map(read_batch, batches(captures, BATCH)):
                yield from zip(batch, outcomes, strict=True)

        in_quarantine = [
            capture for capture in captures if capture.in_quarantine and capture.current
        ]
        lacking = _still_lacking(store, read(in_quarantine))
        derive = partial(derive_article, store, folder, SiteShelf(folder))
        comparison = Comparison(store, sites, lacking, derive, apply=apply)
        with _recorded(store, comparison) if apply else nullcontext():
            for _, readings in groupby(read(captures), key=_article_of):
                comparison.add(list(_counted(readings, on_page)))
    return list(comparison.reports.values())


@contextmanager
def _recorded(store: Store, comparison: Comparison) -> Iterator[None]:
    """Records for each site that its pages have been read, or how many until the block was left."""
    try:
        yield
    except BaseException:
        read = {site: report.pages for site, report in comparison.reports.items()}
        with suppress(NewscrawlError):  # the same disk or database that ended the block
            store.reextraction.stop(read)
        raise
    store.reextraction.finish(comparison.reports)


def _article_of(reading: Reading) -> tuple[str, int | None, int | None]:
    """What the readings of one article have in common; a page of an unknown article is alone."""
    capture, _ = reading
    is_unknown = capture.article_id is None
    return capture.site, capture.article_id, capture.capture_id if is_unknown else None


def _counted(readings: Iterable[Reading], on_page: Callable[[], None]) -> Iterator[Reading]:
    for reading in readings:
        on_page()
        yield reading


def _read_batch(folder: Path, shelf: SiteShelf, captures: Sequence[StoredCapture]) -> list[Outcome]:
    return [_read(folder, shelf, capture) for capture in captures]


def _read(folder: Path, shelf: SiteShelf, capture: StoredCapture) -> Outcome:
    try:
        record = read_at(folder, capture.warc_file, capture.offset, capture.length)
        article = read_record(site_of(record, shelf), record)
    except PageRejected as error:
        return error.code
    except (ArchiveDamaged, StorageError):
        return "warc"
    assert isinstance(article, Article)
    return article


def _still_lacking(
    store: Store, in_quarantine: Iterable[tuple[StoredCapture, Outcome]]
) -> dict[str, frozenset[str]]:
    """The fields that the pages of articles in quarantine still give too rarely, by site.

    The pages are judged together, as they were when they entered quarantine: a single page may
    never have had the field.
    """
    pages: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    crawls: defaultdict[str, list[int]] = defaultdict(list)
    for capture, outcome in in_quarantine:
        found_fields = pages[capture.site]
        if isinstance(outcome, Article):
            found_fields.append(fields_of(outcome))
        if capture.crawl_id is not None:
            crawls[capture.site].append(capture.crawl_id)
    lacking = {}
    for site, found_fields in pages.items():
        usual = usual_shares(store.crawls.good_stats(min(crawls[site])))
        lacking[site] = still_fallen(usual, found_fields)
    return lacking


class Comparison:
    """Compares pages with their rows and, with `apply`, writes the rows again."""

    def __init__(
        self,
        store: Store,
        sites: Iterable[str],
        lacking: Mapping[str, frozenset[str]],
        derive: Callable[[int], None],
        *,
        apply: bool,
    ) -> None:
        self.reports = {site: Reextracted(site=site) for site in sites}
        self._store = store
        self._lacking = lacking
        self._derive = derive
        self._apply = apply
        self._writes = apply  # whether the rows of the article at hand are written one by one
        self._without_raw_page: dict[str, frozenset[str]] = {}

    def add(self, readings: Sequence[Reading]) -> None:
        """Compares the pages of one article, in the order in which they were stored."""
        capture, outcome = readings[0]
        report = self.reports[capture.site]
        report.pages += len({capture.capture_id for capture, _ in readings})
        report.unreadable.update(outcome for _, outcome in readings if isinstance(outcome, str))
        if capture.article_id is None and isinstance(outcome, Article):
            article_id = self._store.reextraction.article_id(outcome)
            readings = [(replace(capture, article_id=article_id), outcome)]
        article_id = readings[0][0].article_id
        is_imported = any(capture.imported for capture, _ in readings)
        self._writes = self._apply and not is_imported
        stored = None
        if article_id is not None:
            stored = self._store.reextraction.stored(article_id)
        if stored is not None:
            with self._store.transaction() if self._writes else nullcontext():
                self._compare(readings, stored, report)
        if is_imported:
            self._derive_again(readings, report)
            return
        for capture, outcome in readings:
            is_waiting = stored is None or (
                capture.refused and capture.capture_id > stored.last_used
            )
            if is_waiting and isinstance(outcome, Article):
                self._adopt(capture, outcome, report)

    def _derive_again(self, readings: Sequence[Reading], report: Reextracted) -> None:
        """Derives an article with imported captures from all of them, as the import did."""
        history = self._store.history
        with self._store.transaction() if self._apply else nullcontext():
            article_ids = {capture.article_id for capture, _ in readings if capture.article_id}
            for capture, outcome in readings:
                is_readable = isinstance(outcome, Article) and not capture.worse
                if not (capture.refused and is_readable):
                    continue
                assert isinstance(outcome, Article)
                report.released += 1
                if self._apply:
                    article_id = history.put_article(outcome, from_utc_text(capture.fetched_at))
                    history.use(capture.capture_id, article_id)
                    article_ids.add(article_id)
            for article_id in sorted(article_ids) if self._apply else ():
                self._derive(article_id)

    def _adopt(self, capture: StoredCapture, article: Article, report: Reextracted) -> None:
        try:
            if self._apply:
                self._store.reextraction.adopt(capture, article, EXTRACTOR)
            else:
                self._store.reextraction.check(article)
        except PageRejected as error:
            report.unreadable[error.code] += 1
            return
        report.released += 1

    def _compare(
        self, readings: Sequence[Reading], stored: StoredArticle, report: Reextracted
    ) -> None:
        used = [
            (capture, outcome)
            for capture, outcome in readings
            if isinstance(outcome, Article) and not capture.refused
        ]
        expected = Expected(
            stored.provenance,
            [article for _, article in used],
            complete=self._is_complete(readings, stored),
        )
        changes_by_capture: dict[int, Changes] = {}
        for capture, article in used:
            expected.add(article)
            if capture.revision is not None:
                changes = self._compare_revision(capture, article, expected)
                changes_by_capture.setdefault(capture.capture_id, {}).update(changes)
        for capture, article in used:
            changes = changes_by_capture.get(capture.capture_id, {})
            is_current = capture.capture_id == stored.capture_id
            if is_current:
                links = _links_at(capture.fetched_at, used)
                changes |= self._compare_article(capture, article, stored, expected, links)
            if changes and self._writes:
                self._store.reextraction.replace_problems(capture, article)
            if is_current and capture.in_quarantine:
                self._release_from_quarantine(capture, article, report)
            report.add_changes(article, changes)

    def _is_complete(self, readings: Sequence[Reading], stored: StoredArticle) -> bool:
        """Whether every page that was used for the article has been read again."""
        revisions = {capture.revision for capture, _ in readings if capture.revision}
        site = readings[0][0].site
        if site not in self._without_raw_page:
            urls = self._store.reextraction.urls_without_raw_page(site)
            self._without_raw_page[site] = urls
        for capture, outcome in readings:
            was_used = not capture.refused
            if was_used and (
                isinstance(outcome, str) or capture.url in self._without_raw_page[site]
            ):
                return False
        return len(revisions) == stored.revisions

    def _compare_revision(
        self, capture: StoredCapture, article: Article, expected: Expected
    ) -> Changes:
        stored = self._store.reextraction.revision_fields(capture)
        fields = expected.revised_fields(article, stored)
        changes = _differences(REVISED, stored, fields)
        if changes and self._writes:
            self._store.reextraction.replace_revision(capture, article, fields, EXTRACTOR)
        return changes

    def _compare_article(
        self,
        capture: StoredCapture,
        article: Article,
        stored: StoredArticle,
        expected: Expected,
        links: set[LinkKey],
    ) -> Changes:
        """The differences between an article's row and its pages, including its links."""
        rows = self._store.reextraction
        fields = expected.fields(article, stored.fields)
        if article.category is not None and rows.has_category(stored, article):
            fields["category"] = stored.fields["category"]
        changes = _differences(FIELDS, stored.fields, fields)
        old_links = rows.links_of(capture)
        if old_links != links - rows.links_seen_after(capture):
            changes["links"] = (len(old_links), len(links))
        if changes and self._writes:
            rows.replace_article(
                capture,
                article,
                fields,
                expected.provenance,
                links=links,
                new_category="category" in changes,
                extractor=EXTRACTOR,
            )
        return changes

    def _release_from_quarantine(
        self, capture: StoredCapture, article: Article, report: Reextracted
    ) -> None:
        assert capture.article_id is not None
        lacking = self._lacking.get(capture.site, frozenset())
        if self._store.quarantine.missing_fields(capture.article_id) & (
            lacking - fields_of(article)
        ):
            report.still_held += 1
            return
        report.released += 1
        if self._writes:
            self._store.quarantine.release(capture.article_id)


def _links_at(fetched_at: str, used: Sequence[tuple[StoredCapture, Article]]) -> set[LinkKey]:
    """The links that an article's pages showed at a moment: two may have come in one second."""
    links: set[LinkKey] = set()
    for capture, article in used:
        if capture.fetched_at == fetched_at:
            links |= links_in(article)
    return links


def _differences(names: Iterable[str], old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    return {name: (old[name], new[name]) for name in names if old[name] != new[name]}
