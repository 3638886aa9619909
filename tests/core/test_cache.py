"""Which results for texts of pages are cached."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest
from lxml.html import document_fromstring

from newscrawl.core.cache import cache_short_texts
from newscrawl.core.text import clean_text
from newscrawl.extract.cards import _words
from newscrawl.extract.generic.boxes import _named_as_box
from newscrawl.extract.generic.printed_dates import _named_as_date
from newscrawl.extract.hostile_links import hostile_links
from newscrawl.sites.loading import load_site
from newscrawl.sites.page_index import class_names


def _hostile_links(address: str) -> object:
    return hostile_links(document_fromstring(f"<a href='{address}'>a</a>"), load_site("bnews"))


OF_PAGES: tuple[Callable[[str], object], ...] = (
    _hostile_links,
    clean_text,
    class_names,
    _words,
    _named_as_box,
    _named_as_date,
)


def test_results_of_short_texts_are_cached_and_of_long_ones_are_not() -> None:
    asked: list[str] = []

    @cache_short_texts(2, longest=3)
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    assert [length(text) for text in ("a", "a", "long", "long", "b", "c", "a")] == [
        1,
        1,
        4,
        4,
        1,
        1,
        1,
    ]
    assert asked == ["a", "long", "long", "b", "c", "a"]


@pytest.mark.parametrize("ask", OF_PAGES, ids=lambda ask: ask.__name__)
def test_long_texts_of_a_page_are_not_kept_in_memory(ask: Callable[[str], object]) -> None:
    tracemalloc.start()
    for number in range(20):
        ask(f"/{number}-{'x' * 1_000_000}")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 2_000_000
