"""Short CSS selectors for given elements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from newscrawl.sites.selectors import compile_selector

_STABLE = re.compile(r"-?[A-Za-z_][A-Za-z0-9_-]*")
_MADE_BY_TOOLS = re.compile(r"(?:^|[_-])[A-Za-z]*\d[A-Za-z0-9]{4,}$|^(?:css|sc|jsx)-|\d{3,}")
_UTILITIES = re.compile(
    r"^(?:d|m|mt|mb|ml|mr|p|pt|pb|w|h|col|row|flex|grid|text|font|clearfix|container|fl|fr)(?:-|$)"
)


def selector_of(root: HtmlElement, element: HtmlElement) -> str:
    """The shortest selector whose first match is the element; a path if no name identifies it."""
    for candidate in _candidates(element):
        matches = compile_selector(candidate).elements(root)
        if matches and matches[0] is element:
            return candidate
    parent = element.getparent()
    own = next(_candidates(element))
    if parent is None or parent.tag in ("body", "html"):
        return own
    return f"{selector_of(root, parent)} > {own}"


def card_selector(card: HtmlElement) -> str:
    """A selector for elements like this one, anywhere on the page."""
    return next(_candidates(card))


def _candidates(element: HtmlElement) -> Iterator[str]:
    tag = str(element.tag)
    identity = (element.get("id") or "").strip()
    names = [name for name in (element.get("class") or "").split() if _stable(name)]
    meaningful = [name for name in names if not _UTILITIES.match(name)]
    if identity and _stable(identity):
        yield f"#{identity}"
    for attribute in ("data-role", "itemprop"):
        if (value := element.get(attribute)) and _stable(value):
            yield f"{tag}[{attribute}={value}]"
    for name in meaningful:
        yield f"{tag}.{name}"
    if len(meaningful) > 1:
        yield f"{tag}.{'.'.join(meaningful)}"
    yield f"{tag}.{names[0]}" if names and not meaningful else tag


def _stable(name: str) -> bool:
    """Whether a person chose the name, so that it will not change with the next build."""
    return _STABLE.fullmatch(name) is not None and _MADE_BY_TOOLS.search(name) is None
