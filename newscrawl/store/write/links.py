"""Links between articles, and the stubs of articles that are known from links, listings and feeds only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from newscrawl.core.crashpoints import reach
from newscrawl.core.records import Article, Link, Teaser
from newscrawl.store.rows import Visit
from newscrawl.store.write.categories import find_category
from newscrawl.store.write.publication_time import better_time, outranks, row_time, time_of

UNREAD_STATES = ("stub", "failed", "blocked")  # only teasers have said anything of these


def save_links(db: sqlite3.Connection, article_id: int, article: Article, visit: Visit) -> int:
    """Adds the page's links and marks those known as seen again; the number of new ones.

    A link that the page no longer shows stays, with the time when it was last seen. Where a block names
    one article twice, the first place counts. An older page (a rebuild out of order) never takes back what a
    newer one said.
    """
    targets = touch_teasers(
        db, article.site, [link.teaser for link in article.links], visit.seen_at
    )
    reach("mid_links")
    shown: dict[tuple[int, str], Link] = {}
    for target, link in zip(targets, article.links, strict=True):
        if target != article_id:
            shown.setdefault((target, link.kind), link)
    rows = db.execute(
        "SELECT target_id, kind FROM links WHERE source_id = ?", (article_id,)
    ).fetchall()
    known = {(row["target_id"], row["kind"]) for row in rows}
    now, crawl = visit.seen_at, visit.crawl_id
    db.executemany(
        "INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (article_id, target, kind, link.position, link.anchor, now, now, crawl, crawl)
            for (target, kind), link in shown.items()
            if (target, kind) not in known
        ],
    )
    db.executemany(
        "UPDATE links SET position = ?, anchor = ifnull(?, anchor), last_seen_at = ?, last_crawl_id = ?"
        " WHERE source_id = ? AND target_id = ? AND kind = ? AND last_seen_at <= ?",
        [
            (link.position, link.anchor, now, crawl, article_id, target, kind, now)
            for (target, kind), link in shown.items()
            if (target, kind) in known
        ],
    )
    return len(shown.keys() - known)


def touch_teasers(
    db: sqlite3.Connection, site: str, teasers: Sequence[Teaser], seen_at: str
) -> list[int]:
    """The ids of the articles that a page's teasers show, in their order: new stubs, or the rows known already.

    The gaps of a row are filled from its teaser.
    """
    rows = {row["key"]: row for row in _known(db, site, [teaser.key for teaser in teasers])}
    touched: dict[str, int] = {}
    ids: list[int] = []
    for teaser in teasers:
        if teaser.key in touched:  # a second teaser finds the row as the first one left it
            rows[teaser.key] = _known(db, site, [teaser.key])[0]
        row = rows.get(teaser.key)
        if row is None:
            touched[teaser.key] = _add_stub(db, site, teaser, seen_at)
        else:
            _touch(db, row, site, teaser, seen_at)
            touched[teaser.key] = int(row["id"])
        ids.append(touched[teaser.key])
    return ids


def _known(db: sqlite3.Connection, site: str, keys: Sequence[str]) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT id, key, state, title, summary, category_id, last_seen_at, published_at, published_local,"
        " published_raw, published_precision, published_source FROM articles"
        " WHERE site = ? AND key IN (SELECT value FROM json_each(?))",
        (site, json.dumps(keys)),
    ).fetchall()


def _add_stub(db: sqlite3.Connection, site: str, teaser: Teaser, seen_at: str) -> int:
    time = time_of(teaser.published, teaser.source, teaser.published_raw)
    made = db.execute(
        "INSERT INTO articles (site, key, url, state, title, summary, category_id, published_at, published_local,"
        " published_raw, published_precision, published_source, first_seen_at, last_seen_at)"
        " VALUES (?, ?, ?, 'stub', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            site, teaser.key, teaser.url, teaser.title, teaser.summary, find_category(db, site, teaser.category),
            time.at, time.local, time.raw, time.precision, time.source, seen_at, seen_at,
        ),
    ).fetchone()  # fmt: skip
    return int(made[0])


def _touch(
    db: sqlite3.Connection, row: sqlite3.Row, site: str, teaser: Teaser, seen_at: str
) -> None:
    if not outranks(row, teaser.source):
        best = better_time(
            row_time(row), time_of(teaser.published, teaser.source, teaser.published_raw)
        )
        if best != row_time(row):
            db.execute(
                "UPDATE articles SET published_at = ?, published_local = ?, published_raw = ?,"
                " published_precision = ?, published_source = ? WHERE id = ?",
                (best.at, best.local, best.raw, best.precision, best.source, row["id"]),
            )
    if row["state"] in UNREAD_STATES:
        _fill_stub(db, row, site, teaser)
    if row["last_seen_at"] < seen_at:
        db.execute("UPDATE articles SET last_seen_at = ? WHERE id = ?", (seen_at, row["id"]))


def _fill_stub(db: sqlite3.Connection, row: sqlite3.Row, site: str, teaser: Teaser) -> None:
    title = row["title"] or teaser.title
    summary = row["summary"] or teaser.summary
    category = row["category_id"] or find_category(db, site, teaser.category)
    if (title, summary, category) != (row["title"], row["summary"], row["category_id"]):
        db.execute(
            "UPDATE articles SET title = ?, summary = ?, category_id = ? WHERE id = ?",
            (title, summary, category, row["id"]),
        )
