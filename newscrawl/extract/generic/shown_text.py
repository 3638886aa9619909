"""What an element shows as one line, and how much text that is in any script."""

from __future__ import annotations

import re
import unicodedata
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.text import clean_text

_TEXTS = etree.XPath(".//text()[not(parent::script or parent::style)]", smart_strings=False)
_ENDINGS = frozenset("st nd rd th er re ème º ª".split())  # of `24th`, in an element of its own
# A sign of these scripts stands for a syllable or a word.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_DENSITY = 2.5  # characters of an alphabet for one of them, by translations of one text


def spaced_text(element: HtmlElement) -> str:
    """The clean text of an element, its parts apart even if only their style puts them apart.

    `<i>24 March 2024</i><i>0 comments</i>` is `24 March 2024 0 comments`. A single letter and the
    ending of a number stay where they are.
    """
    spaced = ""
    for piece in cast("list[str]", _TEXTS(element)):
        if spaced and _is_apart(spaced, piece):
            spaced += " "
        spaced += piece
    return clean_text(spaced)


def is_dense(text: str) -> bool:
    """Whether most of a text is in a script of which few characters say much."""
    return 2 * len(_DENSE.findall(text)) > len(text)


def amount(text: str) -> int:
    """How many characters of an alphabet a text is worth: dense scripts need fewer."""
    if text.isascii():
        return len(text)
    return len(text) + int((_DENSITY - 1) * len(_DENSE.findall(text)))


def _is_apart(before: str, piece: str) -> bool:
    """Whether two words would be one if nothing stood between them."""
    if not _is_of_word(before[-1]) or not _is_of_word(piece[0]):
        return False
    if piece.strip() in _ENDINGS:
        return False
    is_initial = len(before) == 1 and before.isalpha()
    return not is_initial


def _is_of_word(sign: str) -> bool:
    """Whether this is a letter, a digit, or a mark on one, as many vowels of India are."""
    return unicodedata.category(sign)[0] in "LNM"
