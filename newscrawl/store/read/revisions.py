"""What publishers changed after publication: new revisions, and pages that are gone."""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, TypeAlias

from newscrawl.core.diffs import STEPS, Change, Effort, Piece
from newscrawl.core.edits import REMOVED, Edit, EditKind, Version, classify, text_changes
from newscrawl.store.days import FIRST, IN_ZONE, LAST, bounds, spans, zone_bounds, zone_of
from newscrawl.store.indexes import revised_ids
from newscrawl.store.known_names import check_site

# When a change was seen, the article's row, and the revision: changes are in this order.
Place: TypeAlias = tuple[str, int, int]
GONE = 2**31  # in place of a revision: an article is removed after its last one
COLUMNS = (
    "title",
    "summary",
    "body",
    "authors",
    "published_local",
    "published_source",
    "modified_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """An article whose change was seen at `seen_at`. `revision` is None if its page is gone."""

    id: int
    site: str
    key: str
    title: str | None
    published_local: str | None
    seen_at: str
    revision: int | None
    edit: Edit
    old_title: str | None = None  # of the revision before
    old_authors: tuple[str, ...] | None = None  # of the revision before; None if not known
    authors: tuple[str, ...] | None = None
    words_added: int = 0
    words_removed: int = 0

    @property
    def place(self) -> Place:
        """Its place among all changes."""
        return self.seen_at, self.id, GONE if self.revision is None else self.revision


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedPart:
    """A part of the list of changes. `compared` changes were looked at to find those that match.

    `next` is where the rest begins; None if there is none. A part may be short, or empty, and have
    a rest, if there was no time for more comparisons.
    """

    changes: tuple[Edited, ...]
    compared: int
    next: Place | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions: their edit, and how many words were added and removed."""

    edit: Edit
    words_added: int
    words_removed: int


@dataclass(frozen=True, slots=True)
class EditFilter:
    """`since` and `until` are days in the site's own zone on which the change was seen."""

    site: str | None = None
    kind: EditKind | None = None
    since: str | None = None
    until: str | None = None

    def matches(self, edited: Edited) -> bool:
        """Whether the change is of the kind."""
        return self.kind is None or self.kind in edited.edit.kinds


# With spans(), bounds and a site: the revisions with the ones before them, and the articles that
# are gone. The index of times is read first and in order: a page reads no more than it shows.
_REVISED = """
    FROM revisions new INDEXED BY revisions_changed
    CROSS JOIN articles a ON a.id = new.article_id
    CROSS JOIN revisions old
        ON old.article_id = new.article_id AND old.revision = new.revision - 1
    WHERE new.revision > 1 AND new.fetched_at >= ? AND new.fetched_at <= ?
        AND (new.fetched_at, new.article_id, new.revision) < (?, ?, ?)
        AND a.site = ifnull(?, a.site) AND EXISTS (SELECT 1 FROM span WHERE span.site = a.site
            AND new.fetched_at >= span.first AND new.fetched_at < span.after)
"""
_REMOVED = """
    FROM articles a INDEXED BY articles_gone
    WHERE a.gone_at IS NOT NULL AND a.revision > 0 AND a.gone_at >= ? AND a.gone_at <= ?
        AND (a.gone_at, a.id, 2147483648) < (?, ?, ?)
        AND a.site = ifnull(?, a.site) AND EXISTS (SELECT 1 FROM span WHERE span.site = a.site
            AND a.gone_at >= span.first AND a.gone_at < span.after)
"""
AFTER_ALL: Place = ("~", 0, 0)
_COUNT_REVISED = (
    "SELECT count(*) FROM revisions INDEXED BY revisions_changed"
    " WHERE revision > 1 AND fetched_at >= ? AND fetched_at < ?"
)
_TEXTS_DIFFER = (
    "(new.title IS NOT old.title OR new.summary IS NOT old.summary"
    " OR new.body_hash IS NOT old.body_hash OR new.body_hash IS NULL)"
)
_BODIES_DIFFER = "(new.body_hash IS NOT old.body_hash OR new.body_hash IS NULL)"
# What SQL can say of a kind before two versions are compared: the others cannot be of it.
_MAY_BE: Mapping[EditKind, str] = {
    "headline": "new.title IS NOT old.title",
    "summary": "new.summary IS NOT old.summary",
    "numbers": _TEXTS_DIFFER,
    "added": _BODIES_DIFFER,
    "taken_out": _BODIES_DIFFER,
    "reworded": _BODIES_DIFFER,
    "correction": _TEXTS_DIFFER,
    "byline": "new.authors IS NOT old.authors",
    "redated": "new.published_local IS NOT old.published_local",
    "date_bump": "(new.published_local IS NOT old.published_local"
    " OR new.modified_at IS NOT old.modified_at)",
}

# Edits kept in memory, of a few hundred bytes each, by the hashes of both versions (128 bits).
MOST_KNOWN = 30_000
_KNOWN_EDITS: dict[tuple[int, int], Compared] = {}
# For all comparisons of one list, less than a second of CPU. Fifty ordinary edits need a tenth.
LIST_STEPS = 3 * STEPS


def edited(
    db: sqlite3.Connection, only: EditFilter, limit: int, effort: Effort | None = None
) -> list[Edited]:
    """The newest changes; UsageError for an unknown site.

    The list ends early when there is no time for more comparisons (`effort.is_over()`).
    """
    return list(edited_part(db, only, limit, effort or Effort(LIST_STEPS)).changes)


def edited_part(
    db: sqlite3.Connection,
    only: EditFilter,
    limit: int,
    effort: Effort,
    before: Place = AFTER_ALL,
) -> EditedPart:
    """The newest changes before a place; UsageError for an unknown site.

    The part ends early when there is no time for more comparisons, but never before the first one.
    """
    found: list[Edited] = []
    compared = 0
    last = before
    for change in all_edited(db, only, effort, before):
        if compared and effort.is_over():
            return EditedPart(changes=tuple(found), compared=compared, next=last)
        compared += 1
        last = change.place
        if only.matches(change):
            found.append(change)
        if len(found) == limit:
            return EditedPart(changes=tuple(found), compared=compared, next=last)
    rest = last if effort.is_over() and compared else None
    return EditedPart(changes=tuple(found), compared=compared, next=rest)


def all_edited(
    db: sqlite3.Connection, only: EditFilter, effort: Effort, before: Place = AFTER_ALL
) -> Iterator[Edited]:
    """The changes before a place, the newest first; of a kind, also some that are not of it.

    The iterator ends early when there is no time for more comparisons (`effort.is_over()`).
    """
    if only.site is not None:
        check_site(db, only.site)
    streams: list[Iterator[Edited]] = []
    if only.kind != "removed":
        streams.append(_revised(db, only, effort, before))
    if only.kind in (None, "removed"):
        streams.append(_removed(db, only, before))
    return heapq.merge(*streams, key=lambda each: each.place, reverse=True)


def count_edited(db: sqlite3.Connection, only: EditFilter) -> int | None:
    """How many changes edited() gives without a limit.

    None for a kind that only a comparison of the texts shows.
    """
    if only.kind not in (None, "removed"):
        return None
    with_spans, values = _values(db, only, AFTER_ALL)
    removed = db.execute(f"WITH {with_spans} SELECT count(*) {_REMOVED}", values).fetchone()[0]
    return int(removed) if only.kind else int(removed) + _count_revised(db, only)


def _count_revised(db: sqlite3.Connection, only: EditFilter) -> int:
    """How many revisions after the first one match, from indexes alone."""
    if only.site is not None:
        first, after = bounds(zone_of(db, only.site), only.since, only.until)
        return _count_of(db, revised_ids(db), first, after, only.site)
    zones = zone_bounds(db, only.since, only.until)
    times = {(first, after) for _, first, after in zones}
    if len(times) == 1:
        return int(db.execute(_COUNT_REVISED, times.pop()).fetchone()[0])
    # Not by site: each count reads the index as a whole.
    ids = revised_ids(db, IN_ZONE)
    return sum(_count_of(db, ids, first, after, zone) for zone, first, after in zones)


def _count_of(db: sqlite3.Connection, ids: str, first: str, after: str, value: str) -> int:
    """The revisions of some articles in a time. `ids` is a query with one value."""
    counted = f"{_COUNT_REVISED} AND article_id IN ({ids})"
    return int(db.execute(counted, (first, after, value)).fetchone()[0])


def count_changes(db: sqlite3.Connection) -> int:
    """How many changes were ever seen: revisions after the first, and articles that are gone."""
    revised = db.execute("SELECT count(*) FROM revisions WHERE revision > 1").fetchone()[0]
    gone = db.execute(
        "SELECT count(*) FROM articles INDEXED BY articles_gone"
        " WHERE gone_at IS NOT NULL AND revision > 0"
    ).fetchone()[0]
    return int(revised + gone)


def edits_of(
    db: sqlite3.Connection, article_id: int, effort: Effort | None = None, *, after: int = 0
) -> Mapping[int, Edit]:
    """Every revision of an article but the first, or those `after` one, with what it changed.

    Without the later ones when there is no time for more comparisons (`effort.is_over()`).
    """
    effort = effort or Effort(LIST_STEPS)
    rows = db.execute(
        f"SELECT revision, {', '.join(COLUMNS)} FROM revisions"
        " WHERE article_id = ? AND revision >= ? ORDER BY revision",
        (article_id, after),
    )
    versions = {row["revision"]: version_of(dict(row)) for row in rows}
    edits: dict[int, Edit] = {}
    for number, version in versions.items():
        before = versions.get(number - 1)
        if effort.is_over():
            break
        if before is not None:
            edits[number] = compared(before, version, effort).edit
    return edits


def revision_times(db: sqlite3.Connection, article_id: int) -> dict[int, str]:
    """When each revision of an article was fetched, the first one first."""
    rows = db.execute(
        "SELECT revision, fetched_at FROM revisions WHERE article_id = ? ORDER BY revision",
        (article_id,),
    )
    return {row["revision"]: row["fetched_at"] for row in rows}


def two_revisions(
    db: sqlite3.Connection, article_id: int, one: int, other: int
) -> dict[int, dict[str, Any]]:
    """The texts of one or two revisions, by their numbers; as in Reader.revision_texts()."""
    rows = db.execute(
        f"SELECT revision, {', '.join(COLUMNS)} FROM revisions"
        " WHERE article_id = ? AND revision IN (?, ?)",
        (article_id, one, other),
    )
    return {row["revision"]: dict(row) for row in rows}


def compared(old: Version, new: Version, effort: Effort) -> Compared:
    """What classify() gives, from memory if these two versions were compared before.

    Revisions never change, so that a list costs only the comparisons that it has for the first
    time. A coarse comparison is not kept: there may be more time for it later.
    """
    key = hash(old), hash(new)
    known = _KNOWN_EDITS.get(key)
    if known is None:
        was_coarse, effort.coarse = effort.coarse, False
        changes = text_changes(old, new, effort)
        edit = classify(old, new, effort, changes)
        effort.coarse = effort.coarse or was_coarse
        pieces = list(chain.from_iterable(changes.values()))
        known = Compared(edit, _count_words(pieces, "new"), _count_words(pieces, "gone"))
        if not edit.coarse:
            if len(_KNOWN_EDITS) >= MOST_KNOWN:
                _KNOWN_EDITS.clear()
            _KNOWN_EDITS[key] = known
    return known


def _count_words(pieces: Sequence[Piece], change: Change) -> int:
    return sum(len(piece.text.split()) for piece in pieces if piece.change == change)


def version_of(row: Mapping[str, Any]) -> Version:
    """A row of revisions as a version to compare."""
    authors = row["authors"]
    return Version(
        title=row["title"],
        summary=row["summary"],
        body=row["body"],
        authors=None if authors is None else tuple(json.loads(authors)),
        published=row["published_local"],
        published_source=row["published_source"],
        modified=row["modified_at"],
    )


def _revised(
    db: sqlite3.Connection, only: EditFilter, effort: Effort, before: Place
) -> Iterator[Edited]:
    with_spans, values = _values(db, only, before)
    old_columns = ", ".join(f"old.{name} AS old_{name}" for name in COLUMNS)
    new_columns = ", ".join(f"new.{name} AS new_{name}" for name in COLUMNS)
    may_be = _MAY_BE[only.kind] if only.kind else "1"
    rows = db.execute(
        f"""
        WITH {with_spans}
        SELECT a.id, a.site, a.key, new.title, a.published_local, new.fetched_at AS seen_at,
            new.revision, {old_columns}, {new_columns}
        {_REVISED} AND {may_be}
        ORDER BY new.fetched_at DESC, new.article_id DESC, new.revision DESC
        """,
        values,
    )
    for number, row in enumerate(rows):
        if number and effort.is_over():
            return
        old = version_of({name: row[f"old_{name}"] for name in COLUMNS})
        new = version_of({name: row[f"new_{name}"] for name in COLUMNS})
        found = compared(old, new, effort)
        yield replace(
            _edited(row, row["revision"], found.edit),
            old_title=old.title,
            old_authors=old.authors,
            authors=new.authors,
            words_added=found.words_added,
            words_removed=found.words_removed,
        )


def _removed(db: sqlite3.Connection, only: EditFilter, before: Place) -> Iterator[Edited]:
    with_spans, values = _values(db, only, before)
    rows = db.execute(
        f"""
        WITH {with_spans}
        SELECT a.id, a.site, a.key, a.title, a.published_local, a.gone_at AS seen_at
        {_REMOVED}
        ORDER BY a.gone_at DESC, a.id DESC
        """,
        values,
    )
    for row in rows:
        yield _edited(row, None, REMOVED)


def _values(db: sqlite3.Connection, only: EditFilter, before: Place) -> tuple[str, list[object]]:
    """The WITH part of spans(), and the values of _REVISED or _REMOVED."""
    with_spans, span_values = spans(db, only.since, only.until)
    earliest = min(span_values[1::3], default=FIRST)
    latest = min(before[0], max(span_values[2::3], default=LAST))
    return with_spans, [*span_values, earliest, latest, *before, only.site]


def _edited(row: sqlite3.Row, revision: int | None, edit: Edit) -> Edited:
    return Edited(
        id=row["id"],
        site=row["site"],
        key=row["key"],
        title=row["title"],
        published_local=row["published_local"],
        seen_at=row["seen_at"],
        revision=revision,
        edit=edit,
    )
