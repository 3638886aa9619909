"""Writing one article page: the row, its body, its revision, its links, and the stubs these point to.

Nothing becomes NULL or worse by a later fetch: see `published.better_time` and the COALESCE of `_update`.
Times come from the capture, never from a clock, so that a rebuild from the raw pages gives equal rows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from newscrawl.core.coverage import fields_of
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import FALLBACK, Article, Capture
from newscrawl.core.times import to_utc_text
from newscrawl.store.rows import REVISITS, Saved, Visit
from newscrawl.store.write.captures import add_capture
from newscrawl.store.write.categories import put_breadcrumb
from newscrawl.store.write.commits import Part
from newscrawl.store.write.duplicates import pair_same_body
from newscrawl.store.write.frontier import mark_done, next_visit
from newscrawl.store.write.full_text import put_body, settle
from newscrawl.store.write.links import save_links
from newscrawl.store.write.problems import add_problems
from newscrawl.store.write.publication_time import (
    better_time,
    is_redated,
    row_time,
    time_of,
)
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
    ) -> Saved:
        """Stores an article page with its capture, links and problems, and closes its task, at once."""
        seen_at = to_utc_text(capture.fetched_at)
        with self._transaction():
            capture_id = add_capture(self._db, capture, crawl_id)
            visit = Visit(crawl_id, capture_id, seen_at, extractor)
            saved = save_article(self._db, article, visit)
            self._mark_done(asked_url, saved.article_id, capture, capture_id, revisits)
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
        """Whether a stored article has another headline and another text than this reading of it."""
        row = self._db.execute(
            "SELECT 1 FROM articles"
            " WHERE site = ? AND key = ? AND revision > 0 AND title IS NOT ? AND body_hash IS NOT ?",
            (article.site, article.key, article.title, article.body_hash),
        ).fetchone()
        return row is not None

    def _mark_done(
        self,
        asked_url: str,
        article_id: int,
        capture: Capture,
        capture_id: int,
        revisits: Sequence[timedelta],
    ) -> None:
        """Closes the task. Only the article's own address is fetched again, not every slug that led to it."""
        own_url = self._db.execute(
            "SELECT url FROM articles WHERE id = ?", (article_id,)
        ).fetchone()["url"]
        again = None
        if asked_url == own_url:
            again = next_visit(self._db, article_id, capture.fetched_at, revisits)
        mark_done(self._db, asked_url, article_id=article_id, capture_id=capture_id, again=again)


def save_article(db: sqlite3.Connection, article: Article, visit: Visit) -> Saved:
    """Stores what an article page says; the outcome compares its texts, authors and times with what was known.

    PageRejected (`worse_page`) before anything is written where an earlier reading had what this page lacks.
    """
    row = db.execute(
        "SELECT * FROM articles WHERE site = ? AND key = ?", (article.site, article.key)
    ).fetchone()
    if row is not None and (lost := lost_fields(row, article)):
        raise PageRejected(
            "worse_page", f"{article.url}: no {', no '.join(lost)} where an earlier page had it"
        )
    category = put_breadcrumb(db, article.site, article.breadcrumb, article.category)
    known = row is not None and row["revision"] > 0
    article_id = _insert(db, article, visit) if row is None else int(row["id"])
    old = row or db.execute("SELECT * FROM articles WHERE id = ?", (article_id,)).fetchone()
    changed = (
        not known or _says_something_else(old, article) or is_redated(old, article, visit.seen_at)
    )
    _update(db, old, article, category, visit, changed=changed)
    if changed:
        _add_revision(db, article_id, article.body, visit)
    if article.body_hash not in (None, old["body_hash"]):
        pair_same_body(db, article_id, len(article.body or ""))
    new_url = _add_aliases(db, article_id, old["url"], article)
    links = save_links(db, article_id, article, visit)
    if old["state"] == "degraded" and not missing_fields(db, article_id) - fields_of(article):
        release(db, article_id)
    if not known:
        return Saved("new", article_id, links)
    if changed:
        return Saved("changed", article_id, links)
    return Saved("alias" if new_url else "unchanged", article_id, links)


def lost_fields(row: sqlite3.Row, article: Article) -> list[str]:
    """What a row has from its template and a page does not: the page's design is not the one that is known.

    Of an article that is not free to read, a text shorter than the one that is there.
    """
    if row["revision"] == 0 or row["state"] in ("degraded", "blocked"):
        return []
    places = json.loads(row["provenance"])
    had = {
        name
        for name in ("title", "published")
        if not places.get(name, FALLBACK).startswith(FALLBACK)
    }
    if row["published_local"] is None:
        had.discard("published")
    if row["word_count"]:
        had.add("body")
    lost = sorted(had - fields_of(article))
    paywalled = any(problem.code == "paywalled" for problem in article.problems)
    return lost or (
        ["whole text"] if paywalled and article.word_count < (row["word_count"] or 0) else []
    )


