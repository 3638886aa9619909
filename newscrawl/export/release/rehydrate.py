"""Filling the texts of a release from raw pages: read with the release's own site files, each text known by its hash.

A text is looked for by its hash alone, wherever a page of the release shows it: so no other text can get in, and
raw pages of another crawl serve as well where they say the same.
"""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from newscrawl.archive.pages import SiteShelf, read_record, site_of
from newscrawl.core.errors import PageRejected, UsageError
from newscrawl.core.files import file_errors, new_folder
from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.core.records import Article, Teaser
from newscrawl.export.release.build import REMOVED, write_removed
from newscrawl.store.admin.release import (
    Removed,
    compact,
    fill,
    opened,
    pages_of,
    still_wanted,
    want,
)
from newscrawl.warc import Record, pages, warc_files


@dataclass(slots=True)
class Rehydrated:
    """What was filled; `missing` are the texts not found, `absent` the addresses of pages not among the raw pages."""

    wanted: int = 0
    filled: int = 0
    read: int = 0
    foreign: int = 0  # records that no page of the release can be
    unreadable: Counter[str] = field(default_factory=Counter)
    missing: list[Removed] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)


def rehydrate(
    source: Path, warc: Path, target: Path, on_page: Callable[[], None] = lambda: None
) -> Rehydrated:
    """A copy of the release in `source` at `target`, its texts filled from the WARC files in `warc`.

    UsageError where the source is no release without texts, or the target is there.
    """
    _check(source, warc)
    with file_errors("write", target), new_folder(target) as part:
        work = part / "work.db"
        shutil.copyfile(ArchiveFolder(source).database, work)
        shutil.copytree(ArchiveFolder(source).sites, ArchiveFolder(part).sites)
        done = _fill(source, warc, work, on_page)
        compact(work, ArchiveFolder(part).database)
        if done.missing:
            write_removed(part / REMOVED, done.missing)
        return done


def _check(source: Path, warc: Path) -> None:
    if not (source / "csv" / REMOVED).is_file() or not ArchiveFolder(source).database.is_file():
        raise UsageError(
            f"{source} is no release without texts (expected csv/{REMOVED} and {DATABASE} there)",
            "such a folder is made with: newscrawl release DIR --no-text",
        )
    if not warc_files(warc):
        raise UsageError(f"no WARC files in {warc}", "they end in .warc.gz")


def _fill(source: Path, warc: Path, work: Path, on_page: Callable[[], None]) -> Rehydrated:
    done = Rehydrated()
    shelf = SiteShelf(source)
    with opened(work) as db:
        removed = list(_removed(source / "csv" / REMOVED))
        done.wanted = len(removed)
        want(db, removed)
        absent = pages_of(db)
        addresses = set(absent.values())
        for record in _records(warc, done):
            on_page()
            if (
                absent.pop(record.payload_digest or "", None) is None
                and record.url not in addresses
            ):
                done.foreign += 1
                continue
            done.read += 1
            for text in _texts(record, shelf, done):
                done.filled += fill(db, text)
        done.missing = still_wanted(db)
    done.absent = list(absent.values())
    return done


def _removed(path: Path) -> Iterator[Removed]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Removed(row["table"], row["column"], row["row"], row["hash"])


def _records(warc: Path, done: Rehydrated) -> Iterator[Record]:
    """Pages that newscrawl fetched: others do not say what they were fetched for."""
    for path in warc_files(warc):
        for record in pages(
            path, lambda at, bad: done.damage.append(f"{at.name} at {bad.offset}: {bad.message}")
        ):
            if record.kind in ("article", "listing", "feed", "sitemap") and record.status in (
                200,
                203,
            ):
                if "site" in record.warcinfo:
                    yield record
                else:
                    done.foreign += 1


def _texts(record: Record, shelf: SiteShelf, done: Rehydrated) -> list[str]:
    """All texts of a page that a release leaves out, each once."""
    try:
        found = [text for text in _said(record, shelf) if text]
    except PageRejected as error:
        done.unreadable[error.code] += 1
        return []
    return list(dict.fromkeys(found))


def _said(record: Record, shelf: SiteShelf) -> Iterator[str | None]:
    site = site_of(record, shelf)
    page = read_record(site, record)
    teasers: list[Teaser]
    if isinstance(page, Article):
        yield page.summary
        yield page.body
        teasers = [link.teaser for link in page.links]
    else:
        teasers = [entry.teaser for entry in page.entries]
    for teaser in teasers:
        yield teaser.summary
