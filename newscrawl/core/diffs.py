"""The changes between two versions of a text, word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Change = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words within one paragraph.

    `paragraph` counts from 1 in the newer text, or in the older text if the piece is gone.
    """

    change: Change
    text: str
    paragraph: int


def word_changes(old: str | None, new: str | None) -> list[Piece]:
    """The newer text in order, with removed words at their old places.

    Paragraphs are compared first, and words only within paragraphs that differ. A long text with
    one edit therefore costs no more than the edit.
    """
    before = _paragraphs(old)
    after = _paragraphs(new)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces += _pieces("same", after, j1, j2)
            continue
        paired = min(i2 - i1, j2 - j1) if tag == "replace" else 0
        for n in range(paired):
            pieces += _words(before[i1 + n], after[j1 + n], j1 + n + 1)
        pieces += _pieces("gone", before, i1 + paired, i2)
        pieces += _pieces("new", after, j1 + paired, j2)
    return pieces


def _pieces(change: Change, paragraphs: Sequence[str], start: int, end: int) -> Iterator[Piece]:
    """Whole paragraphs, from index `start` to before `end`."""
    for number, text in enumerate(paragraphs[start:end], start + 1):
        yield Piece(change, text, number)


def _words(old: str, new: str, paragraph: int) -> Iterator[Piece]:
    before = old.split()
    after = new.split()
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", " ".join(after[j1:j2]), paragraph)
            continue
        if i2 > i1:
            yield Piece("gone", " ".join(before[i1:i2]), paragraph)
        if j2 > j1:
            yield Piece("new", " ".join(after[j1:j2]), paragraph)


def _paragraphs(text: str | None) -> list[str]:
    return [paragraph for paragraph in (text or "").split("\n\n") if paragraph.strip()]
