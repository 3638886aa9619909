"""Links between articles, and stubs: articles that are only known from teasers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from newscrawl.core.crashpoints import reach
from newscrawl.core.records import Article, Link, Teaser
from newscrawl.store.rows import Visit
from newscrawl.store.write.addresses import note_addresses, origin_of
from newscrawl.store.write.categories import find_category
from newscrawl.store.write.publication_time import better_time, outranks, row_time, time_of

UNREAD_STATES = ("stub", "failed", "blocked")  # all that is known of these comes from teasers


def save_links(db: sqlite3.Connection, article_id: int, article: Article, visit: Visit) -> int:
    """Adds the page's links and marks known ones as seen again; the number of new ones.

    A link that the page no longer shows is kept, with the time when it was last seen. If a block
    names an article twice, its first place counts. An older page (a rebuild out of order) never
    undoes what a newer one wrote.
    """
    teasers = [link.teaser for link in article.links]
    target_ids = touch_teasers(db, article.site, teasers, visit.seen_at, queues=visit.queues)
    reach("mid_links")
    shown: dict[tuple[int, str], Link] = {}
    for target_id, link in zip(target_ids, article.links, strict=True):
        if target_id != article_id:
            shown.setdefault((target_id, link.kind), link)
    rows = db.execute("SELECT target_id, kind FROM links WHERE source_id = ?", (article_id,))
    known = {(row["target_id"], row["kind"]) for row in rows.fetchall()}
    seen_at, crawl_id = visit.seen_at, visit.crawl_id
    added: list[tuple[object, ...]] = []
    seen_again: list[tuple[object, ...]] = []
    for (target_id, kind), link in shown.items():
        key = (article_id, target_id, kind)
        if (target_id, kind) in known:
            seen_again.append((link.position, link.anchor, seen_at, crawl_id, *key, seen_at))
        else:
            added.append((*key, link.position, link.anchor, seen_at, seen_at, crawl_id, crawl_id))
    db.executemany("INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", added)
    db.executemany(
        "UPDATE links SET position = ?, anchor = ifnull(?, anchor), last_seen_at = ?,"
        " last_crawl_id = ?"
        " WHERE source_id = ? AND target_id = ? AND kind = ? AND last_seen_at <= ?",
        seen_again,
    )
    return len(added)


def touch_teasers(
    db: sqlite3.Connection,
    site: str,
    teasers: Sequence[Teaser],
    seen_at: str,
    *,
    queues: bool = True,
) -> list[int]:
    """The ids of the articles that the teasers of a page show, in their order.

    An unknown article becomes a stub; gaps in a known article's row are filled from its teaser. Of
    a stub, the words of the earliest teaser are kept, also where an import brings it later.
    """
    rows = {row["key"]: row for row in _rows(db, site, [teaser.key for teaser in teasers])}
    if queues:
        _note_addresses(db, site, rows, teasers)
    touched: dict[str, int] = {}
    ids: list[int] = []
    for teaser in teasers:
        if teaser.key in touched:  # the row is as the teaser before this one left it
            rows[teaser.key] = _rows(db, site, [teaser.key])[0]
        row = rows.get(teaser.key)
        if row is None:
            touched[teaser.key] = _add_stub(db, site, teaser, seen_at)
        else:
            _touch(db, row, site, teaser, seen_at)
            touched[teaser.key] = int(row["id"])
        ids.append(touched[teaser.key])
    return ids


def _note_addresses(
    db: sqlite3.Connection, site: str, rows: Mapping[str, sqlite3.Row], teasers: Sequence[Teaser]
) -> None:
    """Notes the addresses under which the page shows articles that are stored or gone.

    Those of a mirror are left out: they are for crawls of that mirror.
    """
    shown: dict[str, sqlite3.Row] = {}
    for teaser in teasers:
        row = rows.get(teaser.key)
        if row is None or row["url"] == teaser.url or row["state"] in UNREAD_STATES:
            continue
        if origin_of(row["url"]) == origin_of(teaser.url):
            shown[teaser.url] = row
    if shown:
        note_addresses(db, site, shown)


def _rows(db: sqlite3.Connection, site: str, keys: Sequence[str]) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT id, key, url, state, title, summary, category_id, first_seen_at, last_seen_at,"
        " published_at,"
        " published_local, published_raw, published_precision, published_source FROM articles"
        " WHERE site = ? AND key IN (SELECT value FROM json_each(?))",
        (site, json.dumps(keys)),
    ).fetchall()


def _add_stub(db: sqlite3.Connection, site: str, teaser: Teaser, seen_at: str) -> int:
    time = time_of(teaser.published, teaser.source, teaser.published_raw)
    row = db.execute(
        "INSERT INTO articles (site, key, url, state, title, summary, category_id, published_at,"
        " published_local, published_raw, published_precision, published_source, first_seen_at,"
        " last_seen_at) VALUES (?, ?, ?, 'stub', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            site,
            teaser.key,
            teaser.url,
            teaser.title,
            teaser.summary,
            find_category(db, site, teaser.category),
            time.at,
            time.local,
            time.raw,
            time.precision,
            time.source,
            seen_at,
            seen_at,
        ),
    ).fetchone()
    return int(row["id"])


def _touch(
    db: sqlite3.Connection, row: sqlite3.Row, site: str, teaser: Teaser, seen_at: str
) -> None:
    if not outranks(row, teaser.source):
        _improve_time(db, row, teaser, seen_at)
    if row["state"] in UNREAD_STATES:
        _fill_stub(db, row, site, teaser, seen_at)
    if row["last_seen_at"] < seen_at:
        db.execute("UPDATE articles SET last_seen_at = ? WHERE id = ?", (seen_at, row["id"]))
    if seen_at < row["first_seen_at"]:
        db.execute("UPDATE articles SET first_seen_at = ? WHERE id = ?", (seen_at, row["id"]))


def _improve_time(db: sqlite3.Connection, row: sqlite3.Row, teaser: Teaser, seen_at: str) -> None:
    old = row_time(row)
    shown = time_of(teaser.published, teaser.source, teaser.published_raw)
    is_older = seen_at < row["last_seen_at"]
    time = better_time(shown, old) if is_older else better_time(old, shown)
    if time != old:
        db.execute(
            "UPDATE articles SET published_at = ?, published_local = ?, published_raw = ?,"
            " published_precision = ?, published_source = ? WHERE id = ?",
            (time.at, time.local, time.raw, time.precision, time.source, row["id"]),
        )


def _fill_stub(
    db: sqlite3.Connection, row: sqlite3.Row, site: str, teaser: Teaser, seen_at: str
) -> None:
    known = (row["title"], row["summary"], row["category_id"])
    shown = (teaser.title, teaser.summary, find_category(db, site, teaser.category))
    is_first = seen_at < row["first_seen_at"]
    first, second = (shown, known) if is_first else (known, shown)
    title, summary, category = (old or new for old, new in zip(first, second, strict=True))
    if (title, summary, category) != known:
        db.execute(
            "UPDATE articles SET title = ?, summary = ?, category_id = ? WHERE id = ?",
            (title, summary, category, row["id"]),
        )
    if is_first:
        db.execute("UPDATE articles SET url = ? WHERE id = ?", (teaser.url, row["id"]))
