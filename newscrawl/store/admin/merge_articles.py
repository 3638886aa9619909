"""Unites one article as two archives know it: its fields and its revisions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from newscrawl.core.times import from_utc_text
from newscrawl.store.conditions import marks
from newscrawl.store.write.publication_time import GENERATED, better_time, row_time

Row = dict[str, Any]
NOTHING = (None, "[]", "{}")
# The content of a revision: two revisions that differ in none of these are one.
CONTENT = ("title", "summary", "body_hash", "authors", "published_local")
# Columns for a stable order of rows from the same moment.
TIE_BREAKERS = ("body_hash", "title", "summary", "authors", "url")
# Of two pages that were not read, the state that is later in this list is kept.
STATES = ("stub", "failed", "blocked", "degraded", "stored")


def unite_articles(db: sqlite3.Connection, on_article: Callable[[], None]) -> None:
    """Writes every article of the attached archives: its row, text, revisions and other address."""
    ids = db.execute("SELECT new, src, old FROM articles_ids ORDER BY new, src")
    for article_id, rows in groupby(ids, key=lambda row: row["new"]):
        sources = [_Source(db, row["src"], row["old"]) for row in rows]
        _unite_article(db, article_id, sources)
        on_article()


def _unite_article(db: sqlite3.Connection, article_id: int, sources: Sequence[_Source]) -> None:
    sightings = in_order([source.sightings() for source in sources])
    newest = sightings[-1].archives if sightings else frozenset()
    article = united([source.article for source in sources], newest)
    revisions = united_revisions(sightings)
    body = article.pop("body")
    _insert(db, "articles", article | {"id": article_id, "revision": len(revisions)})
    if body is not None:
        _insert(db, "bodies", {"article_id": article_id, "body": body})
    for number, revision in enumerate(revisions, 1):
        _insert(db, "revisions", revision | {"article_id": article_id, "revision": number})
    for source in sources:
        _add_alias(db, article_id, source.article["url"], own_url=article["url"])


class _Source:
    """An article as one archive has it, with the numbers of the new one."""

    def __init__(self, db: sqlite3.Connection, src: int, article_id: int) -> None:
        self._db, self._src, self._id = db, src, article_id
        self._name = "ab"[src]
        row = db.execute(
            f"SELECT r.*, b.body FROM {self._name}.articles r"
            f" LEFT JOIN {self._name}.bodies b ON b.article_id = r.id WHERE r.id = ?",
            (article_id,),
        ).fetchone()
        self.article: Row = dict(row)
        self.article["category_id"] = self._new_number("categories", row["category_id"])

    def sightings(self) -> list[Row]:
        """Its revisions, and the last of them once more if it was read again later (`again`)."""
        rows = self._db.execute(
            f"SELECT * FROM {self._name}.revisions WHERE article_id = ? ORDER BY revision",
            (self._id,),
        ).fetchall()
        sightings: list[Row] = []
        for row in rows:
            capture_id = self._new_number("captures", row["capture_id"])
            sightings.append(dict(row) | {"capture_id": capture_id, "again": False})
        fetched_at = self.article["fetched_at"]
        if sightings and fetched_at and fetched_at > sightings[-1]["fetched_at"]:
            sightings.append(sightings[-1] | {"fetched_at": fetched_at, "again": True})
        return sightings

    def _new_number(self, table: str, old: int | None) -> int | None:
        row = self._db.execute(
            f"SELECT new FROM {table}_ids WHERE src = ? AND old = ?", (self._src, old)
        ).fetchone()
        return None if row is None else int(row["new"])


def united(rows: Sequence[Row], newest: frozenset[int] = frozenset()) -> Row:
    """The article's row: the later reading, with what it lacks from the other one.

    `newest` are the numbers of the rows whose archive has the newest sighting. It decides between
    two readings of the same second.
    """
    if len(rows) == 1:
        return dict(rows[0])
    ages = [(_age(row, is_newest=number in newest), row) for number, row in enumerate(rows)]
    older, newer = [row for _, row in sorted(ages, key=lambda aged: aged[0])]
    # Of two stubs, the first words are kept, as in one archive.
    first, second = (newer, older) if newer["revision"] > 0 else (older, newer)
    article = {name: second[name] if value in NOTHING else value for name, value in first.items()}
    has_text = first["body_hash"] is not None or not second["body_hash"]
    text = first if has_text else second
    for name in ("body_hash", "word_count", "body"):
        article[name] = text[name]
    if article["body"] is None:
        article["body"] = second["body"]
    article |= _publication_time(older, newer)
    provenance = json.loads(second["provenance"]) | json.loads(first["provenance"])
    article["provenance"] = json.dumps(provenance, ensure_ascii=False, sort_keys=True)
    article["first_seen_at"] = min(row["first_seen_at"] for row in rows)
    article["last_seen_at"] = max(row["last_seen_at"] for row in rows)
    return article | _state(rows)


def _publication_time(older: Row, newer: Row) -> Row:
    time = better_time(row_time(older), row_time(newer))
    return {
        "published_at": time.at,
        "published_local": time.local,
        "published_raw": time.raw,
        "published_precision": time.precision,
        "published_source": time.source,
    }


def _age(row: Row, *, is_newest: bool) -> tuple[object, ...]:
    """For sorting: a stub is older than a reading, and an earlier reading than a later one."""
    is_read = row["revision"] > 0
    seen_at = row["fetched_at"] if is_read else row["first_seen_at"]
    content = {
        name: value for name, value in row.items() if name not in ("id", "category_id", "body")
    }
    return (
        is_read,
        seen_at or "",
        is_newest,
        row["revision"],
        _tie_breakers(row),
        json.dumps(content, sort_keys=True),
    )


def _state(rows: Sequence[Row]) -> Row:
    """`gone` if no page was read after a server reported it as gone, else the best state."""
    last_fetched_at = max(row["fetched_at"] or "" for row in rows)
    reports = [row["gone_at"] for row in rows if row["gone_at"]]
    valid_reports = [gone_at for gone_at in reports if gone_at >= last_fetched_at]
    if all(row["state"] == "gone" for row in rows):
        valid_reports = valid_reports or reports
    if valid_reports:
        return {"state": "gone", "gone_at": min(valid_reports)}
    states: list[str] = []
    for row in rows:
        if row["state"] == "gone" and row["revision"]:
            states.append("stored")
        elif row["state"] in STATES:
            states.append(row["state"])
    return {"state": max(states, key=STATES.index), "gone_at": None}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A revision as one or both archives have it; `archives` are their numbers."""

    row: Row
    archives: frozenset[int]


