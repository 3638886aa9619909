"""The fictional newspaper: eighty articles in ten categories and two editions, always the same.

`Paper.truth()` has everything that an archive should hold after a crawl. The paper has one of each
problem of real papers: an impossible date, a listed article whose page is not found, an article
that was published twice, a title in decomposed letters, hidden text, and text outside paragraphs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from random import Random
from typing import Literal

from newscrawl.demo.stories import (
    BUMPED,
    COPIED,
    COPY,
    CORRECTED,
    DECOMPOSED,
    LATE,
    LINKING,
    MISSING,
    REMOVED,
    RESIGNED,
    RETITLED,
    UNDATED,
    ZONE,
    Category,
    Era,
    Place,
    Story,
    categories,
    words,
    write,
)

ORIGIN = "https://benmay.example"
NAME = "Thời báo Bến Mây"
PER_PAGE = 6
SAME_CATEGORY = 5  # about as many as on bnews.vn

Edition = Literal[1, 2]
PUBLISHED_AT: dict[Edition, dt.datetime] = {
    1: dt.datetime(2026, 9, 30, 8, 0, tzinfo=ZONE),
    2: dt.datetime(2026, 10, 8, 8, 0, tzinfo=ZONE),
}
# Ids grow with time and have gaps. The new system has its own first id, as after a migration.
IDS: dict[Era, tuple[int, int]] = {"2017": (231_041, 137), "2026": (431_007, 53)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The expected values of an article in an archive, named as in `newscrawl extract`."""

    key: str
    url: str
    template: Era
    title: str
    summary: str
    body: str
    published_at: str | None
    published_local: str | None
    published_raw: str
    published_precision: str | None
    modified_at: str | None
    authors: tuple[str, ...]
    category: str
    category_key: str
    breadcrumb: tuple[str, ...]
    tags: tuple[str, ...]
    image_url: str | None
    links: tuple[tuple[str, int, str], ...]


