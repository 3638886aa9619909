"""The standfirst: what the page shows between headline and text, known by its own data or by its name."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from newscrawl.core.text import clean_text
from newscrawl.extract.generic.boxes import is_offer
from newscrawl.extract.generic.facts import Facts

DESCRIPTION = "meta:description"
_MIN, _MOST = 30, 1000
_ELEMENTS = frozenset({"p", "li", "h2", "h3", "h4", "div", "span", "strong", "td"})
_NOT_IN = ("figure", "figcaption", "aside", "nav", "footer", "a")
_CUT = re.compile(r"[.… ]+$")


def standfirst(facts: Facts) -> tuple[str, str] | None:
    """(place, text): the page's element that its description repeats, or begins; else the description itself.

    A place that begins with `meta:` or `json-ld:` says that the page does not show it.
    """
    element = standfirst_element(facts)
    if element is not None:
        return _name(element), clean_text(element.text_content())
    return next(iter(_descriptions(facts)), None)


def standfirst_element(facts: Facts) -> HtmlElement | None:
    """The element that the page's own description repeats, or begins."""
    said = _descriptions(facts)
    for element, shown in facts.shown if said else ():
        if element.tag not in _ELEMENTS or not _MIN < len(shown) < _MOST:
            continue
        if any(_shows(shown, value) for _, value in said) and not _is_caption(element, shown):
            return element
    return None


def _is_caption(element: HtmlElement, shown: str) -> bool:
    return next(element.iterancestors(*_NOT_IN), None) is not None or is_offer(shown)


def _descriptions(facts: Facts) -> list[tuple[str, str]]:
    said = [
        ("json-ld:description", facts.own("description")),
        *(
            (f"meta:{name}", value)
            for name in ("og:description", "description")
            for value in facts.meta(name)[:1]
        ),
    ]
    return [(place, value) for place, value in said if len(value) > _MIN]


def _shows(shown: str, description: str) -> bool:
    if shown == description:
        return True
    return description[-1] in ".…" and shown.startswith(_CUT.sub("", description))


def _name(element: etree._Element) -> str:
    classes = ".".join((element.get("class") or "").split()[:2])
    return f"{element.tag}.{classes}".rstrip(".")
