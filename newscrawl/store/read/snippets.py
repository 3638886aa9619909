"""The part of a text in which the terms of a search stand closest together.

Made here and not by the index, whose snippets would also come from its column with d for đ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from newscrawl.store.read.search_terms import Term, fold_in_place

WIDTH = 180  # characters: two lines of a terminal
BEFORE = 40
MOST_MARKS = 1000
MOST_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text; `marks` are the ranges to highlight, ascending and apart."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()

    def marked(self, opening: str = "[", closing: str = "]") -> str:
        """The text with its marks written into it."""
        parts: list[str] = []
        position = 0
        for start, end in self.marks:
            parts += [self.text[position:start], opening, self.text[start:end], closing]
            position = end
        return "".join([*parts, self.text[position:]])


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The range in which a term occurs, and the number of the term."""

    start: int
    end: int
    term: int


def snippet(texts: Sequence[str | None], terms: Sequence[Term]) -> Snippet:
    """From the first text that has any of the terms; else the beginning of the first text."""
    cleaned = [" ".join(text[:MOST_CHARACTERS].split()) for text in texts if text]
    for text in cleaned:
        occurrences = _occurrences(text, terms)
        if occurrences:
            return _cut(text, _best_start(occurrences), occurrences)
    return _cut(cleaned[0], 0, []) if cleaned else Snippet("")


def _occurrences(text: str, terms: Sequence[Term]) -> list[Occurrence]:
    """The first MOST_MARKS occurrences of each term, in the order of their positions."""
    folded = fold_in_place(text)
    occurrences: list[Occurrence] = []
    for number, term in enumerate(terms):
        for match in islice(term.folded.finditer(folded), MOST_MARKS):
            occurrences.append(Occurrence(match.start(), match.end(), number))
    return sorted(occurrences, key=lambda each: (each.start, each.end, each.term))


def _best_start(occurrences: Sequence[Occurrence]) -> int:
    """The start of the first occurrence that the most terms follow within a snippet's width."""
    best_start, most_terms, last = occurrences[0].start, 0, 0
    for first, occurrence in enumerate(occurrences):
        last = max(last, first)
        while (
            last < len(occurrences) and occurrences[last].end <= occurrence.start + WIDTH - BEFORE
        ):
            last += 1
        terms = len({each.term for each in occurrences[first:last]})
        if terms > most_terms:
            best_start, most_terms = occurrence.start, terms
    return best_start


def _cut(text: str, start: int, occurrences: Sequence[Occurrence]) -> Snippet:
    begin, end = _bounds(text, start)
    before = "…" if begin else ""
    after = "…" if end < len(text) else ""
    shift = len(before) - begin
    marks: list[tuple[int, int]] = []
    for occurrence in occurrences:
        mark = (occurrence.start + shift, occurrence.end + shift)
        is_inside = begin <= occurrence.start and occurrence.end <= end
        if is_inside and (not marks or mark[0] >= marks[-1][1]):
            marks.append(mark)
    return Snippet(before + text[begin:end] + after, tuple(marks))


def _bounds(text: str, start: int) -> tuple[int, int]:
    """Where a snippet around `start` begins and ends, between words if possible."""
    begin = max(0, start - BEFORE)
    if begin:
        begin = text.find(" ", begin, start) + 1 or start
    end = begin + WIDTH
    if end < len(text):
        space = text.rfind(" ", begin, end + 1)
        if space > begin:
            end = space
    return begin, end
