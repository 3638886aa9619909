"""Pairs of articles with the same text, word for word or nearly, and the band table that finds the near ones.

Every pair is kept once, the smaller row id first. A pair goes when the text of either article changes.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from newscrawl.store.rows import UNCOMPARED, Pair
from newscrawl.store.write.commits import Part

# Captions and notices ("Photo: agency") stand under thousands of articles that have nothing in common. In characters,
# since not every script has words between spaces.
SHORTEST_TEXT = 200
# A text that stands on more pages than this is paired with the first of them only, so that pairs grow with articles
# and not with their square.
MOST_COPIES = 20
# The same for the articles of a band: what more of them share is a form letter.
MOST_IN_BAND = 100
# Articles that share fewer bands than this are not compared: by chance two unlike texts share one.
SHARED_BANDS = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A stored text and the hash that it had when it was read."""

    article_id: int
    body_hash: str
    body: str


class Duplicates(Part):
    """`store.duplicates`: the band table, and the pairs that are found with it."""

    def count_uncompared(self) -> int:
        """How many texts the band table does not have, or has in an older wording."""
        return int(self._db.execute(f"SELECT count(*) FROM {UNCOMPARED}").fetchone()[0])

    def forget_changed(self) -> int:
        """Takes texts that have changed since out of the band table; their number. It reads the whole table, once."""
        with self._transaction():
            changed = (
                "SELECT m.article_id FROM compared_texts m JOIN articles a ON a.id = m.article_id"
                " WHERE m.body_hash IS NOT substr(a.body_hash, 8, 16)"
            )
            ids = [row[0] for row in self._db.execute(changed)]
            if ids:
                self._db.execute("CREATE TEMP TABLE changed_texts (id INTEGER PRIMARY KEY)")
                self._db.executemany(
                    "INSERT INTO changed_texts VALUES (?)", [(each,) for each in ids]
                )
                for statement in (
                    "DELETE FROM text_bands WHERE article_id IN (SELECT id FROM changed_texts)",
                    "DELETE FROM compared_texts WHERE article_id IN (SELECT id FROM changed_texts)",
                    "DELETE FROM duplicates WHERE method = 'minhash' AND (article_id IN (SELECT id FROM changed_texts)"
                    " OR other_id IN (SELECT id FROM changed_texts))",
                    "DROP TABLE changed_texts",
                ):
                    self._db.execute(statement)
            return len(ids)

    def uncompared_texts(self, size: int) -> Iterator[list[Text]]:
        """The texts that the band table does not have, in batches, in the order of arrival."""
        last = 0
        while rows := self._db.execute(
            f"SELECT a.id, a.body_hash, ifnull(b.body, '') FROM {UNCOMPARED} AND a.id > ? ORDER BY a.id LIMIT ?",
            (last, size),
        ).fetchall():
            last = rows[-1][0]
            yield [Text(*row) for row in rows]

    def add_bands(self, found: Sequence[tuple[Text, Sequence[int]]]) -> None:
        """Notes the bands of texts (none for one that is too short), and that they were read."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO compared_texts VALUES (?, substr(?, 8, 16))",
                [(text.article_id, text.body_hash) for text, _ in found],
            )
            # In the order of the key: SQLite then writes each page of the table once.
            rows = sorted((band, text.article_id) for text, bands in found for band in bands)
            self._db.executemany("INSERT OR IGNORE INTO text_bands VALUES (?, ?)", rows)

    def candidates(self, found: Sequence[tuple[Text, Sequence[int]]]) -> list[tuple[int, int]]:
        """Pairs (smaller id first) of these texts with any other that may be alike: they share enough bands."""
        pairs: set[tuple[int, int]] = set()
        for text, bands in found:
            shared: Counter[int] = Counter()
            for band in set(bands):
                rows = self._db.execute(
                    "SELECT article_id FROM text_bands WHERE band = ? ORDER BY article_id LIMIT ?",
                    (band, MOST_IN_BAND),
                )
                shared.update(row[0] for row in rows)
            mine = text.article_id
            pairs |= {
                (min(mine, each), max(mine, each))
                for each, n in shared.items()
                if n >= SHARED_BANDS
            }
        return sorted((a, b) for a, b in pairs if a != b)

    def texts_of(self, ids: Iterable[int]) -> Mapping[int, Text]:
        """The texts of these articles by id."""
        found = {}
        for article_id in ids:
            row = self._db.execute(
                "SELECT a.id, a.body_hash, b.body FROM articles a JOIN bodies b ON b.article_id = a.id WHERE a.id = ?",
                (article_id,),
            ).fetchone()
            found[article_id] = Text(*row)
        return found

    def add_pairs(self, pairs: Iterable[Pair]) -> None:
        """Writes pairs; one that is known gets the new similarity."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO duplicates VALUES (?, ?, ?, ?)",
                [(pair.article_id, pair.other_id, pair.method, pair.similarity) for pair in pairs],
            )


def pair_same_body(db: sqlite3.Connection, article_id: int, length: int) -> None:
    """Drops the pairs of an article whose text is new or changed, and pairs it with those of the very same text.

    `length`: that of the text, in characters.
    """
    db.execute("DELETE FROM duplicates WHERE article_id = ?", (article_id,))
    db.execute("DELETE FROM duplicates WHERE other_id = ?", (article_id,))
    if length < SHORTEST_TEXT:
        return
    db.execute(
        "INSERT OR IGNORE INTO duplicates (article_id, other_id, method, similarity)"
        " SELECT min(n.id, o.id), max(n.id, o.id), 'exact', 1.0 FROM articles n"
        " JOIN articles o ON substr(o.body_hash, 8, 16) = substr(n.body_hash, 8, 16)"
        " AND o.body_hash = n.body_hash AND o.id <> n.id"
        " WHERE n.id = ? AND n.body_hash IS NOT NULL AND o.body_hash IS NOT NULL ORDER BY o.id LIMIT ?",
        (article_id, MOST_COPIES),
    )