def _insert(db: sqlite3.Connection, article: Article, visit: Visit) -> int:
    row = db.execute(
        "INSERT INTO articles (site, key, url, state, first_seen_at, last_seen_at) VALUES (?, ?, ?, 'stub', ?, ?)"
        " RETURNING id",
        (article.site, article.key, article.url, visit.seen_at, visit.seen_at),
    ).fetchone()
    return int(row[0])


def _says_something_else(old: sqlite3.Row, article: Article) -> bool:
    """Whether title, summary or body differ in more than white space, or the authors are others.

    What the page lacks is no difference, nor are authors where none were known: a new page design may show them first.
    """
    return (
        _differs(old["title"], article.title)
        or _differs(old["summary"], article.summary)
        or (article.body_hash is not None and article.body_hash != old["body_hash"])
        or (bool(article.authors) and old["authors"] not in ("[]", _json(article.authors)))
    )


def _differs(old: str | None, new: str | None) -> bool:
    return new is not None and " ".join(new.split()) != " ".join((old or "").split())


def _update(
    db: sqlite3.Connection,
    old: sqlite3.Row,
    article: Article,
    category: int | None,
    visit: Visit,
    *,
    changed: bool,
) -> None:
    """Writes the page's fields over the row's; what the page does not say stays as it was."""
    time = time_of(
        article.published,
        article.published_source,
        article.published.raw if article.published else None,
    )
    best = better_time(row_time(old), time)
    provenance = json.loads(old["provenance"]) | dict(article.provenance)
    modified_at = to_utc_text(article.modified_at) if article.modified_at else None
    db.execute(
        """
        UPDATE articles SET url = ?, state = iif(state = 'degraded', state, 'stored'),
            title = ifnull(?, title), summary = ifnull(?, summary),
            authors = iif(? = '[]', authors, ?), tags = iif(? = '[]', tags, ?),
            category_id = ifnull(?, category_id),
            published_at = ?, published_local = ?, published_raw = ?, published_precision = ?, published_source = ?,
            modified_at = ifnull(?, modified_at), language = ifnull(?, language), image_url = ifnull(?, image_url),
            word_count = iif(? IS NULL, word_count, ?), body_hash = ifnull(?, body_hash), template = ?,
            fetched_at = ?, last_seen_at = max(last_seen_at, ?), gone_at = NULL, revision = revision + ?, provenance = ?
        WHERE id = ?
        """,
        (
            article.url, article.title, article.summary,
            _json(article.authors), _json(article.authors), _json(article.tags), _json(article.tags),
            category,
            best.at, best.local, best.raw, best.precision, best.source,
            modified_at, article.language, article.image_url,
            article.body_hash, article.word_count, article.body_hash, article.template,
            visit.seen_at, visit.seen_at, int(changed), json.dumps(provenance, ensure_ascii=False, sort_keys=True),
            old["id"],
        ),
    )  # fmt: skip
    new = old["revision"] == 0
    if article.body is not None or new:
        # The full-text index follows the bodies table: an article without text is found by its title.
        put_body(db, old["id"], article.body or "", new=new)


def _add_revision(db: sqlite3.Connection, article_id: int, body: str | None, visit: Visit) -> None:
    """The article's row as it is now. `body` is its text; None: the page has none, and what was known stays."""
    if body is None:
        settle(db)
    db.execute(
        "INSERT INTO revisions (article_id, revision, fetched_at, title, summary, body, body_hash, modified_at,"
        " capture_id, template, extractor, authors, published_local, published_source)"
        " SELECT a.id, a.revision, a.fetched_at, a.title, a.summary,"
        " coalesce(?, b.body, ''), a.body_hash, a.modified_at, ?, a.template,"
        " ?, a.authors, iif(a.published_source IN ('json-ld', 'meta', 'page'), a.published_local, NULL),"
        " iif(a.published_source IN ('json-ld', 'meta', 'page') AND a.published_local IS NOT NULL,"
        " a.published_source, NULL) FROM articles a"
        " LEFT JOIN bodies b ON b.article_id = a.id WHERE a.id = ?",
        (body, visit.capture_id, visit.extractor, article_id),
    )


def _add_aliases(db: sqlite3.Connection, article_id: int, old_url: str, article: Article) -> bool:
    """Notes the other addresses of the article; True where one of those the fetch used is new."""
    aliases = list(article.aliases)
    if old_url != article.url:
        mirror = urlsplit(old_url).netloc != urlsplit(article.url).netloc
        aliases.append((old_url, "mirror" if mirror else "slug"))
    new = False
    for url, reason in aliases:
        if url != article.url:
            added = db.execute(
                "INSERT OR IGNORE INTO aliases VALUES (?, ?, ?)", (url, article_id, reason)
            ).rowcount
            new = new or added > 0
    return new


def _json(values: tuple[str, ...]) -> str:
    return json.dumps(values, ensure_ascii=False)
