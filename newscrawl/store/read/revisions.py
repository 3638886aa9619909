"""What publishers changed after publication: new revisions, and pages that are gone."""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from newscrawl.core.diffs import STEPS, Effort
from newscrawl.core.edits import REMOVED, Edit, EditKind, Version, classify
from newscrawl.store.days import spans
from newscrawl.store.known_names import check_site

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


# With spans() and a site: the revisions with the ones before them, and the articles that are gone.
_REVISED = """
    FROM revisions new INDEXED BY revisions_changed
    CROSS JOIN revisions old
        ON old.article_id = new.article_id AND old.revision = new.revision - 1
    JOIN articles a ON a.id = new.article_id JOIN span ON span.site = a.site
    WHERE new.revision > 1 AND a.site = ifnull(?, a.site)
        AND new.fetched_at >= span.first AND new.fetched_at < span.after
"""
_REMOVED = """
    FROM articles a INDEXED BY articles_gone JOIN span ON span.site = a.site
    WHERE a.gone_at IS NOT NULL AND a.revision > 0 AND a.site = ifnull(?, a.site)
        AND a.gone_at >= span.first AND a.gone_at < span.after
"""

# Edits kept in memory, of a few hundred bytes each, by the hashes of both versions (128 bits).
MOST_KNOWN = 30_000
_KNOWN_EDITS: dict[tuple[int, int], Edit] = {}
# For all comparisons of one list, less than a second of CPU. Fifty ordinary edits need a tenth.
LIST_STEPS = 3 * STEPS


def edited(
    db: sqlite3.Connection, only: EditFilter, limit: int, effort: Effort | None = None
) -> list[Edited]:
    """The newest changes; UsageError for an unknown site.

    The list ends early when there is no time for more comparisons (`effort.is_over()`).
    """
    effort = effort or Effort(LIST_STEPS)
    if only.site is not None:
        check_site(db, only.site)
    streams: list[Iterator[Edited]] = []
    if only.kind != "removed":
        streams.append(_revised(db, only, effort))
    if only.kind in (None, "removed"):
        streams.append(_removed(db, only))
    newest_first = heapq.merge(*streams, key=lambda each: (each.seen_at, each.id), reverse=True)
    return list(islice(filter(only.matches, newest_first), limit))


def count_edited(db: sqlite3.Connection, only: EditFilter) -> int | None:
    """How many changes edited() gives without a limit.

    None for a kind that only a comparison of the texts shows.
    """
    sources = {None: (_REVISED, _REMOVED), "removed": (_REMOVED,)}.get(only.kind)
    if sources is None:
        return None
    with_spans, span_values = spans(db, only.since, only.until)
    counts = [
        db.execute(f"WITH {with_spans} SELECT count(*) {source}", (*span_values, only.site))
        for source in sources
    ]
    return sum(int(rows.fetchone()[0]) for rows in counts)


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
            edits[number] = classified(before, version, effort)
    return edits


def classified(old: Version, new: Version, effort: Effort) -> Edit:
    """What classify() gives, from memory if these two versions were compared before.

    Revisions never change, so that a list costs only the comparisons that it has for the first
    time. A coarse comparison is not kept: there may be more time for it later.
    """
    key = hash(old), hash(new)
    edit = _KNOWN_EDITS.get(key)
    if edit is None:
        edit = classify(old, new, effort)
        if not edit.coarse:
            if len(_KNOWN_EDITS) >= MOST_KNOWN:
                _KNOWN_EDITS.clear()
            _KNOWN_EDITS[key] = edit
    return edit


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


def _revised(db: sqlite3.Connection, only: EditFilter, effort: Effort) -> Iterator[Edited]:
    with_spans, span_values = spans(db, only.since, only.until)
    old_columns = ", ".join(f"old.{name} AS old_{name}" for name in COLUMNS)
    new_columns = ", ".join(f"new.{name} AS new_{name}" for name in COLUMNS)
    rows = db.execute(
        f"""
        WITH {with_spans}
        SELECT a.id, a.site, a.key, new.title, a.published_local, new.fetched_at AS seen_at,
            new.revision, {old_columns}, {new_columns}
        {_REVISED}
        ORDER BY new.fetched_at DESC, a.id DESC
        """,
        (*span_values, only.site),
    )
    for row in rows:
        if effort.is_over():
            return
        old = {name: row[f"old_{name}"] for name in COLUMNS}
        new = {name: row[f"new_{name}"] for name in COLUMNS}
        edit = classified(version_of(old), version_of(new), effort)
        yield replace(_edited(row, row["revision"], edit), old_title=row["old_title"])


def _removed(db: sqlite3.Connection, only: EditFilter) -> Iterator[Edited]:
    with_spans, span_values = spans(db, only.since, only.until)
    rows = db.execute(
        f"""
        WITH {with_spans}
        SELECT a.id, a.site, a.key, a.title, a.published_local, a.gone_at AS seen_at
        {_REMOVED}
        ORDER BY a.gone_at DESC, a.id DESC
        """,
        (*span_values, only.site),
    )
    for row in rows:
        yield _edited(row, None, REMOVED)


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
