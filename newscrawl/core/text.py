"""Cleaning of text from pages, folding for searches, and escaping for terminals.

Every string of a page passes `clean_text` or `clean_paragraphs` once. Nothing else in newscrawl
normalises Unicode. HTML entities are left alone here: the parser has resolved them already, so an
`&lt;` that remains is text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from newscrawl.core.cache import cache_short_texts

# Removed. Controls that are white space (tab, line ends, U+0085) are not in the list; they become
# spaces.
_CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
_ZERO_WIDTH = "\u00ad\u180e\u200b\u2060-\u2064\ufeff"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_SURROGATES = "\ud800-\udfff"  # unpaired ones, which UTF-8 cannot encode
# U+200C and U+200D, which keep two characters apart or join them. They are part of the spelling
# after a letter of these scripts (Arabic to Sinhala, Myanmar, Khmer, Mongolian), as in Persian
# `می‌خواهم`, and after a part of an emoji. Elsewhere they change nothing that a reader sees.
_JOINERS = "\u200c\u200d"
_SHAPED = (
    "\u0600-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc"
    "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
)
_STRAY_JOINER = f"(?<![{_SHAPED}])[{_JOINERS}]"
_INVISIBLE = re.compile(f"[{_CONTROLS}{_ZERO_WIDTH}{_BIDI}{_SURROGATES}]|{_STRAY_JOINER}")

_UNPRINTED = f"\x7f-\x9f\u2028\u2029{_ZERO_WIDTH}{_BIDI}{_SURROGATES}"
_UNSAFE = re.compile(f"[\x00-\x1f{_UNPRINTED}]|{_STRAY_JOINER}")
_UNSAFE_IN_LINES = re.compile(f"[\x00-\x09\x0b-\x1f{_UNPRINTED}]|{_STRAY_JOINER}")

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)

# With or without a joiner, a word is the same for a search.
_LETTERS_WITHOUT_MARK = str.maketrans(
    {"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "\u200c": "", "\u200d": ""}
)


class _Folded(dict[int, str]):
    """Maps a character to its lower-case letters without marks. Each is computed once."""

    def __missing__(self, code: int) -> str:
        lower = unicodedata.normalize("NFKD", chr(code)).lower()  # NFKD first: `™` gives capitals
        letters = unicodedata.normalize("NFKD", lower)
        without_marks = "".join(char for char in letters if not unicodedata.combining(char))
        folded = without_marks.translate(_LETTERS_WITHOUT_MARK)
        self[code] = folded
        return folded


_FOLDED = _Folded()
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def clean_text(value: str) -> str:
    """One line of NFC text without invisible characters, except joiners that belong to a spelling.

    Every run of white space, including no-break spaces, becomes one space. The ends are stripped.
    """
    return _cleaned(value)


# Pages share many headlines, names and times, and each is cleaned more than once.
@cache_short_texts(1024, longest=300)
def _cleaned(value: str) -> str:
    line = value.strip().replace("\n", " ").replace("\xa0", " ")
    if not line.isprintable():  # checked first: the pattern takes longer than everything else here
        return " ".join(_visible(value).split())
    if not line.isascii():
        line = unicodedata.normalize("NFC", line)
    return " ".join(line.split()) if "  " in line else line


def _visible(value: str) -> str:
    """NFC text without invisible characters. Composing may leave a joiner stray, hence the loop."""
    while True:
        cleaned = unicodedata.normalize("NFC", _INVISIBLE.sub("", value))
        if cleaned == value:
            return cleaned
        value = cleaned


def without_joiners(value: str) -> str:
    """Text whose words are compared: some write `سه‌شنبه` with a joiner, others without."""
    return value.replace("\u200c", "").replace("\u200d", "")


def clean_paragraphs(values: Iterable[str]) -> tuple[str, ...]:
    """Each value cleaned, without empty ones."""
    return tuple(clean for value in values if (clean := clean_text(value)))


def fold(value: str) -> str:
    """Text for comparing and searching, lower case without marks: `Đường sắt` is `duong sat`."""
    if value.isascii():
        return value.lower()
    return value.translate(_FOLDED)


def terminal_safe(value: str, *, keep_newlines: bool = False) -> str:
    """Text that is safe to print: controls and bidi overrides are shown as `\\x1b`, `\\u202e`."""
    unsafe = _UNSAFE_IN_LINES if keep_newlines else _UNSAFE
    return unsafe.sub(_escaped, value)


def counted(number: int, noun: str) -> str:
    """`1 day`, `1,234 days`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def declared_charset(content_type: str | None) -> str | None:
    """The charset that a Content-Type header claims; None where it claims none."""
    match = _CHARSET.search(content_type or "")
    return match.group(1) if match else None


def slugify(value: str, *, max_length: int = 80) -> str:
    """Lower-case ASCII words joined by `-`, cut between words if possible; "" if none remain."""
    slug = _NOT_SLUG.sub("-", fold(value)).strip("-")
    if len(slug) <= max_length:
        return slug
    cut = slug[: max_length + 1].rpartition("-")[0]
    return cut or slug[:max_length]


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
