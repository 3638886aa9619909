"""What publishers changed after publication, the newest changes first."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from itertools import islice
from typing import Any, BinaryIO

from newscrawl.core.diffs import STEPS, Effort
from newscrawl.core.edits import KINDS, EditKind
from newscrawl.store.read.change_days import change_days, last_change
from newscrawl.store.read.limits import cpu_limit
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.revisions import (
    AFTER_ALL,
    Edited,
    EditFilter,
    Place,
    count_changes,
    count_edited,
    edited_part,
)
from newscrawl.store.read.sites import selectable_sites
from newscrawl.web.atom import Entry, Feed
from newscrawl.web.calendar import WEEKS, Calendar, calendar
from newscrawl.web.formatting import labels
from newscrawl.web.responses import Answer, BadValue, File, Page, Query

CHANGES, MOST_CHANGES = 30, 500  # on a page, and on a page on request
MOST_IN_FILE = 10**9
# What the comparisons of one page may take. The page then links to the rest, and what it compared
# is remembered.
COMPARING_SECONDS = 0.05
COMPARING_STEPS = STEPS // 4
PLACE = re.compile(r"([0-9TZ:.-]{10,40}),(\d{1,18}),(\d{1,12})")
FILE_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
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
    "old_title",
    "words_added",
    "words_removed",
)


def changes(query: Query, reader: Reader) -> Answer:
    """The newest changes, of any kind or of one. Files have all of them."""
    only = EditFilter(query.text("site"), _kind(query), query.since(), query.until())
    if query.format in FILE_TYPES:
        return _file(query, only)
    limit = query.number("limit", CHANGES, MOST_CHANGES)
    before = _before(query)
    part = edited_part(reader.db, only, limit, comparing(), before)
    if query.format == "atom":
        return _feed(query, part.changes)
    values = {
        "part": part,
        "next": ",".join(map(str, part.next)) if part.next else None,
        "is_first": before == AFTER_ALL,
        "total": _total(reader, only),
        "calendar": _calendar(reader, only),
        "filters": only,
        "kinds": KINDS,
        "sites": selectable_sites(reader.db),
    }
    return Page("changes_list.html", values)


def comparing() -> Effort:
    """What the comparisons of one page may take."""
    return Effort(COMPARING_STEPS, cpu_limit(COMPARING_SECONDS))


def _kind(query: Query) -> EditKind | None:
    text = query.text("kind")
    if text is None:
        return None
    for kind in KINDS:
        if kind == text:
            return kind
    raise BadValue(f"{text[:40]!r} is not a kind of change", f"the kinds are: {', '.join(KINDS)}")


def _before(query: Query) -> Place:
    """The place that the list begins after; BadValue if it is none."""
    text = query.text("before")
    if text is None:
        return AFTER_ALL
    match = PLACE.fullmatch(text)
    if match is None:
        raise BadValue(f"{text[:40]!r} is not a place in the list", "begin at /changes")
    return match[1], int(match[2]), int(match[3])


def _total(reader: Reader, only: EditFilter) -> int | None:
    """How many changes there are; None where all of them would have to be read."""
    if only == EditFilter():
        return count_changes(reader.db)
    return count_edited(reader.db, only)


def _calendar(reader: Reader, only: EditFilter) -> Calendar | None:
    """The year up to the last change, or the one up to the last day of the filter if it is older.

    The changes of all kinds: to tell them apart, all texts would have to be compared.
    """
    newest = last_change(reader.db)
    if newest is None:
        return None
    last = date.fromisoformat(newest[:10]) + timedelta(days=1)
    if only.until is not None:
        until = date.fromisoformat(only.until)
        if until < last - timedelta(weeks=WEEKS - 1):
            last = until
    days = change_days(reader.db, last - timedelta(weeks=WEEKS), last, only.site)
    return calendar(days, last)


def _feed(query: Query, changes: tuple[Edited, ...]) -> Feed:
    """The newest changes, for readers of feeds."""
    entries = [
        Entry(
            id=f"urn:newscrawl:{change.site}:{change.key}:{change.revision or 'removed'}",
            path=path_of(change),
            title=change.title or change.key,
            updated=change.seen_at,
            text=_in_words(change),
            author=change.site,
        )
        for change in changes
    ]
    page = f"/changes{query.link(before=None)}"
    return Feed(f"/changes.atom{query.link()}", page, "Changes", entries, query.now)


def path_of(change: Edited) -> str:
    """The page of a change: two revisions, or the article that was removed."""
    if change.revision is None:
        return f"/article/{change.id}"
    return f"/article/{change.id}/changes?old={change.revision - 1}&new={change.revision}"


def _in_words(change: Edited) -> str:
    """The kinds, the old headline and the numbers of a change, as a sentence."""
    kinds = ", ".join(words for _, words in labels(change.edit))
    words = [kinds or "only fields that the older revision lacks"]
    if "headline" in change.edit.kinds and change.old_title:
        words.append(f"before: {change.old_title}")
    words += [f"{number.old} → {number.new} {number.after}" for number in change.edit.numbers]
    if change.edit.notice:
        words.append(change.edit.notice)
    return "; ".join(words)


def _file(query: Query, only: EditFilter) -> File:
    """All changes of the filter, or the first ones of `limit`."""
    kind = query.format or ""
    limit = query.number("limit", MOST_IN_FILE, MOST_IN_FILE)
    before = _before(query)

    def write(reader: Reader, out: BinaryIO) -> None:
        found = filter(only.matches, _one_by_one(reader, only, before))
        rows = map(_row, islice(found, limit))
        lines = _json_lines(rows) if kind == "json" else _csv_lines(rows)
        for line in lines:
            out.write(line.encode())

    return File(f"changes.{kind}", FILE_TYPES[kind], write)


def _one_by_one(reader: Reader, only: EditFilter, before: Place) -> Iterator[Edited]:
    """All changes, each with enough time to compare it."""
    place: Place | None = before
    while place is not None:
        part = edited_part(reader.db, only, CHANGES, Effort(STEPS * CHANGES), place)
        yield from part.changes
        place = part.next


def _csv_lines(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield _csv_line(CHANGE_COLUMNS)
    for row in rows:
        values = []
        for name in CHANGE_COLUMNS:
            value = row[name]
            is_nested = isinstance(value, list | tuple)
            values.append(json.dumps(value, ensure_ascii=False) if is_nested else value)
        yield _csv_line(values)


def _csv_line(values: Any) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def _json_lines(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """A list, of which each object is a line."""
    mark = "["
    for row in rows:
        yield f"{mark}\n{json.dumps(row, ensure_ascii=False)}".replace("<", "\\u003c")
        mark = ","
    yield "\n]\n" if mark == "," else "[]\n"


def _row(change: Edited) -> dict[str, Any]:
    row = asdict(change)
    row["article_id"] = change.id
    row |= row.pop("edit")
    return {name: row[name] for name in CHANGE_COLUMNS}
