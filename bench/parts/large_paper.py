"""The made-up newspaper of `newscrawl demo` with any number of articles and large pages.

    python bench/parts/large_paper.py ARTICLES

As a program it serves the newspaper until its standard input ends. It prints one line of JSON: the
base URL and the URLs of all articles.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from html import escape
from random import Random

from newscrawl.demo import server
from newscrawl.demo.paper import SAME_CATEGORY, Paper
from newscrawl.demo.server import Answer, DemoServer
from newscrawl.demo.stories import Category, Era, Story, categories, write

PER_PAGE = 30
RELATED = 3
# Places below this number belong to the eighty articles of the demo, some of which have faults.
FIRST_PLACE = 1000
# The second half of an article's text comes from the place that is this much further.
SECOND_HALF = 1_000_000
FIRST_ID: dict[Era, int] = {"2017": 1_000_000, "2026": 5_000_000}
# With a menu of so many links, a page has 40 kB and 350 links. These are the averages of 50 saved
# pages of Vietnamese newspapers.
MENU_LINKS = 280
RENDERED = 4_000  # pages kept in memory, so that the second of several crawls need not wait


class LargePaper(Paper):
    """The newspaper with so many articles, oldest first; `count` of them are published.

    It has no impossible date, missing page or other fault of the demo.
    """

    def __init__(
        self, articles: int, count: int | None = None, times: Sequence[datetime] | None = None
    ) -> None:
        """Articles of both designs, or with the given times all of the new design."""
        super().__init__()
        stories = _written(articles)
        if times is not None:
            stories = [_dated(story, at) for story, at in zip(stories, times, strict=True)]
        self.stories = tuple(_relate(_number(stories)))
        self._by_key = {story.key: story for story in self.stories}
        self.publish(len(self.stories) if count is None else count)

    def publish(self, count: int) -> None:
        """Makes the first `count` articles the published ones."""
        self._published = {story.id for story in self.stories[:count]}
        self._listed: defaultdict[int, list[Story]] = defaultdict(list)
        for story in reversed(self.stories[:count]):
            self._listed[story.category.id].append(story)

    def revise(self, story: Story) -> None:
        """Replaces the article with the same id."""
        stories = [story if other.id == story.id else other for other in self.stories]
        self.stories = tuple(stories)
        self._by_key[story.key] = story
        self.publish(len(self._published))

    def status(self, story: Story) -> int:
        return 200 if story.id in self._published else 404

    def listed(self, category: Category) -> list[Story]:
        return self._listed[category.id]

    def pages(self, category: Category) -> int:
        return -(-len(self.listed(category)) // PER_PAGE)

    def page(self, category: Category, number: int) -> list[Story]:
        return self.listed(category)[(number - 1) * PER_PAGE : number * PER_PAGE]

    def same_category(self, story: Story) -> list[Story]:
        newest = self.listed(story.category)[: SAME_CATEGORY + 1]
        return [other for other in newest if other.id != story.id][:SAME_CATEGORY]


def _written(articles: int) -> list[Story]:
    """Articles without ids, in the order of time."""
    ids = list(categories())
    stories = []
    for number in range(articles):
        category = ids[number % len(ids)]
        place = (category, FIRST_PLACE + number // len(ids))
        story = write(place)
        more = write((category, place[1] + SECOND_HALF))
        stories.append(replace(story, paragraphs=story.paragraphs + more.paragraphs))
    return sorted(stories, key=lambda story: story.placed_at)


def _dated(story: Story, at: datetime) -> Story:
    return replace(story, placed_at=at, modified_at=at, era="2026")


def _number(stories: list[Story]) -> list[Story]:
    ids = dict(FIRST_ID)
    numbered = []
    for story in stories:
        numbered.append(replace(story, id=ids[story.era]))
        ids[story.era] += 1
    return numbered


def _relate(stories: list[Story]) -> list[Story]:
    """Each article with links to three older ones."""
    random = Random("large paper")
    related = []
    for number, story in enumerate(stories):
        older = random.sample(range(number), min(RELATED, number))
        related.append(replace(story, related=tuple(stories[index].id for index in older)))
    return related


def enlarged(path: str, answer: Answer) -> Answer:
    """The answer with the menu of a real site; for DemoServer.alter."""
    if answer.content_type != server.HTML:
        return answer
    return replace(answer, text=answer.text.replace("<main>", _menu() + "<main>", 1))


@lru_cache
def _menu() -> str:
    names = [category.name for category in categories().values()]
    links = []
    for number in range(MENU_LINKS):
        name = escape(names[number % len(names)])
        links.append(
            f'<li class="menu-item level-{number % 3}"><a href="/chu-de/{number}.html"'
            f' title="{name}">{name} {number}</a></li>\n'
        )
    return f'<div class="mega-menu"><ul>{"".join(links)}</ul></div>'


def serve(articles: int) -> None:
    """Serves the newspaper until standard input ends."""
    paper = LargePaper(articles)
    # The server looks the function up in its module for every request.
    server.answer = lru_cache(maxsize=RENDERED)(server.answer)
    with DemoServer() as demo:
        demo.paper = paper
        demo.alter = lru_cache(maxsize=RENDERED)(enlarged)
        urls = [demo.base_url + story.path for story in paper.stories]
        print(json.dumps({"base_url": demo.base_url, "urls": urls}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
