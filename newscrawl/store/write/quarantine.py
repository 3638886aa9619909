"""Articles in quarantine: read from pages that lack what the site's pages usually have."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newscrawl.core.records import Article, Problem
from newscrawl.core.times import to_utc_text
from newscrawl.store.conditions import marks
from newscrawl.store.rows import LACKING, QUARANTINED
from newscrawl.store.write.commits import Part
from newscrawl.store.write.frontier import FIRST_PAUSE
from newscrawl.store.write.full_text import write_waiting
from newscrawl.store.write.problems import add_problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """A page that could not be read as usual, and what the archive knows of its article.

    `read_before`: the article's fields come from a page of an earlier design, otherwise from a
    teaser.
    """

    capture_id: int
    url: str
    fetched_at: str
    warc_file: str
    offset: int
    length: int
    article: dict[str, Any]
    read_before: bool


# The articles that a crawl was the first to read, and no later one has read otherwise.
_FIRST_READ = """
    FROM captures p JOIN revisions r ON r.capture_id = p.id AND r.revision = 1
    JOIN articles a ON a.id = r.article_id
    WHERE p.crawl_id = ? AND a.revision = 1
"""
# The last wording of a teaser of the article.
_TEASED = "(SELECT l.{} FROM listings l WHERE l.article_id = :id ORDER BY l.crawl_id DESC LIMIT 1)"
# Everything that was read from an article's page is deleted; the article is blocked, and its page
# pending again.
_WITHDRAW = (
    "UPDATE captures SET refused = 'soft_404' WHERE id IN"
    " (SELECT capture_id FROM revisions WHERE article_id = :id)",
    "DELETE FROM bodies WHERE article_id = :id",
    "DELETE FROM revisions WHERE article_id = :id",
    "DELETE FROM duplicates WHERE article_id = :id",
    "DELETE FROM duplicates WHERE other_id = :id",
    "DELETE FROM compared_texts WHERE article_id = :id",
    "DELETE FROM links WHERE source_id = :id",
    f"""
    UPDATE articles SET state = 'blocked', title = {_TEASED.format("title")},
        summary = {_TEASED.format("summary")}, authors = '[]', tags = '[]', published_at = NULL,
        published_local = NULL, published_raw = NULL, published_precision = NULL,
        published_source = NULL, modified_at = NULL, language = NULL, image_url = NULL,
        word_count = NULL, body_hash = NULL, template = NULL, fetched_at = NULL, revision = 0,
        provenance = '{{}}'
    WHERE id = :id
    """,
    "UPDATE frontier SET state = 'pending', attempts = 1, reason = 'soft_404', not_before = :again,"
    " capture_id = NULL WHERE article_id = :id AND state <> 'spare'",
)


class Quarantine(Part):
    """`store.quarantine`: articles in quarantine, and articles whose page was no article."""

    def add(self, crawl_id: int, fields: Collection[str], now: datetime) -> int:
        """Puts articles that a crawl was the first to read and that lack a field into quarantine.

        Returns how many; a second call changes nothing.
        """
        lacking = {name: LACKING[name] for name in fields}
        columns = ", ".join(f"{condition} AS {name}" for name, condition in lacking.items())
        with self._transaction():
            rows = self._db.execute(
                f"SELECT a.id, a.url, {columns} {_FIRST_READ} AND a.state IN ('stored', 'degraded')"
                f" AND ({' OR '.join(lacking.values())})",
                (crawl_id,),
            ).fetchall()
            for row in rows:
                problems = [
                    Problem("extract", QUARANTINED, "pages of this site usually have it", name)
                    for name in fields
                    if row[name]
                ]
                self._add_problems(problems, crawl_id, row, now)
                self._db.execute(
                    "UPDATE articles SET state = 'degraded' WHERE id = ?", (row["id"],)
                )
        return len(rows)

    def withdraw(self, crawl_id: int, like: Article, now: datetime, pause_factor: float) -> int:
        """Blocks the articles that a crawl stored with exactly this headline and text; how many.

        The site gave the same page for several articles. They are as if never read: what teasers
        say of them comes back with the next category page, and their pages are fetched again after
        a pause. What an earlier crawl stored is kept.
        """
        again = to_utc_text(now + FIRST_PAUSE * pause_factor)
        message = "the site returns the same page for other articles"
        problem = Problem("extract", "soft_404", message)
        with self._transaction():
            rows = self._db.execute(
                f"SELECT a.id, a.url {_FIRST_READ} AND a.site = ? AND a.title IS ?"
                " AND substr(a.body_hash, 8, 16) = substr(?, 8, 16) AND a.body_hash = ?",
                (crawl_id, like.site, like.title, like.body_hash, like.body_hash),
            ).fetchall()
            write_waiting(self._db)
            for row in rows:
                for statement in _WITHDRAW:
                    self._db.execute(statement, {"id": row["id"], "again": again})
                self._add_problems([problem], crawl_id, row, now)
        return len(rows)

    def coverage_of(self, crawl_id: int, unread: Collection[str]) -> dict[str, int]:
        """How many articles a killed crawl was the first to read, and how many have each field.

        `unread` are the codes of problems with pages that gave no article.
        """
        sums = ", ".join(f"sum(NOT {condition}) AS {name}" for name, condition in LACKING.items())
        row = self._db.execute(
            f"SELECT count(*) AS articles, {sums} {_FIRST_READ}", (crawl_id,)
        ).fetchone()
        coverage = {name: int(row[name] or 0) for name in ("articles", *LACKING)}
        unread_pages = self._db.execute(
            "SELECT count(DISTINCT url) FROM problems WHERE crawl_id = ?"
            f" AND code IN ({marks(len(unread))})",
            (crawl_id, *unread),
        ).fetchone()[0]
        coverage["pages"] = coverage["articles"] + int(unread_pages)
        return coverage

    def specimens(self, crawl_id: int, unread: Collection[str]) -> Iterator[Specimen]:
        """Pages of a crawl that could not be read as usual, first those of articles read before."""
        codes = (QUARANTINED, *unread)
        rows = self._db.execute(
            f"""
            SELECT c.id AS capture_id, c.url AS page, c.fetched_at AS page_fetched_at, c.warc_file,
                c.warc_offset, c.warc_length,
                a.revision > 0 AND a.state NOT IN ('degraded', 'blocked') AS read_before, v.*
            FROM problems p
            JOIN captures c ON c.crawl_id = p.crawl_id AND c.url = p.url AND c.status IN (200, 203)
            JOIN crawls w ON w.id = p.crawl_id
            JOIN frontier f ON f.url = p.url AND f.site = w.site
            JOIN export_articles v ON v.id = ifnull(p.article_id, f.article_id)
            JOIN articles a ON a.id = v.id
            WHERE p.crawl_id = ? AND p.code IN ({marks(len(codes))}) AND c.kind = 'article'
                AND c.warc_file IS NOT NULL
            ORDER BY read_before DESC, c.id
            """,
            (crawl_id, *codes),
        )
        for row in rows:
            yield Specimen(
                capture_id=row["capture_id"],
                url=row["page"],
                fetched_at=row["page_fetched_at"],
                warc_file=row["warc_file"],
                offset=row["warc_offset"],
                length=row["warc_length"],
                article=dict(row),
                read_before=bool(row["read_before"]),
            )

    def missing_fields(self, article_id: int) -> frozenset[str]:
        """The fields for which an article is in quarantine."""
        return missing_fields(self._db, article_id)

    def release(self, article_id: int) -> None:
        """Takes an article out of quarantine."""
        with self._transaction():
            release(self._db, article_id)

    def _add_problems(
        self, problems: Collection[Problem], crawl_id: int, article: sqlite3.Row, now: datetime
    ) -> None:
        add_problems(
            self._db,
            problems,
            crawl_id=crawl_id,
            url=article["url"],
            article_id=article["id"],
            seen_at=to_utc_text(now),
        )


def missing_fields(db: sqlite3.Connection, article_id: int) -> frozenset[str]:
    """The fields for which an article is in quarantine."""
    rows = db.execute(
        "SELECT field FROM problems WHERE article_id = ? AND code = ?", (article_id, QUARANTINED)
    )
    return frozenset(row["field"] for row in rows)


def release(db: sqlite3.Connection, article_id: int) -> None:
    """Takes an article out of quarantine."""
    db.execute(
        "UPDATE articles SET state = 'stored' WHERE id = ? AND state = 'degraded'", (article_id,)
    )
    db.execute("DELETE FROM problems WHERE article_id = ? AND code = ?", (article_id, QUARANTINED))
