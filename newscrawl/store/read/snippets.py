"""The place of a text where a search's terms stand closest together.

Made here rather than by the index: that one would also show its column in which đ is written d.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newscrawl.store.read.search_terms import Term, fold_in_place

WIDTH = 180  # characters: two lines of a terminal
BEFORE = 40
MOST_MARKS = 1000
MOST_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of text; `marks` are the ranges to highlight, ascending and apart."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()

    def marked(self, opening: str = "[", closing: str = "]") -> str:
        """The text with its marks written into it."""
        parts, place = list[str](), 0
        for start, end in self.marks:
            parts += [self.text[place:start], opening, self.text[start:end], closing]
            place = end
        return "".join([*parts, self.text[place:]])


def snippet(texts: Sequence[str | None], terms: Sequence[Term]) -> Snippet:
    """From the first text that has any of the terms; the beginning of the first one where none has."""
    cleaned = [" ".join(text[:MOST_CHARACTERS].split()) for text in texts if text]
    for text in cleaned:
        found = _occurrences(text, terms)
        if found:
            return _cut(text, _best_start(found), [place for place, _ in found])
    return _cut(cleaned[0], 0, []) if cleaned else Snippet("")


def _occurrences(text: str, terms: Sequence[Term]) -> list[tuple[tuple[int, int], int]]:
    """(range, number of the term) in order of place."""
    folded = fold_in_place(text)
    found = []
    for number, term in enumerate(terms):
        for count, match in enumerate(term.folded.finditer(folded)):
            if count == MOST_MARKS:
                break
            found.append((match.span(), number))
    return sorted(found)


def _best_start(found: Sequence[tuple[tuple[int, int], int]]) -> int:
    """The earliest occurrence after which the most terms stand within a snippet's width."""
    best, most, last = found[0][0][0], 0, 0
    for first, ((start, _), _) in enumerate(found):
        last = max(last, first)
        while last < len(found) and found[last][0][1] <= start + WIDTH - BEFORE:
            last += 1
        terms = len({number for _, number in found[first:last]})
        if terms > most:
            best, most = start, terms
    return best


def _cut(text: str, start: int, places: Sequence[tuple[int, int]]) -> Snippet:
    begin = max(0, start - BEFORE)
    if begin:
        begin = text.find(" ", begin, start) + 1 or start
    end = begin + WIDTH
    if end < len(text):
        end = max(text.rfind(" ", begin, end + 1), begin) or end
        end = end if end > begin else begin + WIDTH
    before, after = "…" if begin else "", "…" if end < len(text) else ""
    shift = len(before) - begin
    marks: list[tuple[int, int]] = []
    for left, right in places:
        if begin <= left and right <= end and (not marks or left + shift >= marks[-1][1]):
            marks.append((left + shift, right + shift))
    return Snippet(before + text[begin:end] + after, tuple(marks))
