"""A cache for functions of short texts, because pages of a site repeat menus and class names."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Result = TypeVar("Result")


def cache_short_texts(
    size: int, *, longest: int = 500
) -> Callable[[Callable[[str], Result]], Callable[[str], Result]]:
    """A decorator that caches results for the last `size` texts of at most `longest` characters.

    Longer texts are computed each time: a hostile page could fill the memory with texts of a
    megabyte.
    """

    def decorate(function: Callable[[str], Result]) -> Callable[[str], Result]:
        cached = lru_cache(maxsize=size)(function)

        @wraps(function)
        def call(text: str) -> Result:
            return cached(text) if len(text) <= longest else function(text)

        return call

    return decorate
