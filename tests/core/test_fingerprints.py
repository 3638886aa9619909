"""Hashes and lengths of texts."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.core.fingerprints import body_hash, word_count


def test_hash_names_its_algorithm_and_never_changes() -> None:
    assert (
        body_hash("") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert (
        body_hash("Chợ nổi")
        == "sha256:1fab5e34db95faee9460577175617aaf4ea24ae8387dcb89c595d67663c20f79"
    )


@pytest.mark.parametrize(
    "other",
    [
        "Gạo\u00a0tăng  giá",
        " Gạo tăng giá\n",
        "Gạo\n\ntăng\tgiá",
        "Gạo ta\u0306ng giá",
        "Gạo tăng\u200b giá\ufeff",
    ],
)
def test_white_space_and_spelling_of_letters_do_not_change_the_hash(other: str) -> None:
    assert body_hash(other) == body_hash("Gạo tăng giá")


@pytest.mark.parametrize("other", ["Gạo tăng giá.", "gạo tăng giá", "Gạo tănggiá", "Gao tang gia"])
def test_any_other_difference_changes_the_hash(other: str) -> None:
    assert body_hash(other) != body_hash("Gạo tăng giá")


@given(st.text(st.characters()))
def test_any_text_has_a_hash(text: str) -> None:
    assert body_hash(text) == body_hash(f" {text}\n\n")
    assert len(body_hash(text)) == len("sha256:") + 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        (" - … / ", 0),
        ("Gạo tăng 5%", 3),
        ("một\n\nhai\u00a0ba", 3),
        ("“Bắc-Nam”, 2026.", 2),
    ],
)
def test_word_count(text: str, expected: int) -> None:
    assert word_count(text) == expected


@pytest.mark.parametrize("text", ["&<" * 200_000, "& " * 200_000])
def test_counting_words_takes_little_memory(text: str) -> None:
    word_count(text[:100])
    tracemalloc.start()
    try:
        assert word_count(text) == 0
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * len(text)
