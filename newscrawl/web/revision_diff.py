"""Two texts beside each other: rows of paragraphs, of which only the changed ones are open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from newscrawl.core.diffs import Change, Piece

Words = tuple[Change, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph: its words in the older text, in the newer one, and in both with marks.

    `number` counts the changed rows of a page from 1; None for a row that both texts have.
    """

    old: tuple[Words, ...]
    new: tuple[Words, ...]
    both: tuple[Words, ...]
    number: int | None


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that belong together: all are changed, or all are in both texts."""

    is_changed: bool
    rows: tuple[Row, ...]


@dataclass(slots=True)
class ChangedRows:
    """Numbers the changed rows of several texts."""

    count: int = field(default=0)

    def blocks(self, rows: Iterable[Sequence[Piece]]) -> list[Block]:
        """The rows of paragraph_changes() in blocks."""
        numbered = list(map(self._row, rows))
        blocks = []
        for is_changed, group in groupby(numbered, key=lambda row: row.number is not None):
            blocks.append(Block(is_changed, tuple(group)))
        return blocks

    def _row(self, pieces: Sequence[Piece]) -> Row:
        number = None
        if any(piece.change != "same" for piece in pieces):
            self.count += 1
            number = self.count
        return Row(
            old=tuple(_words(pieces, without="new")),
            new=tuple(_words(pieces, without="gone")),
            both=tuple(_words(pieces)),
            number=number,
        )


def _words(pieces: Sequence[Piece], without: Change | None = None) -> Iterator[Words]:
    for piece in pieces:
        if piece.change != without:
            yield piece.change, piece.text
