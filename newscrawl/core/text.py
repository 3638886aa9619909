"""Text at the boundary: what pages print becomes clean text, what is searched is folded, what is shown is harmless.

Every string of a page passes `clean_text` once (or `clean_paragraphs`), and nothing else in newscrawl normalises
Unicode. HTML entities are not touched here: a parser has resolved them, and `&amp;lt;` is what the page means.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from newscrawl.core.cache import cache_short_texts

# Removed without trace. White space among the controls (tab, line ends, U+0085) is not listed: it becomes a space.
_CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
_ZERO_WIDTH = "\u00ad\u180e\u200b-\u200d\u2060-\u2064\ufeff"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_SURROGATES = "\ud800-\udfff"  # lone ones: a str cannot hold a pair, and UTF-8 cannot hold one
_INVISIBLE = re.compile(f"[{_CONTROLS}{_ZERO_WIDTH}{_BIDI}{_SURROGATES}]")

_UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_ZERO_WIDTH}{_BIDI}{_SURROGATES}]")
_UNSAFE_IN_LINES = re.compile(
    f"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029{_ZERO_WIDTH}{_BIDI}{_SURROGATES}]"
)

_LETTERS_WITHOUT_MARK = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i"})


class _Folded(dict[int, str]):
    """Letter -> letters without marks, in lower case; each is worked out once."""

    def __missing__(self, code: int) -> str:
        lower = unicodedata.normalize("NFKD", chr(code)).lower()  # NFKD first: `™` gives capitals
        letters = unicodedata.normalize("NFKD", lower)
        bare = "".join(char for char in letters if not unicodedata.combining(char)).translate(
            _LETTERS_WITHOUT_MARK
        )
        self[code] = bare
        return bare


_FOLDED = _Folded()
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def clean_text(value: str) -> str:
    """One line of NFC text: no invisible characters, every run of white space (NBSP too) one space, stripped."""
    return _cleaned(value)


# Headlines, names, times: a page has many that the page before it had, and each is cleaned more than once.
@cache_short_texts(1024, longest=300)
def _cleaned(value: str) -> str:
    line = value.strip().replace("\n", " ").replace("\xa0", " ")
    if not line.isprintable():  # asked first, since the pattern takes longer than all the rest
        line = _INVISIBLE.sub("", value)
        return " ".join(unicodedata.normalize("NFC", line).split())
    if not line.isascii():
        line = unicodedata.normalize("NFC", line)
    return " ".join(line.split()) if "  " in line else line


def clean_paragraphs(values: Iterable[str]) -> tuple[str, ...]:
    """Each value cleaned; those with nothing to read left out."""
    return tuple(clean for value in values if (clean := clean_text(value)))


def fold(value: str) -> str:
    """For comparing and searching: lower case, without marks, đ as d. `Đường sắt` becomes `duong sat`."""
    if value.isascii():
        return value.lower()
    return value.translate(_FOLDED)


def terminal_safe(value: str, *, keep_newlines: bool = False) -> str:
    """Text a terminal only shows: escape sequences, controls and bidi overrides appear as `\\x1b`, `\\u202e`."""
    unsafe = _UNSAFE_IN_LINES if keep_newlines else _UNSAFE
    return unsafe.sub(_escaped, value)


def counted(number: int, noun: str) -> str:
    """`1 day`, `1,234 days`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def slugify(value: str, *, max_length: int = 80) -> str:
    """Lower-case ASCII words joined by `-`, cut at a word's end where possible; "" where nothing is left."""
    slug = _NOT_SLUG.sub("-", fold(value)).strip("-")
    if len(slug) <= max_length:
        return slug
    cut = slug[: max_length + 1].rpartition("-")[0]
    return cut or slug[:max_length]


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
