"""The made-up newspaper: eighty articles over ten categories, in two editions, the same on every machine.

Everything an archive should hold after crawling it is known beforehand: `Paper.truth()`.
The paper has one of each trouble a real one has: an impossible date, a listed article whose page
is not found, an article printed twice, a title in decomposed letters, hidden text and bare text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
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
SAME_CATEGORY = 5  # bnews.vn shows about as many

Edition = Literal[1, 2]
PUBLISHED_AT: dict[Edition, dt.datetime] = {
    1: dt.datetime(2026, 9, 30, 8, 0, tzinfo=ZONE),
    2: dt.datetime(2026, 10, 8, 8, 0, tzinfo=ZONE),
}
# Ids grow with time, with gaps; the new system counts on from its own start, as after a move.
IDS: dict[Era, tuple[int, int]] = {"2017": (231_041, 137), "2026": (431_007, 53)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an archive should hold of one article; the names are those of `newscrawl extract`."""

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
    """One edition of the paper. It never changes; edition two is another object."""

    def __init__(self, edition: Edition = 1) -> None:
        self.edition: Edition = edition
        self.published_at = PUBLISHED_AT[edition]
        self.categories = tuple(categories().values())
        self.stories = edition_one() if edition == 1 else edition_two()
        self._by_key = {story.key: story for story in self.stories}

    def find(self, key: str) -> Story | None:
        """The article with this id, also where its page is not found; None for an id never used."""
        return self._by_key.get(key)

    def at(self, place: Place) -> Story:
        """The article in a place of the plan, such as REMOVED or UNDATED."""
        return next(story for story in self.stories if story.place == place)

    def status(self, story: Story) -> int:
        """The HTTP status its page answers with: 200, 404 for the dead link, 410 once it is removed."""
        if story.place == MISSING:
            return 404
        return 410 if self.edition == 2 and story.place == REMOVED else 200

    def listed(self, category: Category) -> list[Story]:
        """The category's articles, newest first: what its listing pages show."""
        found = [
            story
            for story in self.stories
            if story.category == category and self.status(story) != 410
        ]
        return sorted(found, key=lambda story: story.placed_at, reverse=True)

    def pages(self, category: Category) -> int:
        return -(-len(self.listed(category)) // PER_PAGE)

    def page(self, category: Category, number: int) -> list[Story]:
        """One listing page, counted from 1; empty past the end."""
        return self.listed(category)[(number - 1) * PER_PAGE : number * PER_PAGE]

    def related(self, story: Story) -> list[Story]:
        return [self._by_key[str(id_)] for id_ in story.related]

    def same_category(self, story: Story) -> list[Story]:
        """The newest of the same category at the time of this edition, never the article itself."""
        return [other for other in self.listed(story.category) if other.id != story.id][
            :SAME_CATEGORY
        ]

    def inline(self, story: Story) -> list[Story]:
        """The articles its own text links to."""
        return self.related(story)[-1:] if story.place == LINKING else []

    def truth(self, origin: str = ORIGIN) -> list[Expected]:
        """The articles an archive should hold as stored, oldest first; `origin` begins every URL."""
        return [self.expect(story, origin) for story in self.stories if self.status(story) == 200]

    def expect(self, story: Story, origin: str = ORIGIN) -> Expected:
        """What should be read from the page of one article."""
        new, dated = story.era == "2026", story.place != UNDATED
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
            published_precision=("second" if new else "minute") if dated else None,
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
        """(kind, position within the kind, key) of every link to another article, block by block."""
        kinds = {
            "related": self.related,
            "same_category": self.same_category,
            "inline": self.inline,
        }
        return tuple(
            (kind, n, other.key)
            for kind, find in kinds.items()
            for n, other in enumerate(find(story), 1)
        )


def breadcrumb(category: Category) -> list[tuple[str, str]]:
    """(name, path) from the front page down to the category."""
    above = breadcrumb(category.parent) if category.parent else [("Trang chủ", "/")]
    return [*above, (category.name, category.path())]


def utc_text(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


@cache
def edition_one() -> tuple[Story, ...]:
    """The first edition, oldest first, with ids and related articles."""
    plan = [(row["id"], n) for row in words()["category"] for n in range(row["count"])]
    written = [reprint() if place == COPY else write(place) for place in plan]
    return relate(number(sorted(written, key=lambda story: story.placed_at)))


@cache
def edition_two() -> tuple[Story, ...]:
    """One body corrected, one title changed, three articles more; the removed one stays, as a target of links."""
    kept = [correct(story) for story in edition_one()]
    step = IDS["2026"][1]
    late = [replace(write(place), id=kept[-1].id + step * n) for n, place in enumerate(LATE, 1)]
    return relate(late, kept)


def number(stories: list[Story]) -> list[Story]:
    """The stories, given in order of time, with their ids."""
    counted = {
        era: iter(range(first, first + step * len(stories), step))
        for era, (first, step) in IDS.items()
    }
    return [replace(story, id=next(counted[story.era])) for story in stories]


def relate(stories: list[Story], earlier: Sequence[Story] = ()) -> tuple[Story, ...]:
    """The earlier stories and these, with up to three older ones related to each; to just one the missing one."""
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
    """The story with a sentence in its second paragraph that names the other; its page links from there."""
    first, second, *rest = story.paragraphs
    sentence = str(words()["mention"]).format(title=other.title)
    return replace(story, paragraphs=(first, f"{second} {sentence}", *rest))


def correct(story: Story) -> Story:
    """The story as edition two prints it: a text, a headline, a byline or nothing but the date is another."""
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
    """The article printed twice: same text under another category and heading a day later, so with another id."""
    source = write(COPIED, heading=1)
    when = source.placed_at + dt.timedelta(days=1, minutes=7)
    return replace(
        source, place=COPY, category=categories()[COPY[0]], placed_at=when, modified_at=when
    )
