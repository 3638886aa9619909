"""Article pages: the row of the article, its text, revision and links.

No value becomes NULL or worse by a later fetch: see `publication_time.better_time` and the ifnull()
in `_update`. Times come from the capture and never from a clock, so that a rebuild from the raw
pages gives the same rows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from newscrawl.core.coverage import fields_of
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import FALLBACK, Article, Capture
from newscrawl.core.times import to_utc_text
from newscrawl.store.rows import REVISITS, Saved, Visit
from newscrawl.store.write.addresses import (
    Answer,
    keep_source,
    next_visit,
    retire_aliases,
    settle,
)
from newscrawl.store.write.captures import add_capture, set_article
from newscrawl.store.write.categories import put_breadcrumb
from newscrawl.store.write.commits import Part
from newscrawl.store.write.duplicates import pair_same_body
from newscrawl.store.write.full_text import put_body, write_waiting
from newscrawl.store.write.links import save_links
from newscrawl.store.write.problems import add_problems
from newscrawl.store.write.publication_time import better_time, is_redated, row_time, time_of
from newscrawl.store.write.quarantine import missing_fields, release


class Articles(Part):
    """`store.articles`: article pages."""

    def save(
        self,
        article: Article,
        capture: Capture,
        crawl_id: int,
        *,
        asked_url: str,
        extractor: str,
        revisits: Sequence[timedelta] = REVISITS,
        answered_url: str | None = None,
        is_elsewhere: bool = False,
        pause_factor: float = 1.0,
    ) -> Saved:
        """Stores an article page with its capture, links and problems, and closes its task.

        `answered_url` is the address after redirects, in its canonical form (None: there were
        none). `is_elsewhere`: the requested address is that of another article, which stays open.
        """
        seen_at = to_utc_text(capture.fetched_at)
        with self._transaction():
            capture_id = add_capture(self._db, capture, crawl_id)
            visit = Visit(crawl_id, capture_id, seen_at, extractor)
            saved = save_article(self._db, article, visit)
            set_article(self._db, capture_id, saved.article_id)
            again = next_visit(self._db, saved.article_id, capture.fetched_at, revisits)
            answer = Answer(
                site=article.site,
                asked_url=asked_url,
                answered_url=answered_url or asked_url,
                article_id=saved.article_id,
                capture_id=capture_id,
            )
            if is_elsewhere:
                keep_source(self._db, answer, capture, crawl_id, pause_factor)
                answer = replace(answer, asked_url=answer.answered_url)
            settle(self._db, answer, again)
            retire_aliases(
                self._db, article.site, saved.article_id, {answer.asked_url, answer.answered_url}
            )
            add_problems(
                self._db,
                article.problems,
                crawl_id=crawl_id,
                url=article.url,
                article_id=saved.article_id,
                seen_at=seen_at,
            )
        return saved

    def is_rewritten(self, article: Article) -> bool:
        """Whether the stored article has both another headline and another text than this page."""
        row = self._db.execute(
            "SELECT 1 FROM articles"
            " WHERE site = ? AND key = ? AND revision > 0"
            " AND title IS NOT ? AND body_hash IS NOT ?",
            (article.site, article.key, article.title, article.body_hash),
        ).fetchone()
        return row is not None

    def is_as_stored(self, article: Article) -> bool:
        """Whether the stored article has this page's headline and text."""
        row = self._db.execute(
            "SELECT 1 FROM articles"
            " WHERE site = ? AND key = ? AND revision > 0 AND title IS ? AND body_hash IS ?",
            (article.site, article.key, article.title, article.body_hash),
        ).fetchone()
        return row is not None


