"""The words and phrases of a search as they are looked for in texts: for spellings and snippets.

Marks and case do not matter for a match, but a word typed with marks ranks texts that spell it so
first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from newscrawl.core.query import Node, leaves
from newscrawl.core.text import fold

_IN_TEXTS = (None, "title", "summary", "body")

_BETWEEN = r"[\W_]+"


@dataclass(frozen=True)
class Term:
    """A word, or the words of a phrase, as typed: at least one, in NFC and lower case.

    `is_prefix`: the last word may go on.
    """

    words: tuple[str, ...]
    is_prefix: bool = False

    @property
    def has_marks(self) -> bool:
        """Whether any word was typed with marks (or đ)."""
        return any(fold(word) != word for word in self.words)

    def is_spelled_in(self, text: str) -> bool:
        """Whether a text in lower case has the term as typed."""
        return all(word in text for word in self.words) and self._exact.search(text) is not None

    @cached_property
    def _exact(self) -> re.Pattern[str]:
        return _pattern(self.words, self.is_prefix)

    @cached_property
    def folded(self) -> re.Pattern[str]:
        """Finds the term in a text folded by fold_in_place."""
        return _pattern(tuple(map(fold_in_place, self.words)), self.is_prefix)


def terms_of(tree: Node | None) -> tuple[Term, ...]:
    """The words and phrases that a text should have, each once, in order."""
    terms = {
        Term(leaf.words, leaf.is_prefix): None
        for leaf in leaves(tree, wanted_only=True)
        if leaf.field in _IN_TEXTS
    }
    return tuple(terms)


class _Folding(dict[int, str]):
    """Code of a character -> the one character that stands for it in a folded text."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        for candidate in (fold(char), char.lower(), char):
            if len(candidate) == 1:
                self[code] = candidate
                break
        return self[code]


_FOLDING = _Folding()


def fold_in_place(text: str) -> str:
    """The NFC text folded character by character, so that positions in both are the same."""
    return text.translate(_FOLDING)


def _pattern(words: tuple[str, ...], is_prefix: bool) -> re.Pattern[str]:
    phrase = _BETWEEN.join(re.escape(word) for word in words)
    end = r"[^\W_]*" if is_prefix else r"(?![^\W_])"
    return re.compile(rf"(?<![^\W_]){phrase}{end}")
