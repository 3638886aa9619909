"""What looks wrong in a page as a site file reads it, though it reads something: for `sites check`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from newscrawl.core.records import Page
from newscrawl.core.text import clean_text, fold
from newscrawl.extract.article import TemplateMatch, match_template
from newscrawl.extract.body import text_of
from newscrawl.sites.selectors import compile_selector
from newscrawl.sites.site import Site
from newscrawl.sites.values import EMBEDDED

_CLOCK = re.compile(r"clock|today|current|datenow|ngay-?hien-?tai", re.IGNORECASE)
_OFFSET = re.compile(r"(?:[+-]\d{2}:?\d{2}|Z|GMT.*|UTC.*)\W*$", re.IGNORECASE)
_SAME_LINE = 0.8  # of a paragraph's characters are links


def advice(site: Site, page: Page) -> Iterator[str]:
    """One sentence for each; raises what extract_article raises."""
    match = match_template(site, page, all_selectors=True)
    yield from _headlines(match)
    yield from _times(match)
    yield from _body(site, match)


def _headlines(match: TemplateMatch) -> Iterator[str]:
    shown = [text for h1 in match.root.iter("h1") if (text := clean_text(h1.text_content()))]
    if len(shown) > 1:
        yield f"title: the page has {len(shown)} h1 ({', '.join(repr(one[:40]) for one in shown[:4])}); is it this one?"
    found = [one for one in match.matches.get("title", []) if one.values]
    others = {fold(one.values[0]) for one in found}
    if len(others) > 1:
        yield "title: the places do not agree: " + "; ".join(
            f"{one.where}: {one.values[0][:60]!r}" for one in found
        )


def _times(match: TemplateMatch) -> Iterator[str]:
    best = match.best("published")
    if best is None:
        return
    raw = best.values[0]
    if best.where.startswith(EMBEDDED):
        if ":" in raw and not _OFFSET.search(raw):
            yield f"published: {best.where} has no offset ({raw!r}): it is read as the site's own time"
        return
    for element in compile_selector(best.where).elements(match.root)[:1]:
        names = " ".join(filter(None, (element.get("class"), element.get("id"))))
        if _CLOCK.search(names) or next(element.iterancestors("header", "nav"), None) is not None:
            yield f"published: {best.where} looks like the page's clock, which shows when it was served"
        if text_of(element) and not any(char.isdigit() for char in raw):
            yield f"published: {best.where} has no digit: {raw!r}"


def _body(site: Site, match: TemplateMatch) -> Iterator[str]:
    rule = match.template.fields["body"]
    for container in (
        one for place in rule.select[:1] for one in compile_selector(place).elements(match.root)
    ):
        captions = sum(len(text_of(one)) for one in container.iter("figcaption"))
        text = sum(len(clean_text(one.text_content())) for one in container.iter("p"))
        if captions > text and not rule.keep:
            yield "body: most of its text is in captions, which are left out; `keep` would take them"
        linked = [line for line in container.iter("p", "li") if _is_link(line)]
        if linked and not _dropped(linked, site, rule.drop):
            yield f"body: {len(linked)} paragraphs are only links: {clean_text(linked[0].text_content())[:60]!r}"
        if container.find(".//h1") is not None:
            yield "body: the headline stands in it"


def _is_link(line: HtmlElement) -> bool:
    text = len(clean_text(line.text_content()))
    linked = sum(len(clean_text(link.text_content())) for link in line.iter("a"))
    return text > 20 and linked >= _SAME_LINE * text


def _dropped(lines: list[HtmlElement], site: Site, drop: tuple[str, ...]) -> bool:
    """Whether the drop list takes them all."""
    root = lines[0].getroottree().getroot()
    gone = {
        element
        for source in (*site.model.drop, *drop)
        for element in compile_selector(source).elements(root)
    }
    return all(
        line in gone or any(around in gone for around in line.iterancestors()) for line in lines
    )
