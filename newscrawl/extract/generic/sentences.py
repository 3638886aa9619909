"""Whether a short line with a date says something else too, so that it belongs to the text."""

from __future__ import annotations

import re

from newscrawl.core.times import Phrase
from newscrawl.extract.generic.shown_text import is_dense

_WORDS = 5  # without a capital: fewer are labels (`last updated on`) between names
_DENSE = 8  # characters of a dense script: fewer are labels or a name
_WORD = re.compile(r"[^\W\d_]+")
_END = re.compile(r"[.!?…।؟۔][)\]\"'”’»]*$")
_DENSE_END = re.compile("[。！？]")
_COLON = re.compile(r"[:：]")


def says_more_than(date: Phrase, line: str) -> bool:
    """Whether a line has a sentence beside its date, or a note after it: `6 May: the cost is ...`.

    Words are counted, not characters: few characters of Japanese or Chinese are a sentence.
    """
    before, after = line[: date.start], line[date.end :]
    ends_like_sentence = _END.search(line) or _DENSE_END.search(line)
    if ends_like_sentence and _is_long(f"{before} {after}"):
        return True
    note = _COLON.split(after, maxsplit=1)[1:]
    return bool(note) and _is_long(note[0])


def _is_long(text: str) -> bool:
    """Whether a text has as many words or characters as a short sentence."""
    words = _WORD.findall(text)
    if is_dense("".join(words)):
        return sum(map(len, words)) >= _DENSE
    return sum(not word[0].isupper() for word in words) >= _WORDS
