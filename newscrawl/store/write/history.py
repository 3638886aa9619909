"""Articles and category pages as their captures show them in order of time.

A crawl stores pages in the order in which it fetches them. An import brings older ones later. So
the rows of an article are made again from all its captures, the oldest first, by the code that
stores the page of a crawl. The order of import can make no difference then.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Article, Capture, Listing, Problem, Timestamp
from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.store.rows import IMPORTED, Visit
from newscrawl.store.write.articles import save_article
from newscrawl.store.write.captures import add_capture
from newscrawl.store.write.categories import rename_old_home
from newscrawl.store.write.commits import Part
from newscrawl.store.write.full_text import write_waiting
from newscrawl.store.write.links import touch_teasers
from newscrawl.store.write.listings import Showing, put_entry
from newscrawl.store.write.problems import add_problems

WORSE = "worse_page"
GONE_STATUSES = "(404, 410)"
# The rows of imported category pages in `crawls` have numbers below those of all crawls, and in
# order of time: a thousand for each second, counted back from the year 3000.
_YEAR_3000 = 32_503_680_000
_OF_A_SECOND = 1000
# What only an article's own page can have told. What teasers told is kept.
_RESET = """
    UPDATE articles SET state = 'stub', url = :url,
        title = iif(json_extract(provenance, '$.title') IS NULL, title, NULL),
        summary = iif(json_extract(provenance, '$.summary') IS NULL, summary, NULL),
        published_at = iif(:teased, published_at, NULL),
        published_local = iif(:teased, published_local, NULL),
        published_raw = iif(:teased, published_raw, NULL),
        published_precision = iif(:teased, published_precision, NULL),
        published_source = iif(:teased, published_source, NULL),
        category_id = iif(:keeps, category_id, NULL), tags = iif(:keeps, tags, '[]'),
        language = iif(:keeps, language, NULL), image_url = iif(:keeps, image_url, NULL),
        authors = '[]', modified_at = NULL, word_count = NULL, body_hash = NULL, template = NULL,
        fetched_at = NULL, gone_at = NULL, revision = 0, provenance = '{}'
    WHERE id = :id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCapture:
    """A capture of an article, with the place of its bytes (`warc_file` None: there are none)."""

    capture_id: int
    crawl_id: int | None
    url: str
    status: int
    seen_at: str
    warc_file: str | None
    offset: int
    length: int
    digest: str
    refused: str | None
    imported: bool


