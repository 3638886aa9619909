"""How values are written on pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from urllib.parse import urlsplit

from newscrawl.core.diffs import Piece
from newscrawl.store.read.snippets import Snippet

KINDS = {"related": "related", "same_category": "same section", "inline": "in the text"}
STATES = {
    "stub": "not fetched",
    "stored": "stored",
    "gone": "gone from the site",
    "failed": "could not be read",
    "blocked": "refused by the site",
    "degraded": "held back",
}
CONTEXT_WORDS = 14
LONGEST_IN_LISTS = 200  # characters


def moment(value: str | None) -> str:
    """`2026-09-23T19:05:50+07:00` -> `2026-09-23 19:05`; UTC is said so; a bare day or month stays."""
    if not value:
        return ""
    text = value[:16].replace("T", " ")
    return f"{text} UTC" if value.endswith("Z") else text


def count(value: int | None) -> str:
    """1234 -> `1,234`."""
    return "" if value is None else f"{value:,}"


def short(value: str | None) -> str:
    """A headline for a list: cut where it is much longer than headlines are."""
    text = value or ""
    return text if len(text) <= LONGEST_IN_LISTS else text[:LONGEST_IN_LISTS].rstrip() + "…"


def sentence(value: str) -> str:
    """With a capital first letter; the others stay as they are."""
    return value[:1].upper() + value[1:]


def web_address(value: str | None) -> str | None:
    """An address that may be a link: http or https with a host. None for `javascript:` and whatever else."""
    try:
        parts = urlsplit(value or "")
    except ValueError:  # `http://[`
        return None
    return value if parts.scheme in ("http", "https") and parts.netloc else None


def kind(value: str) -> str:
    """A kind of link in words."""
    return KINDS.get(value, value)


def state(value: str) -> str:
    """An article's state in words."""
    return STATES.get(value, value)


def marked(snippet: Snippet) -> list[tuple[str, bool]]:
    """(text, whether it was found), in order."""
    parts, place = list[tuple[str, bool]](), 0
    for start, end in snippet.marks:
        parts += [(snippet.text[place:start], False), (snippet.text[start:end], True)]
        place = end
    return [part for part in [*parts, (snippet.text[place:], False)] if part[0]]


def paragraphs(pieces: Iterable[Piece], *, whole: bool) -> list[list[tuple[str, str]]]:
    """Each paragraph as (change, text); unless `whole`, only those with changes, cut to the words around these."""
    found: list[list[tuple[str, str]]] = []
    for _, group in groupby(pieces, key=lambda piece: piece.paragraph):
        parts = list(group)
        if whole:
            found.append([(part.change, part.text) for part in parts])
        elif any(part.change != "same" for part in parts):
            found.append(_cut(parts))
    return found


def _cut(parts: Sequence[Piece]) -> list[tuple[str, str]]:
    """Unchanged text shortened: at its end before a change, at its beginning after one."""
    last = len(parts) - 1
    shown: list[tuple[str, str]] = []
    for number, part in enumerate(parts):
        words = part.text.split()
        text = part.text
        if part.change == "same" and len(words) > CONTEXT_WORDS * (1 if number in (0, last) else 2):
            head = [] if number == 0 else words[:CONTEXT_WORDS]
            tail = [] if number == last else words[-CONTEXT_WORDS:]
            text = " ".join([*head, "…", *tail])
        shown.append((part.change, text))
    return shown
