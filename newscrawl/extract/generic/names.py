"""The names in a by-line of any country: without what introduces them, jobs and addresses."""

from __future__ import annotations

import re

from newscrawl.core.text import clean_text
from newscrawl.extract.generic.patterns import one_of
from newscrawl.extract.generic.vocabulary import BY, BY_LABELS, DEGREES, JOBS, NOBODY, WRITTEN

# Those that are parts of names too (Ortega y Gasset) are told apart by what stands around them.
_BETWEEN = re.compile(
    r"\s*[;|/&、]\s*|\s*,(?!\s*(?:jr|sr)\b)\s*|\s+[-–—•·]\s+|\s+(?:and|und|og|och|et|ve|và|with|mit)\s+",
    re.IGNORECASE,
)
_IN_NAMES = re.compile(r"\s+(?:y|e|i|en|ja|dan|ir|и|і|та)\s+")
_BY = re.compile(
    rf"\W*(?:(?:{one_of(WRITTEN)}\s+)?{one_of(BY)}(?=[\s:]|$)|{one_of(BY_LABELS)}\s*:)[:\s]*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\S*@\S*|\s*\([^)]*\)$")
_BEFORE_AFTER = re.compile(r"^(?:記者|记者)\s*|\s+(?:기자|특파원|記者)$")
_NO_NAME = re.compile(rf"https?:|www\.|[(:]|\d{{3}}|\d[./]|^{one_of(NOBODY)}$", re.IGNORECASE)
_JOB = re.compile(rf"\b{one_of(JOBS)}\b|^{one_of(DEGREES)}$", re.IGNORECASE)
_JOBS_AROUND = re.compile(
    rf"^(?:{one_of(JOBS)}\s+)+(?=\S+\s)|(?:\s+{one_of(JOBS)})+$", re.IGNORECASE
)
_ALL_JOBS = re.compile(rf"(?:{one_of(JOBS)}\W*)+$", re.IGNORECASE)
_HOST = re.compile(r"\.[a-z]{2,3}$", re.IGNORECASE)
_SIGNS = " -–—|,"
_SHORTENED = re.compile(r"\b(?:\w|jr|sr)\.$", re.IGNORECASE)
_AGENCY = 4  # letters: dpa, afp
LONGEST = 60
_MOST_WORDS = 5
_PARTICLE = 3  # letters: de, van, der


def split(printed: str) -> list[str]:
    """The names in a by-line, without `By`, jobs and addresses."""
    found = []
    for position, part in enumerate(_parts(printed)):
        name = _trimmed(_BEFORE_AFTER.sub("", _trimmed(_ADDRESS.sub("", part))))
        if (
            not name
            or len(name) > LONGEST
            or len(name.split()) > _MOST_WORDS
            or _NO_NAME.search(name)
        ):
            continue
        if position and (
            _JOB.search(name) or _HOST.search(name) or (name[0].islower() and len(name) > _AGENCY)
        ):
            continue
        found.append(name if _ALL_JOBS.match(name) else _trimmed(_JOBS_AROUND.sub("", name)))
    return found


def _parts(printed: str) -> list[str]:
    text = clean_text(printed)
    introduced = _BY.match(text)
    parts = _BETWEEN.split(text[introduced.end() :] if introduced else text)
    return [one for part in parts for one in _divided(part)]


def _divided(part: str) -> list[str]:
    """Two at a word that names have inside too, where both sides are full names, or the second an agency's."""
    for found in _IN_NAMES.finditer(part):
        first, second = part[: found.start()], part[found.end() :]
        if _is_full(first) and (_is_full(second) or (second.isupper() and len(second) > 2)):
            return [first, *_divided(second)]
    return [part]


def _is_full(name: str) -> bool:
    """First and last name, and nothing that is no name."""
    words = name.split()
    return 2 <= len(words) <= _MOST_WORDS and all(
        word[0].isupper() or len(word) <= _PARTICLE for word in words
    )


def _trimmed(name: str) -> str:
    name = name.strip(_SIGNS).lstrip(" .")
    return name if _SHORTENED.search(name) else name.rstrip(" .")
