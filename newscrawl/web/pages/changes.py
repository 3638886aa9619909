"""What publishers changed after publication, the newest changes first."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from newscrawl.core.diffs import Effort
from newscrawl.core.edits import KINDS, EditKind
from newscrawl.store.read.limits import cpu_limit
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.revisions import LIST_STEPS, Edited, EditFilter, edited
from newscrawl.web.responses import Answer, BadValue, Csv, Json, Page, Query

# Changes on a page; in a file, or on a page on request.
CHANGES, MOST_CHANGES = 50, 2000
COMPARING_SECONDS = 2.0  # of CPU for all changes of a list; then it ends
CHANGE_COLUMNS = (
    "seen_at",
    "site",
    "key",
    "revision",
    "kinds",
    "numbers",
    "notice",
    "title",
    "published_local",
    "article_id",
)


def changes(query: Query, reader: Reader) -> Answer:
    """The newest changes, of any kind or of one."""
    filters = EditFilter(query.text("site"), _kind(query), query.since(), query.until())
    limit = query.number("limit", MOST_CHANGES if query.format else CHANGES, MOST_CHANGES)
    effort = comparing()
    newest = edited(reader.db, filters, limit + 1, effort)
    listed = newest[:limit]
    if query.format == "json":
        return Json([_row(change) for change in listed])
    if query.format == "csv":
        return Csv("changes", CHANGE_COLUMNS, [_row(change) for change in listed])
    values = {
        "changes": listed,
        "has_more": len(newest) > limit,
        "ends_early": effort.is_over(),
        "limit": limit,
        "most": MOST_CHANGES,
        "filters": filters,
        "kinds": KINDS,
        "sites": reader.sites(),
    }
    return Page("changes_list.html", values)


def comparing() -> Effort:
    """What the comparisons of one page may take."""
    return Effort(LIST_STEPS, cpu_limit(COMPARING_SECONDS))


def _kind(query: Query) -> EditKind | None:
    text = query.text("kind")
    if text is None:
        return None
    for kind in KINDS:
        if kind == text:
            return kind
    raise BadValue(f"{text[:40]!r} is not a kind of change", f"the kinds are: {', '.join(KINDS)}")


def _row(change: Edited) -> dict[str, Any]:
    row = asdict(change)
    row["article_id"] = change.id
    row |= row.pop("edit")
    return {name: row[name] for name in row if name in CHANGE_COLUMNS}
