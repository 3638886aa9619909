"""What changed between two revisions of an article, word by word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from itertools import chain
from typing import Any, Literal

from newscrawl.core.diffs import Effort, paragraph_changes
from newscrawl.core.edits import classify
from newscrawl.core.errors import UsageError
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.revisions import revision_times, two_revisions, version_of
from newscrawl.web.formatting import moment
from newscrawl.web.pages.article import HIGHEST_REVISION, ArticleValues, of_article
from newscrawl.web.responses import Answer, BadValue, Json, Page, Query
from newscrawl.web.revision_diff import ChangedRows

TEXTS = {"Headline": "title", "Standfirst": "summary", "Text": "body"}
TIMES = {"Published": "published_local", "Changed by the publisher": "modified_at"}
VIEWS: tuple[Literal["side", "inline"], ...] = ("side", "inline")
MOST_CHOICES = 200  # revisions in a list to choose from; of more, the number is typed
MINUTE = len("2026-09-01T10:00")
Revision = Mapping[str, Any]


@of_article
def article_changes(query: Query, reader: Reader, article: ArticleValues) -> Answer:
    """The changes from one revision to a later one, by default the last two.

    The order in which the two are named does not matter.
    """
    times = revision_times(reader.db, article["id"])
    old, new = _chosen(query, times)
    rows = two_revisions(reader.db, article["id"], old, new)
    versions = version_of(rows[old]), version_of(rows[new])
    effort = Effort()
    paragraphs = {}
    for column in TEXTS.values():
        before, after = (getattr(version, column) for version in versions)
        paragraphs[column] = paragraph_changes(before, after, effort)
    pieces = {name: list(chain.from_iterable(paragraphs[name])) for name in paragraphs}
    edit = classify(*versions, effort, pieces)
    if query.format == "json":
        changes = {}
        for label, column in TEXTS.items():
            changes[label.lower()] = [asdict(part) for part in pieces[column]]
        numbers = {"site": article["site"], "key": article["key"], "old": old, "new": new}
        return Json({**numbers, **asdict(edit), "changes": changes})
    changed = ChangedRows()
    blocks = {label: changed.blocks(paragraphs[column]) for label, column in TEXTS.items()}
    numbers_known = sorted(times)
    values = {
        "article": article,
        "times": times,
        "choices_of": numbers_known if len(times) <= MOST_CHOICES else [],
        "old": old,
        "new": new,
        "before": old - 1 if old - 1 in times else None,
        "after": new + 1 if new + 1 in times else None,
        "in_minute": times[old][:MINUTE] == times[new][:MINUTE],
        "view": _view(query),
        "whole": query.flag("whole"),
        "edit": edit,
        "blocks": blocks,
        "changed": changed.count,
        "other_changes": _other_changes(rows[old], rows[new], article["timezone"]),
        "is_same": changed.count == 0 and not edit.kinds,
    }
    return Page("changes.html", values)


def _chosen(query: Query, times: Mapping[int, str]) -> tuple[int, int]:
    """The two revisions, the older one first; UsageError if there is no such revision."""
    newest = max(times, default=0)
    new = query.number("new", newest, HIGHEST_REVISION)
    old = query.number("old", max(new - 1, 1), HIGHEST_REVISION)
    for number in (old, new):
        if number not in times:
            hint = f"its last one is {newest}" if newest else "it was never read"
            raise UsageError(f"this article has no revision {number}", hint)
    return min(old, new), max(old, new)


def _view(query: Query) -> Literal["side", "inline"]:
    text = query.text("view") or VIEWS[0]
    for view in VIEWS:
        if view == text:
            return view
    raise BadValue(f"view: expected side or inline, got {text[:40]!r}", "for example view=inline")


def _other_changes(old: Revision, new: Revision, zone: str | None) -> list[tuple[str, str, str]]:
    """Changes of authors and times as (label, before, after); only if both revisions have them."""
    rows = [("Authors", _authors(old), _authors(new))]
    for label, column in TIMES.items():
        rows.append((label, old[column] or "", new[column] or ""))
    changed = []
    for label, before, after in rows:
        if before and after and before != after:
            changed.append((label, before, after))
    return [(label, *_written(label, before, after, zone)) for label, before, after in changed]


def _written(label: str, before: str, after: str, zone: str | None) -> tuple[str, str]:
    """Two times in minutes, or as they are stored if they are in the same minute."""
    if label == "Authors" or moment(before) == moment(after):
        return before, after
    return moment(before, zone), moment(after, zone)


def _authors(revision: Revision) -> str:
    return ", ".join(json.loads(revision["authors"] or "[]"))
