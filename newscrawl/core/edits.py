"""What a publisher changed between two versions of an article, by kind: headline, numbers, byline, dates, notices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from newscrawl.core.diffs import Piece, word_changes

EditKind = Literal[
    "headline",
    "summary",
    "numbers",
    "added",
    "taken_out",
    "reworded",
    "correction",
    "byline",
    "redated",
    "date_bump",
    "removed",
]
KINDS: dict[EditKind, str] = {
    "headline": "the headline has other words",
    "summary": "the standfirst has other words",
    "numbers": "a number was replaced by another in the same place",
    "added": "words were added to the text",
    "taken_out": "words were taken out of the text",
    "reworded": "words of the text were replaced",
    "correction": "a new notice says that something was corrected or updated",
    "byline": "other authors are named",
    "redated": "the page gives another time of publication",
    "date_bump": "a newer date, and nothing else changed",
    "removed": "the page is gone from the site",
}
# What is replaced in a longer run is another sentence, where the order of its numbers means nothing.
LONGEST_CORRECTION = 12  # words
MINUTE = len("2022-11-22T11:34")
NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
# A notice opens a paragraph or a bracket, or speaks of the article itself: `đính chính` and `update` alone are words
# of any story.
NOTICE = re.compile(
    r"(?:^|[(\[])\W*(?:(?:lời |tin )?đính chính|cập nhật|bổ sung|sửa lại|correction|corrected|update|updated"
    r"|clarification|editor[’']s note|amended)\b(?=(?:\s*\([^)]{1,30}\))?\s*[:)\]–-]|\s+(?:lúc|ngày|on|at)\b)"
    r"|\b(?:xin đính chính|(?:bài viết|bản tin|tin) (?:này )?đã được (?:cập nhật|chỉnh sửa|sửa|đính chính)"
    r"|(?:tòa|toà) soạn (?:đã )?(?:cập nhật|đính chính|sửa|xin lỗi|(?:thành thật|chân thành) (?:xin lỗi|cáo lỗi))"
    r"|(?:bản tin|bài viết|phiên bản) (?:trước|trước đó|ban đầu) (?:đã )?(?:viết|nêu|ghi|đưa|có)"
    r"|(?:an? )?(?:earlier|previous|original) version of this"
    r"|this (?:article|story|report|post|headline) (?:has been|was) (?:updated|corrected|amended|changed|revised)"
    r"|we regret the error)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an article. None: the page, or an old archive, does not say."""

    title: str | None = None
    summary: str | None = None
    body: str | None = None
    authors: tuple[str, ...] | None = None
    published: str | None = None  # local text, `2022-11-22T11:34:00+07:00` or a bare date
    published_source: str | None = None
    modified: str | None = None  # UTC text


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A number that stands where another stood; `after` is the word that follows the new one, '' at the end."""

    field: str
    old: str
    new: str
    after: str


@dataclass(frozen=True, slots=True)
class Edit:
    """What changed. `notice` is the text in which the publisher says so; no kinds: nothing that both versions say."""

    kinds: tuple[EditKind, ...]
    numbers: tuple[NumberChange, ...] = ()
    notice: str | None = None


REMOVED = Edit(("removed",))


def classify(old: Version, new: Version) -> Edit:
    """The kinds of edit between two versions, in the order of KINDS. White space is no difference.

    Authors and times are compared only where both versions have them, times only where both stood in the same kind of
    place: what a new page design shows for the first time is no edit.
    """
    pieces = {
        name: word_changes(getattr(old, name), getattr(new, name))
        for name in ("title", "summary", "body")
    }
    numbers = tuple(change for field, parts in pieces.items() for change in _numbers(field, parts))
    notice = next((found for parts in pieces.values() if (found := _notice(parts))), None)
    said: dict[EditKind, bool] = {
        "headline": _differ(pieces["title"]),
        "summary": _differ(pieces["summary"]),
        "numbers": bool(numbers),
        **_text_kinds(pieces["body"]),
        "correction": notice is not None,
        "byline": bool(old.authors and new.authors and old.authors != new.authors),
    }
    redated = old.published_source == new.published_source and not same_moment(
        old.published, new.published
    )
    newer = (redated and (new.published or "") > (old.published or "")) or _later(
        old.modified, new.modified
    )
    said |= {"redated": redated, "date_bump": newer and not any(said.values())}
    return Edit(tuple(kind for kind in KINDS if said.get(kind)), numbers, notice)


def same_moment(one: str | None, other: str | None) -> bool:
    """Whether two local times are the same as far as the coarser of them goes; so is one that is not known."""
    if not one or not other:
        return True
    if len(one) > MINUTE + 3 and len(other) > MINUTE + 3:
        first, second = (datetime.fromisoformat(text).replace(second=0) for text in (one, other))
        if (first.tzinfo is None) == (second.tzinfo is None):
            return first == second
    shortest = min(len(one), len(other), MINUTE)
    return one[:shortest] == other[:shortest]


def _later(old: str | None, new: str | None) -> bool:
    return old is not None and new is not None and new > old


def _differ(pieces: Sequence[Piece]) -> bool:
    return any(piece.change != "same" for piece in pieces)


def _text_kinds(pieces: Sequence[Piece]) -> dict[EditKind, bool]:
    replaced = list(_replaced(pieces))
    partners = {id(piece) for pair in replaced for piece in pair}
    alone = {piece.change for piece in pieces if id(piece) not in partners}
    return {
        "added": "new" in alone,
        "taken_out": "gone" in alone,
        "reworded": any(
            NUMBER.sub("#", old.text) != NUMBER.sub("#", new.text) for old, new in replaced
        ),
    }


def _replaced(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, Piece]]:
    """Each run of words that is gone, with the run that stands in its place."""
    for old, new in pairwise(pieces):
        if (old.change, new.change, old.paragraph) == ("gone", "new", new.paragraph):
            yield old, new


def _numbers(field: str, pieces: Sequence[Piece]) -> Iterator[NumberChange]:
    following = {
        id(one): other for one, other in pairwise(pieces) if one.paragraph == other.paragraph
    }
    for old, new in _replaced(pieces):
        if max(len(old.text.split()), len(new.text.split())) > LONGEST_CORRECTION:
            continue
        rest = following.get(id(new))
        text = f"{new.text} {rest.text}" if rest and rest.change == "same" else new.text
        before, after = NUMBER.findall(old.text), list(NUMBER.finditer(new.text))
        for tag, i1, i2, j1, j2 in SequenceMatcher(
            None, before, [one[0] for one in after]
        ).get_opcodes():
            if tag == "replace":
                for number, place in zip(before[i1:i2], after[j1:j2], strict=False):
                    yield NumberChange(field, number, place[0], _next_word(text, place.end()))


def _next_word(text: str, place: int) -> str:
    """What follows a number, a `%` that touches it too."""
    return (text[place:].split() or [""])[0].strip(".,;:)")


def _notice(pieces: Sequence[Piece]) -> str | None:
    """The sentence of a notice that only the newer text has."""
    old, new = (_texts(pieces, skip) for skip in ("new", "gone"))
    known = {found for text in old for found in _notices(text)}
    return next((found for text in new for found in _notices(text) if found not in known), None)


def _texts(pieces: Sequence[Piece], skip: str) -> list[str]:
    """The paragraphs of the older text (skip `new`) or of the newer one (skip `gone`), only those with changes."""
    changed = {piece.paragraph for piece in pieces if piece.change != "same"}
    texts: dict[int, list[str]] = {}
    for piece in pieces:
        if piece.change != skip and piece.paragraph in changed:
            texts.setdefault(piece.paragraph, []).append(piece.text)
    return [" ".join(parts) for parts in texts.values()]


def _notices(paragraph: str) -> Iterator[str]:
    """The sentences of a paragraph that are notices."""
    for match in NOTICE.finditer(paragraph):
        start = max(paragraph.rfind(mark, 0, match.start()) for mark in (". ", "! ", "? ")) + 1
        end = min(
            (
                place
                for mark in (". ", "! ", "? ")
                if (place := paragraph.find(mark, match.end())) > 0
            ),
            default=-1,
        )
        yield paragraph[start : end + 1 if end > 0 else None].strip()
