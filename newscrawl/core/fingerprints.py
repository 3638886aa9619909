"""The hash of a body, which shows whether two texts are the same, and its number of words."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from newscrawl.core.text import clean_text

ALGORITHM = "sha256"
# The leading space makes the search faster than a pattern that may match at the start of a line.
# `++` keeps no way back: with `+`, a run of a million signs takes 230 MB.
_SIGNS = re.compile(r" (?:[^\w ]|_)++(?= |$)")


def body_hash(text: str) -> str:
    """`sha256:<hex>` of the text in UTF-8 and NFC, with each run of white space as one space.

    Bodies have the same hash if they differ only in white space, in composed or combining letters,
    or in invisible characters.
    """
    return f"{ALGORITHM}:{hashlib.sha256(_line(text).encode()).hexdigest()}"


def word_count(text: str) -> int:
    """The number of words that have a letter or digit; in Vietnamese, of syllables."""
    line = f" {_line(text)}"
    if line == " ":
        return 0
    # A list of all signs of a hostile text of 2 MB would take 100 MB.
    signs = sum(1 for _ in _SIGNS.finditer(line))
    return line.count(" ") - signs


@lru_cache(maxsize=1)  # both functions are called with the same body
def _line(text: str) -> str:
    # A single line is cleaned much faster than one with line breaks.
    return clean_text(text.replace("\n\n", " "))
