"""What tells whether two texts are the same, and how long one is."""

from __future__ import annotations

import hashlib
from itertools import filterfalse

from newscrawl.text import clean_text

ALGORITHM = "sha256"


def body_hash(text: str) -> str:
    """`sha256:<hex>` of the text in UTF-8, NFC, each run of white space one space.

    Bodies that differ only in white space, in composed or combining letters or in invisible characters are equal.
    """
    line = clean_text(text.replace("\n\n", " "))  # between paragraphs; what is one line already is cleaned much faster
    return f"{ALGORITHM}:{hashlib.sha256(line.encode()).hexdigest()}"


def word_count(text: str) -> int:
    """Runs between white space that hold a letter or a digit; in Vietnamese these are syllables."""
    words = text.split()
    odd = filterfalse(str.isalnum, words)  # those with a comma, and those that are one
    return len(words) - sum(not (word[0].isalnum() or any(map(str.isalnum, word))) for word in odd)
