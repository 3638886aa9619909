"""Word-level changes between two texts."""

from __future__ import annotations

import pytest

from newscrawl.core.diffs import word_changes


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
