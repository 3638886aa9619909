"""Reading the raw pages again after a site file got better: what changes, and, when asked, changing it.

The rows of a capture are replaced, so that a mended selector never looks like a publisher's edit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from . import __version__
from .archive import read_at
from .drift import fields_of, still_fallen, usual_shares
from .errors import ArchiveDamaged, PageRejected, StorageError
from .reading import SiteShelf, read_article, site_of
from .records import Article
from .store.holding import let_go, missing_fields
from .store.reextraction import (
    FIELDS,
    REVISED,
    Raw,
    article_captures,
    article_fields,
    links_in,
    links_of,
    release,
    replace_article,
    replace_revision,
    revised_fields,
    revision_fields,
    stored_fields,
    without_lost_time,
)
from .store.writer import Store

Kind = Literal["gained", "lost", "changed"]
EXTRACTOR = f"newscrawl {__version__}"
EXAMPLES = 3
SHOWN_LENGTH = 80


@dataclass(slots=True)
class Report:
    """What re-extraction of a site finds; `fields` counts by (template, field, kind), with examples of each."""

    site: str
    pages: int = 0
    changed_pages: int = 0
    released: int = 0  # pages that were rejected or held back, and are articles now
    still_held: int = 0  # articles whose pages still lack, taken together, what the site's usually have
    unreadable: Counter[str] = field(default_factory=Counter)
    fields: Counter[tuple[str, str, Kind]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, Kind], list[dict[str, Any]]] = field(default_factory=dict)

    def note(self, template: str, url: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
        """Counts the differences of one page."""
        self.changed_pages += bool(changes)
        for name, (old, new) in changes.items():
            kind: Kind = "gained" if old in (None, []) else "lost" if new in (None, []) else "changed"
            place = (template, name, kind)
            self.fields[place] += 1
            examples = self.examples.setdefault(place, [])
            if len(examples) < EXAMPLES:
                examples.append({"url": url, "old": _short(old), "new": _short(new)})


def reextract(
    folder: Path,
    store: Store,
    site: str,
    *,
    apply: bool,
    on_page: Callable[[], None] = lambda: None,
) -> Report:
    """Reads every archived article page of a site again; writes only where `apply` is set and something differs."""
    report = Report(site)
    shelf = SiteShelf(folder)
    captures = list(article_captures(store.db, site))
    lacking = _still_lacking(folder, store, captures, shelf)
    for raw in captures:
        report.pages += 1
        for article in _read(folder, raw, shelf, report.unreadable):
            try:
                _compare(store, raw, article, report, lacking, apply=apply)
            except PageRejected as error:
                report.unreadable[error.code] += 1
        on_page()
    return report


def _still_lacking(folder: Path, store: Store, captures: list[Raw], shelf: SiteShelf) -> frozenset[str]:
    """The fields that the articles held back still give too rarely, read by the site file of today.

    They are judged together, as they were held back together: one of them may have never had the field.
    """
    held = [raw for raw in captures if raw.held and raw.current]
    if not held:
        return frozenset()
    pages = [fields_of(article) for raw in held for article in _read(folder, raw, shelf, Counter())]
    crawl_id = min(raw.crawl_id for raw in held if raw.crawl_id is not None)
    return still_fallen(usual_shares(store.good_stats(crawl_id)), pages)


def _read(folder: Path, raw: Raw, shelf: SiteShelf, unreadable: Counter[str]) -> Iterator[Article]:
    try:
        record = read_at(folder / "warc", raw.warc_file, raw.offset, raw.length)
        yield read_article(site_of(record, shelf), record)
    except PageRejected as error:
        unreadable[error.code] += 1
    except (ArchiveDamaged, StorageError):
        unreadable["warc"] += 1


def _compare(store: Store, raw: Raw, article: Article, report: Report, lacking: frozenset[str], *, apply: bool) -> None:
    """One page: its revision and, where it is the newest answer, the article's row."""
    old = stored_fields(store.db, raw.article_id) if raw.article_id is not None else None
    with store.transaction() as db:
        if old is None or raw.unused:
            report.released += 1
            if apply:
                release(db, raw, article, EXTRACTOR)
            return
        new = article_fields(article)
        changes: dict[str, tuple[Any, Any]] = {}
        if raw.revision is not None:
            before, after = revision_fields(db, raw), revised_fields(article)
            changes = {name: (before[name], after[name]) for name in REVISED if before[name] != after[name]}
            if changes and apply:
                replace_revision(db, raw, article, EXTRACTOR)
        if raw.current:
            new = without_lost_time(old, new)
            changes |= {name: (old[name], new[name]) for name in FIELDS if old[name] != new[name]}
            if (links := links_of(db, raw)) != links_in(article):
                changes["links"] = (len(links), len(links_in(article)))
            if changes and apply:
                replace_article(db, raw, article, new, EXTRACTOR)
            if raw.held and raw.article_id is not None:
                free = not missing_fields(db, raw.article_id) & lacking - fields_of(article)
                report.released += free
                report.still_held += not free
                if free and apply:
                    let_go(db, raw.article_id)
    report.note(article.template, article.url, changes)


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > SHOWN_LENGTH:
        return value[:SHOWN_LENGTH] + "…"
    return value
