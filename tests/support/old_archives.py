"""Archives as earlier versions of newscrawl left them: with the first migrations only."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from newscrawl.store.schema.migrations import MIGRATION_SET, MIGRATIONS

FIRST, LAST = "2026-09-01T06:00:00Z", "2026-10-11T06:00:00Z"
SITES = ("paper", "other")


def old_archive(folder: Path, number: int) -> None:
    """An archive of two sites with the first `number` migrations.

    Two category pages, and an article that was read under its own address.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db:
        chosen = Migrations(MIGRATION_SET)
        for migration in MIGRATIONS[:number]:
            chosen()(migration)
        chosen.apply(Database(db))
        for crawl_id, site in enumerate(SITES, 1):
            _insert(db, "sites", site=site, name=site, domain=f"{site}.example")
            _insert(db, "crawls", id=crawl_id, site=site, started_at=FIRST, version="0")
            _insert(db, "categories", id=crawl_id, site=site, key="1")
            _insert(
                db,
                "frontier",
                url=f"https://{site}.example/list",
                site=site,
                kind="listing",
                state="done",
                category_id=crawl_id,
                page=1,
                crawl_id=crawl_id,
            )
        add_read_article(db, 1, "https://paper.example/a-1.html")
        db.commit()


def add_read_article(
    db: sqlite3.Connection, number: int, url: str, *, requested: str | None = None
) -> None:
    """An article of the site `paper` that was read once; `requested`: under another address."""
    _insert(
        db,
        "captures",
        id=number,
        crawl_id=1,
        url=requested or url,
        kind="article",
        status=200,
        fetched_at=FIRST,
    )
    add_article(db, number, url, state="stored", revision=1, title="A title", fetched_at=FIRST)
    _insert(
        db,
        "revisions",
        article_id=number,
        revision=1,
        fetched_at=FIRST,
        title="A title",
        capture_id=number,
    )
    _insert(db, "bodies", article_id=number, body="A text.")
    _insert(
        db,
        "frontier",
        url=requested or url,
        site="paper",
        kind="article",
        article_id=number,
        state="done",
        not_before=None if requested else LAST,
        capture_id=number,
    )


def add_article(
    db: sqlite3.Connection, number: int, url: str, *, site: str = "paper", **fields: object
) -> None:
    """The row of an article; a stub unless `fields` give more."""
    row = {"state": "stub", "first_seen_at": FIRST, "last_seen_at": FIRST} | fields
    _insert(db, "articles", id=number, site=site, key=f"{number}", url=url, **row)


def add_task(db: sqlite3.Connection, url: str, *, site: str = "paper", **fields: object) -> None:
    """A row of the frontier for an article page."""
    _insert(db, "frontier", url=url, site=site, kind="article", **fields)


def _insert(db: sqlite3.Connection, table: str, **fields: object) -> None:
    row: Mapping[str, object] = fields
    marks = ", ".join("?" * len(row))
    db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
