"""Advice for `sites check`: suspicious values that a site file extracts from a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from newscrawl.core.records import Page
from newscrawl.core.text import clean_text, fold
from newscrawl.extract.article import TemplateMatch, match_template
from newscrawl.extract.body import text_of
from newscrawl.sites.schema import FieldRule
from newscrawl.sites.selectors import compile_selector
from newscrawl.sites.site import Site
from newscrawl.sites.values import EMBEDDED

_CLOCK = re.compile(r"clock|today|current|datenow|ngay-?hien-?tai", re.IGNORECASE)
_OFFSET = re.compile(r"(?:[+-]\d{2}:?\d{2}|Z|GMT.*|UTC.*)\W*$", re.IGNORECASE)
_MOST_LINKED = 0.8  # of a paragraph's characters


def advice(site: Site, page: Page) -> Iterator[str]:
    """One sentence for each suspicious value. Raises the errors of extract_article."""
    match = match_template(site, page, all_selectors=True)
    yield from _headlines(match)
    yield from _times(match)
    yield from _body(site, match)


def _headlines(match: TemplateMatch) -> Iterator[str]:
    headings = [clean_text(h1.text_content()) for h1 in match.page.root.iter("h1")]
    headings = [text for text in headings if text]
    if len(headings) > 1:
        examples = ", ".join(repr(text[:40]) for text in headings[:4])
        yield f"title: the page has {len(headings)} h1 elements ({examples}); is it the right one?"
    places = [place for place in match.matches.get("title", []) if place.values]
    different = {fold(place.values[0]) for place in places}
    if len(different) > 1:
        values = [f"{place.where}: {place.values[0][:60]!r}" for place in places]
        yield f"title: the selectors disagree: {'; '.join(values)}"


def _times(match: TemplateMatch) -> Iterator[str]:
    place = match.best.get("published")
    if place is None:
        return
    selector = place.where
    raw = place.values[0]
    if selector.startswith(EMBEDDED):
        if ":" in raw and not _OFFSET.search(raw):
            yield f"published: {selector} has no offset ({raw!r}); the site's zone is assumed"
        return
    for element in compile_selector(selector).elements(match.page.root)[:1]:
        names = " ".join(filter(None, (element.get("class"), element.get("id"))))
        in_header = next(element.iterancestors("header", "nav"), None) is not None
        if _CLOCK.search(names) or in_header:
            yield f"published: {selector} looks like a clock with the time of serving the page"
        if text_of(element) and not any(char.isdigit() for char in raw):
            yield f"published: {selector} has no digit: {raw!r}"


def _body(site: Site, match: TemplateMatch) -> Iterator[str]:
    rule = match.template.fields["body"]
    for selector in rule.select[:1]:
        for container in compile_selector(selector).elements(match.page.root):
            yield from _container(container, site, rule)


def _container(container: HtmlElement, site: Site, rule: FieldRule) -> Iterator[str]:
    captions = sum(len(text_of(caption)) for caption in container.iter("figcaption"))
    text = sum(len(clean_text(line.text_content())) for line in container.iter("p"))
    if captions > text and not rule.keep:
        yield "body: most of its text is in captions, which are dropped; `keep` would include them"
    links = [line for line in container.iter("p", "li") if _is_link(line)]
    if links and not _are_dropped(links, site, rule.drop):
        example = clean_text(links[0].text_content())[:60]
        yield f"body: {len(links)} paragraphs have only links: {example!r}"
    if container.find(".//h1") is not None:
        yield "body: it contains the headline"


def _is_link(line: HtmlElement) -> bool:
    text = len(clean_text(line.text_content()))
    linked = sum(len(clean_text(link.text_content())) for link in line.iter("a"))
    return text > 20 and linked >= _MOST_LINKED * text


def _are_dropped(lines: list[HtmlElement], site: Site, drop: tuple[str, ...]) -> bool:
    """Whether the drop lists remove all of these lines."""
    root = lines[0].getroottree().getroot()
    dropped: set[HtmlElement] = set()
    for selector in (*site.model.drop, *drop):
        dropped.update(compile_selector(selector).elements(root))
    return all(line in dropped or not dropped.isdisjoint(line.iterancestors()) for line in lines)
