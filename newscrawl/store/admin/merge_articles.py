"""One article as two archives know it: its fields by the rules of the store, its revisions in the order of time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from newscrawl.core.times import from_utc_text
from newscrawl.store.write.publication_time import GENERATED, better_time, row_time

Row = dict[str, Any]
NOTHING = (None, "[]", "{}")
# What a revision says; those that differ in nothing else are one.
SAID = ("title", "summary", "body_hash", "authors", "published_local")
TIME = (
    "published_at",
    "published_local",
    "published_raw",
    "published_precision",
    "published_source",
)
# Of two pages that were not read: the better known one.
STATES = ("stub", "failed", "blocked", "degraded", "stored")


def unite_articles(db: sqlite3.Connection, on_article: Callable[[], None]) -> None:
    """Writes every article of the attached archives `a` and `b`, its text, its revisions, and its other address."""
    ids = db.execute("SELECT new, src, old FROM articles_ids ORDER BY new, src").fetchall()
    for new, found in groupby(ids, key=lambda row: row["new"]):
        sources = [_Source(db, "ab"[row["src"]], row["src"], row["old"]) for row in found]
        article = united([source.article for source in sources])
        revisions = united_revisions([source.sightings() for source in sources])
        body = article.pop("body")
        _insert(db, "articles", article | {"id": new, "revision": len(revisions)})
        if body is not None:
            _insert(db, "bodies", {"article_id": new, "body": body})
        for number, revision in enumerate(revisions, 1):
            _insert(db, "revisions", revision | {"article_id": new, "revision": number})
        for source in sources:
            _note_address(db, new, source.article["url"], article["url"])
        on_article()


class _Source:
    """An article as one archive has it, with the numbers of the new one."""

    def __init__(self, db: sqlite3.Connection, name: str, src: int, article_id: int) -> None:
        self._db, self._name, self._src, self._id = db, name, src, article_id
        row = db.execute(
            f"SELECT r.*, b.body FROM {name}.articles r LEFT JOIN {name}.bodies b ON b.article_id = r.id"
            " WHERE r.id = ?",
            (article_id,),
        ).fetchone()
        self.article: Row = dict(row) | {"category_id": self._new("categories", row["category_id"])}

    def sightings(self) -> list[Row]:
        """Its revisions; where it was read again later, its text as it still was then."""
        rows = [
            dict(row) | {"capture_id": self._new("captures", row["capture_id"]), "again": False}
            for row in self._db.execute(
                f"SELECT * FROM {self._name}.revisions WHERE article_id = ? ORDER BY revision",
                (self._id,),
            )
        ]
        fetched_at = self.article["fetched_at"]
        if rows and fetched_at and fetched_at > rows[-1]["fetched_at"]:
            rows.append(rows[-1] | {"fetched_at": fetched_at, "again": True})
        return rows

    def _new(self, table: str, old: int | None) -> int | None:
        row = self._db.execute(
            f"SELECT new FROM {table}_ids WHERE src = ? AND old = ?", (self._src, old)
        ).fetchone()
        return None if row is None else int(row[0])


def united(rows: Sequence[Row]) -> Row:
    """The article's row: what was read later wins, what it lacks comes from the other, a stub gives way."""
    if len(rows) == 1:
        return dict(rows[0])
    older, newer = sorted(rows, key=_age)
    read = newer["revision"] > 0
    # Of two stubs the first words stay, as in one archive.
    first, second = (newer, older) if read else (older, newer)
    made = {name: second[name] if value in NOTHING else value for name, value in first.items()}
    text = first if first["body_hash"] is not None or not second["body_hash"] else second
    made |= {name: text[name] for name in ("body_hash", "word_count", "body")}
    if made["body"] is None:
        made["body"] = second["body"]
    best = better_time(row_time(older), row_time(newer))
    made |= dict(
        zip(TIME, (best.at, best.local, best.raw, best.precision, best.source), strict=True)
    )
    provenance = json.loads(second["provenance"]) | json.loads(first["provenance"])
    made["provenance"] = json.dumps(provenance, ensure_ascii=False, sort_keys=True)
    made["first_seen_at"] = min(row["first_seen_at"] for row in rows)
    made["last_seen_at"] = max(row["last_seen_at"] for row in rows)
    return made | _state(rows)


def _age(row: Mapping[str, Any]) -> tuple[object, ...]:
    """For sorting: a stub before an article that was read, the earlier reading before the later."""
    seen = row["fetched_at"] if row["revision"] > 0 else row["first_seen_at"]
    said = [str(row[name] or "") for name in ("body_hash", "title", "summary", "authors", "url")]
    return (
        row["revision"] > 0,
        seen or "",
        row["revision"],
        said,
        json.dumps(_content(row), sort_keys=True),
    )


def _content(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if name not in ("id", "category_id", "body")}


def _state(rows: Sequence[Row]) -> Row:
    """Gone where nobody has read it since somebody was told so."""
    fetched_at = max((row["fetched_at"] for row in rows if row["fetched_at"]), default=None)
    gone = [
        row["gone_at"]
        for row in rows
        if row["gone_at"] and (fetched_at is None or row["gone_at"] >= fetched_at)
    ]
    if all(row["state"] == "gone" for row in rows):
        gone = gone or [row["gone_at"] for row in rows if row["gone_at"]]
    if gone:
        return {"state": "gone", "gone_at": min(gone)}
    states = [
        "stored" if row["state"] == "gone" and row["revision"] else row["state"] for row in rows
    ]
    known = [state for state in states if state in STATES]
    return {"state": max(known, key=STATES.index), "gone_at": None}


def united_revisions(archives: Iterable[Sequence[Row]]) -> list[Row]:
    """All revisions in the order of fetching, without those of another archive that say the same as the one before."""
    found = [(row, place) for place, rows in enumerate(archives) for row in rows]
    found.sort(key=lambda each: _moment(each[0]))
    kept: list[tuple[Row, int]] = []
    for row, place in found:
        repeated = kept and not _differ(kept[-1][0], row)
        if repeated and (row["again"] or kept[-1][1] != place):
            continue
        kept.append((row, place))
    return [{name: value for name, value in row.items() if name != "again"} for row, _ in kept]


def _moment(row: Mapping[str, Any]) -> tuple[object, ...]:
    """For sorting; within a second one archive's own order counts, then what is said."""
    return row["fetched_at"], row["revision"], row["again"], _said(row), str(row["modified_at"])


def _said(row: Mapping[str, Any]) -> list[str]:
    return [
        str(row[name] or "")
        for name in ("body_hash", "title", "summary", "authors", "url")
        if name in row
    ]


def _differ(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """As the store sees it: what a revision does not say is no difference, nor is a time of change made by asking."""
    if any(
        new[name] not in NOTHING and old[name] not in NOTHING and old[name] != new[name]
        for name in SAID
    ):
        return True
    before, after = old["modified_at"], new["modified_at"]
    if new["again"] or not before or not after or after <= before:
        return False
    return from_utc_text(new["fetched_at"]) - from_utc_text(after) > GENERATED


def _note_address(db: sqlite3.Connection, article_id: int, url: str, own: str) -> None:
    if url != own:
        reason = "mirror" if urlsplit(url).netloc != urlsplit(own).netloc else "slug"
        db.execute("INSERT OR IGNORE INTO main.aliases VALUES (?, ?, ?)", (url, article_id, reason))


def _insert(db: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    names = ", ".join(row)
    db.execute(
        f"INSERT INTO main.{table} ({names}) VALUES ({', '.join('?' * len(row))})",
        tuple(row.values()),
    )
