"""The made-up newspaper day by day: so many articles more each day, edits, and new designs, outages and walls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import newscrawl
from newscrawl.demo.paper import Edition, Paper
from newscrawl.demo.server import Answer
from newscrawl.demo.stories import Category, Story

Alter = Callable[[str, Answer], Answer]
PACKAGE = Path(newscrawl.__file__).parent
# Class names of the design that the site file knows -> those of one that it does not.
ARTICLES = (
    ("font-42", "hd-xl"),
    ("lr-ct", "nd-ct"),
    ("post-top-entry", "nx-top"),
    ("post-ct-entry", "nx-ct"),
)
# A design in which the text is found as before, and headline and time are not.
FIELDS = (("font-42 font-bold", "font-43"), ("post-top-entry\"><h1>", "post-top-entry\"><h2>"),
          ("datePublished", "pubDate"), ("b-control-details", "b-control"), ("post-time", "post-clock"),
          ("headline", "heading"), ("og:title", "og:heading"))  # fmt: skip


MENDED_FIELDS = (
    ('["h1.font-42", "json-ld', '["h1.font-42", "h1.font-43", "json-ld'),
    ('["json-ld:datePublished", ', '["json-ld:datePublished", "json-ld:pubDate", '),
    ('[".post-top-entry h1", ', '[".post-top-entry h1", ".post-top-entry h2", '),
    (
        'published = ".post-top-entry .post-time"',
        'published = [".post-top-entry .post-time", ".post-clock"]',
    ),
)


class DailyPaper(Paper):
    """The first `count` of the paper's eighty articles, in the order of time; what is later is not there yet."""

    def __init__(self, count: int, edition: Edition = 1) -> None:
        super().__init__(edition)
        self.count = count
        self._there = {story.id for story in self.stories[:count]}

    def status(self, story: Story) -> int:
        return super().status(story) if story.id in self._there else 404

    def listed(self, category: Category) -> list[Story]:
        return [story for story in super().listed(category) if story.id in self._there]


def is_article(path: str) -> bool:
    return path.endswith(".html") and "/trang-" not in path and "/tag/" not in path


def redesigned(names: tuple[tuple[str, str], ...] = ARTICLES) -> Alter:
    """What `DemoServer.alter` is for a new design of the article pages."""

    def alter(path: str, found: Answer) -> Answer:
        return replace(found, text=renamed(found.text, names)) if is_article(path) else found

    return alter


def renamed(text: str, names: tuple[tuple[str, str], ...]) -> str:
    for old, new in names:
        text = text.replace(old, new)
    return text


def every_article(text: str, status: int = 200) -> Alter:
    """What `DemoServer.alter` is where each article's address gets the same page."""

    def alter(path: str, found: Answer) -> Answer:
        return (
            replace(found, text=text, status=status)
            if is_article(path) and found.status == 200
            else found
        )

    return alter


def mend(archive: Path, *, fields: bool = False) -> None:
    """Puts a site file into the archive that knows both designs: the new one of ARTICLES, or that of FIELDS."""
    known = (PACKAGE / "sites" / "bnews.toml").read_text("utf-8")
    if fields:
        for old, new in MENDED_FIELDS:
            assert old in known
            known = known.replace(old, new)
    else:
        start, end = known.index("[[template]]"), known.index("[[listing]]")
        both = (
            renamed(known[start:end], ARTICLES)
            .replace('name = "2026"', 'name = "2027"')
            .replace('"2017"', '"2018"')
        )
        known = known[:start] + both + known[start:]
    folder = archive / "sites"
    folder.mkdir(exist_ok=True)
    (folder / "bnews.toml").write_text(known, "utf-8")
    (folder / "demo.toml").write_text((PACKAGE / "demo" / "demo.toml").read_text("utf-8"), "utf-8")
