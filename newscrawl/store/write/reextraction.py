"""Replaces what was read from a capture by what a better site file reads from it.

Such a change is never a publisher's edit, so it makes no revision.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newscrawl.core.records import LIST_FIELDS, Article
from newscrawl.core.times import to_utc_text
from newscrawl.store.rows import QUARANTINED, Visit
from newscrawl.store.write.articles import check_article, save_article
from newscrawl.store.write.categories import find_category, put_breadcrumb
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

    `revision` is the one that it made. `current`: it is the newest answer of its address that was
    used. `refused`: it was not used. `in_quarantine` is about its article.
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
    refused: bool = False
    in_quarantine: bool = False
    imported: bool = False
    worse: bool = False  # refused because an earlier page had what it lacks

    def visit(self, extractor: str) -> Visit:
        """The fetch, as the rows that it changes refer to it."""
        return Visit(self.crawl_id, self.capture_id, self.fetched_at, extractor)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article as it is stored: its FIELDS, and where its pages had them.

    `capture_id` is the capture whose page the row shows, `last_used` the newest that was used.
    """

    fields: Mapping[str, Any]
    provenance: Mapping[str, str]
    category_id: int | None
    revisions: int
    capture_id: int | None
    last_used: int


class Reextraction(Part):
    """`store.reextraction`: what is stored of each capture, and its replacement."""

    def begin(self, pages: Mapping[str, int], now: datetime) -> None:
        """Records the sites, with the number of their pages, until `finish`."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO reextractions (site, started_at, pages) VALUES (?, ?, ?)",
                [(site, to_utc_text(now), number) for site, number in pages.items()],
            )

    def stop(self, pages_read: Mapping[str, int]) -> None:
        """Records how many pages of each site were read until the run was stopped."""
        with self._transaction():
            self._db.executemany(
                "UPDATE reextractions SET pages_read = ? WHERE site = ?",
                [(number, site) for site, number in pages_read.items()],
            )

    def finish(self, sites: Iterable[str]) -> None:
        """Records that all pages of the sites have been read."""
        with self._transaction():
            self._db.executemany(
                "DELETE FROM reextractions WHERE site = ?", [(site,) for site in sites]
            )

    def captures(self, site: str) -> list[StoredCapture]:
        """Every full response for an article page that is in a WARC.

        In the order of fetching, except that the captures of an article follow its first one. Those
        of an article of which captures were imported are in the order of their times.
        """
        # Versions before `captures.refused`: a page that came after the last one used at its
        # address was refused, if the address still has a reason.
        rows = self._db.execute(
            """
            SELECT p.id, p.crawl_id, p.url, p.fetched_at, p.warc_file, p.warc_offset, p.warc_length,
                p.payload_digest, p.source <> 'crawl' AS imported,
                p.refused IS 'worse_page' AS worse,
                coalesce(r.article_id, f.article_id, u.article_id, p.article_id) AS article_id,
                r.revision,
                f.capture_id IS NOT NULL AS current,
                p.refused IS NOT NULL OR (r.revision IS NULL AND f.capture_id IS NULL
                    AND u.reason IS NOT NULL AND p.id > ifnull(u.capture_id, 0)) AS refused,
                a.state IS 'degraded' AS in_quarantine
            FROM captures p JOIN crawls c ON c.id = p.crawl_id
            LEFT JOIN revisions r ON r.capture_id = p.id
            LEFT JOIN frontier f ON f.capture_id = p.id
            LEFT JOIN frontier u ON u.url = p.url AND u.site = c.site
            LEFT JOIN articles a
                ON a.id = coalesce(r.article_id, f.article_id, u.article_id, p.article_id)
            WHERE c.site = ? AND p.kind = 'article' AND p.status IN (200, 203)
                AND p.warc_file IS NOT NULL AND ifnull(p.refused, '') NOT IN ('soft_404', 'dropped')
            GROUP BY p.id, r.revision
            ORDER BY p.id
            """,
            (site,),
        ).fetchall()
        articles_by_url = self._articles_by_url(site)
        captures: list[StoredCapture] = []
        first_captures: dict[int, int] = {}
        imported: set[int | None] = set()
        digests: dict[int, str] = {}
        for row in rows:
            article_id = row["article_id"] or articles_by_url.get(row["url"])
            if article_id is not None:
                first_captures.setdefault(article_id, row["id"])
            if article_id is not None and row["imported"]:
                imported.add(article_id)
            digests[row["id"]] = row["payload_digest"] or ""
            captures.append(
                StoredCapture(
                    site=site,
                    capture_id=row["id"],
                    crawl_id=row["crawl_id"],
                    url=row["url"],
                    fetched_at=row["fetched_at"],
                    warc_file=row["warc_file"],
                    offset=row["warc_offset"],
                    length=row["warc_length"],
                    article_id=article_id,
                    revision=row["revision"],
                    current=bool(row["current"]),
                    refused=bool(row["refused"]),
                    in_quarantine=bool(row["in_quarantine"]),
                    imported=bool(row["imported"]),
                    worse=bool(row["worse"]),
                )
            )

        def place(one: StoredCapture) -> tuple[int, str, str, int]:
            first = first_captures.get(one.article_id or 0, one.capture_id)
            if one.article_id not in imported:
                return first, "", "", one.capture_id
            return first, one.fetched_at, digests[one.capture_id], one.capture_id

        return sorted(captures, key=place)

    def _articles_by_url(self, site: str) -> dict[str, int]:
        """The articles whose page is found under an address that was never queued: redirects."""
        rows = self._db.execute(
            "SELECT l.url, l.article_id FROM aliases l JOIN articles a ON a.id = l.article_id"
            " WHERE a.site = ? UNION ALL SELECT url, id FROM articles WHERE site = ?",
            (site, site),
        )
        return {row["url"]: row["article_id"] for row in rows}

    def urls_without_raw_page(self, site: str) -> frozenset[str]:
        """The addresses of article pages that were read and are in no WARC."""
        rows = self._db.execute(
            "SELECT DISTINCT p.url FROM captures p JOIN crawls c ON c.id = p.crawl_id"
            " WHERE c.site = ? AND p.kind = 'article' AND p.status IN (200, 203)"
            " AND p.warc_file IS NULL",
            (site,),
        )
        return frozenset(row["url"] for row in rows)

    def article_id(self, article: Article) -> int | None:
        """The id of the article that a page is; None if it is unknown."""
        row = self._db.execute(
            "SELECT id FROM articles WHERE site = ? AND key = ?", (article.site, article.key)
        ).fetchone()
        return None if row is None else int(row["id"])

    def stored(self, article_id: int) -> StoredArticle | None:
        """The article as it is stored; None if it was never read."""
        columns = ", ".join(f"v.{name}" for name in FIELDS if name != "template")
        row = self._db.execute(
            f"""
            SELECT {columns}, a.template, a.revision, a.provenance, a.category_id,
                (SELECT r.capture_id FROM revisions r
                    WHERE r.article_id = a.id AND r.revision = a.revision) AS newest_revision,
                (SELECT max(f.capture_id) FROM frontier f WHERE f.article_id = a.id) AS last_used
            FROM export_articles v JOIN articles a ON a.id = v.id WHERE v.id = ?
            """,
            (article_id,),
        ).fetchone()
        if row is None or row["revision"] == 0:
            return None
        fields = {name: row[name] for name in FIELDS}
        for name in LIST_FIELDS:
            fields[name] = json.loads(fields[name])
        last_used = row["last_used"] or 0
        newest = self._newest_of_history(article_id)
        # After a merge, the page that was used last may be older than the newest revision.
        is_older_revision = self._db.execute(
            "SELECT 1 FROM revisions WHERE capture_id = ? AND article_id = ? AND revision < ?"
            " AND ? IS NOT NULL AND capture_id <> ?",
            (
                last_used,
                article_id,
                row["revision"],
                row["newest_revision"],
                row["newest_revision"],
            ),
        ).fetchone()
        return StoredArticle(
            fields=fields,
            provenance=json.loads(row["provenance"]),
            category_id=row["category_id"],
            revisions=row["revision"],
            capture_id=newest
            or (row["newest_revision"] if is_older_revision else row["last_used"]),
            last_used=last_used,
        )

    def _newest_of_history(self, article_id: int) -> int | None:
        """The newest capture that was used, if any capture of the article was imported."""
        row = self._db.execute(
            "SELECT id FROM captures WHERE article_id = :id AND kind = 'article'"
            " AND status IN (200, 203) AND refused IS NULL AND EXISTS (SELECT 1 FROM captures"
            " WHERE article_id = :id AND source <> 'crawl')"
            " ORDER BY fetched_at DESC, ifnull(payload_digest, '') DESC, url DESC, id DESC LIMIT 1",
            {"id": article_id},
        ).fetchone()
        return None if row is None else int(row["id"])

    def has_category(self, stored: StoredArticle, article: Article) -> bool:
        """Whether the page names the article's stored category, if need be by an earlier name.

        Pages of other articles may have given the category another name since.
        """
        crumb = article.category
        if crumb is None or crumb.name == stored.fields["category"]:
            return True
        found = find_category(self._db, article.site, crumb)
        if found is None:
            is_read_alike = stored.provenance.get("category") == article.provenance.get("category")
            return crumb.key is None and stored.category_id is not None and is_read_alike
        return found == stored.category_id

    def revision_fields(self, capture: StoredCapture) -> dict[str, Any]:
        """The stored fields of the revision that a capture made: those of REVISED."""
        row = self._db.execute(
            f"SELECT {', '.join(REVISED)} FROM revisions WHERE article_id = ? AND revision = ?",
            (capture.article_id, capture.revision),
        ).fetchone()
        authors = json.loads(row["authors"]) if row["authors"] else None
        return dict(row) | {"authors": authors}

    def links_of(self, capture: StoredCapture) -> set[tuple[str, str]]:
        """(kind, key of the target) of the links that the capture showed."""
        return self._links(capture, "=")

    def links_seen_after(self, capture: StoredCapture) -> set[tuple[str, str]]:
        """Those that were seen after the capture, by the clock of the crawls."""
        return self._links(capture, ">")

    def _links(self, capture: StoredCapture, comparison: str) -> set[tuple[str, str]]:
        rows = self._db.execute(
            "SELECT l.kind, a.key FROM links l JOIN articles a ON a.id = l.target_id"
            f" WHERE l.source_id = ? AND l.last_seen_at {comparison} ?",
            (capture.article_id, capture.fetched_at),
        )
        return {(row["kind"], row["key"]) for row in rows}

    def check(self, article: Article) -> None:
        """PageRejected (`worse_page`) if `adopt` would refuse the page."""
        check_article(self._db, article)

    def adopt(self, capture: StoredCapture, article: Article, extractor: str) -> None:
        """Stores the article of a page that was rejected when it was fetched, as of that fetch."""
        with self._transaction():
            saved = save_article(self._db, article, capture.visit(extractor))
            self._db.execute(
                "UPDATE captures SET refused = NULL, article_id = ? WHERE id = ?",
                (saved.article_id, capture.capture_id),
            )
            self._db.execute(
                "UPDATE frontier SET state = 'done', attempts = 0, reason = NULL, article_id = ?,"
                " capture_id = ? WHERE (article_id = ? AND state <> 'spare')"
                " OR (url = ? AND site = ?)",
                (
                    saved.article_id,
                    capture.capture_id,
                    saved.article_id,
                    capture.url,
                    capture.site,
                ),
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
        values = dict(fields)
        if values["authors"] is None:
            del values["authors"]
        assignments = ", ".join(f"{name} = ?" for name in values)
        with self._transaction():
            self._db.execute(
                f"UPDATE revisions SET {assignments}, body_hash = ifnull(?, body_hash),"
                " extractor = ? WHERE article_id = ? AND revision = ?",
                (
                    *_values(values, tuple(values)),
                    article.body_hash,
                    extractor,
                    capture.article_id,
                    capture.revision,
                ),
            )

    def replace_article(
        self,
        capture: StoredCapture,
        article: Article,
        fields: Mapping[str, Any],
        provenance: Mapping[str, str],
        *,
        links: set[tuple[str, str]],
        new_category: bool,
        extractor: str,
    ) -> None:
        """Writes an article's row, body and links as its pages are read now.

        `links` are those that its page showed when the capture was made.
        """
        article_id = capture.article_id
        assert article_id is not None
        with self._transaction():
            old_hash = self._db.execute(
                "SELECT body_hash FROM articles WHERE id = ?", (article_id,)
            ).fetchone()["body_hash"]
            self._replace_row(article_id, article, fields, provenance)
            if new_category:
                category_id = put_breadcrumb(
                    self._db, article.site, article.breadcrumb, article.category
                )
                self._db.execute(
                    "UPDATE articles SET category_id = ? WHERE id = ?", (category_id, article_id)
                )
            if article.body is not None:
                write_waiting(self._db)
                self._db.execute(
                    "UPDATE bodies SET body = ? WHERE article_id = ?", (article.body, article_id)
                )
                if old_hash != article.body_hash:
                    pair_same_body(self._db, article_id, len(article.body))
            self._delete_links(capture, links)
            save_links(self._db, article_id, article, capture.visit(extractor))

    def _replace_row(
        self,
        article_id: int,
        article: Article,
        fields: Mapping[str, Any],
        provenance: Mapping[str, str],
    ) -> None:
        columns = [name for name in FIELDS if name not in ("body", "category")]
        assignments = ", ".join(f"{name} = ?" for name in columns)
        self._db.execute(
            f"UPDATE articles SET {assignments}, provenance = ?,"
            " word_count = iif(? IS NULL, word_count, ?), body_hash = ifnull(?, body_hash)"
            " WHERE id = ?",
            (
                *_values(fields, columns),
                json.dumps(dict(provenance), ensure_ascii=False, sort_keys=True),
                article.body_hash,
                article.word_count,
                article.body_hash,
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


def links_in(article: Article) -> set[tuple[str, str]]:
    """(kind, key of the target) of the links of a page, without those to itself."""
    links = {(link.kind, link.teaser.key) for link in article.links}
    return {(kind, key) for kind, key in links if key != article.key}