def in_order(archives: Sequence[Sequence[Row]]) -> list[Sighting]:
    """The sightings of all archives by time. One that both have is there once."""
    by_moment: dict[str, dict[int, list[Sighting]]] = {}
    for number, rows in enumerate(archives):
        for row in rows:
            at_once = by_moment.setdefault(row["fetched_at"], {})
            at_once.setdefault(number, []).append(Sighting(row, frozenset({number})))
    ordered: list[Sighting] = []
    for _, by_archive in sorted(by_moment.items()):
        first, *others = by_archive.values()
        ordered += _interleaved(first, others[0]) if others else first
    return ordered


def _interleaved(one: Sequence[Sighting], other: Sequence[Sighting]) -> list[Sighting]:
    """Two archives' sightings of one second. Each archive knows the order of its own.

    A sighting that both have is placed once, so that an archive which was merged already adds
    nothing. Where the order of two is unknown, their content decides.
    """
    left, right = list(one), list(other)
    ordered: list[Sighting] = []
    while left and right:
        a, b = left[0], right[0]
        if _is_same(a, b):
            again = a.row["again"] or b.row["again"]
            made_it = min(a.row, b.row, key=lambda row: (row["again"], _content(row)))
            ordered.append(Sighting(made_it | {"again": again}, a.archives | b.archives))
            left.pop(0)
            right.pop(0)
            continue
        a_comes_later = any(_is_same(a, later) for later in right)
        b_comes_later = any(_is_same(b, later) for later in left)
        if a_comes_later == b_comes_later:
            # What was only read again is what the second began with.
            key_a, key_b = (
                (not a.row["again"], _content(a.row)),
                (not b.row["again"], _content(b.row)),
            )
            takes_left = key_a <= key_b
        else:
            takes_left = b_comes_later
        ordered.append(left.pop(0) if takes_left else right.pop(0))
    return ordered + left + right


def united_revisions(sightings: Iterable[Sighting]) -> list[Row]:
    """The revisions among the sightings, which are in order.

    One that equals the preceding revision is dropped if that is from another archive, or if the
    article was only read again.
    """
    kept: list[Sighting] = []
    for sighting in sightings:
        if kept:
            is_from_another = sighting.archives.isdisjoint(kept[-1].archives)
            is_repetition = sighting.row["again"] or is_from_another
            if is_repetition and not _differ(kept[-1].row, sighting.row):
                continue
        kept.append(sighting)
    return [
        {name: value for name, value in sighting.row.items() if name != "again"}
        for sighting in kept
    ]


def _is_same(one: Sighting, other: Sighting) -> bool:
    """Whether two sightings of one second are one: same content, same time of change."""
    names = (*CONTENT, "modified_at")
    return all(one.row[name] == other.row[name] for name in names)


def _content(row: Row) -> tuple[object, ...]:
    """For sorting what came in the same second."""
    return _tie_breakers(row), str(row["modified_at"]), str(row["capture_id"])


def _tie_breakers(row: Row) -> list[str]:
    return [str(row[name] or "") for name in TIE_BREAKERS if name in row]


def _differ(old: Row, new: Row) -> bool:
    """Whether the store would make a new revision of it.

    A field that a revision lacks does not count as a difference. Neither does a modification time
    that the fetch itself caused.
    """
    if any(_content_differs(old[name], new[name]) for name in CONTENT):
        return True
    before, after = old["modified_at"], new["modified_at"]
    if new["again"] or not before or not after or after <= before:
        return False
    return from_utc_text(new["fetched_at"]) - from_utc_text(after) > GENERATED


def _content_differs(old: object, new: object) -> bool:
    return old not in NOTHING and new not in NOTHING and old != new


def _add_alias(db: sqlite3.Connection, article_id: int, url: str, *, own_url: str) -> None:
    if url != own_url:
        is_mirror = urlsplit(url).netloc != urlsplit(own_url).netloc
        reason = "mirror" if is_mirror else "slug"
        db.execute("INSERT OR IGNORE INTO main.aliases VALUES (?, ?, ?)", (url, article_id, reason))


def _insert(db: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    db.execute(
        f"INSERT INTO main.{table} ({', '.join(row)}) VALUES ({marks(len(row))})",
        tuple(row.values()),
    )
