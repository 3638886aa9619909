"""Reading the raw pages again after a site file got better: what changes, and, when asked, changing it.

The rows of a capture are replaced, so that a mended selector never looks like a publisher's edit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from newscrawl.archive.pages import SiteShelf, read_record, site_of
from newscrawl.core.coverage import fields_of, still_fallen, usual_shares
from newscrawl.core.errors import ArchiveDamaged, PageRejected, StorageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.processes import Workers, batches, jobs_for
from newscrawl.core.records import READINGS, Article
from newscrawl.core.version import VERSION
from newscrawl.store.write.quarantine import let_go, missing_fields
from newscrawl.store.write.reextraction import (
    FIELDS,
    REVISED,
    Raw,
    article_captures,
    article_fields,
    links_in,
    links_of,
    release,
    replace_article,
    replace_problems,
    replace_revision,
    revised_fields,
    revision_fields,
    stored_fields,
    without_lost_time,
)
from newscrawl.store.write.store import Store
from newscrawl.warc import read_at

Kind = Literal["gained", "lost", "changed"]
EXTRACTOR = f"newscrawl {VERSION}"
BATCH = 20  # pages that a worker reads between two results
WORTH_WORKERS = 500  # pages: below, starting the processes takes longer than the work
SENT = (Raw, *READINGS)
EXAMPLES = 3
SHOWN_LENGTH = 80


@dataclass(slots=True)
class Report:
    """What re-extraction of a site finds; `fields` counts by (template, field, kind), with examples of each."""

    site: str
    pages: int = 0
    changed_pages: int = 0
    released: int = 0  # pages that were rejected or held back, and are articles now
    still_held: int = (
        0  # articles whose pages still lack, taken together, what the site's usually have
    )
    unreadable: Counter[str] = field(default_factory=Counter)
    fields: Counter[tuple[str, str, Kind]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, Kind], list[dict[str, Any]]] = field(default_factory=dict)

    def note(self, template: str, url: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
        """Counts the differences of one page."""
        self.changed_pages += bool(changes)
        for name, (old, new) in changes.items():
            kind: Kind = (
                "gained" if old in (None, []) else "lost" if new in (None, []) else "changed"
            )
            place = (template, name, kind)
            self.fields[place] += 1
            examples = self.examples.setdefault(place, [])
            if len(examples) < EXAMPLES:
                examples.append({"url": url, "old": _short(old), "new": _short(new)})


def reextract(
    folder: Path,
    store: Store,
    sites: Sequence[str],
    *,
    apply: bool,
    jobs: int | None = None,
    on_page: Callable[[], None] = lambda: None,
) -> list[Report]:
    """Reads every archived article page of sites again; writes only where `apply` is set and something differs.

    `jobs` processes read (None: the cores, if it pays); pages are compared and written here, in their order.
    """
    reports = {site: Report(site) for site in sites}
    captures = [raw for site in reports for raw in article_captures(store.db, site)]
    call = partial(_read, ArchiveFolder(folder).warc, SiteShelf(folder))
    with Workers(jobs_for(jobs, len(captures), WORTH_WORKERS), __name__, SENT) as workers:

        def read(raws: Sequence[Raw]) -> Iterator[tuple[Raw, Article | str]]:
            for batch, found in workers.map(call, batches(raws, BATCH)):
                yield from zip(batch, found, strict=True)

        lacking = _still_lacking(store, read([raw for raw in captures if raw.held and raw.current]))
        for raw, found in read(captures):
            _take(
                store,
                raw,
                found,
                reports[raw.site],
                lacking.get(raw.site, frozenset()),
                apply=apply,
            )
            on_page()
    return list(reports.values())


def _read(folder: Path, shelf: SiteShelf, batch: Sequence[Raw]) -> list[Article | str]:
    """The articles of pages by the site files of today; instead of one that cannot be read, the reason's code."""
    found: list[Article | str] = []
    for raw in batch:
        try:
            record = read_at(folder, raw.warc_file, raw.offset, raw.length)
            article = read_record(site_of(record, shelf), record)
            assert isinstance(article, Article)
            found.append(article)
        except PageRejected as error:
            found.append(error.code)
        except (ArchiveDamaged, StorageError):
            found.append("warc")
    return found


def _still_lacking(
    store: Store, held: Iterable[tuple[Raw, Article | str]]
) -> dict[str, frozenset[str]]:
    """The fields that the articles held back still give too rarely, by site.

    They are judged together, as they were held back together: one of them may have never had the field.
    """
    pages: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    crawls: defaultdict[str, list[int]] = defaultdict(list)
    for raw, found in held:
        pages[raw.site] += [] if isinstance(found, str) else [fields_of(found)]
        crawls[raw.site] += [] if raw.crawl_id is None else [raw.crawl_id]
    return {
        site: still_fallen(usual_shares(store.good_stats(min(crawls[site]))), found)
        for site, found in pages.items()
    }


def _take(
    store: Store,
    raw: Raw,
    found: Article | str,
    report: Report,
    lacking: frozenset[str],
    *,
    apply: bool,
) -> None:
    report.pages += 1
    if isinstance(found, str):
        report.unreadable[found] += 1
        return
    try:
        _compare(store, raw, found, report, lacking, apply=apply)
    except PageRejected as error:
        report.unreadable[error.code] += 1


def _compare(
    store: Store,
    raw: Raw,
    article: Article,
    report: Report,
    lacking: frozenset[str],
    *,
    apply: bool,
) -> None:
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
            changes = {
                name: (before[name], after[name]) for name in REVISED if before[name] != after[name]
            }
            if changes and apply:
                replace_revision(db, raw, article, EXTRACTOR)
        if raw.current:
            new = without_lost_time(old, new)
            changes |= {name: (old[name], new[name]) for name in FIELDS if old[name] != new[name]}
            if (links := links_of(db, raw)) != links_in(article):
                changes["links"] = (len(links), len(links_in(article)))
            if changes and apply:
                replace_article(db, raw, article, new, EXTRACTOR)
        if changes and apply:
            replace_problems(db, raw, article)
        if raw.current and raw.held and raw.article_id is not None:
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