def save_article(db: sqlite3.Connection, article: Article, visit: Visit) -> Saved:
    """Stores an article page; the outcome compares its texts, authors and times with the row.

    PageRejected (`worse_page`), before anything is written, if an earlier page had what this one
    lacks.
    """
    row = _row(db, article)
    if row is not None:
        _check_not_worse(row, article)
    category_id = put_breadcrumb(db, article.site, article.breadcrumb, article.category)
    if row is None:
        row = _insert(db, article, visit)
    article_id: int = row["id"]
    is_new = row["revision"] == 0
    is_changed = is_new or _is_changed(row, article, visit)
    _update(db, row, article, category_id, visit, revised=is_changed)
    if is_changed:
        _add_revision(db, article_id, article.body, visit)
    if article.body_hash is not None and article.body_hash != row["body_hash"]:
        pair_same_body(db, article_id, len(article.body or ""))
    has_new_alias = _add_aliases(db, article_id, row["url"], article)
    links = save_links(db, article_id, article, visit)
    if row["state"] == "degraded" and missing_fields(db, article_id) <= fields_of(article):
        release(db, article_id)
    if is_new:
        return Saved("new", article_id, links)
    if is_changed:
        return Saved("changed", article_id, links)
    return Saved("alias" if has_new_alias else "unchanged", article_id, links)


def check_article(db: sqlite3.Connection, article: Article) -> None:
    """PageRejected (`worse_page`) if `save_article` would refuse the page."""
    row = _row(db, article)
    if row is not None:
        _check_not_worse(row, article)


def _row(db: sqlite3.Connection, article: Article) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM articles WHERE site = ? AND key = ?", (article.site, article.key)
    ).fetchone()
    return row


def _insert(db: sqlite3.Connection, article: Article, visit: Visit) -> sqlite3.Row:
    row: sqlite3.Row = db.execute(
        "INSERT INTO articles (site, key, url, state, first_seen_at, last_seen_at)"
        " VALUES (?, ?, ?, 'stub', ?, ?) RETURNING *",
        (article.site, article.key, article.url, visit.seen_at, visit.seen_at),
    ).fetchone()
    return row


def _check_not_worse(row: sqlite3.Row, article: Article) -> None:
    lost = lost_fields(row, article)
    if lost:
        missing = ", no ".join(lost)
        raise PageRejected(
            "worse_page", f"{article.url}: no {missing} where an earlier page had it"
        )


def lost_fields(row: sqlite3.Row, article: Article) -> list[str]:
    """The fields that a row has from its template and a page lacks: the page has an unknown design.

    Of an article that is not free to read, also a text shorter than the stored one.
    """
    if row["revision"] == 0 or row["state"] in ("degraded", "blocked"):
        return []
    lost = sorted(_template_fields(row) - fields_of(article))
    if lost:
        return lost
    is_shorter = article.word_count < (row["word_count"] or 0)
    is_paywalled = any(problem.code == "paywalled" for problem in article.problems)
    return ["whole text"] if is_shorter and is_paywalled else []


def _template_fields(row: sqlite3.Row) -> set[str]:
    """The fields of a row that the template of its page gave."""
    provenance = json.loads(row["provenance"])
    fields: set[str] = set()
    for name in ("title", "published"):
        if not provenance.get(name, FALLBACK).startswith(FALLBACK):
            fields.add(name)
    if row["published_local"] is None:
        fields.discard("published")
    if row["word_count"]:
        fields.add("body")
    return fields


def _is_changed(row: sqlite3.Row, article: Article, visit: Visit) -> bool:
    """Whether the page has another title, summary or body, other authors or other times.

    White space and missing fields do not count as differences. Neither do authors if none were
    known, because a new design of the page may be the first to show them.
    """
    if _differs(row["title"], article.title) or _differs(row["summary"], article.summary):
        return True
    if article.body_hash is not None and article.body_hash != row["body_hash"]:
        return True
    if article.authors and row["authors"] not in ("[]", _json(article.authors)):
        return True
    return is_redated(row, article, visit.seen_at)


def _differs(old: str | None, new: str | None) -> bool:
    return new is not None and new.split() != (old or "").split()


