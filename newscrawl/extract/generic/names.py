"""The names in a byline of any country: without what introduces them, jobs and addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from newscrawl.core.records import TimeLocale
from newscrawl.core.text import clean_text
from newscrawl.core.times import Phrase, is_weekday, phrases
from newscrawl.extract.generic.byline_words import (
    BY,
    BY_LABELS,
    DEGREES,
    JOBS,
    NOBODY,
    WRITTEN,
)
from newscrawl.extract.generic.patterns import one_of
from newscrawl.extract.generic.vocabulary import DATE_LABELS, UPDATED

LONGEST = 60  # characters of a name
# Characters that can be a byline, and a part of it with one name, a job and an address. The
# expressions below take the square of a part's length.
_LONGEST_BYLINE = 5_000
_LONGEST_PART = 300
_BETWEEN = re.compile(
    r"\s*[;|/&、]\s*|\s*,(?!\s*(?:jr|sr)\b)\s*|\s+[-–—•·]\s+|"
    r"\s+(?:and|und|og|och|et|ve|và|with|mit)\s+",
    re.IGNORECASE,
)
# Words between names that are also parts of names (Ortega y Gasset): what stands around them
# decides.
_IN_NAMES = re.compile(r"\s+(?:y|e|i|en|ja|dan|ir|и|і|та)\s+")
_BY = re.compile(
    rf"\W*(?:(?:{one_of(WRITTEN)}\s+)?{one_of(BY)}(?=[\s:：]|$)"
    rf"|{one_of(BY_LABELS)}\s*[:：/／])(?:[:：\s]|-\s)*",
    re.IGNORECASE,
)
# After a sign, or after a date and its zone; after a section only as `Guides By Ada Quill`.
_BY_INSIDE = re.compile(
    rf"[|•·]\s*(?-i:[A-Z]{{2,4}}\s+)?{one_of(BY)}\s+|(?-i:\sBy\s+(?=[A-Z]))", re.IGNORECASE
)
_PLACE_AFTER = re.compile(r"\s+[–—]\s.*$")  # `By Ada Quill — Porto Velho`
_ADDRESS = re.compile(r"\S*@\S*|\s*\([^)]*\)$")
_BEFORE_AFTER = re.compile(
    r"^(?:記者|记者|기자명|글|ライター)\s*(?=\S{2})|\s+(?:\w*기자|특파원|논설위원|記者|记者)$"
)
_REPORTER = re.compile("[가-힣]{2,4}\\s?\\w{0,2}(?:기자|특파원)(?!\\w)")  # `김철수 기자`
_NO_NAME = re.compile(
    rf"https?:|www\.|[(:]|\d{{3}}|\d[./]|^\d+$|^{one_of((*NOBODY, *DATE_LABELS, *UPDATED))}$",
    re.IGNORECASE,
)
_NOBODY = re.compile(one_of(NOBODY), re.IGNORECASE)
_JOB = re.compile(rf"\b{one_of(JOBS)}\b|^{one_of(DEGREES)}$", re.IGNORECASE)
_JOBS_AROUND = re.compile(
    rf"^(?:{one_of(JOBS)}\s+)+(?=\S+\s)|(?:\s+{one_of(JOBS)})+$", re.IGNORECASE
)
_ALL_JOBS = re.compile(rf"(?:{one_of(JOBS)}\W*)+$", re.IGNORECASE)
_DATE_LABEL = re.compile(
    rf"(?<!\S)(?:{one_of((*DATE_LABELS, *UPDATED))}[\W\d]*|(?:on|at|am|le|il|el|em|den|på|op))$",
    re.IGNORECASE,
)
_HOST = re.compile(r"\.[a-z]{2,3}$", re.IGNORECASE)
_SIGNS = " -–—|,"
_SIGNS_OF_DATES = " -–—|,:：·•(["
_SHORTENED = re.compile(r"\b(?:\w|jr|sr)\.$", re.IGNORECASE)
_AGENCY = 4  # letters: dpa, afp
_FULL = 2  # words of a full name
_MOST_WORDS = 5
_PARTICLE = 3  # letters: de, van, der


def names_in(byline: str) -> list[str]:
    """The names in a byline, without `By`, jobs and addresses; none in a far longer text."""
    names: list[str] = []
    parts = [part for part in _parts(byline) if part.strip(_SIGNS)]
    for position, part in enumerate(parts):
        if len(part) > _LONGEST_PART:
            continue
        name = _trimmed(_ADDRESS.sub("", _before_number(part)))
        name = _trimmed(_BEFORE_AFTER.sub("", name))
        if not _may_be_name(name) or (position > 0 and _describes_person(name)):
            continue
        if not _ALL_JOBS.match(name):
            name = _trimmed(_JOBS_AROUND.sub("", name))
        names.append(name)
    return names


def is_byline(line: str) -> bool:
    """Whether a line begins like a byline and goes on with a name: `By Ada Quill`, `Autor: Ada`."""
    introduction = _BY.match(line) or _REPORTER.match(line)
    if introduction is None or introduction.end() == 0:
        return False
    names = names_in(line)
    return bool(names) and all(map(_looks_like_name, names))


def _looks_like_name(name: str) -> bool:
    """Whether no long word begins with a small letter, and it is no single word of ASCII."""
    long_words = [word for word in name.split() if len(word) > _PARTICLE]
    if any(word[0].islower() for word in long_words):
        return False
    return " " in name or not name.isascii()


def _parts(byline: str) -> list[str]:
    text = clean_text(byline)
    if len(text) > _LONGEST_BYLINE or _NOBODY.fullmatch(text):
        return []
    dates = phrases(text, TimeLocale())
    introduction = _BY.match(text) or _BY_INSIDE.search(text)
    if introduction and introduction.end() > 0:
        text = _between_label_and_date(text, introduction.end(), dates)
    else:
        text = _without_dates(text, dates)
    parts: list[str] = []
    for part in _BETWEEN.split(text):
        parts += _divided(part) if len(part) <= _LONGEST_PART else [part]
    return parts


def _between_label_and_date(text: str, start: int, dates: Sequence[Phrase]) -> str:
    """What stands after the label of a byline, up to the date that follows."""
    end = next((date.start for date in dates if date.start >= start), len(text))
    return _PLACE_AFTER.sub("", _without_label(text[start:end]))


def _without_dates(text: str, dates: Sequence[Phrase]) -> str:
    """A text with bars in place of its dates; only what follows the label of a byline, if any."""
    for date in reversed(dates):
        text = f"{_without_label(text[: date.start])} | {text[date.end :]}"
    introduction = _BY_INSIDE.search(text) if dates else None
    return text[introduction.end() :] if introduction else text


def _without_label(text: str) -> str:
    """A text before a date without the date's label and weekday at its end."""
    words = text.rstrip(_SIGNS_OF_DATES).split()
    while words and is_weekday(words[-1].strip(_SIGNS_OF_DATES)):
        words.pop()
    return _DATE_LABEL.sub("", " ".join(words).rstrip(_SIGNS_OF_DATES))


