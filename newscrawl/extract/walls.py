"""Pages with status 200 that stand in the place of the requested one.

Error pages, challenges, consent walls and login walls.

Checked only if no template matches, or none finds a text: an article may write about any of these.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.text import clean_text, fold
from newscrawl.extract.generic.patterns import one_of
from newscrawl.extract.generic.vocabulary import CHALLENGES, NOT_FOUND, WALLS
from newscrawl.sites.selectors import matches_any

NOT_FOUND_PAGE = "the site answered with its 'not found' page"
_NOT_FOUND = re.compile(one_of(NOT_FOUND))
_WALL = re.compile(one_of(WALLS))
_SHORT = 1500  # characters: a page with a site's menu is longer, a challenge is a sentence or two
_HEADLINE = 200  # characters


def wall_error(root: HtmlElement, url: str) -> PageRejected | None:
    """The error for a wall or an error page; None for any other page."""
    code = wall(root)
    if code == "blocked_page":
        return PageRejected(code, f"{url}: the page is a challenge, a consent wall or a login wall")
    if code == "not_found_page":
        return PageRejected(code, f"{url}: {NOT_FOUND_PAGE}")
    return None


def wall(root: HtmlElement) -> str | None:
    """`blocked_page` or `not_found_page`; None for any other page."""
    headings = _headings(root)
    if _WALL.search(headings) or _is_short_wall(root):
        return "blocked_page"
    if _NOT_FOUND.search(headings):
        return "not_found_page"
    return None


def visible_text(root: HtmlElement) -> str:
    """The text that a reader can see, on one line."""
    parts = root.xpath("//body//text()[not(ancestor::script or ancestor::style)]")
    return clean_text(" ".join(map(str, parts)))


def _is_short_wall(root: HtmlElement) -> bool:
    """Only short pages:

    Cloudflare's script is in good pages too, and a site's menu may offer a login.
    """
    text = fold(visible_text(root)[: _SHORT + 1])
    if len(text) > _SHORT:
        return False
    return matches_any(root, CHALLENGES) or _WALL.search(text) is not None


def _headings(root: HtmlElement) -> str:
    """The page's title and its first headline, folded."""
    title = clean_text(root.findtext(".//title") or "")
    headline = ""
    h1 = next(root.iter("h1"), None)
    if h1 is not None:
        headline = clean_text(h1.text_content())[:_HEADLINE]
    return fold(f"{title} | {headline}")