def _update(
    db: sqlite3.Connection,
    row: sqlite3.Row,
    article: Article,
    category_id: int | None,
    visit: Visit,
    *,
    revised: bool,
) -> None:
    """Writes the page's values over the row's; what the page lacks is kept."""
    published = article.published
    page_time = time_of(published, article.published_source, published.raw if published else None)
    time = better_time(row_time(row), page_time)
    provenance = json.loads(row["provenance"]) | dict(article.provenance)
    db.execute(
        """
        UPDATE articles SET url = :url, state = iif(state = 'degraded', state, 'stored'),
            title = ifnull(:title, title), summary = ifnull(:summary, summary),
            authors = iif(:authors = '[]', authors, :authors),
            tags = iif(:tags = '[]', tags, :tags),
            category_id = ifnull(:category_id, category_id),
            published_at = :published_at, published_local = :published_local,
            published_raw = :published_raw, published_precision = :published_precision,
            published_source = :published_source,
            modified_at = ifnull(:modified_at, modified_at), language = ifnull(:language, language),
            image_url = ifnull(:image_url, image_url),
            word_count = iif(:body_hash IS NULL, word_count, :word_count),
            body_hash = ifnull(:body_hash, body_hash), template = :template,
            fetched_at = :seen_at, last_seen_at = max(last_seen_at, :seen_at), gone_at = NULL,
            revision = revision + :revised, provenance = :provenance
        WHERE id = :id
        """,
        {
            "id": row["id"],
            "url": article.url,
            "title": article.title,
            "summary": article.summary,
            "authors": _json(article.authors),
            "tags": _json(article.tags),
            "category_id": category_id,
            "published_at": time.at,
            "published_local": time.local,
            "published_raw": time.raw,
            "published_precision": time.precision,
            "published_source": time.source,
            "modified_at": to_utc_text(article.modified_at) if article.modified_at else None,
            "language": article.language,
            "image_url": article.image_url,
            "word_count": article.word_count,
            "body_hash": article.body_hash,
            "template": article.template,
            "seen_at": visit.seen_at,
            "revised": int(revised),
            "provenance": json.dumps(provenance, ensure_ascii=False, sort_keys=True),
        },
    )
    is_new = row["revision"] == 0
    if article.body is not None or is_new:
        # The full-text index follows the table of bodies: an article without text is found by its
        # title.
        put_body(db, row["id"], article.body or "", new=is_new)


def _add_revision(db: sqlite3.Connection, article_id: int, body: str | None, visit: Visit) -> None:
    """Adds a revision: the article's row as it is now, and its text.

    `body` is None if the page has no text: the revision has that of the row.
    """
    if body is None:
        write_waiting(db)
    db.execute(
        """
        INSERT INTO revisions (article_id, revision, fetched_at, title, summary, body, body_hash,
            modified_at, capture_id, template, extractor, authors, published_local,
            published_source)
        SELECT a.id, a.revision, a.fetched_at, a.title, a.summary, coalesce(?, b.body, ''),
            a.body_hash, a.modified_at, ?, a.template, ?, a.authors,
            iif(a.published_source IN ('json-ld', 'meta', 'page'), a.published_local, NULL),
            iif(a.published_source IN ('json-ld', 'meta', 'page') AND a.published_local IS NOT NULL,
                a.published_source, NULL)
        FROM articles a LEFT JOIN bodies b ON b.article_id = a.id WHERE a.id = ?
        """,
        (body, visit.capture_id, visit.extractor, article_id),
    )


def _add_aliases(db: sqlite3.Connection, article_id: int, old_url: str, article: Article) -> bool:
    """Adds the other addresses of the article; whether any of them is new."""
    aliases = list(article.aliases)
    if old_url != article.url:
        is_mirror = urlsplit(old_url).netloc != urlsplit(article.url).netloc
        aliases.append((old_url, "mirror" if is_mirror else "slug"))
    has_new = False
    for url, reason in aliases:
        if url == article.url:
            continue
        added = db.execute(
            "INSERT OR IGNORE INTO aliases VALUES (?, ?, ?)", (url, article_id, reason)
        ).rowcount
        has_new = has_new or added > 0
    return has_new


def _json(values: tuple[str, ...]) -> str:
    return json.dumps(values, ensure_ascii=False)
