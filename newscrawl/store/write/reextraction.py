"""Replaces what was read from a capture by what a better site file reads from it.

Such a change is never a publisher's edit, so it makes no revision.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newscrawl.core.records import LIST_FIELDS, Article
from newscrawl.store.rows import QUARANTINED, Visit
from newscrawl.store.write.articles import save_article
from newscrawl.store.write.categories import put_breadcrumb
from newscrawl.store.write.commits import Part
from newscrawl.store.write.duplicates import pair_same_body
from newscrawl.store.write.full_text import write_waiting
from newscrawl.store.write.links import save_links
from newscrawl.store.write.problems import add_problems

# The fields that a page fills.
FIELDS = (
    "url",
    "title",
    "summary",
    "body",
    "authors",
    "category",
    "tags",
    "published_at",
    "published_local",
    "published_raw",
    "published_precision",
    "published_source",
    "modified_at",
    "language",
    "image_url",
    "template",
)
# Those of them that a revision has.
REVISED = (
    "title",
    "summary",
    "body",
    "modified_at",
    "template",
    "authors",
    "published_local",
    "published_source",
)
FROM_ELSEWHERE = frozenset({"teaser", "feed", "sitemap", "url"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCapture:
    """A capture of an article page.

    `revision` is the one that it made. `current`: it is the newest answer that was used. `unused`:
    it came after that one and was rejected. `in_quarantine` is about its article.
    """

    site: str
    capture_id: int
    crawl_id: int | None
    url: str
    fetched_at: str
    warc_file: str
    offset: int
    length: int
    article_id: int | None
    revision: int | None
    current: bool
    unused: bool = False
    in_quarantine: bool = False

    def visit(self, extractor: str) -> Visit:
        """The fetch, as the rows that it changes refer to it."""
        return Visit(self.crawl_id, self.capture_id, self.fetched_at, extractor)


class Reextraction(Part):
    """`store.reextraction`: what is stored of each capture, and its replacement."""

    def captures(self, site: str) -> Iterator[StoredCapture]:
        """Every full response for an article page that is in a WARC, in the order of fetching."""
        rows = self._db.execute(
            """
            SELECT p.id, p.crawl_id, p.url, p.fetched_at, p.warc_file, p.warc_offset, p.warc_length,
                coalesce(r.article_id, f.article_id, u.article_id) AS article_id, r.revision,
                f.capture_id IS NOT NULL AS current,
                p.id > ifnull(u.capture_id, 0) AND r.revision IS NULL AS unused,
                a.state IS 'degraded' AS in_quarantine
            FROM captures p JOIN crawls c ON c.id = p.crawl_id
            LEFT JOIN revisions r ON r.capture_id = p.id
            LEFT JOIN frontier f ON f.capture_id = p.id
            LEFT JOIN frontier u ON u.url = p.url
            LEFT JOIN articles a ON a.id = coalesce(r.article_id, f.article_id, u.article_id)
            WHERE c.site = ? AND p.kind = 'article' AND p.status IN (200, 203)
                AND p.warc_file IS NOT NULL AND ifnull(p.refused, '') NOT IN ('soft_404', 'dropped')
            ORDER BY p.id
            """,
            (site,),
        )
        for row in rows:
            yield StoredCapture(
                site=site,
                capture_id=row["id"],
                crawl_id=row["crawl_id"],
                url=row["url"],
                fetched_at=row["fetched_at"],
                warc_file=row["warc_file"],
                offset=row["warc_offset"],
                length=row["warc_length"],
                article_id=row["article_id"],
                revision=row["revision"],
                current=bool(row["current"]),
                unused=bool(row["unused"]),
                in_quarantine=bool(row["in_quarantine"]),
            )

    def stored_fields(self, article_id: int) -> dict[str, Any] | None:
        """The stored FIELDS of an article; None if it was never read."""
        columns = ", ".join(f"v.{name}" for name in FIELDS if name != "template")
        row = self._db.execute(
            f"SELECT {columns}, a.template, a.revision FROM export_articles v"
            " JOIN articles a ON a.id = v.id WHERE v.id = ?",
            (article_id,),
        ).fetchone()
        if row is None or row["revision"] == 0:
            return None
        fields = {name: row[name] for name in FIELDS}
        for name in LIST_FIELDS:
            fields[name] = json.loads(fields[name])
        return fields

    def revision_fields(self, capture: StoredCapture) -> dict[str, Any]:
        """The stored fields of the revision that a capture made: those of REVISED."""
        row = self._db.execute(
            f"SELECT {', '.join(REVISED)} FROM revisions WHERE article_id = ? AND revision = ?",
            (capture.article_id, capture.revision),
        ).fetchone()
        return dict(row) | {"authors": json.loads(row["authors"] or "[]")}

    def links_of(self, capture: StoredCapture) -> set[tuple[str, str]]:
        """(kind, key of the target) of the links that the capture showed."""
        rows = self._db.execute(
            "SELECT l.kind, a.key FROM links l JOIN articles a ON a.id = l.target_id"
            " WHERE l.source_id = ? AND l.last_seen_at = ?",
            (capture.article_id, capture.fetched_at),
        )
        return {(row["kind"], row["key"]) for row in rows}

    def adopt(self, capture: StoredCapture, article: Article, extractor: str) -> None:
        """Stores the article of a page that was rejected when it was fetched, as of that fetch."""
        with self._transaction():
            saved = save_article(self._db, article, capture.visit(extractor))
            self._db.execute(
                "UPDATE captures SET refused = NULL WHERE id = ?", (capture.capture_id,)
            )
            self._db.execute(
                "UPDATE frontier SET state = 'done', attempts = 0, reason = NULL, article_id = ?,"
                " capture_id = ? WHERE article_id = ? OR url = ?",
                (saved.article_id, capture.capture_id, saved.article_id, capture.url),
            )
            self._db.execute(
                "DELETE FROM problems WHERE (article_id = ? OR url = ?) AND stage = 'extract'"
                " AND code <> ?",
                (saved.article_id, capture.url, QUARANTINED),
            )
            self._add_problems(capture, article, saved.article_id)

    def replace_revision(
        self, capture: StoredCapture, article: Article, fields: Mapping[str, Any], extractor: str
    ) -> None:
        """Writes the fields to the revision that a capture made; its number and times are kept."""
        assignments = ", ".join(f"{name} = ?" for name in REVISED)
        with self._transaction():
            self._db.execute(
                f"UPDATE revisions SET {assignments}, body_hash = ?, extractor = ?"
                " WHERE article_id = ? AND revision = ?",
                (
                    *_values(fields, REVISED),
                    article.body_hash,
                    extractor,
                    capture.article_id,
                    capture.revision,
                ),
            )

    def replace_article(
        self, capture: StoredCapture, article: Article, fields: Mapping[str, Any], extractor: str
    ) -> None:
        """Writes an article's row, body and links as its newest capture is read now."""
        article_id = capture.article_id
        assert article_id is not None
        with self._transaction():
            old_hash = self._db.execute(
                "SELECT body_hash FROM articles WHERE id = ?", (article_id,)
            ).fetchone()["body_hash"]
            self._replace_row(article_id, article, fields)
            write_waiting(self._db)
            self._db.execute(
                "UPDATE bodies SET body = ? WHERE article_id = ?", (article.body or "", article_id)
            )
            if old_hash != article.body_hash:
                pair_same_body(self._db, article_id, len(article.body or ""))
            self._delete_links(capture, links_in(article))
            save_links(self._db, article_id, article, capture.visit(extractor))

    def _replace_row(self, article_id: int, article: Article, fields: Mapping[str, Any]) -> None:
        columns = [name for name in FIELDS if name not in ("body", "category")]
        assignments = ", ".join(f"{name} = ?" for name in columns)
        category_id = put_breadcrumb(self._db, article.site, article.breadcrumb, article.category)
        provenance = json.dumps(dict(article.provenance), ensure_ascii=False, sort_keys=True)
        self._db.execute(
            f"UPDATE articles SET {assignments}, category_id = ?, body_hash = ?, word_count = ?,"
            " provenance = ? WHERE id = ?",
            (
                *_values(fields, columns),
                category_id,
                article.body_hash,
                article.word_count,
                provenance,
                article_id,
            ),
        )

    def _delete_links(self, capture: StoredCapture, kept: set[tuple[str, str]]) -> None:
        """Deletes the links that only this capture showed, except `kept`."""
        rows = self._db.execute(
            "SELECT l.target_id, l.kind, a.key FROM links l JOIN articles a ON a.id = l.target_id"
            " WHERE l.source_id = ? AND l.first_seen_at = ? AND l.last_seen_at = ?",
            (capture.article_id, capture.fetched_at, capture.fetched_at),
        ).fetchall()
        for row in rows:
            if (row["kind"], row["key"]) not in kept:
                self._db.execute(
                    "DELETE FROM links WHERE source_id = ? AND target_id = ? AND kind = ?",
                    (capture.article_id, row["target_id"], row["kind"]),
                )

    def replace_problems(self, capture: StoredCapture, article: Article) -> None:
        """Replaces the problems of reading a capture; the problems of other captures are kept."""
        with self._transaction():
            self._db.execute(
                "DELETE FROM problems WHERE article_id = ? AND seen_at = ?"
                " AND stage IN ('extract', 'times') AND code <> ?",
                (capture.article_id, capture.fetched_at, QUARANTINED),
            )
            self._add_problems(capture, article, capture.article_id)

    def _add_problems(
        self, capture: StoredCapture, article: Article, article_id: int | None
    ) -> None:
        add_problems(
            self._db,
            article.problems,
            crawl_id=capture.crawl_id,
            url=article.url,
            article_id=article_id,
            seen_at=capture.fetched_at,
        )


def _values(fields: Mapping[str, Any], names: Sequence[str]) -> list[Any]:
    """The fields as values of columns: lists as JSON."""
    values: list[Any] = []
    for name in names:
        value = fields[name]
        if name in LIST_FIELDS:
            value = json.dumps(value, ensure_ascii=False)
        values.append(value)
    return values


def revised_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a page's fields that a revision has.

    Without a readable time, it has no source of one either.
    """
    revised = {name: fields[name] for name in REVISED}
    if not revised["published_local"]:
        revised["published_source"] = None
    return revised


def links_in(article: Article) -> set[tuple[str, str]]:
    """(kind, key of the target) of the links of a page, without those to itself."""
    links = {(link.kind, link.teaser.key) for link in article.links}
    return {(kind, key) for kind, key in links if key != article.key}


def without_lost_time(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The new fields, with the old publication time if the page has none.

    Only a time from elsewhere, such as a teaser or feed, is kept.
    """
    fields = dict(new)
    came_from_elsewhere = old["published_local"] and old["published_source"] in FROM_ELSEWHERE
    if new["published_local"] is None and came_from_elsewhere:
        for name in FIELDS:
            if name.startswith("published_"):
                fields[name] = old[name]
    return fields
