"""The plans of backfills: which captures of other archives are wanted, and what became of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.store.write.commits import Part
from newscrawl.store.write.history import HeldCapture, held_capture

FILE = "file"  # the kind of a planned file that may hold captures
# The outcome of a file of which not all captures were wanted: this word, and what was wanted.
PART = "part"
UNKNOWN_END = "9999"  # the key of a file whose end is not known; that of others is their end
STORED = "stored"
KNOWN = "known"
_COLUMNS = (
    "id, site, source, url, captured_at, kind, key, page, status, digest, address, offset, length,"
    " state, outcome, same_as"
)
# What the bytes of a page decide: a capture with the same digest has the same outcome.
_OF_BYTES = ("cut", "not_http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A capture that an index lists, or a file that may hold captures (kind `file`).

    `key` and `page` are those of the article or category; the key of a file is its end. `status`
    and `digest` are None if the index does not have them. The bytes are at `address`: `length`
    bytes from `offset`, or all.
    """

    id: int = 0
    site: str
    source: str
    url: str
    captured_at: datetime
    kind: str
    key: str
    page: int = 1
    status: int | None = None
    digest: str | None = None
    address: str
    offset: int = 0
    length: int | None = None
    state: str = "planned"
    outcome: str | None = None
    same_as: int | None = None


