"""Answers about what pages repeat, kept: the same menu, headings and classes stand on every page of a site."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Answer = TypeVar("Answer")


def cache_short_texts(
    most: int, *, longest: int = 500
) -> Callable[[Callable[[str], Answer]], Callable[[str], Answer]]:
    """Keeps a function's answers to the last `most` texts of at most `longest` characters.

    About longer ones it is asked each time: a hostile page could fill the memory with texts of a megabyte.
    """

    def keeping(ask: Callable[[str], Answer]) -> Callable[[str], Answer]:
        kept = lru_cache(maxsize=most)(ask)

        @wraps(ask)
        def asked(text: str) -> Answer:
            return kept(text) if len(text) <= longest else ask(text)

        return asked

    return keeping
