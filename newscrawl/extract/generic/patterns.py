"""Regular expressions made from the tables of words in vocabulary.py."""

from __future__ import annotations

import re


def one_of(words: tuple[str, ...]) -> str:
    """The alternatives as one group."""
    return f"(?:{'|'.join(words)})"


def begins(words: tuple[str, ...]) -> re.Pattern[str]:
    """An expression for text that begins with one of the words, signs before it ignored."""
    return re.compile(rf"\W*{one_of(words)}", re.IGNORECASE)