def held_capture(row: sqlite3.Row) -> HeldCapture:
    """The capture of a row of `captures`."""
    return HeldCapture(
        capture_id=row["id"],
        crawl_id=row["crawl_id"],
        url=row["url"],
        status=row["status"],
        seen_at=row["fetched_at"],
        warc_file=row["warc_file"],
        offset=row["warc_offset"] or 0,
        length=row["warc_length"] or 0,
        digest=row["payload_digest"] or "",
        refused=row["refused"],
        imported=row["source"] != "crawl",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one capture shows of an article. `capture_id` is that of the page's bytes."""

    capture_id: int
    crawl_id: int | None
    seen_at: str
    article: Article


class History(Part):
    """`store.history`: what imports write."""

    def begin(self, site: str, *, version: str, now: datetime, number: int | None = None) -> int:
        """The id of the row that stands for an import into a site.

        `number`: the one that a WARC file names, for a rebuild; another is used where it is taken.
        """
        with self._transaction():
            if number is not None and self._crawl_site(number) is not None:
                number = None
            return _add_crawl(self._db, number, site, to_utc_text(now), version)

    def _crawl_site(self, crawl_id: int) -> str | None:
        """The site of a row of `crawls`; None if there is no such row."""
        row = self._db.execute("SELECT site FROM crawls WHERE id = ?", (crawl_id,)).fetchone()
        return None if row is None else str(row["site"])

    def has(self, url: str, fetched_at: datetime, payload_digest: str | None) -> bool:
        """Whether this very capture has been imported."""
        row = self._db.execute(
            "SELECT 1 FROM captures WHERE url = ? AND fetched_at = ? AND source <> 'crawl'"
            " AND payload_digest IS ?",
            (url, to_utc_text(fetched_at), payload_digest),
        ).fetchone()
        return row is not None

    def article_id(self, site: str, key: str) -> int | None:
        """The id of an article; None if it is unknown."""
        row = self._db.execute(
            "SELECT id FROM articles WHERE site = ? AND key = ?", (site, key)
        ).fetchone()
        return None if row is None else int(row["id"])

    def put_article(self, article: Article, seen_at: datetime) -> int:
        """The id of the article of a page; a stub if it was unknown, until `derive` fills it."""
        seen = to_utc_text(seen_at)
        with self._transaction():
            known = self.article_id(article.site, article.key)
            if known is not None:
                return known
            row = self._db.execute(
                "INSERT INTO articles (site, key, url, state, first_seen_at, last_seen_at)"
                " VALUES (?, ?, ?, 'stub', ?, ?) RETURNING id",
                (article.site, article.key, article.url, seen, seen),
            ).fetchone()
            return int(row["id"])

    def add_capture(
        self,
        capture: Capture,
        crawl_id: int,
        *,
        article_id: int | None,
        refused: str | None = None,
        article: Article | None = None,
    ) -> int:
        """The id of the row of an imported page. The problems of reading it are stored too."""
        with self._transaction():
            capture_id = add_capture(
                self._db, capture, crawl_id, refused=refused, article_id=article_id
            )
            if article is not None:
                add_problems(
                    self._db,
                    article.problems,
                    crawl_id=crawl_id,
                    url=article.url,
                    article_id=article_id,
                    seen_at=to_utc_text(capture.fetched_at),
                )
        return capture_id

    def refuse(
        self, capture: Capture, crawl_id: int, error: PageRejected, article_id: int | None
    ) -> None:
        """Stores the row of a page that cannot be read, and why."""
        problem = Problem("extract", error.code, error.message)
        with self._transaction():
            add_capture(self._db, capture, crawl_id, refused=error.code, article_id=article_id)
            add_problems(
                self._db,
                [problem],
                crawl_id=crawl_id,
                url=capture.url,
                article_id=None,  # whether one is known depends on what was imported first
                seen_at=to_utc_text(capture.fetched_at),
            )

    def use(self, capture_id: int, article_id: int) -> None:
        """Notes that a page that was refused can be read now, as a page of this article."""
        with self._transaction():
            self._db.execute(
                "UPDATE captures SET refused = NULL, article_id = ? WHERE id = ?",
                (article_id, capture_id),
            )
            self._db.execute(
                "DELETE FROM problems WHERE stage = 'extract' AND article_id IS NULL"
                " AND (crawl_id, url, seen_at) IN"
                " (SELECT crawl_id, url, fetched_at FROM captures WHERE id = ?)",
                (capture_id,),
            )

    def captures_of(self, article_id: int) -> list[HeldCapture]:
        """The captures of an article that may show it, in order of time.

        The order of two captures of the same second depends on their bytes, not on their numbers.
        """
        rows = self._db.execute(
            "SELECT id, crawl_id, url, status, fetched_at, warc_file, warc_offset, warc_length,"
            " payload_digest, refused, source FROM captures"
            " WHERE article_id = ? AND kind = 'article' AND status IN (200, 203, 304)"
            " AND ifnull(refused, ?) = ?"
            " ORDER BY fetched_at, ifnull(payload_digest, ''), url, id",
            (article_id, WORSE, WORSE),
        )
        return [held_capture(row) for row in rows]

    def revision_at(self, article_id: int, capture: HeldCapture) -> Article | None:
        """The article as a capture without bytes showed it: the revision that was newest then."""
        row = self._db.execute(
            "SELECT r.*, a.site, a.key, a.url, a.published_local AS local, a.published_raw,"
            " a.published_at, a.published_precision, a.provenance"
            " FROM revisions r JOIN articles a ON a.id = r.article_id WHERE r.article_id = ?"
            " AND r.fetched_at <= ? ORDER BY r.capture_id IS ? DESC, r.revision DESC LIMIT 1",
            (article_id, capture.seen_at, capture.capture_id),
        ).fetchone()
        return None if row is None else _article_of_revision(row)

    def derive(
        self, article_id: int, sightings: Sequence[Sighting], *, extractor: str, complete: bool
    ) -> None:
        """Makes the rows of an article again, from what its captures show in order of time.

        `complete`: all captures have their bytes. Otherwise what only revisions do not tell, such
        as tags and links, is kept as it is.
        """
        with self._transaction():
            if sightings:
                self._replay(article_id, sightings, extractor, complete=complete)
            self._mark_gone(article_id)

    def check_gone(self, article_id: int) -> None:
        """Marks an article as gone if a capture that is stored now shows it."""
        with self._transaction():
            self._mark_gone(article_id)

    def _replay(
        self, article_id: int, sightings: Sequence[Sighting], extractor: str, *, complete: bool
    ) -> None:
        before = self._article(article_id)
        self._reset(before, sightings[0].article.url, complete=complete)
        for sighting in sightings:
            visit = Visit(
                sighting.crawl_id, sighting.capture_id, sighting.seen_at, extractor, queues=False
            )
            refused = None
            try:
                save_article(self._db, sighting.article, visit)
            except PageRejected as error:
                refused = error.code
            self._db.execute(
                "UPDATE captures SET refused = ? WHERE id = ? AND refused IS NOT ?",
                (refused, sighting.capture_id, refused),
            )
        after = self._article(article_id)
        is_quarantined = (
            before["state"] == "degraded" and before["fetched_at"] == after["fetched_at"]
        )
        self._db.execute(
            "UPDATE articles SET state = ?, gone_at = ?, first_seen_at = min(first_seen_at, ?),"
            " last_seen_at = max(last_seen_at, ?) WHERE id = ?",
            (
                "degraded" if is_quarantined else after["state"],
                before["gone_at"],  # checked by _mark_gone
                sightings[0].seen_at,
                sightings[-1].seen_at,
                article_id,
            ),
        )
        self._db.execute(
            "DELETE FROM aliases WHERE article_id = ? AND url = ?", (article_id, after["url"])
        )

    def _article(self, article_id: int) -> sqlite3.Row:
        row: sqlite3.Row = self._db.execute(
            "SELECT * FROM articles WHERE id = ?", (article_id,)
        ).fetchone()
        return row

    def _reset(self, row: sqlite3.Row, url: str, *, complete: bool) -> None:
        """Takes back what the pages of an article told, as if none had been read.

        Its address becomes that of the first page. Otherwise whether the address of a teaser is an
        alias would depend on what was imported first.
        """
        if row["revision"] == 0:
            self._db.execute("UPDATE articles SET url = ? WHERE id = ?", (url, row["id"]))
            return
        write_waiting(self._db)
        provenance = json.loads(row["provenance"])
        values = {
            "id": row["id"],
            "url": url,
            "teased": row["published_source"] in ("teaser", "feed", "sitemap"),
            "keeps": not complete or "category" not in provenance,
        }
        self._db.execute("DELETE FROM bodies WHERE article_id = ?", (row["id"],))
        self._db.execute("DELETE FROM revisions WHERE article_id = ?", (row["id"],))
        if complete:
            self._db.execute("DELETE FROM links WHERE source_id = ?", (row["id"],))
        self._db.execute(_RESET, values)

    def _mark_gone(self, article_id: int) -> None:
        """An article is gone if its own address was missing after its last good page.

        What a crawl found out, which knows its other addresses too, is kept.
        """
        row = self._article(article_id)
        if row["revision"] == 0:
            return
        addresses = _forms_of(row["url"])
        places = ", ".join("?" * len(addresses))
        missing = self._db.execute(
            f"SELECT min(fetched_at) FROM captures WHERE url IN ({places}) AND source <> 'crawl'"
            f" AND status IN {GONE_STATUSES} AND fetched_at > ?",
            (*addresses, row["fetched_at"]),
        ).fetchone()[0]
        times = [missing] if missing else []
        if row["gone_at"] and row["gone_at"] > row["fetched_at"]:
            times.append(row["gone_at"])
        gone_at = min(times, default=None)
        state = row["state"]
        if gone_at:
            state = "gone"
        elif state == "gone":
            state = "stored"
        self._db.execute(
            "UPDATE articles SET state = ?, gone_at = ?, last_seen_at = last_seen_at WHERE id = ?",
            (state, gone_at, article_id),
        )

    def put_category(self, site: str, key: str, name: str | None) -> int:
        """The id of a category, which is added if it is unknown."""
        with self._transaction():
            rename_old_home(self._db, site)
            row = self._db.execute(
                "INSERT INTO categories (site, key, name) VALUES (?, ?, ?)"
                " ON CONFLICT (site, key) DO UPDATE SET name = ifnull(name, excluded.name)"
                " RETURNING id",
                (site, key, name),
            ).fetchone()
            return int(row["id"])

    def save_listing(
        self, listing: Listing, capture: Capture, crawl_id: int, category_id: int, page: int
    ) -> None:
        """Stores what a category page showed at the time of its capture, and queues nothing.

        If two captures of the same second differ, the larger rows are kept, whichever came first.
        """
        seen_at = to_utc_text(capture.fetched_at)
        with self._transaction():
            add_capture(self._db, capture, crawl_id)
            teasers = [entry.teaser for entry in listing.entries]
            ids = touch_teasers(self._db, listing.site, teasers, seen_at, queues=False)
            add_problems(
                self._db,
                listing.problems,
                crawl_id=crawl_id,
                url=listing.url,
                article_id=None,
                seen_at=seen_at,
            )
            showing = Showing(
                crawl_id=self._moment(listing.site, capture.fetched_at),
                chain=crawl_id,
                category_id=category_id,
                page=page,
                seen_at=seen_at,
            )
            before = self._shown(showing)
            self._delete_shown(showing)
            for article_id, entry in zip(ids, listing.entries, strict=True):
                put_entry(self._db, showing, article_id, entry)
            if before and _words(before) > _words(self._shown(showing)):
                self._delete_shown(showing)
                self._db.executemany(
                    "INSERT INTO listings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", before
                )

    def _shown(self, showing: Showing) -> list[tuple[object, ...]]:
        rows = self._db.execute(
            "SELECT * FROM listings WHERE crawl_id = ? AND category_id = ? AND page = ?"
            " ORDER BY position",
            (showing.crawl_id, showing.category_id, showing.page),
        )
        return [tuple(row) for row in rows]

    def _delete_shown(self, showing: Showing) -> None:
        self._db.execute(
            "DELETE FROM listings WHERE crawl_id = ? AND category_id = ? AND page = ?",
            (showing.crawl_id, showing.category_id, showing.page),
        )

    def _moment(self, site: str, at: datetime) -> int:
        """The id of the row in `crawls` for the category pages of a site captured at this second.

        A row of `listings` belongs to a crawl, which sees a category page once.
        """
        first = (int(at.timestamp()) - _YEAR_3000) * _OF_A_SECOND
        start = zlib.crc32(site.encode()) % _OF_A_SECOND
        for number in range(_OF_A_SECOND):
            crawl_id = first + (start + number) % _OF_A_SECOND
            owner = self._crawl_site(crawl_id)
            if owner is None:
                return _add_crawl(self._db, crawl_id, site, to_utc_text(at), "")
            if owner == site:
                return crawl_id
        raise ValueError(f"more than {_OF_A_SECOND} sites were captured at {at}")


def _add_crawl(
    db: sqlite3.Connection, crawl_id: int | None, site: str, at: str, version: str
) -> int:
    row = db.execute(
        "INSERT INTO crawls (id, site, started_at, finished_at, reason, version)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        (crawl_id, site, at, at, IMPORTED, version),
    ).fetchone()
    return int(row["id"])


def _forms_of(url: str) -> Collection[str]:
    """The addresses under which archives may have an address: with http or https, www or not."""
    _, _, rest = url.partition("://")
    rest = rest.removeprefix("www.")
    hosts = (rest, f"www.{rest}")
    return [f"http://{host}" for host in hosts] + [f"https://{host}" for host in hosts]


def _words(rows: Sequence[tuple[object, ...]]) -> tuple[int, str]:
    """What decides between two versions of a list: its length, then its words, not its row ids."""
    words = [[str(value) for value in row[3:5] + row[6:]] for row in rows]
    return len(rows), json.dumps(words)


def _article_of_revision(row: sqlite3.Row) -> Article:
    provenance = json.loads(row["provenance"])
    names = {"title", "summary", "body", "authors", "published", "modified"}
    return Article(
        site=row["site"],
        key=row["key"],
        url=row["url"],
        template=row["template"] or "",
        title=row["title"],
        summary=row["summary"],
        body=row["body"] if row["body_hash"] else None,
        authors=tuple(json.loads(row["authors"] or "[]")),
        published=_time_of_revision(row),
        published_source=row["published_source"],
        modified_at=from_utc_text(row["modified_at"]) if row["modified_at"] else None,
        word_count=len((row["body"] or "").split()),
        body_hash=row["body_hash"],
        provenance={name: where for name, where in provenance.items() if name in names},
    )


def _time_of_revision(row: sqlite3.Row) -> Timestamp | None:
    """The publication time of a revision, which has not all columns of the article's row."""
    local = row["published_local"]
    if local is None:
        return None
    if local == row["local"]:
        utc = from_utc_text(row["published_at"]) if row["published_at"] else None
        return Timestamp(row["published_raw"] or local, utc, local, row["published_precision"])
    if "T" not in local:
        return Timestamp(local, None, local, "day")
    return Timestamp(local, datetime.fromisoformat(local), local, "second")
