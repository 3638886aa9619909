"""Notes about parts of a query that look like its language, but were searched as words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newscrawl.core.query import FIELDS, WHOLE_FIELDS

MOST_DISTANCE = 1000  # of NEAR
OPERATORS = ("and", "or", "not")
ENDS = ("chunk", "phrase", "close")  # of what an operator may follow
BEGINNINGS = ("chunk", "phrase", "open", "field", "minus")  # of what may follow it
OTHER_OPERATORS = {"|": "OR", "||": "OR", "&&": "AND"}

_NEAR = re.compile(r"NEAR/(.*)", re.IGNORECASE | re.DOTALL)
_NAME = re.compile(r"([^\W\d_]{2,20}):(?!//)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the typed text: a group of the parser's pattern, such as `chunk`."""

    kind: str
    text: str
    follows_a_space: bool


def slips(pieces: Sequence[Piece]) -> list[str]:
    """A note about each kind of slip; empty if there is none."""
    notes = (
        *_lower_case_operators(pieces),
        *_operators_of_others(pieces),
        *_distances(pieces),
        *_unknown_fields(pieces),
    )
    return list(notes)


def _lower_case_operators(pieces: Sequence[Piece]) -> Iterator[str]:
    """An operator stands between words; `not` may also be the first one."""
    for place, piece in enumerate(pieces[:-1]):
        word = piece.text.lower()
        if piece.kind != "chunk" or word not in OPERATORS or piece.text == word.upper():
            continue
        is_after_word = place > 0 and _is_one_of(pieces[place - 1], ENDS)
        is_first = place == 0 and word == "not"
        if (is_after_word or is_first) and _is_one_of(pieces[place + 1], BEGINNINGS):
            yield f"{piece.text} was searched as a word; the operator is {word.upper()}"
            return


def _is_one_of(piece: Piece, kinds: Sequence[str]) -> bool:
    is_operator = piece.text in ("AND", "OR", "NOT") or _NEAR.fullmatch(piece.text) is not None
    return piece.kind in kinds and not is_operator


def _operators_of_others(pieces: Sequence[Piece]) -> Iterator[str]:
    for place, piece in enumerate(pieces):
        if piece.kind != "chunk" or _is_in_field(pieces, place, WHOLE_FIELDS):
            continue
        typed = piece.text if piece.text in OTHER_OPERATORS else "|"
        if typed in piece.text:
            yield f"{typed} is not an operator; write {OTHER_OPERATORS[typed]} between two spaces"
            return


def _is_in_field(pieces: Sequence[Piece], place: int, fields: Sequence[str]) -> bool:
    if place == 0 or pieces[place - 1].kind != "field":
        return False
    return pieces[place - 1].text.removesuffix(":").rstrip().lower() in fields


def _distances(pieces: Sequence[Piece]) -> Iterator[str]:
    for piece in pieces:
        match = _NEAR.fullmatch(piece.text)
        if piece.kind != "chunk" or match is None:
            continue
        is_read = re.fullmatch(r"NEAR/[0-9]{1,9}", piece.text) is not None
        if not is_read:
            yield f"{piece.text[:40]} was searched as words; write a number of words, as in NEAR/5"
            return
        if int(match[1]) > MOST_DISTANCE:
            yield f"{piece.text} was read as NEAR/{MOST_DISTANCE}, the largest distance"
            return


def _unknown_fields(pieces: Sequence[Piece]) -> Iterator[str]:
    """The first `name:` before something. With a space after it, a headline may have one, too."""
    for place, piece in enumerate(pieces):
        match = _NAME.match(piece.text)
        if piece.kind != "chunk" or match is None or _is_in_field(pieces, place, FIELDS):
            continue
        following = pieces[place + 1 : place + 2]
        is_before_space = not following or following[0].follows_a_space
        is_plain = match[1].isascii() and match[1].islower()
        if match[2] or (following and (is_plain or not is_before_space)):
            known = ", ".join(f"{field}:" for field in FIELDS)
            yield f"unknown field {match[1]}: (searched as a word; the fields are {known})"
            return
