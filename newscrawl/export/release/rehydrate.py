"""Fills the texts of a release from raw pages, which are read with the release's own site files.

A text is identified only by its hash, on whichever page it appears. No other text can therefore
enter the release, and raw pages of another crawl can be used if they contain the same text.
"""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from newscrawl.archive.pages import (
    SiteShelf,
    UnfitRecord,
    check_record,
    read_record,
    site_of,
)
from newscrawl.core.boundaries import check_output, check_plain_tree
from newscrawl.core.errors import ArchiveDamaged, PageRejected, UsageError
from newscrawl.core.files import file_errors, new_folder
from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.core.records import Article
from newscrawl.export.release.build import REMOVED, write_removed
from newscrawl.store.admin.release import (
    TEXTS,
    Removed,
    compact,
    fill,
    opened,
    pages_of,
    still_wanted,
    want,
)
from newscrawl.warc import Finding, Record, pages, warc_files

READ_KINDS = ("article", "listing", "feed", "sitemap")
READ_STATUSES = (200, 203)


@dataclass(slots=True, kw_only=True)
class Rehydrated:
    """What was filled.

    `missing` are the texts that were not found, `absent` the addresses of the release's pages that
    are not among the raw pages. `foreign` counts records of pages that the release does not have.
    """

    wanted: int = 0
    filled: int = 0
    read: int = 0
    foreign: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    missing: list[Removed] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)

    def add_damage(self, path: Path, finding: Finding) -> None:
        """Notes a stretch of a WARC file without a whole record."""
        self.damage.append(f"{path.name} at {finding.offset}: {finding.message}")


def rehydrate(
    source: Path, warc: Path, target: Path, on_page: Callable[[], None] = lambda: None
) -> Rehydrated:
    """Copies the release in `source` to `target`, with texts from the WARC files in `warc`.

    UsageError if the source is not a release without texts, or the target is not empty.
    """
    _check_sources(source, warc)
    release = ArchiveFolder(source)
    check_plain_tree(source)
    check_output(target)
    with file_errors("write", target), new_folder(target) as part:
        work = part / "work.db"
        filled = ArchiveFolder(part)
        shutil.copyfile(release.database, work)
        shutil.copytree(release.sites, filled.sites)
        rehydrated = _fill(source, warc, work, on_page)
        compact(work, filled.database)
        if rehydrated.missing:
            write_removed(part / REMOVED, rehydrated.missing)
        return rehydrated


def _check_sources(source: Path, warc: Path) -> None:
    removed_texts = source / "csv" / REMOVED
    if not removed_texts.is_file() or not ArchiveFolder(source).database.is_file():
        raise UsageError(
            f"{source} is not a release without texts"
            f" (expected csv/{REMOVED} and {DATABASE} there)",
            "such a folder is made with: newscrawl release DIR --no-text",
        )
    if not warc_files(warc):
        raise UsageError(f"no WARC files in {warc}", "they end in .warc.gz")


def _fill(source: Path, warc: Path, work: Path, on_page: Callable[[], None]) -> Rehydrated:
    rehydrated = Rehydrated()
    shelf = SiteShelf(source)
    with opened(work) as db:
        removed = list(_removed_texts(source / "csv" / REMOVED))
        rehydrated.wanted = len(removed)
        want(db, removed)
        absent = pages_of(db)
        addresses = set(absent.values())
        for record in _records(warc, rehydrated):
            on_page()
            known_page = absent.pop(record.payload_digest or "", None)
            if known_page is None and record.url not in addresses:
                rehydrated.foreign += 1
                continue
            rehydrated.read += 1
            for text in _texts(record, shelf, rehydrated):
                rehydrated.filled += fill(db, text)
        rehydrated.missing = still_wanted(db)
    rehydrated.absent = list(absent.values())
    return rehydrated


def _removed_texts(path: Path) -> Iterator[Removed]:
    """The texts that a release names as left out; ArchiveDamaged if its list is not one."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        try:
            for row in rows:
                if rows.line_num > 1:
                    yield _removed(row)
        except (csv.Error, ValueError) as error:
            raise ArchiveDamaged(
                f"{path}, line {rows.line_num}: expected a text that was left out: {error}",
                "compare the files of the release with its SHA256SUMS",
            ) from error


def _removed(cells: Sequence[str]) -> Removed:
    table, column, row, text_hash = cells
    if (table, column) not in TEXTS:
        raise ValueError(f"{table[:40]}.{column[:40]} holds no texts")
    if not all(part.isdecimal() for part in row.split("/")):
        raise ValueError(f"{row[:40]!r} is no row")
    return Removed(table, column, row, text_hash)


def _records(warc: Path, rehydrated: Rehydrated) -> Iterator[Record]:
    """The pages that newscrawl fetched; other crawlers do not record for what purpose."""
    for path in warc_files(warc):
        for record in pages(path, rehydrated.add_damage):
            if record.kind not in READ_KINDS or record.status not in READ_STATUSES:
                continue
            if "site" in record.warcinfo:
                yield record
            else:
                rehydrated.foreign += 1


def _texts(record: Record, shelf: SiteShelf, rehydrated: Rehydrated) -> list[str]:
    """The texts of a page that a release leaves out, each once."""
    try:
        texts = [text for text in _texts_on_page(record, shelf) if text]
    except PageRejected as error:
        rehydrated.unreadable[error.code] += 1
        return []
    except UnfitRecord:
        rehydrated.unreadable["unfit_record"] += 1
        return []
    return list(dict.fromkeys(texts))


def _texts_on_page(record: Record, shelf: SiteShelf) -> Iterator[str | None]:
    check_record(record, shelf)
    page = read_record(site_of(record, shelf), record)
    if isinstance(page, Article):
        yield page.summary
        yield page.body
        for link in page.links:
            yield link.teaser.summary
    else:
        for entry in page.entries:
            yield entry.teaser.summary
