"""Cleaning, folding and displaying text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.core.text import clean_paragraphs, clean_text, fold, slugify, terminal_safe

ANY_TEXT = st.text(st.characters())  # lone surrogates and controls too


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ""),
        (" \t\r\n ", ""),
        ("plain words", "plain words"),
        ("two  spaces\tand\nlines", "two spaces and lines"),
        ("\u00a0giá\u00a0vàng\u2003hôm\u202fnay\u3000", "giá vàng hôm nay"),
        ("line\u2028separator\u0085next", "line separator next"),
        ("\ufeffmở\u200b đầu\u200d\u2060", "mở đầu"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u200cمی\u200c\u200cخواهم \u200dسه\u200bشنبه", "می\u200cخواهم سهشنبه"),
        ("ക്ഷ അവന്\u200d ", "ക്ഷ അവന്\u200d"),
        ("x\u200dy 👩\u200d🔬", "xy 👩\u200d🔬"),
        ("a\x00b\x07c\x1bd\x7fe\x9bf", "abcdef"),
        ("lone \ud83d surrogate \udc00", "lone surrogate"),
        ("file\u202egnp.exe\u202c", "filegnp.exe"),
        ("Tie\u0302\u0301ng Vie\u0323\u0302t", "Tiếng Việt"),
        ("e\u200b\u0301", "é"),
        ("A &amp; B &nbsp; &lt;p&gt;", "A &amp; B &nbsp; &lt;p&gt;"),
        ("tàu 😀 chạy", "tàu 😀 chạy"),
    ],
)
def test_clean_text(value: str, expected: str) -> None:
    assert clean_text(value) == expected


@given(ANY_TEXT)
def test_clean_text_is_stable_storable_and_on_one_line(value: str) -> None:
    clean = clean_text(value)
    assert clean_text(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)
    assert clean.encode("utf-8").decode("utf-8") == clean
    assert clean == " ".join(clean.split())


def test_clean_paragraphs_omits_empty_ones() -> None:
    assert clean_paragraphs(["  một ", "\u00a0", "", "hai\u200b"]) == ("một", "hai")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Đường sắt", "duong sat"),
        ("ĐƯỜNG SẮT", "duong sat"),
        ("Đ\u01b0\u01a1\u0300ng sa\u0306\u0301t", "duong sat"),
        ("ABC 123", "abc 123"),
        ("سه\u200cشنبه", "سهشنبه"),
        ("Straße Łódź Øre", "straße lodz ore"),
        ("İstanbul ısı", "istanbul isi"),
        ("ﬁ ½ ™", "fi 1\u20442 tm"),
        ("", ""),
    ],
)
def test_fold(value: str, expected: str) -> None:
    assert fold(value) == expected


@given(ANY_TEXT)
def test_fold_twice_is_fold_once(value: str) -> None:
    assert fold(fold(value)) == fold(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("tin \x1b[31mđỏ\x1b[0m", "tin \\x1b[31mđỏ\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("a\rb\nc\td", "a\\x0db\\x0ac\\x09d"),
        ("abc\u202edef\u2066", "abc\\u202edef\\u2066"),
        ("\ufeff\u200b", "\\ufeff\\u200b"),
        ("\ud800", "\\ud800"),
        ("Tiếng Việt 😀 50%", "Tiếng Việt 😀 50%"),
    ],
)
def test_terminal_safe(value: str, expected: str) -> None:
    assert terminal_safe(value) == expected


def test_terminal_safe_keeps_newlines_if_requested() -> None:
    assert terminal_safe("một\nhai\r\x1b\u2028", keep_newlines=True) == "một\nhai\\x0d\\x1b\\u2028"


@given(ANY_TEXT)
def test_terminal_safe_text_can_be_printed(value: str) -> None:
    shown = terminal_safe(value)
    shown.encode("utf-8")
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in shown)


@pytest.mark.parametrize(
    ("value", "max_length", "expected"),
    [
        ("Đường sắt: Bắc – Nam!", 80, "duong-sat-bac-nam"),
        ("  ", 80, ""),
        ("một hai ba bốn", 10, "mot-hai-ba"),
        ("một hai ba bốn", 9, "mot-hai"),
        ("rấtdàikhôngcáchquãng", 6, "ratdai"),
    ],
)
def test_slugify(value: str, max_length: int, expected: str) -> None:
    assert slugify(value, max_length=max_length) == expected
