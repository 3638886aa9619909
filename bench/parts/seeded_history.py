"""What happened to a seeded archive after its articles were stored: crawls, listings and edits."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

LAST = datetime(2026, 9, 1, tzinfo=UTC)  # the end of the last crawl
BETWEEN = timedelta(hours=1)  # two crawls, of one site after the other
ON_PAGE = 33  # articles of a category page
CRAWL = (
    "INSERT INTO crawls (site, started_at, finished_at, reason, exit_code, stats, version)"
    " VALUES (?, ?, ?, 'finished', 0, ?, 'bench')"
)
LISTING = "INSERT INTO listings VALUES (?, ?, ?, ?, 'list', ?, ?, NULL, NULL, ?)"
FIRST_REVISION = (
    "INSERT OR IGNORE INTO revisions (article_id, revision, fetched_at, title, summary, body,"
    " authors, published_local)"
    " SELECT a.id, 1, a.fetched_at, a.title, a.summary, b.body, a.authors, a.published_local"
    " FROM articles a JOIN bodies b ON b.article_id = a.id WHERE a.id = ?"
)
EDIT = (
    "INSERT INTO revisions (article_id, revision, fetched_at, title, summary, body, authors,"
    " published_local) SELECT article_id, 2, ?, {title}, summary, {body}, authors, published_local"
    " FROM revisions WHERE article_id = ? AND revision = 1"
)
# Three of four edits change the text: a number, a sentence more, a sentence less.
EDITS = (
    EDIT.format(title="'Cập nhật: ' || title", body="body"),
    EDIT.format(title="title", body="body || ' Tổng cộng 85 tỷ đồng.'"),
    EDIT.format(title="title", body="replace(body, '. ', ', 710 tỷ đồng. ')"),
    EDIT.format(title="title", body="substr(body, instr(body, '. ') + 2)"),
)


def add_history(db: sqlite3.Connection, crawls: int, listings: int, edits: int) -> None:
    """Adds so many crawls, rows of listings in all of them, and articles with a second revision."""
    rng = Random(3)
    sites = [row[0] for row in db.execute("SELECT site FROM sites ORDER BY site")]
    articles = db.execute("SELECT max(id) FROM articles").fetchone()[0]
    db.execute("BEGIN")
    for number in range(crawls):
        _add_crawl(db, rng, sites[number % len(sites)], crawls - number, listings // crawls)
    for place, article in enumerate(sorted(rng.sample(range(1, articles + 1), edits))):
        _add_edit(db, article, place, edits)
    db.execute("COMMIT")


def _add_crawl(db: sqlite3.Connection, rng: Random, site: str, ago: int, listings: int) -> None:
    ended = LAST - ago * BETWEEN
    stats = {"new": rng.randint(5, 40), "changed": rng.randint(0, 5), "failed": {}, "listings": 12}
    crawl = db.execute(CRAWL, (site, _utc(ended - BETWEEN), _utc(ended), json.dumps(stats)))
    db.executemany(LISTING, _listings(db, rng, site, (crawl.lastrowid, _utc(ended)), listings))


def _listings(
    db: sqlite3.Connection, rng: Random, site: str, crawl: tuple[int | None, str], count: int
) -> Iterator[tuple[object, ...]]:
    number, seen_at = crawl
    categories = db.execute("SELECT id FROM categories WHERE site = ?", (site,)).fetchall()
    newest = db.execute("SELECT max(id) FROM articles").fetchone()[0]
    for place in range(count):
        part, position = divmod(place, ON_PAGE)
        page, category = divmod(part, len(categories))
        article = max(1, newest - 5 * (number or 0) - rng.randint(0, 2_000))
        category_id = categories[category][0]
        yield number, category_id, page + 1, position + 1, article, f"Tin {article}", seen_at


def _add_edit(db: sqlite3.Connection, article: int, place: int, edits: int) -> None:
    """The second revision of an article; edits are spread over the year before the last crawl."""
    seen_at = _utc(LAST - timedelta(days=365) * (edits - place) / edits)
    db.execute(FIRST_REVISION, (article,))
    db.execute(EDITS[place % len(EDITS)], (seen_at, article))
    db.execute("UPDATE articles SET revision = 2 WHERE id = ?", (article,))


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