def _divided(part: str) -> list[str]:
    """The names on both sides of a word that names have inside too.

    Only if both sides are full names, or the second is that of an agency.
    """
    for word in _IN_NAMES.finditer(part):
        first = part[: word.start()]
        second = part[word.end() :]
        is_agency = second.isupper() and len(second) > 2
        if _is_full(first) and (_is_full(second) or is_agency):
            return [first, *_divided(second)]
    return [part]


def _before_number(part: str) -> str:
    """The part without a number and what follows it: `Ada Quill prije 26 minuta` is `Ada Quill`.

    The words before the number that are no names go too.
    """
    words = part.split()
    numbers = [position for position, word in enumerate(words) if word[0].isdigit()]
    if not numbers or numbers[0] < _FULL:
        return part
    words = words[: numbers[0]]
    while len(words) > _FULL and words[-1][0].islower():
        words.pop()
    return " ".join(words)


def _may_be_name(name: str) -> bool:
    if not 0 < len(name) <= LONGEST or len(name.split()) > _MOST_WORDS or name[0].isdigit():
        return False
    return _NO_NAME.search(name) is None


def _describes_person(part: str) -> bool:
    """Whether a part after the first is a job, a host or a common word, and no further name."""
    if _JOB.search(part) or _HOST.search(part):
        return True
    return part[0].islower() and len(part) > _AGENCY


def _is_full(name: str) -> bool:
    """Whether this is a first and a last name without other words."""
    words = name.split()
    if not 2 <= len(words) <= _MOST_WORDS:
        return False
    long_words = (word for word in words if len(word) > _PARTICLE)
    return all(word[0].isupper() for word in long_words)


def _trimmed(name: str) -> str:
    name = name.strip(_SIGNS).lstrip(" .")
    return name if _SHORTENED.search(name) else name.rstrip(" .")
