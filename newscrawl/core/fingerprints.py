"""What tells whether two texts are the same, and how long one is."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from newscrawl.core.text import clean_text

ALGORITHM = "sha256"
_SIGNS = re.compile(
    r" (?:[^\w ]|_)+(?= |$)"
)  # what begins with a space is found faster than what may begin a line


def body_hash(text: str) -> str:
    """`sha256:<hex>` of the text in UTF-8, NFC, each run of white space one space.

    Bodies that differ only in white space, in composed or combining letters or in invisible characters are equal.
    """
    return f"{ALGORITHM}:{hashlib.sha256(_line(text).encode()).hexdigest()}"


def word_count(text: str) -> int:
    """Runs between white space that hold a letter or a digit; in Vietnamese these are syllables."""
    line = f" {_line(text)}"
    return line.count(" ") - len(_SIGNS.findall(line)) if line != " " else 0


@lru_cache(maxsize=1)  # of one body both are asked
def _line(text: str) -> str:
    return clean_text(
        text.replace("\n\n", " ")
    )  # between paragraphs; what is one line already is cleaned much faster
