"""The raw pages of an archive: where each is, and the titles and texts that were read from them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from newscrawl.core.errors import UsageError
from newscrawl.store.days import spans
from newscrawl.store.filters import Filter
from newscrawl.store.known_names import check_site


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPage:
    """A capture whose bytes are in the WARC files. `site` is empty where no crawl is known."""

    capture_id: int
    site: str
    url: str
    kind: str
    status: int
    seen_at: str
    warc_file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """A page with the title and text that were read from it."""

    capture_id: int
    url: str
    seen_at: str
    title: str | None
    text: str


def check_choice(only: Filter) -> None:
    """UsageError for a filter that does not choose captures: only site and days do."""
    for name in ("category", "search", "author", "tag", "min_words", "max_words"):
        if getattr(only, name) is not None:
            raise UsageError(
                f"--{name.replace('_', '-')} does not choose raw pages",
                "use --site, --since and --until",
            )
    if only.revised is not None or only.gone is not None:
        raise UsageError("raw pages cannot be chosen so", "use --site, --since and --until")


def is_choice(only: Filter) -> bool:
    """Whether the filter leaves anything out."""
    return only != Filter()


def raw_pages(db: sqlite3.Connection, only: Filter) -> Iterator[RawPage]:
    """The captures of a site and of days, in the order of their bytes.

    Days are those of the capture, in the site's zone. UsageError for an unknown site.
    """
    with_spans, source, values = _source(db, only)
    rows = db.execute(
        f"{with_spans} SELECT p.id, ifnull(w.site, ''), p.url, p.kind, p.status, p.fetched_at,"
        f" p.warc_file, p.warc_offset, p.warc_length {source}"
        " ORDER BY p.warc_file, p.warc_offset",
        values,
    )
    for row in rows:
        capture_id, site, url, kind, status, seen_at, warc_file, offset, length = row
        yield RawPage(
            capture_id=capture_id,
            site=site,
            url=url,
            kind=kind,
            status=status,
            seen_at=seen_at,
            warc_file=warc_file,
            offset=offset,
            length=length,
        )


def count_raw_pages(db: sqlite3.Connection, only: Filter) -> int:
    """How many captures raw_pages() gives."""
    with_spans, source, values = _source(db, only)
    return int(db.execute(f"{with_spans} SELECT count(*) {source}", values).fetchone()[0])


def read_pages(db: sqlite3.Connection, only: Filter) -> Iterator[ReadPage]:
    """The revisions that were read from those captures, by article."""
    tables = "revisions r JOIN captures p ON p.id = r.capture_id"
    with_spans, source, values = _source(db, only, tables)
    rows = db.execute(
        f"{with_spans} SELECT p.id, p.url, p.fetched_at, r.title, r.summary, r.body"
        f" {source} ORDER BY r.article_id, r.revision",
        values,
    )
    for capture_id, url, seen_at, title, summary, body in rows:
        text = "\n\n".join(part for part in (summary, body) if part)
        yield ReadPage(capture_id=capture_id, url=url, seen_at=seen_at, title=title, text=text)


def category_names(db: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """The names of categories by site and key."""
    rows = db.execute("SELECT site, key, name FROM categories WHERE name IS NOT NULL")
    return {(row[0], row[1]): row[2] for row in rows}


def site_titles(db: sqlite3.Connection, site: str | None) -> list[str]:
    """The names of all sites, or of this one."""
    sql = "SELECT name FROM sites WHERE ? IS NULL OR site = ? ORDER BY site"
    return [row[0] for row in db.execute(sql, (site, site))]


def _source(
    db: sqlite3.Connection, only: Filter, tables: str = "captures p"
) -> tuple[str, str, list[str]]:
    """The WITH part, FROM and WHERE of a query on the captures `p`, and their values."""
    if only.site is not None:
        check_site(db, only.site)
    if not is_choice(only):
        source = f"FROM {tables} LEFT JOIN crawls w ON w.id = p.crawl_id"
        return "", f"{source} WHERE p.warc_file IS NOT NULL", []
    with_spans, values = spans(db, only.since, only.until)
    source = (
        f"FROM {tables} JOIN crawls w ON w.id = p.crawl_id JOIN span s ON s.site = w.site"
        " WHERE p.warc_file IS NOT NULL AND p.fetched_at >= s.first AND p.fetched_at < s.after"
    )
    if only.site is not None:
        source += " AND w.site = ?"
        values.append(only.site)
    return f"WITH {with_spans}", source, values
