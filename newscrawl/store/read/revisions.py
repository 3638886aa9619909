"""What publishers changed after publication, newest first: revisions against those before them, and pages gone."""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from newscrawl.core.edits import REMOVED, Edit, EditKind, Version, classify
from newscrawl.store.days import spans
from newscrawl.store.filters import check_site

COLUMNS = (
    "title",
    "summary",
    "body",
    "authors",
    "published_local",
    "published_source",
    "modified_at",
)


@dataclass(frozen=True, slots=True)
class Edited:
    """An article that was found changed at `seen_at`. `revision` is None where its page was found gone."""

    id: int
    site: str
    key: str
    title: str | None
    published_local: str | None
    seen_at: str
    revision: int | None
    edit: Edit


@dataclass(frozen=True, slots=True)
class EditFilter:
    """`since` and `until` are days in the site's own zone, on which the change was seen."""

    site: str | None = None
    kind: EditKind | None = None
    since: str | None = None
    until: str | None = None


def edited(db: sqlite3.Connection, only: EditFilter, limit: int) -> list[Edited]:
    """The newest changes; UsageError for an unknown site."""
    if only.site is not None:
        check_site(db, only.site)
    streams = [] if only.kind == "removed" else [_revised(db, only)]
    streams += [_removed(db, only)] if only.kind in (None, "removed") else []
    merged = heapq.merge(*streams, key=lambda one: (one.seen_at, one.id), reverse=True)
    return list(
        islice((one for one in merged if only.kind is None or only.kind in one.edit.kinds), limit)
    )


def edits_of(db: sqlite3.Connection, article_id: int) -> Mapping[int, Edit]:
    """Every revision of an article but the first, with what it changed."""
    rows = db.execute(
        f"SELECT revision, {', '.join(COLUMNS)} FROM revisions WHERE article_id = ?", (article_id,)
    )
    versions = {row["revision"]: version_of(dict(row)) for row in rows}
    return {
        number: classify(versions[number - 1], version)
        for number, version in sorted(versions.items())
        if number - 1 in versions
    }


def version_of(row: Mapping[str, Any]) -> Version:
    """A row of revisions as a version to compare."""
    authors = tuple(json.loads(row["authors"])) if row["authors"] is not None else None
    return Version(
        title=row["title"],
        summary=row["summary"],
        body=row["body"],
        authors=authors,
        published=row["published_local"],
        published_source=row["published_source"],
        modified=row["modified_at"],
    )


def _revised(db: sqlite3.Connection, only: EditFilter) -> Iterator[Edited]:
    with_spans, values = spans(db, only.since, only.until)
    sides = ", ".join(
        f"{side}.{name} AS {side}_{name}" for side in ("old", "new") for name in COLUMNS
    )
    rows = db.execute(
        f"WITH {with_spans} SELECT a.id, a.site, a.key, new.title, a.published_local, new.fetched_at, new.revision,"
        f" {sides} FROM revisions new INDEXED BY revisions_changed"
        " CROSS JOIN revisions old ON old.article_id = new.article_id AND old.revision = new.revision - 1"
        " JOIN articles a ON a.id = new.article_id JOIN span ON span.site = a.site"
        " WHERE new.revision > 1 AND a.site = ifnull(?, a.site)"
        " AND new.fetched_at >= span.first AND new.fetched_at < span.after ORDER BY new.fetched_at DESC, a.id DESC",
        (*values, only.site),
    )
    for row in rows:
        old, new = ({name: row[f"{side}_{name}"] for name in COLUMNS} for side in ("old", "new"))
        article_id, site, key, title, published, seen_at, revision = tuple(row)[:7]
        yield Edited(
            article_id,
            site,
            key,
            title,
            published,
            seen_at,
            revision,
            classify(version_of(old), version_of(new)),
        )


def _removed(db: sqlite3.Connection, only: EditFilter) -> Iterator[Edited]:
    with_spans, values = spans(db, only.since, only.until)
    rows = db.execute(
        f"WITH {with_spans} SELECT a.id, a.site, a.key, a.title, a.published_local, a.gone_at FROM articles a"
        " JOIN span ON span.site = a.site WHERE a.gone_at IS NOT NULL AND a.revision > 0 AND a.site = ifnull(?, a.site)"
        " AND a.gone_at >= span.first AND a.gone_at < span.after ORDER BY a.gone_at DESC, a.id DESC",
        (*values, only.site),
    )
    for row in rows:
        article_id, site, key, title, published, seen_at = tuple(row)
        yield Edited(article_id, site, key, title, published, seen_at, None, REMOVED)
