"""A typed search as terms: words and quoted phrases, in full-text syntax that no input can break.

Marks and case do not matter for a match, but a word typed with marks ranks texts that spell it so
first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from newscrawl.core.text import clean_text, fold

# More terms add nothing to a search, and each costs a look into the index.
MOST_TERMS = 64
MOST_CHARACTERS = 20_000

_CHUNK = re.compile(
    '["\u201c\u201d\u201e]([^"\u201c\u201d\u201e]+)["\u201c\u201d\u201e]|([^\\s"\u201c\u201d\u201e]+)'
)
# A word for the tokenizer of the index: letters and digits. A combining mark does not end it.
_WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")
_BETWEEN = r"[\W_]+"


@dataclass(frozen=True)
class Term:
    """A word, or the words of a phrase, as typed: at least one, in NFC and lower case."""

    words: tuple[str, ...]

    @property
    def match(self) -> str:
        """The term in full-text syntax.

        The first columns of the index have đ, and the last has d for it.
        """
        typed = " ".join(self.words)
        without_bar = typed.replace("đ", "d")
        if typed == without_bar:
            return f'"{typed}"'
        return f'("{typed}" OR "{without_bar}")'

    @property
    def has_marks(self) -> bool:
        """Whether any word was typed with marks (or đ)."""
        return any(fold(word) != word for word in self.words)

    def is_spelled_in(self, text: str) -> bool:
        """Whether a text in lower case has the term as typed."""
        return all(word in text for word in self.words) and self._exact.search(text) is not None

    @cached_property
    def _exact(self) -> re.Pattern[str]:
        return _pattern(self.words)

    @cached_property
    def folded(self) -> re.Pattern[str]:
        """Finds the term in a text folded by fold_in_place."""
        return _pattern(tuple(fold_in_place(word) for word in self.words))


def parse_terms(typed: str) -> tuple[Term, ...]:
    """The terms, each once, in order; none if no letter or digit was typed."""
    terms: dict[tuple[str, ...], Term] = {}
    for phrase, chunk in _CHUNK.findall(clean_text(typed[:MOST_CHARACTERS])):
        words = tuple(word.lower() for word in _WORD.findall(phrase or chunk))
        if words and len(terms) < MOST_TERMS:
            terms.setdefault(words, Term(words))
    return tuple(terms.values())


def match_all(terms: tuple[Term, ...]) -> str:
    """Full-text syntax for texts that have every term."""
    return " AND ".join(term.match for term in terms)


def words_of(terms: tuple[Term, ...]) -> str:
    """Full-text syntax for texts that have every word, for ranking the matches of match_all.

    A ranking counts the texts that have each word or phrase, which takes long for a phrase of
    common words.
    """
    words: dict[str, None] = {}  # each once, in order
    for term in terms:
        words.update(dict.fromkeys(term.words))
    return match_all(tuple(Term((word,)) for word in list(words)[:MOST_TERMS]))


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


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    phrase = _BETWEEN.join(re.escape(word) for word in words)
    return re.compile(rf"(?<![^\W_]){phrase}(?![^\W_])")
