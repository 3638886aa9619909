"""Replacing what was read from a capture by what a better site file reads from it: never a publisher's edit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from newscrawl.core.records import LIST_FIELDS, Article
from newscrawl.core.times import to_utc_text
from newscrawl.store.rows import QUARANTINED, Visit
from newscrawl.store.write.articles import save_article
from newscrawl.store.write.categories import put_breadcrumb
from newscrawl.store.write.commits import Part
from newscrawl.store.write.duplicates import pair_same_body
from newscrawl.store.write.full_text import settle
from newscrawl.store.write.links import save_links
from newscrawl.store.write.problems import add_problems

# The columns that a page fills; a revision has those of REVISED.
FIELDS = (
    "url", "title", "summary", "body", "authors", "category", "tags", "published_at", "published_local",
    "published_raw", "published_precision", "published_source", "modified_at", "language", "image_url", "template",
)  # fmt: skip
REVISED = (
    "title", "summary", "body", "modified_at", "template", "authors", "published_local", "published_source",
)  # fmt: skip
FROM_ELSEWHERE = frozenset({"teaser", "feed", "sitemap", "url"})


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """A capture of an article page. `revision` is the one that it made, `current` whether it is the newest answer
    that was used; `unused`: it came after that one, but was rejected. `held`: its article is held back.
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


class Reextraction(Part):
    """`store.reextraction`: what is stored of each capture, and its replacement."""

    def captures(self, site: str) -> Iterator[StoredCapture]:
        """Every full answer of an article page of a site that is in a WARC, in the order of fetching."""
        rows = self._db.execute(
            "SELECT p.id, p.crawl_id, p.url, p.fetched_at, p.warc_file, p.warc_offset, p.warc_length,"
            " coalesce(r.article_id, f.article_id, u.article_id) AS article_id, r.revision,"
            " f.capture_id IS NOT NULL AS current, p.id > ifnull(u.capture_id, 0) AND r.revision IS NULL AS unused,"
            " a.state IS 'degraded' AS in_quarantine"
            " FROM captures p JOIN crawls c ON c.id = p.crawl_id"
            " LEFT JOIN revisions r ON r.capture_id = p.id LEFT JOIN frontier f ON f.capture_id = p.id"
            " LEFT JOIN frontier u ON u.url = p.url"
            " LEFT JOIN articles a ON a.id = coalesce(r.article_id, f.article_id, u.article_id)"
            " WHERE c.site = ? AND p.kind = 'article' AND p.status IN (200, 203) AND p.warc_file IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM problems q WHERE q.url = p.url AND q.code = 'soft_404'"
            " AND q.seen_at = p.fetched_at) ORDER BY p.id",
            (site,),
        )
        for row in rows:
            yield StoredCapture(
                site, row["id"], row["crawl_id"], row["url"], row["fetched_at"], row["warc_file"], row["warc_offset"],
                row["warc_length"], row["article_id"], row["revision"], bool(row["current"]), bool(row["unused"]),
                bool(row["in_quarantine"]),
            )  # fmt: skip

    def stored_fields(self, article_id: int) -> dict[str, Any] | None:
        """What the archive says now, field by field; None for an article that was never read."""
        columns = ", ".join(f"v.{name}" for name in FIELDS if name != "template")
        row = self._db.execute(
            f"SELECT {columns}, a.template, a.revision FROM export_articles v JOIN articles a ON a.id = v.id"
            " WHERE v.id = ?",
            (article_id,),
        ).fetchone()
        if row is None or row["revision"] == 0:
            return None
        return {
            name: json.loads(row[name]) if name in LIST_FIELDS else row[name] for name in FIELDS
        }

    def revision_fields(self, capture: StoredCapture) -> dict[str, Any]:
        """What a revision says now."""
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
        """A page that was rejected or held back when it came is an article now, as of that fetch."""
        with self._transaction():
            visit = Visit(capture.crawl_id, capture.capture_id, capture.fetched_at, extractor)
            saved = save_article(self._db, article, visit)
            self._db.execute(
                "UPDATE frontier SET state = 'done', attempts = 0, reason = NULL, article_id = ?, capture_id = ?"
                " WHERE article_id = ? OR url = ?",
                (saved.article_id, capture.capture_id, saved.article_id, capture.url),
            )
            self._db.execute(
                "DELETE FROM problems WHERE (article_id = ? OR url = ?) AND stage = 'extract' AND code <> ?",
                (saved.article_id, capture.url, QUARANTINED),
            )
            add_problems(
                self._db,
                article.problems,
                crawl_id=capture.crawl_id,
                url=article.url,
                article_id=saved.article_id,
                seen_at=capture.fetched_at,
            )

    def replace_revision(self, capture: StoredCapture, article: Article, extractor: str) -> None:
        """The revision that a capture made says what is read from it now; its number and times stay."""
        with self._transaction():
            fields = revised_fields(article)
            fields |= {"authors": json.dumps(fields["authors"], ensure_ascii=False)}
            settings = ", ".join(f"{name} = ?" for name in fields)
            self._db.execute(
                f"UPDATE revisions SET {settings}, body_hash = ?, extractor = ? WHERE article_id = ? AND revision = ?",
                (
                    *fields.values(),
                    article.body_hash,
                    extractor,
                    capture.article_id,
                    capture.revision,
                ),
            )

    def replace_article(
        self, capture: StoredCapture, article: Article, fields: Mapping[str, Any], extractor: str
    ) -> None:
        """The article's row, body, links and problems are those of its newest capture as it is read now."""
        with self._transaction():
            category = put_breadcrumb(self._db, article.site, article.breadcrumb, article.category)
            provenance = json.dumps(dict(article.provenance), ensure_ascii=False, sort_keys=True)
            columns = [name for name in FIELDS if name not in ("body", "category")]
            values = [
                json.dumps(fields[name], ensure_ascii=False)
                if name in LIST_FIELDS
                else fields[name]
                for name in columns
            ]
            settings = ", ".join(f"{name} = ?" for name in columns)
            old_hash = self._db.execute(
                "SELECT body_hash FROM articles WHERE id = ?", (capture.article_id,)
            ).fetchone()["body_hash"]
            self._db.execute(
                f"UPDATE articles SET {settings}, category_id = ?, body_hash = ?, word_count = ?, provenance = ?"
                " WHERE id = ?",
                (
                    *values,
                    category,
                    article.body_hash,
                    article.word_count,
                    provenance,
                    capture.article_id,
                ),
            )
            assert capture.article_id is not None
            settle(self._db)
            self._db.execute(
                "UPDATE bodies SET body = ? WHERE article_id = ?",
                (article.body or "", capture.article_id),
            )
            if old_hash != article.body_hash:
                pair_same_body(self._db, capture.article_id, len(article.body or ""))
            visit = Visit(capture.crawl_id, capture.capture_id, capture.fetched_at, extractor)
            kept = links_in(article)
            for row in self._db.execute(
                "SELECT l.target_id, l.kind, a.key FROM links l JOIN articles a ON a.id = l.target_id"
                " WHERE l.source_id = ? AND l.first_seen_at = ? AND l.last_seen_at = ?",
                (capture.article_id, capture.fetched_at, capture.fetched_at),
            ).fetchall():
                if (row["kind"], row["key"]) not in kept:
                    self._db.execute(
                        "DELETE FROM links WHERE source_id = ? AND target_id = ? AND kind = ?",
                        (capture.article_id, row["target_id"], row["kind"]),
                    )
            save_links(self._db, capture.article_id, article, visit)

    def replace_problems(self, capture: StoredCapture, article: Article) -> None:
        """What could not be read from a capture is what cannot be read now; the problems of other captures stay."""
        with self._transaction():
            self._db.execute(
                "DELETE FROM problems WHERE article_id = ? AND seen_at = ? AND stage IN ('extract', 'times') AND code <> ?",
                (capture.article_id, capture.fetched_at, QUARANTINED),
            )
            add_problems(
                self._db,
                article.problems,
                crawl_id=capture.crawl_id,
                url=article.url,
                article_id=capture.article_id,
                seen_at=capture.fetched_at,
            )


