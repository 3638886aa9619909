"""The standfirst between headline and text, recognised by the page's own description."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.text import clean_text
from newscrawl.extract.generic.boxes import is_offer
from newscrawl.extract.generic.facts import Facts

DESCRIPTION = "meta:description"
_MIN, _MOST = 30, 1000  # characters
_ELEMENTS = frozenset("p li h2 h3 h4 div span strong td".split())
_NOT_IN = ("figure", "figcaption", "aside", "nav", "footer", "a")
_CUT = re.compile(r"[.… ]+$")


def standfirst(facts: Facts) -> tuple[str, str] | None:
    """(place, text) of the standfirst; else of the page's description itself.

    A place that begins with `meta:` or `json-ld:` means that the page does not show the text.
    """
    element = standfirst_element(facts)
    if element is not None:
        return _selector_of(element), clean_text(element.text_content())
    return next(iter(_descriptions(facts)), None)


def standfirst_element(facts: Facts) -> HtmlElement | None:
    """The element that the page's own description repeats, or begins."""
    descriptions = [text for _, text in _descriptions(facts)]
    if not descriptions:
        return None
    for element, shown in facts.lines:
        if element.tag not in _ELEMENTS or not _MIN < len(shown) < _MOST:
            continue
        is_described = any(_shows(shown, description) for description in descriptions)
        if is_described and not _is_caption(element, shown):
            return element
    return None


def _is_caption(element: HtmlElement, shown: str) -> bool:
    around = next(element.iterancestors(*_NOT_IN), None)
    return around is not None or is_offer(shown)


def _descriptions(facts: Facts) -> list[tuple[str, str]]:
    """(place, text) of each description in data and metadata that is long enough."""
    places = {"json-ld:description": facts.data_text("description")}
    for name in ("og:description", "description"):
        for value in facts.meta(name)[:1]:
            places[f"meta:{name}"] = value
    return [(place, text) for place, text in places.items() if len(text) > _MIN]


def _shows(shown: str, description: str) -> bool:
    """Whether a line repeats the description, or begins with a description that is cut off."""
    if shown == description:
        return True
    is_cut = description[-1] in ".…"
    return is_cut and shown.startswith(_CUT.sub("", description))


def _selector_of(element: etree._Element) -> str:
    classes = (element.get("class") or "").split()
    return ".".join((element.tag, *classes[:2]))
