"""Made-up newspapers of different rhythms: what each has published and edited at any moment."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

DAY = timedelta(days=1)
CATEGORIES = ("home", "city", "world", "economy", "culture", "sport")
PER_PAGE = 20
BACKLOG = 60  # articles that are online before the first day
SITE_FILE = """
name = "{name}"
title = "The {name} paper"
domain = "{name}.example"
origin = "https://{name}.example"
language = "en"
timezone = "UTC"
article_url = '^/a-(?P<id>\\d+)\\.html$'
category_url = '^/list/(?P<slug>[a-z]+)/(?P<page>\\d+)$'
category_start = "/list/{{slug}}/1"
category = [{categories}]

[[template]]
name = "one"
marker = "article"
fields = {{ title = "h1", body = "div.text", published = "time" }}

[[listing]]
name = "one"
next = "a.next"
block = [{{ block = "list", card = "li", link = "a", title = "a" }}]
"""


@dataclass(slots=True)
class Story:
    """An article; `versions` are the times of its publication and its edits, in order."""

    number: int
    category: str
    versions: list[datetime]

    def text(self, version: int) -> str:
        """The text of a version, counted from 0."""
        return f"This is version {version} of the text of article {self.number}."

    def version_of(self, text: str) -> int:
        """The version that has this text."""
        return int(text.split()[3])

    def version_at(self, moment: datetime) -> int:
        """The version that is online at a moment; -1 before the publication."""
        return bisect_right(self.versions, moment) - 1


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a paper publishes on a day, and how much it edits.

    `times` gives the hours of the day (such as 6.25) at which articles appear on a day, counted
    from 0. `edits` is the mean number of edits of an article.
    """

    name: str
    times: Callable[[Random, int], Sequence[float]]
    edits: float


def _poisson(random: Random, mean: float, first: float, last: float) -> list[float]:
    """Hours of a Poisson process with so many articles on average between two hours."""
    hours: list[float] = []
    hour = first
    while True:
        hour += random.expovariate(mean / (last - first))
        if hour >= last:
            return hours
        hours.append(hour)


def _weekly(random: Random, day: int) -> list[float]:
    return _poisson(random, 15, 8, 10) if day % 7 == 3 else []


def _waking(random: Random, day: int) -> list[float]:
    return _poisson(random, 15, 7, 22) if day >= 15 else []


RHYTHMS = (
    Rhythm("daily", lambda random, day: _poisson(random, 20, 5.5, 6.5), 0.1),
    Rhythm("hourly", lambda random, day: [hour + 0.1 for hour in range(24)], 0.15),
    Rhythm("weekly", _weekly, 0.3),
    Rhythm("day-and-night", lambda random, day: _poisson(random, 60, 6, 22), 0.2),
    Rhythm("editing", lambda random, day: _poisson(random, 30, 7, 23), 1.5),
    Rhythm("waking", _waking, 0.1),
)


@dataclass(slots=True)
class RhythmicPaper:
    """A paper with all that it will publish from `start` on, for so many days.

    Another `seed` gives other articles and edits of the same rhythm.
    """

    rhythm: Rhythm
    start: datetime
    days: int
    seed: int = 20
    stories: dict[int, Story] = field(default_factory=dict)

    def __post_init__(self) -> None:
        random = Random(f"{self.rhythm.name}, {self.seed}")
        for number in range(1, BACKLOG + 1):
            self._add(random, self.start - DAY * 30 + timedelta(hours=number), [])
        for day in range(self.days):
            for hour in self.rhythm.times(random, day):
                published = self.start + DAY * day + timedelta(hours=hour)
                self._add(random, published, self._edits(random))

    def _edits(self, random: Random) -> list[timedelta]:
        """The ages at which an article is edited: nine of ten with a mean of four hours."""
        ages: list[timedelta] = []
        count = len(_poisson(random, self.rhythm.edits, 0, 1))
        for _ in range(count):
            mean_hours = 4 if random.random() < 0.9 else 48
            ages.append(timedelta(hours=random.expovariate(1 / mean_hours)))
        return sorted(ages)

    def _add(self, random: Random, published: datetime, ages: Sequence[timedelta]) -> None:
        number = len(self.stories) + 1
        category = random.choice(CATEGORIES[1:])
        published = published.replace(microsecond=0)
        versions = [published, *((published + age).replace(microsecond=0) for age in ages)]
        self.stories[number] = Story(number, category, versions)

    def page(self, path: str, moment: datetime) -> str | None:
        """The page that the paper serves at a moment; None if there is none."""
        match = re.fullmatch(r"/list/([a-z]+)/(\d+)", path)
        if match is not None:
            return self._list(match[1], int(match[2]), moment)
        match = re.fullmatch(r"/a-(\d+)\.html", path)
        story = self.stories.get(int(match[1])) if match else None
        if story is None or story.version_at(moment) < 0:
            return None
        return (
            f"<html><body><article><h1>Headline {story.number}</h1>"
            f"<time>{story.versions[0]:%Y-%m-%dT%H:%M:%SZ}</time>"
            f'<div class="text"><p>{story.text(story.version_at(moment))}</p></div>'
            "</article></body></html>"
        )

    def _list(self, category: str, page: int, moment: datetime) -> str | None:
        online = [
            story
            for story in self.stories.values()
            if story.versions[0] <= moment and category in ("home", story.category)
        ]
        online.sort(key=lambda story: story.versions[0], reverse=True)
        shown = online[(page - 1) * PER_PAGE : page * PER_PAGE]
        if not shown:
            return None
        cards = [
            f'<li><a href="/a-{story.number}.html">Teaser {story.number}</a></li>'
            for story in shown
        ]
        has_next = len(online) > page * PER_PAGE
        following = f'<a class="next" href="/list/{category}/{page + 1}">older</a>'
        return f"<html><body><ul>{''.join(cards)}</ul>{following * has_next}</body></html>"


def write_site_file(folder: Path, name: str) -> None:
    """Puts the site file of a paper into an archive."""
    categories = ", ".join(f'{{ key = "{key}", slug = "{key}" }}' for key in CATEGORIES)
    path = folder / "sites" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SITE_FILE.format(name=name, categories=categories), "utf-8")


def etag_of(page: str) -> str:
    """The ETag with which the paper serves a page."""
    return f'"{hashlib.sha256(page.encode()).hexdigest()[:16]}"'
