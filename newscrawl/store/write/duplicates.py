"""Pairs of articles with the same or nearly the same text, and the bands that find near copies.

Every pair is kept once, the smaller row id first. It is deleted when the text of either article
changes.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from newscrawl.store.rows import UNCOMPARED, Pair
from newscrawl.store.write.commits import Part

# In characters, since not every script has spaces between words. Captions and notices ("Photo:
# agency") are shorter, and thousands of articles have them that are otherwise not alike.
SHORTEST_TEXT = 200
# A text that is on more pages than this is paired with the first of them only, so that the number
# of pairs grows with the articles and not with their square.
MOST_COPIES = 20
# The same for the articles of a band: a form letter is shared by more.
MOST_IN_BAND = 100
# Articles that share fewer bands than this are not compared: two different texts share one by
# chance.
SHARED_BANDS = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A stored text and the hash that it had when it was read."""

    article_id: int
    body_hash: str
    body: str


class Duplicates(Part):
    """`store.duplicates`: the table of bands, and the pairs that are found with it."""

    def count_uncompared(self) -> int:
        """How many texts are new or changed since they were last compared."""
        return int(self._db.execute(f"SELECT count(*) FROM {UNCOMPARED}").fetchone()[0])

    def forget_changed(self) -> int:
        """Deletes what was found out about texts that have changed since; their number.

        Their old bands are kept, since finding them would read the whole table. An article that is
        found by an old band is compared, and is no near copy.
        """
        rows = self._db.execute(
            "SELECT m.article_id FROM uncompared_texts u"
            " CROSS JOIN compared_texts m ON m.article_id = u.article_id"
            " JOIN articles a ON a.id = u.article_id"
            " WHERE m.body_hash IS NOT substr(a.body_hash, 8, 16)"
        ).fetchall()
        changed = [tuple(row) for row in rows]
        with self._transaction():
            for statement in (
                "DELETE FROM compared_texts WHERE article_id = ?",
                "DELETE FROM duplicates WHERE method = 'minhash' AND article_id = ?",
                "DELETE FROM duplicates WHERE method = 'minhash' AND other_id = ?",
            ):
                self._db.executemany(statement, changed)
            # Those that were withdrawn, or have the text again that was compared.
            self._db.execute(
                "DELETE FROM uncompared_texts WHERE NOT EXISTS"
                f" (SELECT 1 FROM {UNCOMPARED} AND u.article_id = uncompared_texts.article_id)"
            )
        return len(changed)

    def uncompared_texts(self, size: int) -> Iterator[list[Text]]:
        """The texts that are new or changed, in batches, in the order of arrival."""
        last = 0
        while True:
            rows = self._db.execute(
                "SELECT a.id, a.body_hash, ifnull(b.body, '')"
                f" FROM {UNCOMPARED} AND u.article_id > ? ORDER BY u.article_id LIMIT ?",
                (last, size),
            ).fetchall()
            if not rows:
                return
            last = rows[-1]["id"]
            yield [Text(*row) for row in rows]

    def add_bands(self, texts_and_bands: Sequence[tuple[Text, Sequence[int]]]) -> None:
        """Writes the bands of texts (none for one that is too short), and that they were read."""
        rows: list[tuple[int, int]] = []
        for text, bands in texts_and_bands:
            rows += [(band, text.article_id) for band in bands]
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO compared_texts VALUES (?, substr(?, 8, 16))",
                [(text.article_id, text.body_hash) for text, _ in texts_and_bands],
            )
            self._db.executemany(
                "DELETE FROM uncompared_texts WHERE article_id = ?",
                [(text.article_id,) for text, _ in texts_and_bands],
            )
            # In the order of the key: SQLite then writes each page of the table once.
            self._db.executemany("INSERT OR IGNORE INTO text_bands VALUES (?, ?)", sorted(rows))

    def candidates(
        self, texts_and_bands: Sequence[tuple[Text, Sequence[int]]]
    ) -> list[tuple[int, int]]:
        """Pairs (smaller id first) of these texts with others that share enough bands."""
        pairs: set[tuple[int, int]] = set()
        for text, bands in texts_and_bands:
            shared: Counter[int] = Counter()
            for band in set(bands):
                shared.update(self._articles_with(band))
            del shared[text.article_id]
            for other_id, count in shared.items():
                if count >= SHARED_BANDS:
                    pair = sorted((text.article_id, other_id))
                    pairs.add((pair[0], pair[1]))
        return sorted(pairs)

    def _articles_with(self, band: int) -> list[int]:
        rows = self._db.execute(
            "SELECT article_id FROM text_bands WHERE band = ? ORDER BY article_id LIMIT ?",
            (band, MOST_IN_BAND),
        )
        return [row[0] for row in rows]

    def texts_of(self, ids: Iterable[int]) -> Mapping[int, Text]:
        """The texts of these articles by id, without those that have no text any more."""
        texts: dict[int, Text] = {}
        for article_id in ids:
            row = self._db.execute(
                "SELECT a.id, a.body_hash, b.body FROM articles a"
                " JOIN bodies b ON b.article_id = a.id WHERE a.id = ?",
                (article_id,),
            ).fetchone()
            if row is not None:
                texts[article_id] = Text(*row)
        return texts

    def add_pairs(self, pairs: Iterable[Pair]) -> None:
        """Writes pairs; a known pair gets the new similarity."""
        rows = [(pair.article_id, pair.other_id, pair.method, pair.similarity) for pair in pairs]
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO duplicates VALUES (?, ?, ?, ?)", rows)


def pair_same_body(db: sqlite3.Connection, article_id: int, length: int) -> None:
    """Replaces the pairs of an article with a new text by those with exactly the same text.

    `length` is that of the text, in characters.
    """
    db.execute("DELETE FROM duplicates WHERE article_id = ?", (article_id,))
    db.execute("DELETE FROM duplicates WHERE other_id = ?", (article_id,))
    if length < SHORTEST_TEXT:
        return
    db.execute(
        """
        INSERT OR IGNORE INTO duplicates (article_id, other_id, method, similarity)
        SELECT min(n.id, o.id), max(n.id, o.id), 'exact', 1.0 FROM articles n
        JOIN articles o ON substr(o.body_hash, 8, 16) = substr(n.body_hash, 8, 16)
            AND o.body_hash = n.body_hash AND o.id <> n.id
        WHERE n.id = ? AND n.body_hash IS NOT NULL AND o.body_hash IS NOT NULL ORDER BY o.id LIMIT ?
        """,
        (article_id, MOST_COPIES),
    )
