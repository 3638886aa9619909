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
from .errors import ArchiveDamaged, PageRejected, StorageError
from .reading import SiteShelf, read_article, site_of
from .records import Article
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
    for raw in list(article_captures(store.db, site)):
        report.pages += 1
        for article in _read(folder, raw, shelf, report):
            _compare(store, raw, article, report, apply=apply)
        on_page()
    return report


def _read(folder: Path, raw: Raw, shelf: SiteShelf, report: Report) -> Iterator[Article]:
    try:
        record = read_at(folder / "warc", raw.warc_file, raw.offset, raw.length)
        yield read_article(site_of(record, shelf), record)
    except PageRejected as error:
        report.unreadable[error.code] += 1
    except (ArchiveDamaged, StorageError):
        report.unreadable["warc"] += 1


def _compare(store: Store, raw: Raw, article: Article, report: Report, *, apply: bool) -> None:
    """One page: its revision and, where it is the newest answer, the article's row."""
    old = stored_fields(store.db, raw.article_id) if raw.article_id is not None else None
    with store.transaction() as db:
        if old is None:
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
    report.note(article.template, article.url, changes)


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > SHOWN_LENGTH:
        return value[:SHOWN_LENGTH] + "…"
    return value
