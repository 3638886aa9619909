"""A page of a known site whose design no template knows, or whose text is not where its template has it.

For looking at a single page: a crawl refuses such a page and keeps it, and `reextract` reads it once the site file
knows the design. The small fields come from the site file's own places, which need not be the design's: data and metas
stay when a design changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import FALLBACK, Draft, Page, Problem
from newscrawl.core.text import clean_text
from newscrawl.extract.article import (
    Reading,
    completed,
    draft_with,
    extract_article,
    read,
    standfirst_of,
)
from newscrawl.extract.body import dropped, paragraphs
from newscrawl.extract.fields import first, kept
from newscrawl.extract.generic.article import extract_generic
from newscrawl.extract.generic.facts import letters
from newscrawl.extract.generic.text_runs import longest_runs
from newscrawl.sites.generic import TEMPLATE
from newscrawl.sites.schema import FieldRule
from newscrawl.sites.site import Site

DESIGN = ("no_template", "empty_body")
_FEWEST = 500  # characters side by side: the footers, comments and teasers that we saw beside empty containers have fewer
_BESIDE = 100  # characters: a further part of the text, where an advertisement divides it
_TITLES = 3  # paragraphs that are links: as many, and a third of all, make a list of articles
_START = 4  # paragraphs


def extract_any_design(site: Site, page: Page) -> Draft:
    """What extract_article gives; where it refuses a page for its design, what else can be read of it.

    Its template is `generic` then, and the first problem says why. PageRejected for what is no article in any design:
    error pages, walls, lists.
    """
    try:
        return extract_article(site, page)
    except PageRejected as refused:
        if site.generic or refused.code not in DESIGN:
            raise
        return _read_anyway(site, page, refused)


def _read_anyway(site: Site, page: Page, refused: PageRejected) -> Draft:
    stranger = extract_generic(site, page)
    reading = _nearest(site, page)
    standfirst = standfirst_of(reading)
    found = running_text(
        site, reading.template.fields["body"], reading.root, standfirst, stranger.paragraphs
    )
    where, text = found or ("nothing", [])
    draft = completed(site, draft_with(site, page, reading, FALLBACK + where, ()), reading.root)
    said = (
        draft.title,
        None if standfirst else draft.summary,
        *(raw.raw for raw in draft.published),
    )
    taken = f"its text was taken from {where}" if found else "no text was found"
    problem = Problem(
        "extract", refused.code, f"{refused.message}; read without a template, {taken}", "body"
    )
    return replace(
        draft,
        template=TEMPLATE,
        paragraphs=tuple(without(said, text)),
        links=draft.links or stranger.links,
        problems=(problem, *draft.problems),
    )


def _nearest(site: Site, page: Page) -> Reading:
    """The page under the template that fits, else under the one whose places give most fields: the first of several."""
    readings = [read(site, page, otherwise=template) for template in site.model.template]
    return max(
        readings,
        key=lambda reading: sum(first(found) is not None for found in reading.found.values()),
    )


def running_text(
    site: Site,
    rule: FieldRule,
    root: HtmlElement,
    standfirst: Sequence[HtmlElement],
    other: Sequence[str],
) -> tuple[str, list[str]] | None:
    """(element, paragraphs), read by the site's rules and without the standfirst; None where no element holds a text.

    `other` is what another way of reading finds on the page: a text is what both of them hold for one.
    """
    holder = text_holder(root)
    found: list[str] = []
    for part in text_parts(holder):
        leave_out = dropped(part, (*site.model.drop, *rule.drop), rule.keep)
        found += kept(paragraphs(part, leave_out.union(standfirst)), rule)
    links = {clean_text(link.text_content()) for link in holder.iter("a")}
    text = [one for one in found if one not in links]
    size = sum(map(len, text))
    known = letters(" ".join(other))
    agreed = sum(len(one) for one in text if letters(one) in known)
    if size < _FEWEST or agreed * 2 < size or _is_list(len(found) - len(text), len(found)):
        return None
    return _named(holder), text


def without(said: Sequence[str | None], text: Sequence[str]) -> list[str]:
    """The paragraphs but for those at the beginning that say what other fields say: headline, time, standfirst."""
    known = [bare for one in said if one and (bare := letters(one))]
    start = [one for one in text[:_START] if not any(letters(one).endswith(bare) for bare in known)]
    return [*start, *text[_START:]]


def text_holder(root: HtmlElement) -> HtmlElement:
    """The innermost element with most text side by side."""
    runs, holder = longest_runs(root), root
    while True:
        inner = next((child for child in holder if runs[child] == runs[root]), None)
        if inner is None:
            return holder
        holder = inner


def text_parts(holder: HtmlElement) -> list[HtmlElement]:
    """The element and those beside it that are parts of the same text."""
    parent = holder.getparent()
    if parent is None or parent.find(".//h1") is not None:
        return [holder]
    runs = longest_runs(parent)
    return [
        one for one in parent if one is holder or (one.tag == holder.tag and runs[one] >= _BESIDE)
    ]


def _is_list(titles: int, paragraphs: int) -> bool:
    return titles >= _TITLES and titles * 3 >= paragraphs


def _named(element: HtmlElement) -> str:
    """The element as a site file could name it: `div.longform-text`."""
    if element.get("id"):
        return f"{element.tag}#{element.get('id')}"
    return ".".join((element.tag, *(element.get("class") or "").split()))
