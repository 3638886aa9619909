"""Sites, categories, crawls, captures and problems: the rows that every page's write refers to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime

from newscrawl.core.records import Capture, Crumb, Problem, SiteRow
from newscrawl.core.text import slugify
from newscrawl.core.times import to_utc_text


def put_site(db: sqlite3.Connection, site: SiteRow) -> None:
    """The site's row and those of its categories; what pages said about a category's name stays."""
    db.execute(
        "INSERT INTO sites (site, name, domain, language, timezone) VALUES (?, ?, ?, ?, ?) ON CONFLICT (site) DO UPDATE"
        " SET name = excluded.name, domain = excluded.domain, language = excluded.language,"
        " timezone = excluded.timezone",
        (site.site, site.name, site.domain, site.language, site.timezone),
    )
    db.executemany(
        "INSERT INTO categories (site, key, slug, name, url) VALUES (?, ?, ?, ?, ?) ON CONFLICT (site, key) DO UPDATE"
        " SET slug = excluded.slug, url = excluded.url, name = ifnull(name, excluded.name)",
        [(site.site, row.key, row.slug, row.name, row.url) for row in site.categories],
    )


def begin_crawl(
    db: sqlite3.Connection,
    site: str,
    options: Mapping[str, object],
    version: str,
    now: datetime,
    crawl_id: int | None = None,
) -> int:
    """The id of a new crawl; its row has no end until end_crawl, so that a crash can be seen.

    `crawl_id`: a rebuild gives the number that the WARC names; another is taken where that one is.
    """
    if (
        crawl_id is not None
        and db.execute("SELECT 1 FROM crawls WHERE id = ?", (crawl_id,)).fetchone()
    ):
        crawl_id = None
    row = db.execute(
        "INSERT INTO crawls (id, site, started_at, options, version) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (
            crawl_id,
            site,
            to_utc_text(now),
            json.dumps(options, ensure_ascii=False, sort_keys=True),
            version,
        ),
    ).fetchone()
    return int(row[0])


def close_unfinished(db: sqlite3.Connection) -> list[tuple[int, str, str]]:
    """(id, site, start) of the crawls that never ended: killed, or cut off from their disk. Each is told once."""
    rows = db.execute(
        "UPDATE crawls SET reason = 'killed' WHERE finished_at IS NULL AND reason IS NULL"
        " RETURNING id, site, started_at"
    ).fetchall()
    return sorted((row["id"], row["site"], row["started_at"]) for row in rows)


def end_crawl(
    db: sqlite3.Connection,
    crawl_id: int,
    reason: str,
    exit_code: int,
    stats: Mapping[str, object],
    now: datetime,
) -> None:
    """The last write of a crawl."""
    db.execute(
        "UPDATE crawls SET finished_at = ?, reason = ?, exit_code = ?, stats = ? WHERE id = ?",
        (to_utc_text(now), reason, exit_code, json.dumps(stats, sort_keys=True), crawl_id),
    )


def add_capture(db: sqlite3.Connection, capture: Capture, crawl_id: int | None) -> int:
    """The id of the row that says what was fetched, when, and where its bytes are."""
    row = db.execute(
        "INSERT INTO captures (crawl_id, url, kind, status, fetched_at, etag, last_modified, warc_file, warc_offset,"
        " warc_length, payload_digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            crawl_id, capture.url, capture.kind, capture.status, to_utc_text(capture.fetched_at), capture.etag,
            capture.last_modified, capture.warc_file, capture.warc_offset, capture.warc_length, capture.payload_digest,
        ),
    ).fetchone()  # fmt: skip
    return int(row[0])


def add_problems(
    db: sqlite3.Connection,
    problems: Iterable[Problem],
    *,
    crawl_id: int | None,
    url: str | None,
    article_id: int | None,
    seen_at: str,
) -> None:
    """Adds each problem unless the same page had the very same one before: a revisit says nothing new."""
    for problem in problems:
        same = db.execute(
            "SELECT 1 FROM problems WHERE article_id IS ? AND url IS ? AND code = ? AND field IS ? AND raw IS ?"
            " AND article_id IS NOT NULL",
            (article_id, url, problem.code, problem.field, problem.raw),
        ).fetchone()
        if same:
            continue
        db.execute(
            "INSERT INTO problems (crawl_id, url, article_id, stage, field, code, message, raw, seen_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                crawl_id,
                url,
                article_id,
                problem.stage,
                problem.field,
                problem.code,
                problem.message,
                problem.raw,
                seen_at,
            ),
        )


def find_category(db: sqlite3.Connection, site: str, crumb: Crumb | None) -> int | None:
    """The category that a label names, by its key, else by its name; None where the archive knows neither."""
    if crumb is None:
        return None
    if crumb.key is not None:
        row = db.execute(
            "SELECT id FROM categories WHERE site = ? AND key = ?", (site, crumb.key)
        ).fetchone()
    else:
        row = db.execute(
            "SELECT id FROM categories WHERE site = ? AND name = ? ORDER BY id LIMIT 1",
            (site, crumb.name),
        ).fetchone()
    return int(row[0]) if row else None


def put_category(db: sqlite3.Connection, site: str, crumb: Crumb | None) -> int | None:
    """The id of the category that a page names as its own; made where it is new, its name as the page prints it."""
    if crumb is None:
        return None
    found = find_category(db, site, crumb)
    if found is not None:
        db.execute(
            "UPDATE categories SET name = ? WHERE id = ? AND name IS NOT ?",
            (crumb.name, found, crumb.name),
        )
        return found
    key = crumb.key or slugify(crumb.name)
    if not key:
        return None
    row = db.execute(
        "INSERT INTO categories (site, key, name, url) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (site, key) DO UPDATE SET name = excluded.name RETURNING id",
        (site, key, crumb.name, crumb.url),
    ).fetchone()
    return int(row[0])


def put_breadcrumb(
    db: sqlite3.Connection, site: str, breadcrumb: Iterable[Crumb], own: Crumb | None
) -> int | None:
    """The id of the page's own category; the steps above it become its parents where they have a key of their own."""
    parent: int | None = None
    for crumb in breadcrumb:
        if crumb.key is None or (own is not None and crumb.key == own.key):
            continue
        step = put_category(db, site, crumb)
        set_parent(db, step, parent)
        parent = step
    category = put_category(db, site, own)
    set_parent(db, category, parent)
    return category


def set_parent(db: sqlite3.Connection, category: int | None, parent: int | None) -> None:
    """Sets what is not known yet, but never makes a circle: a later page may print the steps in another order."""
    if category is None or parent is None:
        return
    circle = db.execute(
        "WITH RECURSIVE up(id) AS (VALUES (?) UNION SELECT c.parent_id FROM categories c JOIN up ON c.id = up.id"
        " WHERE c.parent_id IS NOT NULL) SELECT 1 FROM up WHERE id = ?",
        (parent, category),
    ).fetchone()
    if not circle:
        db.execute(
            "UPDATE categories SET parent_id = ? WHERE id = ? AND parent_id IS NULL",
            (parent, category),
        )