class Backfills(Part):
    """`store.backfills`: the plans of backfills."""

    def resume_at(self, site: str, source: str, question: str) -> tuple[str | None, bool]:
        """Where the answer to a question continues, None for its beginning; whether it is done."""
        row = self._db.execute(
            "SELECT resume_key, is_done FROM backfill_questions"
            " WHERE site = ? AND source = ? AND question = ?",
            (site, source, question),
        ).fetchone()
        if row is None:
            return None, False
        return row["resume_key"], bool(row["is_done"])

    def add(
        self,
        site: str,
        source: str,
        question: str,
        found: Iterable[Planned],
        *,
        resume_at: str | None,
        is_done: bool,
    ) -> int:
        """Plans what a part of an index lists, and notes that this part was read.

        Returns how many of the captures were not in a plan before.
        """
        added = 0
        with self._transaction():
            for one in found:
                added += self._db.execute(
                    "INSERT OR IGNORE INTO backfill_captures (site, source, url, captured_at,"
                    " kind, key, page, status, digest, address, offset, length, state, outcome)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        one.site,
                        one.source,
                        one.url,
                        to_utc_text(one.captured_at),
                        one.kind,
                        one.key,
                        one.page,
                        one.status,
                        one.digest,
                        one.address,
                        one.offset,
                        one.length,
                        one.state,
                        one.outcome,
                    ),
                ).rowcount
            self._db.execute(
                "INSERT OR REPLACE INTO backfill_questions VALUES (?, ?, ?, ?, ?)",
                (site, source, question, resume_at, is_done),
            )
        self._commits.commit()
        return added

    def finish(self, site: str, source: str, is_final: Callable[[str], bool]) -> None:
        """Forgets which questions were answered, so that the next backfill asks them again.

        Those whose answer `is_final` are remembered.
        """
        rows = self._db.execute(
            "SELECT question FROM backfill_questions WHERE site = ? AND source = ?", (site, source)
        ).fetchall()
        changing = [row["question"] for row in rows if not is_final(row["question"])]
        with self._transaction():
            self._db.executemany(
                "DELETE FROM backfill_questions WHERE site = ? AND source = ? AND question = ?",
                [(site, source, question) for question in changing],
            )
        self._commits.commit()

    def open(
        self, site: str, source: str, since: datetime | None, until: datetime | None, part: str
    ) -> list[Planned]:
        """The captures of a range that are planned or fetched, page by page in order of time.

        `until` is exclusive. Files are included if `part` of them was not taken yet.
        """
        first, last = to_utc_text(since) if since else "", to_utc_text(until) if until else "9999"
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM backfill_captures"
            " WHERE site = ? AND source = ? AND captured_at < ? AND ("
            f" (state <> 'done' AND iif(kind = '{FILE}', key, captured_at) >= ?)"
            f" OR (kind = '{FILE}' AND outcome LIKE '{PART} %' AND outcome <> ? AND key >= ?))"
            " ORDER BY kind DESC, key, page, captured_at, address, offset",
            (site, source, last, first, f"{PART} {part}", first),
        )
        return [_planned(row) for row in rows]

    def taken(self, site: str, source: str) -> list[Planned]:
        """The captures that were stored, or found in the archive, in order of time."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM backfill_captures WHERE site = ? AND source = ?"
            f" AND outcome IN ('{STORED}', '{KNOWN}') ORDER BY captured_at, address, offset",
            (site, source),
        )
        return [_planned(row) for row in rows]

    def find_known(self, site: str, source: str) -> None:
        """Marks planned captures that are in the archive, and those whose bytes are.

        The bytes are in the archive if a page of any crawl or import has their digest.
        """
        with self._transaction():
            self._db.execute(
                "UPDATE backfill_captures SET state = 'done', outcome = ? WHERE id IN ("
                " SELECT p.id FROM backfill_captures p JOIN captures c ON c.url = p.url"
                " AND c.fetched_at = p.captured_at AND c.source <> 'crawl'"
                " WHERE p.site = ? AND p.source = ? AND p.state = 'planned'"
                " AND (c.payload_digest = 'sha1:' || p.digest OR c.source = p.source))",
                (KNOWN, site, source),
            )
            self._db.execute(
                "UPDATE backfill_captures SET same_as = known.id FROM ("
                " SELECT min(c.id) AS id, substr(c.payload_digest, 6) AS digest FROM captures c"
                " WHERE c.warc_file IS NOT NULL AND c.status <> 304"
                " AND c.payload_digest IN (SELECT 'sha1:' || digest FROM backfill_captures"
                " WHERE site = ? AND source = ? AND state = 'planned') GROUP BY c.payload_digest"
                ") known WHERE backfill_captures.digest = known.digest AND site = ?"
                " AND source = ? AND state = 'planned'",
                (site, source, site, source),
            )

    def same_bytes(self, planned: Planned) -> HeldCapture | str | None:
        """A stored page with the bytes of a planned capture, or the outcome that they had.

        None if they are not known.
        """
        if planned.same_as is not None:
            held = self._held("c.id = ?", (planned.same_as,))
            if held is not None:
                return held
        if planned.digest is None:
            return None
        held = self._held(
            "c.id = (SELECT c.id FROM backfill_captures p JOIN captures c ON c.url = p.url"
            " AND c.fetched_at = p.captured_at AND c.source <> 'crawl'"
            f" WHERE p.digest = ? AND p.state = 'done' AND p.outcome IN ('{STORED}', '{KNOWN}')"
            " AND c.warc_file IS NOT NULL ORDER BY c.id LIMIT 1)",
            (planned.digest,),
        )
        if held is not None:
            return held
        row = self._db.execute(
            "SELECT outcome FROM backfill_captures WHERE digest = ? AND state = 'done'"
            f" AND outcome IN {_OF_BYTES} LIMIT 1",
            (planned.digest,),
        ).fetchone()
        return None if row is None else str(row["outcome"])

    def _held(self, condition: str, values: Sequence[object]) -> HeldCapture | None:
        row = self._db.execute(
            f"SELECT * FROM captures c WHERE {condition} AND c.warc_file IS NOT NULL", values
        ).fetchone()
        return None if row is None else held_capture(row)

    def keep(self, planned: Planned, answer: bytes) -> None:
        """Keeps what was fetched until it is stored as a page. It is committed at once."""
        with self._transaction():
            self._db.execute(
                "UPDATE backfill_captures SET state = 'fetched', answer = ? WHERE id = ?",
                (answer, planned.id),
            )
        self._commits.commit()

    def answer(self, planned: Planned) -> bytes:
        """What was fetched of a capture in the state `fetched`."""
        row = self._db.execute(
            "SELECT answer FROM backfill_captures WHERE id = ?", (planned.id,)
        ).fetchone()
        return bytes(row["answer"])

    def set_length(self, planned: Planned, length: int) -> None:
        """Notes the size of a planned file."""
        with self._transaction():
            self._db.execute(
                "UPDATE backfill_captures SET length = ? WHERE id = ?", (length, planned.id)
            )
        self._commits.commit()

    def settle(self, outcomes: Iterable[tuple[Planned, str]]) -> None:
        """Notes what became of captures. They are not requested again."""
        with self._transaction():
            self._db.executemany(
                "UPDATE backfill_captures SET state = 'done', outcome = ?, answer = NULL"
                " WHERE id = ?",
                [(outcome, planned.id) for planned, outcome in outcomes],
            )

    def fail(self, planned: Planned, code: str) -> None:
        """Notes why a capture could not be fetched. It remains planned."""
        with self._transaction():
            self._db.execute(
                "UPDATE backfill_captures SET outcome = ? WHERE id = ?", (code, planned.id)
            )

    def of_categories(self, site: str, keys: Collection[str]) -> set[str]:
        """The keys of the articles that are in one of these categories, or were listed there."""
        places = ", ".join("?" * len(keys))
        rows = self._db.execute(
            "WITH chosen AS (SELECT id FROM categories WHERE site = ?"
            f" AND key IN ({places}))"
            " SELECT key FROM articles WHERE site = ? AND category_id IN chosen"
            " UNION SELECT a.key FROM listings l JOIN articles a ON a.id = l.article_id"
            " WHERE l.category_id IN chosen AND a.site = ?",
            (site, *sorted(keys), site, site),
        )
        return {row["key"] for row in rows}

    def rest(self, host: str, until: datetime) -> None:
        """Notes until when a server has asked not to be asked again. It is committed at once."""
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO backfill_rests VALUES (?, ?)", (host, to_utc_text(until))
            )
        self._commits.commit()

    def rests(self) -> dict[str, datetime]:
        """Until when each server has asked not to be asked again."""
        rows = self._db.execute("SELECT host, until FROM backfill_rests")
        return {row["host"]: from_utc_text(row["until"]) for row in rows}


def _planned(row: sqlite3.Row) -> Planned:
    return Planned(
        id=row["id"],
        site=row["site"],
        source=row["source"],
        url=row["url"],
        captured_at=from_utc_text(row["captured_at"]),
        kind=row["kind"],
        key=row["key"],
        page=row["page"],
        status=row["status"],
        digest=row["digest"],
        address=row["address"],
        offset=row["offset"],
        length=row["length"],
        state=row["state"],
        outcome=row["outcome"],
        same_as=row["same_as"],
    )