class Paper:
    """One edition of the paper. It is immutable; edition two is another object."""

    def __init__(self, edition: Edition = 1) -> None:
        self.edition: Edition = edition
        self.published_at = PUBLISHED_AT[edition]
        self.categories = tuple(categories().values())
        self.stories = edition_one() if edition == 1 else edition_two()
        self._by_key = {story.key: story for story in self.stories}

    def find(self, key: str) -> Story | None:
        """The article with this id, even if its page is not found; None for an unknown id."""
        return self._by_key.get(key)

    def at(self, place: Place) -> Story:
        """The article in a place of the plan, such as REMOVED or UNDATED."""
        return next(story for story in self.stories if story.place == place)

    def status(self, story: Story) -> int:
        """The HTTP status of its page: 200, 404 for the dead link, 410 after it was removed."""
        if story.place == MISSING:
            return 404
        return 410 if self.edition == 2 and story.place == REMOVED else 200

    def listed(self, category: Category) -> list[Story]:
        """The articles on the category's listing pages, newest first."""
        stories = [story for story in self.stories if story.category == category]
        stories = [story for story in stories if self.status(story) != 410]
        return sorted(stories, key=lambda story: story.placed_at, reverse=True)

    def pages(self, category: Category) -> int:
        return -(-len(self.listed(category)) // PER_PAGE)

    def page(self, category: Category, number: int) -> list[Story]:
        """The articles of one listing page, counted from 1; empty after the last page."""
        return self.listed(category)[(number - 1) * PER_PAGE : number * PER_PAGE]

    def related(self, story: Story) -> list[Story]:
        return [self._by_key[str(id_)] for id_ in story.related]

    def same_category(self, story: Story) -> list[Story]:
        """The newest articles of the same category in this edition, without the article itself."""
        others = [other for other in self.listed(story.category) if other.id != story.id]
        return others[:SAME_CATEGORY]

    def inline(self, story: Story) -> list[Story]:
        """The articles that its text links to."""
        return self.related(story)[-1:] if story.place == LINKING else []

    def truth(self, origin: str = ORIGIN) -> list[Expected]:
        """The articles that an archive should have stored, oldest first, with URLs on `origin`."""
        return [self.expect(story, origin) for story in self.stories if self.status(story) == 200]

    def expect(self, story: Story, origin: str = ORIGIN) -> Expected:
        """The values that should be extracted from the page of an article."""
        new = story.era == "2026"
        dated = story.place != UNDATED
        precision = "second" if new else "minute"
        return Expected(
            key=story.key,
            url=origin + story.path,
            template=story.era,
            title=story.title,
            summary=story.summary,
            body="\n\n".join(story.paragraphs),
            published_at=utc_text(story.placed_at) if dated else None,
            published_local=story.placed_at.isoformat() if dated else None,
            published_raw=story.placed_at.isoformat() if new else story.printed_time,
            published_precision=precision if dated else None,
            modified_at=utc_text(story.modified_at) if new else None,
            authors=(story.author,) if new else (),
            category=story.category.name,
            category_key=str(story.category.id),
            breadcrumb=tuple(name for name, _ in breadcrumb(story.category)),
            tags=story.tags,
            image_url=origin + story.image_path if new else None,
            links=self.links(story),
        )

    def links(self, story: Story) -> tuple[tuple[str, int, str], ...]:
        """(kind, position within the kind, key) of every link to another article, by block."""
        kinds = {
            "related": self.related,
            "same_category": self.same_category,
            "inline": self.inline,
        }
        links = []
        for kind, find in kinds.items():
            links += [(kind, position, other.key) for position, other in enumerate(find(story), 1)]
        return tuple(links)


def breadcrumb(category: Category) -> list[tuple[str, str]]:
    """(name, path) from the front page down to the category."""
    above = breadcrumb(category.parent) if category.parent else [("Trang chủ", "/")]
    return [*above, (category.name, category.path())]


def utc_text(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


@cache
def edition_one() -> tuple[Story, ...]:
    """The first edition, oldest first, with ids and related articles."""
    stories = []
    for row in words()["category"]:
        for n in range(row["count"]):
            place = (row["id"], n)
            stories.append(reprint() if place == COPY else write(place))
    return relate(number(sorted(stories, key=lambda story: story.placed_at)))


@cache
def edition_two() -> tuple[Story, ...]:
    """The second edition: a corrected body, a changed title, and three more articles.

    The removed article is kept, because others link to it.
    """
    kept = [correct(story) for story in edition_one()]
    step = IDS["2026"][1]
    late = [replace(write(place), id=kept[-1].id + step * n) for n, place in enumerate(LATE, 1)]
    return relate(late, kept)


def number(stories: list[Story]) -> list[Story]:
    """The stories with their ids. They must be in the order of time."""
    ids = {era: count(first, step) for era, (first, step) in IDS.items()}
    return [replace(story, id=next(ids[story.era])) for story in stories]


def relate(stories: list[Story], earlier: Sequence[Story] = ()) -> tuple[Story, ...]:
    """The earlier stories, and the new ones with up to three older stories related to each.

    One story is related to the one whose page is missing.
    """
    done = list(earlier)
    missing = next(story for story in (*earlier, *stories) if story.place == MISSING)
    for story in stories:
        older = [other for other in done if other.place != MISSING]
        picked = Random(f"related {story.place}").sample(older, min(3, len(older)))
        related = sorted(picked, key=lambda other: other.id, reverse=True)
        if story.place == DECOMPOSED:
            related[-1] = missing
        story = replace(story, related=tuple(other.id for other in related))
        done.append(mention(story, related[-1]) if story.place == LINKING else story)
    return tuple(done)


def mention(story: Story, other: Story) -> Story:
    """The story with a sentence in its second paragraph that mentions and links the other."""
    first, second, *rest = story.paragraphs
    sentence = str(words()["mention"]).format(title=other.title)
    return replace(story, paragraphs=(first, f"{second} {sentence}", *rest))


def correct(story: Story) -> Story:
    """The story in edition two. Some have a new text, headline or byline, or only a new date."""
    edited = PUBLISHED_AT[2] - dt.timedelta(hours=16)
    if story.place == RETITLED:
        return replace(story, title=str(words()["retitled"]).format(title=story.title))
    if story.place == CORRECTED:
        first, second, *rest = story.paragraphs
        rest = [text.replace(words()["misprint"], words()["figure"]) for text in rest]
        paragraphs = (first, f"{second} {words()['correction']}", *rest, str(words()["addition"]))
        return replace(story, paragraphs=paragraphs, modified_at=edited)
    if story.place == RESIGNED:
        return replace(story, author=str(words()["resigned"]), modified_at=edited)
    if story.place == BUMPED:
        return replace(story, modified_at=edited)
    return story


def reprint() -> Story:
    """The article that is published again a day later, in another category with another title."""
    source = write(COPIED, heading=1)
    when = source.placed_at + dt.timedelta(days=1, minutes=7)
    return replace(
        source, place=COPY, category=categories()[COPY[0]], placed_at=when, modified_at=when
    )