def revised_fields(article: Article) -> dict[str, Any]:
    """The same for what is read now; a place without a time that can be read is not noted."""
    found = {name: value for name, value in article_fields(article).items() if name in REVISED}
    return found | ({} if found["published_local"] else {"published_source": None})


def links_in(article: Article) -> set[tuple[str, str]]:
    """The same for what is read now."""
    return {
        (link.kind, link.teaser.key) for link in article.links if link.teaser.key != article.key
    }


def article_fields(article: Article) -> dict[str, Any]:
    """What a page says, in the same words."""
    time = article.published
    return {
        "url": article.url,
        "title": article.title,
        "summary": article.summary,
        "body": article.body,
        "authors": list(article.authors),
        "category": article.category.name if article.category else None,
        "tags": list(article.tags),
        "published_at": to_utc_text(time.utc) if time and time.utc else None,
        "published_local": time.local if time else None,
        "published_raw": time.raw if time else None,
        "published_precision": time.precision if time else None,
        "published_source": article.published_source if time else None,
        "modified_at": to_utc_text(article.modified_at) if article.modified_at else None,
        "language": article.language,
        "image_url": article.image_url,
        "template": article.template,
    }


def without_lost_time(old: Mapping[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """A time that came from elsewhere (a teaser, a feed) stays where the page itself has none that can be read."""
    if (
        new["published_local"] is None
        and old["published_source"] in FROM_ELSEWHERE
        and old["published_local"]
    ):
        return new | {name: old[name] for name in FIELDS if name.startswith("published_")}
    return new
