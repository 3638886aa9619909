"""What changed between two versions of a text, word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Change = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words of one paragraph (`paragraph` counts from 1 in the newer text, or the older where it is gone)."""

    change: Change
    text: str
    paragraph: int


def word_changes(old: str | None, new: str | None) -> list[Piece]:
    """The newer text in order, with what is gone where it stood.

    Paragraphs are compared first and words only within those that differ, so that a long text with one edit
    costs no more than the edit.
    """
    before, after = _paragraphs(old), _paragraphs(new)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces += [
                Piece("same", text, number) for number, text in enumerate(after[j1:j2], j1 + 1)
            ]
            continue
        paired = min(i2 - i1, j2 - j1) if tag == "replace" else 0
        for n in range(paired):
            pieces += _words(before[i1 + n], after[j1 + n], j1 + n + 1)
        pieces += [
            Piece("gone", text, number)
            for number, text in enumerate(before[i1 + paired : i2], i1 + paired + 1)
        ]
        pieces += [
            Piece("new", text, number)
            for number, text in enumerate(after[j1 + paired : j2], j1 + paired + 1)
        ]
    return pieces


def _words(old: str, new: str, paragraph: int) -> Iterator[Piece]:
    before, after = old.split(), new.split()
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", _join(after[j1:j2]), paragraph)
        else:
            if i2 > i1:
                yield Piece("gone", _join(before[i1:i2]), paragraph)
            if j2 > j1:
                yield Piece("new", _join(after[j1:j2]), paragraph)


def _paragraphs(text: str | None) -> list[str]:
    return [paragraph for paragraph in (text or "").split("\n\n") if paragraph.strip()]


def _join(words: Sequence[str]) -> str:
    return " ".join(words)
