"""Reading an archive: one snapshot, and everything that is known about an article."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.records import LIST_FIELDS
from newscrawl.store.connection import open_reader
from newscrawl.store.known_names import site_names
from newscrawl.store.read.crawl_history import crawled_sites
from newscrawl.store.read.duplicates import elsewhere


class Reader:
    """One snapshot of an archive, for all queries; UsageError if there is no archive."""

    def __init__(self, folder: Path) -> None:
        self.path = ArchiveFolder(folder).database
        self.db = open_reader(folder)

    def __enter__(self) -> Self:
        self.db.execute("BEGIN")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.db.close()

    def sites(self) -> list[str]:
        """The sites that the archive has rows of."""
        return site_names(self.db)

    def crawled_sites(self) -> list[str]:
        """The sites that were ever crawled."""
        return crawled_sites(self.db)

    def article(self, article_id: int) -> dict[str, Any]:
        """Everything that the archive knows about an article: the export's columns, then the rest.

        Lists are lists, and `provenance` maps each field to its place in the page. `links` counts
        by direction and kind.
        """
        row = self.db.execute(
            "SELECT * FROM export_articles WHERE id = ?", (article_id,)
        ).fetchone()
        article = dict(row)
        for name in LIST_FIELDS:
            article[name] = json.loads(article[name])
        article |= self._other_columns(article_id)
        article["links"] = {
            "out": self._count_links("source_id", article_id),
            "in": self._count_links("target_id", article_id),
        }
        article["aliases"] = self._rows(
            "SELECT url, reason FROM aliases WHERE article_id = ? ORDER BY url", article_id
        )
        article["revisions"] = self._rows(
            "SELECT revision, fetched_at, title, modified_at, body_hash, capture_id, template,"
            " extractor FROM revisions WHERE article_id = ? ORDER BY revision",
            article_id,
        )
        article["duplicates"] = elsewhere(self.db, article_id)
        article["problems"] = self._rows(
            "SELECT stage, field, code, message, raw, seen_at FROM problems WHERE article_id = ?"
            " ORDER BY id",
            article_id,
        )
        article["capture"] = self._capture(article_id)
        return article

    def revision_texts(self, article_id: int) -> list[dict[str, Any]]:
        """Every revision with its texts, the first one first."""
        return self._rows(
            "SELECT revision, fetched_at, title, summary, body, authors, published_local,"
            " published_source, modified_at, capture_id FROM revisions WHERE article_id = ?"
            " ORDER BY revision",
            article_id,
        )

    def captured_url(self, capture_id: int | None) -> str | None:
        """The address that a capture was fetched from; None for an unknown capture."""
        rows = self._rows("SELECT url FROM captures WHERE id = ?", capture_id)
        return str(rows[0]["url"]) if rows else None

    def _other_columns(self, article_id: int) -> dict[str, Any]:
        row = self.db.execute(
            "SELECT c.key AS category_key, a.body_hash, a.template, a.provenance, s.timezone"
            " FROM articles a JOIN sites s ON s.site = a.site"
            " LEFT JOIN categories c ON c.id = a.category_id WHERE a.id = ?",
            (article_id,),
        ).fetchone()
        return dict(row) | {"provenance": json.loads(row["provenance"])}

    def _count_links(self, end: str, article_id: int) -> dict[str, int]:
        rows = self.db.execute(
            f"SELECT kind, count(*) FROM links WHERE {end} = ? GROUP BY kind ORDER BY kind",
            (article_id,),
        )
        return {row[0]: row[1] for row in rows}

    def _capture(self, article_id: int) -> dict[str, Any] | None:
        """The fetch from which the newest revision was read."""
        rows = self._rows(
            "SELECT p.id, p.url, p.status, p.fetched_at, p.etag, p.last_modified, p.warc_file,"
            " p.warc_offset, p.warc_length, p.payload_digest"
            " FROM revisions r JOIN captures p ON p.id = r.capture_id"
            " WHERE r.article_id = ? ORDER BY r.revision DESC LIMIT 1",
            article_id,
        )
        return rows[0] if rows else None

    def _rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        return [dict(row) for row in self.db.execute(statement, values)]


def open_or_none(folder: Path) -> Reader | None:
    """The archive opened for reading; None if there is none yet."""
    return Reader(folder) if ArchiveFolder(folder).database.is_file() else None
