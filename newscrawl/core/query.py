"""A search as a tree: words, phrases and fields, joined by AND, OR, NOT and NEAR."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FIELDS = ("title", "summary", "body", "author", "tag", "category", "site")
# For these a whole value has to match, for the others words of it.
WHOLE_FIELDS = ("category", "site")


@dataclass(frozen=True, slots=True)
class Words:
    """A word, or the words of a phrase, as typed, in NFC and lower case.

    `is_prefix`: the last word may go on. `text` is what was typed, for a field of whole values.
    """

    words: tuple[str, ...]
    text: str
    is_prefix: bool = False
    field: str | None = None

    def __str__(self) -> str:
        words = self.text if self.field in WHOLE_FIELDS else " ".join(self.words)
        shown = f'"{words}"' if " " in words else words
        field = f"{self.field}:" if self.field else ""
        return f"{field}{shown}{'*' if self.is_prefix else ''}"


@dataclass(frozen=True, slots=True)
class Near:
    """Both in one field, in any order, with at most `distance` words between them."""

    first: Words
    second: Words
    distance: int

    def __str__(self) -> str:
        return f"({self.first} NEAR/{self.distance} {self.second})"


@dataclass(frozen=True, slots=True)
class Not:
    """Without the part."""

    part: Node

    def __str__(self) -> str:
        return f"NOT {self.part}"


@dataclass(frozen=True, slots=True)
class And:
    """All parts: two or more."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return f"({' AND '.join(map(str, self.parts))})"


@dataclass(frozen=True, slots=True)
class Or:
    """One part at least, of two or more."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return f"({' OR '.join(map(str, self.parts))})"


Node = Words | Near | Not | And | Or


@dataclass(frozen=True, slots=True)
class Query:
    """`tree` is None if nothing was typed that can be searched.

    `note` says what was not understood, and what is searched instead.
    """

    typed: str
    tree: Node | None
    note: str | None = None

    @property
    def understood(self) -> str:
        """The query with all operators and parentheses; empty for no query."""
        text = "" if self.tree is None else str(self.tree)
        return text[1:-1] if isinstance(self.tree, Near | And | Or) else text


def all_of(parts: Iterable[Node | None]) -> Node | None:
    """The parts that are not None joined by AND, without an AND inside the AND."""
    flat: list[Node] = []
    for part in parts:
        if isinstance(part, And):
            flat += part.parts
        elif part is not None:
            flat.append(part)
    if len(flat) < 2:
        return flat[0] if flat else None
    return And(tuple(flat))


def depth(tree: Node | None) -> int:
    """How many operators stand inside each other."""
    match tree:
        case Not():
            return 1 + depth(tree.part)
        case And() | Or():
            return 1 + max(map(depth, tree.parts))
    return 0


def leaves(tree: Node | None, *, wanted_only: bool = False) -> Iterator[Words]:
    """The words and phrases, in order; `wanted_only`: without those after a NOT."""
    match tree:
        case Words():
            yield tree
        case Near():
            yield tree.first
            yield tree.second
        case And() | Or():
            for part in tree.parts:
                yield from leaves(part, wanted_only=wanted_only)
        case Not() if not wanted_only:
            yield from leaves(tree.part)
