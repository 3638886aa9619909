"""Word-level changes between two texts."""

from __future__ import annotations

import random
import time
from collections import Counter
from difflib import SequenceMatcher

import pytest

from newscrawl.core.diffs import Change, Effort, Piece, opcodes, word_changes


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, None, []),
        ("", "Một câu.", [("new", "Một câu.", 1)]),
        ("Một câu.", None, [("gone", "Một câu.", 1)]),
        ("a b c", "a b c", [("same", "a b c", 1)]),
        ("a b c", "a x c", [("same", "a", 1), ("gone", "b", 1), ("new", "x", 1), ("same", "c", 1)]),
        ("a b", "a b c", [("same", "a b", 1), ("new", "c", 1)]),
        ("p\n\nq", "p\n\nr\n\nq", [("same", "p", 1), ("new", "r", 2), ("same", "q", 3)]),
        ("p\n\nq", "q", [("gone", "p", 1), ("same", "q", 1)]),
        ("a  b", "a b", [("same", "a b", 1)]),
    ],
)
def test_changes_are_words_in_their_paragraph(
    old: str | None, new: str | None, expected: list[tuple[str, str, int]]
) -> None:
    assert [
        (piece.change, piece.text, piece.paragraph) for piece in word_changes(old, new)
    ] == expected


def test_pieces_contain_the_whole_newer_text() -> None:
    old, new = "x y z\n\none two three", "x Y z\n\nnew one\n\none three four"
    words = [
        word
        for piece in word_changes(old, new)
        if piece.change != "gone"
        for word in piece.text.split()
    ]
    assert words == new.split()


MANY = 60_000


def letters(seed: int, words: str = "ab", separator: str = " ") -> str:
    return separator.join(random.Random(seed).choices(words, k=MANY))


@pytest.mark.parametrize(
    ("old", "new", "is_coarse"),
    [
        ("từ " * MANY, "từ " * 30_000 + "khác " + "từ " * 29_999, False),
        ("từ " * MANY, "từ " * (MANY + 1), False),
        ("từ " * MANY, "đầu " + "từ " * (2 * MANY) + "cuối", True),
        (letters(1), letters(2), True),
        (letters(1, separator="\n\n"), letters(2, separator="\n\n"), True),
        ("từ " * 999 + "\n\n" + "từ " * 999, "từ " * 998 + "\n\n" + "x " + "từ " * 999, False),
    ],
)
def test_long_texts_are_compared_in_time(old: str, new: str, is_coarse: bool) -> None:
    effort = Effort()
    start = time.process_time()
    pieces = word_changes(old, new, effort)
    assert time.process_time() - start < 3
    assert effort.coarse == is_coarse
    assert words_of(pieces, "gone") == new.split()
    assert Counter(words_of(pieces, "new")) == Counter(old.split())


def words_of(pieces: list[Piece], skip: Change) -> list[str]:
    """The words of the newer text (skip `gone`) or of the older one (skip `new`)."""
    words: list[str] = []
    for piece in pieces:
        if piece.change != skip:
            words += piece.text.split()
    return words


def test_one_edit_of_many_equal_words_is_found_exactly() -> None:
    pieces = word_changes("từ " * MANY, "từ " * 30_000 + "khác " + "từ " * 29_999)
    changed = [(piece.change, piece.text) for piece in pieces if piece.change != "same"]
    assert changed == [("gone", "từ"), ("new", "khác")]


def test_coarse_comparison_does_not_make_later_ones_coarse_before_the_effort_is_spent() -> None:
    effort = Effort(steps=100)
    word_changes(letters(1), letters(2), effort)
    assert effort.coarse
    pieces = word_changes("a b c", "a x c", effort)
    assert [piece.change for piece in pieces] == ["same", "gone", "new", "same"]
    assert effort.coarse


@pytest.mark.parametrize(("old", "new"), [("a b c d", "b c a d"), ("", "x y"), ("x x y", "y x x")])
def test_opcodes_are_those_of_difflib(old: str, new: str) -> None:
    expected = SequenceMatcher(None, old.split(), new.split(), autojunk=False).get_opcodes()
    assert opcodes(old.split(), new.split(), Effort()) == expected
