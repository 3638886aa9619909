"""Articles that are held back: read, but from pages that lack what the site's pages usually have."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newscrawl.core.records import Article, Problem
from newscrawl.core.times import to_utc_text
from newscrawl.store.rows import LACKING, QUARANTINED
from newscrawl.store.write.commits import Part
from newscrawl.store.write.frontier import FIRST_PAUSE
from newscrawl.store.write.full_text import settle
from newscrawl.store.write.problems import add_problems


@dataclass(frozen=True, slots=True)
class Specimen:
    """A page that could not be read as usual, and what the archive knows of its article from elsewhere."""

    capture_id: int
    url: str
    fetched_at: str
    warc_file: str
    offset: int
    length: int
    article: dict[str, Any]
    read_before: (
        bool  # what is known is what an earlier design's page said, else what a teaser says
    )


_FIRST_READ = (
    "FROM captures p JOIN revisions r ON r.capture_id = p.id AND r.revision = 1 JOIN articles a ON a.id = r.article_id"
    " WHERE p.crawl_id = ? AND a.revision = 1"
)


_TEASED = "(SELECT l.{} FROM listings l WHERE l.article_id = :id ORDER BY l.crawl_id DESC LIMIT 1)"


_TAKE_BACK = (
    "DELETE FROM bodies WHERE article_id = :id",
    "DELETE FROM revisions WHERE article_id = :id",
    "DELETE FROM duplicates WHERE :id IN (article_id, other_id)",
    "DELETE FROM text_bands WHERE article_id = :id",
    "DELETE FROM compared_texts WHERE article_id = :id",
    "DELETE FROM links WHERE source_id = :id",
    f"UPDATE articles SET state = 'blocked', title = {_TEASED.format('title')}, summary = {_TEASED.format('summary')},"
    " authors = '[]', tags = '[]', published_at = NULL, published_local = NULL, published_raw = NULL,"
    " published_precision = NULL, published_source = NULL, modified_at = NULL, language = NULL, image_url = NULL,"
    " word_count = NULL, body_hash = NULL, template = NULL, fetched_at = NULL, revision = 0, provenance = '{}'"
    " WHERE id = :id",
    "UPDATE frontier SET state = 'pending', attempts = 1, reason = 'soft_404', not_before = :again, capture_id = NULL"
    " WHERE article_id = :id",
)


class Quarantine(Part):
    """`store.quarantine`: articles in quarantine, and pages that count as never read."""

    def add(self, crawl_id: int, fields: Collection[str], now: datetime) -> int:
        """Holds back the articles that a crawl read first and that lack any of the fields; how many. Twice is as once."""
        with self._transaction():
            held = 0
            wheres = {name: LACKING[name] for name in fields}
            columns = ", ".join(f"{lacks} AS {name}" for name, lacks in wheres.items())
            rows = self._db.execute(
                f"SELECT a.id, a.url, {columns} {_FIRST_READ} AND a.state IN ('stored', 'degraded')"
                f" AND ({' OR '.join(wheres.values())})",
                (crawl_id,),
            ).fetchall()
            for row in rows:
                lost = [
                    Problem("extract", QUARANTINED, "pages of this site usually have it", name)
                    for name in fields
                    if row[name]
                ]
                add_problems(
                    self._db,
                    lost,
                    crawl_id=crawl_id,
                    url=row["url"],
                    article_id=row["id"],
                    seen_at=to_utc_text(now),
                )
                self._db.execute(
                    "UPDATE articles SET state = 'degraded' WHERE id = ?", (row["id"],)
                )
                held += 1
            return held

    def withdraw(self, crawl_id: int, like: Article, now: datetime, pause_factor: float) -> int:
        """Articles with this very headline and text, read once, were never read: they are blocked; how many.

        What teasers said of them comes back with the next category page. They are asked for again after a pause.
        """
        with self._transaction():
            rows = self._db.execute(
                "SELECT id, url FROM articles WHERE site = ? AND title IS ? AND substr(body_hash, 8, 16) = substr(?, 8, 16)"
                " AND body_hash = ? AND revision = 1",
                (like.site, like.title, like.body_hash, like.body_hash),
            ).fetchall()
            again = to_utc_text(now + FIRST_PAUSE * pause_factor)
            settle(self._db)
            for row in rows:
                for statement in _TAKE_BACK:
                    self._db.execute(statement, {"id": row["id"], "again": again})
                problem = Problem(
                    "extract", "soft_404", "the site gives the same page for other articles"
                )
                add_problems(
                    self._db,
                    [problem],
                    crawl_id=crawl_id,
                    url=row["url"],
                    article_id=row["id"],
                    seen_at=to_utc_text(now),
                )
            return len(rows)

    def coverage_of(self, crawl_id: int, unread: Collection[str]) -> dict[str, int]:
        """What a killed crawl could not count any more: of the articles it read first, how many have each field."""
        sums = ", ".join(f"sum(NOT {lacks}) AS {name}" for name, lacks in LACKING.items())
        row = self._db.execute(
            f"SELECT count(*) AS articles, {sums} {_FIRST_READ}", (crawl_id,)
        ).fetchone()
        found = {name: int(row[name] or 0) for name in ("articles", *LACKING)}
        marks = ", ".join("?" * len(unread))
        lost = self._db.execute(
            f"SELECT count(DISTINCT url) FROM problems WHERE crawl_id = ? AND code IN ({marks})",
            (crawl_id, *unread),
        ).fetchone()[0]
        return found | {"pages": found["articles"] + int(lost)}

    def specimens(self, crawl_id: int, unread: Collection[str]) -> Iterator[Specimen]:
        """Pages of a crawl that could not be read as usual, those first whose article was read before."""
        marks = ", ".join("?" * (len(unread) + 1))
        rows = self._db.execute(
            "SELECT c.id AS capture_id, c.url AS page, c.fetched_at AS at, c.warc_file, c.warc_offset, c.warc_length,"
            " a.revision > 0 AND a.state NOT IN ('degraded', 'blocked') AS read_before, v.*"
            " FROM problems p JOIN captures c ON c.crawl_id = p.crawl_id AND c.url = p.url AND c.status IN (200, 203)"
            " JOIN frontier f ON f.url = p.url JOIN export_articles v ON v.id = ifnull(p.article_id, f.article_id)"
            " JOIN articles a ON a.id = v.id"
            f" WHERE p.crawl_id = ? AND p.code IN ({marks}) AND c.kind = 'article' AND c.warc_file IS NOT NULL"
            " ORDER BY read_before DESC, c.id",
            (crawl_id, QUARANTINED, *unread),
        )
        for row in rows:
            article = {name: row[name] for name in row.keys()[8:]}
            yield Specimen(
                row["capture_id"], row["page"], row["at"], row["warc_file"], row["warc_offset"], row["warc_length"],
                article, bool(row["read_before"]),
            )  # fmt: skip

    def missing_fields(self, article_id: int) -> frozenset[str]:
        """The fields for which an article is in quarantine."""
        return missing_fields(self._db, article_id)

    def release(self, article_id: int) -> None:
        """The article is one like others again."""
        with self._transaction():
            release(self._db, article_id)


def release(db: sqlite3.Connection, article_id: int) -> None:
    """The article is one like others again."""
    db.execute(
        "UPDATE articles SET state = 'stored' WHERE id = ? AND state = 'degraded'", (article_id,)
    )
    db.execute("DELETE FROM problems WHERE article_id = ? AND code = ?", (article_id, QUARANTINED))


def missing_fields(db: sqlite3.Connection, article_id: int) -> frozenset[str]:
    """What an article is held back for."""
    rows = db.execute(
        "SELECT field FROM problems WHERE article_id = ? AND code = ?", (article_id, QUARANTINED)
    )
    return frozenset(row["field"] for row in rows)
