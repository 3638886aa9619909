"""What happened to an article, in order: found, fetched, changed, removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Literal

from newscrawl.core.edits import Edit
from newscrawl.core.folder import ArchiveFolder
from newscrawl.store.read.article_rows import article_rows
from newscrawl.store.read.reader import Reader

Capture = Mapping[str, Any]
MINUTE = len("2026-09-01T10:00")

# `unchanged`: the page was there, and its article was the one already known.
What = Literal["found", "revision", "unchanged", "missing", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A moment in the life of an article.

    `capture` is the id of the raw page, None where the archive has none. `edit` is what a revision
    changed, None for the first one and where there was no time to compare. `in_minute`: another
    event was in the same minute, so that the seconds matter. `times` fetches in a row, until
    `until`, gave the same; `capture` is then the last one.
    """

    at: str
    what: What
    revision: int | None = None
    title: str | None = None
    edit: Edit | None = None
    status: int | None = None
    capture: int | None = None
    in_minute: bool = False
    times: int = 1
    until: str | None = None


def timeline(
    article: Mapping[str, Any], captures: Sequence[Capture], edits: Mapping[int, Edit]
) -> list[Event]:
    """The events, the first one first.

    `captures` are those of article_rows(). Fetches in a row that gave the same are one event.
    """
    events = [Event(at=article["first_seen_at"], what="found")]
    raw_pages = {row["id"]: row for row in captures}
    for row in article["revisions"]:
        capture = raw_pages.get(row["capture_id"])
        events.append(
            Event(
                at=row["fetched_at"],
                what="revision",
                revision=row["revision"],
                title=row["title"],
                edit=edits.get(row["revision"]),
                status=capture["status"] if capture else None,
                capture=_replayable(capture),
            )
        )
    for capture in captures:
        if capture["revision"] is None:
            is_there = capture["status"] in (200, 304)
            events.append(
                Event(
                    at=capture["fetched_at"],
                    what="unchanged" if is_there else "missing",
                    status=capture["status"],
                    capture=_replayable(capture),
                )
            )
    if article["gone_at"]:
        events.append(Event(at=article["gone_at"], what="gone"))
    events.sort(key=lambda event: (event.at, event.what != "found"))
    events = list(_folded(events))
    minutes = Counter(event.at[:MINUTE] for event in events)
    return [replace(event, in_minute=minutes[event.at[:MINUTE]] > 1) for event in events]


def _folded(events: Iterable[Event]) -> Iterator[Event]:
    """The events, with those in a row that say the same as one."""
    for (what, _), group in groupby(events, lambda event: (event.what, event.status)):
        alike = list(group)
        if what not in ("unchanged", "missing") or len(alike) == 1:
            yield from alike
            continue
        last = alike[-1]
        yield replace(alike[0], times=len(alike), until=last.at, capture=last.capture)


def captures_of(reader: Reader, article_id: int) -> list[Capture]:
    """The captures of an article, the first one first. Those of a release have no page."""
    rows = article_rows(reader.db, "captures", article_id)
    captures: list[Capture] = [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]
    if ArchiveFolder(reader.path.parent).is_release:
        return [{**capture, "warc_file": None} for capture in captures]
    return captures


def is_kept(capture: Capture) -> bool:
    """Whether the archive has the page; a 304 has none."""
    return capture["warc_file"] is not None and capture["status"] != 304


def _replayable(capture: Capture | None) -> int | None:
    if capture is None or not is_kept(capture):
        return None
    return int(capture["id"])
