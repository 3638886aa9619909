"""Groups pages by their design, so that one sees which template a site file lacks.

Pages of one design are built from elements with the same classes, whatever their texts are.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from lxml.html import HtmlElement

Specimen = TypeVar("Specimen")
# Elements that lay out a page. Those within texts depend on what an article has.
_BOXES = (
    "body",
    "main",
    "article",
    "section",
    "header",
    "nav",
    "aside",
    "div",
    "ul",
    "table",
    "h1",
)
_NUMBER = re.compile(r"\d{3,}")  # the id of an article, which no other page has
# Two pages have one design if they share this much of the classes that either has. Pages of one
# design differ in what an article has: pictures, tags, related links.
ALIKE = 0.5


@dataclass(slots=True)
class Design(Generic[Specimen]):
    """Pages that look alike. `number` counts designs from 1, in the order of their first pages.

    `months` has the number of pages by month, and `specimens` the first page of each month.
    """

    number: int
    marks: frozenset[str]
    common: dict[str, None]  # what all of its pages have, in the order of the first page
    months: Counter[str] = field(default_factory=Counter)
    specimens: dict[str, Specimen] = field(default_factory=dict)


class Designs(Generic[Specimen]):
    """The designs of pages that are added in order of time."""

    def __init__(self) -> None:
        self.all: list[Design[Specimen]] = []

    def add(self, root: HtmlElement, month: str, specimen: Specimen) -> None:
        """Counts a page, with its month (`2019-03`)."""
        marks = marks_of(root)
        design = self._like(frozenset(marks))
        if design is None:
            design = Design(len(self.all) + 1, frozenset(marks), marks)
            self.all.append(design)
        design.common = {mark: None for mark in design.common if mark in marks}
        design.months[month] += 1
        design.specimens.setdefault(month, specimen)

    def marker(self, design: Design[Specimen]) -> str | None:
        """A selector that all pages of a design match, and those of no other design in this list.

        None if there is none. It is a proposal for the `marker` of a template.
        """
        others: set[str] = set()
        for other in self.all:
            if other is not design:
                others |= other.marks
        own = [mark for mark in design.common if mark not in others]
        return own[0] if own else None

    def _like(self, marks: frozenset[str]) -> Design[Specimen] | None:
        """The design that is most like these marks; None if none is like them."""
        best, best_share = None, 0.0
        for design in self.all:
            share = _share(marks, design.marks)
            if share > best_share:
                best, best_share = design, share
        return best if best_share >= ALIKE else None


def marks_of(root: HtmlElement) -> dict[str, None]:
    """`div.news-detail` for each class of the elements that lay out a page, in their order."""
    marks: dict[str, None] = {}
    for element in root.iter(*_BOXES):
        for name in (element.get("class") or "").split():
            if not _NUMBER.search(name):
                marks[f"{element.tag}.{name}"] = None
    return marks


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two sets have in common: 1 for equal ones, also for two empty ones."""
    together = one | other
    return len(one & other) / len(together) if together else 1.0
