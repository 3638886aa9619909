"""How results look in a notebook: short tables. Every text is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from newscrawl.core.diffs import Piece
from newscrawl.core.text import counted
from newscrawl.export.columns import kind_of

LONGEST_CELL = 80  # characters
LONGEST_TEXT = 600
# Too long, or of no use to readers.
LEFT_OUT = frozenset({"body", "body_hash", "image_url", "payload_digest", "etag", "last_modified"})
TAGS = {"same": ("", ""), "gone": ("<del>", "</del>"), "new": ("<ins>", "</ins>")}


def table_html(columns: Sequence[str], rows: Sequence[Sequence[Any]], count: int) -> str:
    """The first rows of a table, and how many there are."""
    shown = [index for index, name in enumerate(columns) if name not in LEFT_OUT]
    head = "".join(f"<th>{escape(columns[index])}</th>" for index in shown)
    lines = []
    for row in rows:
        cells = [_cell(columns[index], row[index]) for index in shown]
        lines.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    all_rows = counted(count, "row")
    note = all_rows if count <= len(rows) else f"the first {len(rows)} of {all_rows}"
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table><p>{note}</p>"
    )


def facts_html(title: str, facts: Mapping[str, Any], text: str = "") -> str:
    """A heading, the facts that are known, and the beginning of a text."""
    lines = [
        f"<tr><th>{escape(name)}</th><td>{_short(value, LONGEST_CELL)}</td></tr>"
        for name, value in facts.items()
        if value not in (None, "", ())
    ]
    paragraph = f"<p>{_short(text, LONGEST_TEXT)}</p>" if text else ""
    return f"<h4>{escape(title)}</h4><table>{''.join(lines)}</table>{paragraph}"


def pieces_html(title: str, pieces: Iterable[Piece]) -> str:
    """A text with what was removed and what is new."""
    parts = []
    for piece in pieces:
        before, after = TAGS[piece.change]
        parts.append(f"{before}{escape(piece.text)}{after}")
    return f"<p><b>{escape(title)}</b> {' '.join(parts)}</p>"


def _cell(column: str, value: Any) -> str:
    if value is not None and kind_of(column) == "list":
        value = ", ".join(map(str, json.loads(value)))
    return _short(value, LONGEST_CELL)


def _short(value: Any, longest: int) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    text = str(value)
    return escape(text if len(text) <= longest else f"{text[: longest - 1]}…")
