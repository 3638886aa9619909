"""What changed between two revisions of an article, word by word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from newscrawl.core.diffs import Effort
from newscrawl.core.edits import classify, text_changes
from newscrawl.core.errors import UsageError
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.revisions import version_of
from newscrawl.web.formatting import moment, paragraphs
from newscrawl.web.pages.article import ArticleValues, of_article
from newscrawl.web.responses import Answer, Json, Page, Query

HIGHEST_REVISION = 10**9
TEXTS = {"Headline": "title", "Standfirst": "summary", "Text": "body"}
TIMES = {"Published": "published_local", "Changed by the publisher": "modified_at"}
Revision = Mapping[str, Any]


@of_article
def article_changes(query: Query, reader: Reader, article: ArticleValues) -> Answer:
    """The changes between two revisions, by default the last two."""
    revisions = {row["revision"]: row for row in reader.revision_texts(article["id"])}
    newest = max(revisions, default=0)
    new = query.number("new", newest, HIGHEST_REVISION)
    old = query.number("old", max(new - 1, 1), HIGHEST_REVISION)
    for number in (old, new):
        if number not in revisions:
            raise UsageError(f"this article has no revision {number}", f"its last one is {newest}")
    versions = version_of(revisions[old]), version_of(revisions[new])
    effort = Effort()
    text_pieces = text_changes(*versions, effort)
    edit = classify(*versions, effort, text_pieces)
    pieces = {label: text_pieces[column] for label, column in TEXTS.items()}
    if query.format == "json":
        changes = {label.lower(): [asdict(part) for part in pieces[label]] for label in pieces}
        numbers = {"site": article["site"], "key": article["key"], "old": old, "new": new}
        return Json({**numbers, **asdict(edit), "changes": changes})
    whole = query.flag("whole")
    texts = {}
    has_changes = False
    for label, parts in pieces.items():
        texts[label] = paragraphs(parts, whole=whole)
        has_changes = has_changes or any(part.change != "same" for part in parts)
    values = {
        "article": article,
        "revisions": revisions,
        "old": old,
        "new": new,
        "whole": whole,
        "edit": edit,
        "changes": {label: text for label, text in texts.items() if text},
        "other_changes": _other_changes(revisions[old], revisions[new]),
        "is_same": not has_changes and not edit.kinds,
    }
    return Page("changes.html", values)


def _other_changes(old: Revision, new: Revision) -> list[tuple[str, str, str]]:
    """Changes of authors and times as (label, before, after); only if both revisions have them."""
    rows = [("Authors", _authors(old), _authors(new))]
    for label, column in TIMES.items():
        rows.append((label, moment(old[column]), moment(new[column])))
    changed = []
    for label, before, after in rows:
        if before and after and before != after:
            changed.append((label, before, after))
    return changed


def _authors(revision: Revision) -> str:
    return ", ".join(json.loads(revision["authors"] or "[]"))
