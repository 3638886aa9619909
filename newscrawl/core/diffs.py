"""The changes between two versions of a text, word by word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate, chain
from typing import Literal, TypeAlias

Change = Literal["same", "gone", "new"]
Opcode: TypeAlias = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]

# Comparisons of two words, about 0.2 s of CPU. Edits of real articles need at most a
# hundredth of this; a text of one word, 60,000 times, would need 3,600,000,000.
STEPS = 2_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words within one paragraph.

    `paragraph` counts from 1 in the newer text, or in the older text if the piece is gone.
    """

    change: Change
    text: str
    paragraph: int


class Effort:
    """How much work comparisons may be, in steps; `is_over` is whether there is no time for more.

    `coarse` is whether a comparison had to be given up and is only by paragraphs, or only by the
    words that both texts begin and end with.
    """

    def __init__(self, steps: int = STEPS, is_over: Callable[[], bool] = lambda: False) -> None:
        self._steps = steps
        self.is_over = is_over
        self.coarse = False

    def spend(self, steps: int) -> None:
        """Counts steps that are about to be made; _TooMuch if there are not so many left."""
        if steps > self._steps:
            raise _TooMuch
        self._steps -= steps


class _TooMuch(Exception):
    """A comparison needs more steps than are left; the caller compares in a coarser way."""


def word_changes(old: str | None, new: str | None, effort: Effort | None = None) -> list[Piece]:
    """The newer text in order, with removed words at their old places.

    Paragraphs are compared first, and words only within paragraphs that differ. A long text with
    one edit therefore costs no more than the edit. The time is limited by `effort`, beyond which
    the changes are coarser; the result is the same on every machine.
    """
    return list(chain.from_iterable(paragraph_changes(old, new, effort)))


def paragraph_changes(
    old: str | None, new: str | None, effort: Effort | None = None
) -> list[list[Piece]]:
    """The pieces of word_changes() in rows: each is a paragraph of the newer text, or removed.

    A row with `gone` and other pieces is a paragraph that both texts have.
    """
    effort = effort or Effort()
    before = _paragraphs(old)
    after = _paragraphs(new)
    was_coarse, effort.coarse = effort.coarse, False
    changes = opcodes(before, after, effort)
    by_words = not effort.coarse
    effort.coarse = effort.coarse or was_coarse
    rows: list[list[Piece]] = []
    for tag, i1, i2, j1, j2 in changes:
        if tag == "equal":
            rows += _rows("same", after, j1, j2)
            continue
        paired = min(i2 - i1, j2 - j1) if tag == "replace" and by_words else 0
        for n in range(paired):
            rows.append(list(_words(before[i1 + n], after[j1 + n], j1 + n + 1, effort)))
        rows += _rows("gone", before, i1 + paired, i2)
        rows += _rows("new", after, j1 + paired, j2)
    return rows


def opcodes(before: Sequence[str], after: Sequence[str], effort: Effort) -> list[Opcode]:
    """What SequenceMatcher.get_opcodes gives; beyond the effort, in linear time.

    First without what both begin and end with, which hardly differs. If the rest is still too much,
    it counts as replaced, and the effort as `coarse`.
    """
    try:
        return _Matcher(before, after, effort).get_opcodes()
    except _TooMuch:
        start, end = _common_ends(before, after)
    inner_before = before[start : len(before) - end]
    inner_after = after[start : len(after) - end]
    found: list[Opcode] = []
    if start:
        found.append(("equal", 0, start, 0, start))
    try:
        inner = _Matcher(inner_before, inner_after, effort).get_opcodes()
    except _TooMuch:
        effort.coarse = True
        inner = [("replace", 0, len(inner_before), 0, len(inner_after))]
    for tag, i1, i2, j1, j2 in inner:
        found.append((tag, i1 + start, i2 + start, j1 + start, j2 + start))
    if end:
        sizes = len(before), len(after)
        found.append(("equal", sizes[0] - end, sizes[0], sizes[1] - end, sizes[1]))
    return found


class _Matcher(SequenceMatcher[str]):
    """Counts the steps of each search before it begins."""

    def __init__(self, before: Sequence[str], after: Sequence[str], effort: Effort) -> None:
        super().__init__(None, before, after, autojunk=False)
        self._effort = effort
        self._size = len(before)
        counts = Counter(after)
        # By position in `before`: the steps for all words before it.
        self._steps = list(accumulate((1 + counts[word] for word in before), initial=0))

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """What SequenceMatcher finds; _TooMuch if it would take too many steps."""
        end = self._size if ahi is None else ahi
        self._effort.spend(self._steps[end] - self._steps[alo])
        return super().find_longest_match(alo, ahi, blo, bhi)


def _common_ends(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """How many items both begin with, and how many of the others they end with."""
    most = min(len(before), len(after))
    start = 0
    while start < most and before[start] == after[start]:
        start += 1
    end = 0
    while end < most - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return start, end


def _rows(change: Change, paragraphs: Sequence[str], start: int, end: int) -> Iterator[list[Piece]]:
    """Whole paragraphs, from index `start` to before `end`."""
    for number, text in enumerate(paragraphs[start:end], start + 1):
        yield [Piece(change, text, number)]


def _words(old: str, new: str, paragraph: int, effort: Effort) -> Iterator[Piece]:
    before = old.split()
    after = new.split()
    for tag, i1, i2, j1, j2 in opcodes(before, after, effort):
        if tag == "equal":
            yield Piece("same", " ".join(after[j1:j2]), paragraph)
            continue
        if i2 > i1:
            yield Piece("gone", " ".join(before[i1:i2]), paragraph)
        if j2 > j1:
            yield Piece("new", " ".join(after[j1:j2]), paragraph)


def _paragraphs(text: str | None) -> list[str]:
    return [paragraph for paragraph in (text or "").split("\n\n") if paragraph.strip()]
