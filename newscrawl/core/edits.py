"""What a publisher changed between two versions of an article, by kind of edit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, pairwise
from typing import Literal

from newscrawl.core.diffs import Change, Effort, Piece, opcodes, word_changes

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
    "headline": "the wording of the headline changed",
    "summary": "the wording of the standfirst changed",
    "numbers": "a number was replaced by another in the same place",
    "added": "words were added to the text",
    "taken_out": "words were removed from the text",
    "reworded": "words in the text were replaced",
    "correction": "a new notice says that something was corrected or updated",
    "byline": "the page names other authors",
    "redated": "the page gives a different publication time",
    "date_bump": "the date is newer, and nothing else changed",
    "removed": "the page was removed from the site",
}
TEXT_FIELDS = ("title", "summary", "body")
SENTENCE_ENDS = (". ", "! ", "? ")
# A longer replacement is a different sentence, in which the order of numbers means nothing.
LONGEST_CORRECTION = 12  # words
MINUTE = len("2022-11-22T11:34")
MOST_NOTICES = 20  # of a paragraph; each is searched for its beginning and end
LONGEST_TEXT = 1_000  # characters: so many words of ordinary length have fewer than 100
WORD = re.compile(r"\S+")
NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
# A notice opens a paragraph or a bracket, or refers to the article itself. The words `đính chính`
# and `update` alone can be part of any story.
NOTICE = re.compile(
    r"(?:^|[(\[])\W{0,20}(?:(?:lời |tin )?đính chính|cập nhật|bổ sung|sửa lại"
    r"|correction|corrected|update|updated|clarification|editor[’']s note|amended)\b"
    r"(?=(?:\s*\([^)]{1,30}\))?\s*[:)\]–-]|\s+(?:lúc|ngày|on|at)\b)"
    r"|\b(?:xin đính chính"
    r"|(?:bài viết|bản tin|tin) (?:này )?đã được (?:cập nhật|chỉnh sửa|sửa|đính chính)"
    r"|(?:tòa|toà) soạn (?:đã )?"
    r"(?:cập nhật|đính chính|sửa|xin lỗi|(?:thành thật|chân thành) (?:xin lỗi|cáo lỗi))"
    r"|(?:bản tin|bài viết|phiên bản) (?:trước|trước đó|ban đầu) (?:đã )?(?:viết|nêu|ghi|đưa|có)"
    r"|(?:an? )?(?:earlier|previous|original) version of this"
    r"|this (?:article|story|report|post|headline) (?:has been|was)"
    r" (?:updated|corrected|amended|changed|revised)"
    r"|we regret the error)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an article. None: the page, or an old archive, does not have the value."""

    title: str | None = None
    summary: str | None = None
    body: str | None = None
    authors: tuple[str, ...] | None = None
    published: str | None = None  # local text, `2022-11-22T11:34:00+07:00` or a bare date
    published_source: str | None = None
    modified: str | None = None  # UTC text


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A number in the place of another. `after` is the word after the new number, '' at the end."""

    field: str
    old: str
    new: str
    after: str

    def __str__(self) -> str:
        return f"{self.old} -> {self.new} {self.after}".strip()


@dataclass(frozen=True, slots=True)
class Edit:
    """The changes between two versions.

    `notice` is the text in which the publisher announces the change. `kinds` is empty if nothing
    that both versions have is different. `coarse`: the texts differ too much to be compared word by
    word, so the kinds of changes in them are less certain.
    """

    kinds: tuple[EditKind, ...]
    numbers: tuple[NumberChange, ...] = ()
    notice: str | None = None
    coarse: bool = False


REMOVED = Edit(("removed",))


def text_changes(
    old: Version, new: Version, effort: Effort | None = None
) -> dict[str, list[Piece]]:
    """The changes of headline, standfirst and text, by field."""
    effort = effort or Effort()
    return {
        field: word_changes(getattr(old, field), getattr(new, field), effort)
        for field in TEXT_FIELDS
    }


def classify(
    old: Version,
    new: Version,
    effort: Effort | None = None,
    changes: Mapping[str, Sequence[Piece]] | None = None,
) -> Edit:
    """The kinds of edit between two versions, in the order of KINDS. White space is ignored.

    `changes` are the text_changes of the two, if they are known. The time is limited by `effort`.

    Authors are compared only if both versions have them, and times only if both come from the same
    kind of place. What a new page design shows for the first time is not an edit.
    """
    effort = effort or Effort()
    was_coarse, effort.coarse = effort.coarse, changes is not None and effort.coarse
    changes = changes or text_changes(old, new, effort)
    numbers: list[NumberChange] = []
    notices: list[str] = []
    for field, pieces in changes.items():
        numbers += _number_changes(field, pieces, effort)
        notices += _new_notices(pieces)

    kinds = _body_kinds(changes["body"])
    if _differ(changes["title"]):
        kinds.add("headline")
    if _differ(changes["summary"]):
        kinds.add("summary")
    if numbers:
        kinds.add("numbers")
    if notices:
        kinds.add("correction")
    if old.authors and new.authors and old.authors != new.authors:
        kinds.add("byline")

    same_source = old.published_source == new.published_source
    redated = same_source and not same_moment(old.published, new.published)
    newer = redated and (new.published or "") > (old.published or "")
    if (newer or _later(old.modified, new.modified)) and not kinds:
        kinds.add("date_bump")
    if redated:
        kinds.add("redated")
    in_order = tuple(kind for kind in KINDS if kind in kinds)
    edit = Edit(in_order, tuple(numbers), notices[0] if notices else None, effort.coarse)
    effort.coarse = effort.coarse or was_coarse
    return edit


def same_moment(one: str | None, other: str | None) -> bool:
    """Whether two local times are equal at the precision of the coarser one.

    An unknown time is equal to every other.
    """
    if not one or not other:
        return True
    if len(one) > MINUTE + 3 and len(other) > MINUTE + 3:
        first = datetime.fromisoformat(one).replace(second=0)
        second = datetime.fromisoformat(other).replace(second=0)
        if (first.tzinfo is None) == (second.tzinfo is None):
            return first == second
    shortest = min(len(one), len(other), MINUTE)
    return one[:shortest] == other[:shortest]


def _later(old: str | None, new: str | None) -> bool:
    return old is not None and new is not None and new > old


def _differ(pieces: Sequence[Piece]) -> bool:
    return any(piece.change != "same" for piece in pieces)


def _body_kinds(pieces: Sequence[Piece]) -> set[EditKind]:
    """The kinds `added`, `taken_out` and `reworded`, as far as they apply to the body."""
    kinds: set[EditKind] = set()
    in_pair: set[int] = set()
    for old, new in _replaced(pieces):
        in_pair |= {id(old), id(new)}
        is_long = _is_longer(old.text) or _is_longer(new.text)
        if is_long or NUMBER.sub("#", old.text) != NUMBER.sub("#", new.text):
            kinds.add("reworded")
    for piece in pieces:
        if id(piece) in in_pair:
            continue
        if piece.change == "new":
            kinds.add("added")
        elif piece.change == "gone":
            kinds.add("taken_out")
    return kinds


def _replaced(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, Piece]]:
    """Each run of removed words, with the run that replaces it."""
    for old, new in pairwise(pieces):
        if (old.change, new.change, old.paragraph) == ("gone", "new", new.paragraph):
            yield old, new


def _number_changes(field: str, pieces: Sequence[Piece], effort: Effort) -> Iterator[NumberChange]:
    next_piece = {
        id(piece): following
        for piece, following in pairwise(pieces)
        if piece.paragraph == following.paragraph
    }
    for old, new in _replaced(pieces):
        if _is_longer(old.text) or _is_longer(new.text):
            continue
        following = next_piece.get(id(new))
        text = new.text
        if following is not None and following.change == "same":
            text = f"{new.text} {following.text}"
        for number, match in _replaced_numbers(old.text, new.text, effort):
            yield NumberChange(field, number, match[0], _next_word(text, match.end()))


def _is_longer(text: str) -> bool:
    """Whether a replaced text is no correction of a number, but a different sentence."""
    return len(text) > LONGEST_TEXT or len(text.split()) > LONGEST_CORRECTION


def _replaced_numbers(old: str, new: str, effort: Effort) -> Iterator[tuple[str, re.Match[str]]]:
    """Each replaced number of the old text, with the match of its replacement in the new text."""
    before = NUMBER.findall(old)
    after = list(NUMBER.finditer(new))
    for tag, i1, i2, j1, j2 in opcodes(before, [match[0] for match in after], effort):
        if tag == "replace":
            yield from zip(before[i1:i2], after[j1:j2], strict=False)


def _next_word(text: str, position: int) -> str:
    """The word after a number, or the `%` that touches it."""
    word = WORD.search(text, position)
    return word[0].strip(".,;:)") if word else ""


def _new_notices(pieces: Sequence[Piece]) -> list[str]:
    """The sentences of notices that only the newer text has."""
    known: set[str] = set()
    for text in _changed_texts(pieces, skip="new"):
        known.update(_notices(text))
    notices: list[str] = []
    for text in _changed_texts(pieces, skip="gone"):
        notices += [notice for notice in _notices(text) if notice not in known]
    return notices


def _changed_texts(pieces: Sequence[Piece], *, skip: Change) -> list[str]:
    """The changed paragraphs of the older text (skip `new`) or of the newer one (skip `gone`)."""
    changed = {piece.paragraph for piece in pieces if piece.change != "same"}
    texts: dict[int, list[str]] = {}
    for piece in pieces:
        if piece.change != skip and piece.paragraph in changed:
            texts.setdefault(piece.paragraph, []).append(piece.text)
    return [" ".join(parts) for parts in texts.values()]


def _notices(paragraph: str) -> Iterator[str]:
    """The sentences of a paragraph that are notices."""
    for match in islice(NOTICE.finditer(paragraph), MOST_NOTICES):
        start = max(paragraph.rfind(mark, 0, match.start()) for mark in SENTENCE_ENDS) + 1
        ends = [paragraph.find(mark, match.end()) for mark in SENTENCE_ENDS]
        end = min((end + 1 for end in ends if end > 0), default=len(paragraph))
        yield paragraph[start:end].strip()
