"""Pages that are none of the site's: error pages, challenges, consent and login walls that come with status 200.

Only asked where no template fits, or none finds a text: an article may speak of any of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.text import clean_text, fold
from newscrawl.extract.generic.patterns import one_of
from newscrawl.extract.generic.vocabulary import CHALLENGES, NOT_FOUND, WALLS
from newscrawl.sites.selectors import matches_any

_NOT_FOUND = re.compile(one_of(NOT_FOUND))
_WALL = re.compile(one_of(WALLS))
_SHORT = 1500  # characters: a page with a site's menu is longer, a challenge is a sentence or two


def wall(root: HtmlElement) -> str | None:
    """`blocked_page` or `not_found_page`; None for a page that says neither."""
    said = fold(f"{clean_text(root.findtext('.//title') or '')} | {_headline(root)}")
    text = fold(visible_text(root)[: _SHORT + 1])
    short = (
        len(text) <= _SHORT
    )  # Cloudflare's script is in good pages too, and a menu may offer a login
    if _WALL.search(said) or (short and (matches_any(root, CHALLENGES) or _WALL.search(text))):
        return "blocked_page"
    return "not_found_page" if _NOT_FOUND.search(said) else None


def visible_text(root: HtmlElement) -> str:
    """The words that a reader may see."""
    parts = root.xpath("//body//text()[not(ancestor::script or ancestor::style)]")
    return clean_text(" ".join(map(str, parts)))


def _headline(root: HtmlElement) -> str:
    first = next(root.iter("h1"), None)
    return clean_text(first.text_content())[:200] if first is not None else ""


def rejected(root: HtmlElement, url: str, otherwise: Callable[[], PageRejected]) -> PageRejected:
    """Why a page that no template reads is none: a wall where it is one."""
    code = wall(root)
    if code == "blocked_page":
        return PageRejected(
            code, f"{url}: a wall stands before the page: a challenge, a consent or a login"
        )
    if code == "not_found_page":
        return PageRejected(code, f"{url}: the page says that there is no such page")
    return otherwise()
