"""A page of a known site in a design that its templates do not read.

No template matches, or the text is not where the template expects it.

Used to look at a single page: a crawl rejects such a page and keeps it, and `reextract` reads it
once the site file knows the design. The simple fields come from the selectors of the site file's
templates: data and metadata often stay the same when a design changes. The text is the running text
of the page, if two ways of reading agree on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import FALLBACK, Article, Draft, Page, Problem
from newscrawl.core.text import clean_text
from newscrawl.extract.article import (
    TemplateMatch,
    complete,
    draft_with,
    extract_article,
    match_template,
    standfirst_of,
)
from newscrawl.extract.body import dropped, paragraphs
from newscrawl.extract.fields import without_rejected
from newscrawl.extract.generic.article import extract_generic
from newscrawl.extract.generic.facts import letters
from newscrawl.extract.generic.text_runs import longest_runs
from newscrawl.extract.refine import refine
from newscrawl.sites.generic import TEMPLATE
from newscrawl.sites.site import Site

DESIGN = ("no_template", "empty_body")  # the codes that reject a page for its design alone
# Characters side by side. The footers, comments and teasers seen beside empty containers have
# fewer.
_FEWEST = 500
_BESIDE = 100  # characters of a further part of the text, where an advertisement divides it
_TITLES = 3  # paragraphs that are links: three of them, and a third of all, make a list of articles
_START = 4  # paragraphs that may repeat the headline, the time or the standfirst


def extract_any_design(site: Site, page: Page) -> Draft:
    """What extract_article gives, or what can be read of a page that it rejects for its design.

    In the second case `template` is `generic`, and the first problem is the reason. PageRejected
    for pages that are not articles in any design: error pages, walls, lists.
    """
    try:
        return extract_article(site, page)
    except PageRejected as error:
        if site.generic or error.code not in DESIGN:
            raise
        return _read_anyway(site, page, error)


def read_any_design(site: Site, page: Page) -> Article:
    """The same as an article; raises what extract_any_design raises."""
    return refine(extract_any_design(site, page), site, page.fetched_at)


def text_holder(root: HtmlElement) -> HtmlElement:
    """The innermost element with most text side by side."""
    runs = longest_runs(root)
    holder = root
    while True:
        inner = [child for child in holder if runs[child] == runs[root]]
        if not inner:
            return holder
        holder = inner[0]


def text_parts(holder: HtmlElement) -> list[HtmlElement]:
    """The element and those beside it that are parts of the same text."""
    parent = holder.getparent()
    if parent is None or parent.find(".//h1") is not None:
        return [holder]
    runs = longest_runs(parent)
    parts: list[HtmlElement] = []
    for element in parent:
        is_text = element.tag == holder.tag and runs[element] >= _BESIDE
        if element is holder or is_text:
            parts.append(element)
    return parts


def _read_anyway(site: Site, page: Page, error: PageRejected) -> Draft:
    generic = extract_generic(site, page)
    match = _best_template(site, page)
    standfirst = standfirst_of(match)
    holder = text_holder(match.page.root)
    text = _running_text(site, match, holder, standfirst, generic.paragraphs)
    if text:
        where = _selector_of(holder)
        message = f"{error.message}; read without a template, its text was taken from {where}"
    else:
        where = "nothing"
        message = f"{error.message}; read without a template, no text was found"
    draft = draft_with(site, page, match, FALLBACK + where, ())
    complete(site, draft, match.page.root)
    shown_elsewhere = [draft.title, *(raw.raw for raw in draft.published)]
    if not standfirst:
        shown_elsewhere.append(draft.summary)
    problem = Problem("extract", error.code, message, "body")
    return replace(
        draft,
        template=TEMPLATE,
        paragraphs=tuple(_without_repeats(text, shown_elsewhere)),
        links=draft.links or generic.links,
        problems=(problem, *draft.problems),
    )


def _best_template(site: Site, page: Page) -> TemplateMatch:
    """The page under the template that fits, else under the one that gives most fields."""
    matches = [match_template(site, page, default=template) for template in site.model.template]
    return max(matches, key=lambda match: len(match.best))


def _running_text(
    site: Site,
    match: TemplateMatch,
    holder: HtmlElement,
    standfirst: Sequence[HtmlElement],
    generic_text: Sequence[str],
) -> list[str]:
    """The paragraphs in the holder by the site's rules; empty if it holds no text.

    `generic_text` is the text by the generic reading: only what both ways of reading find is taken
    for a text.
    """
    rule = match.template.fields["body"]
    drop = (*site.model.drop, *rule.drop)
    found: list[str] = []
    for part in text_parts(holder):
        leave_out = dropped(part, drop, rule.keep).union(standfirst)
        found += without_rejected(paragraphs(part, leave_out), rule)
    links = {clean_text(link.text_content()) for link in holder.iter("a")}
    text = [paragraph for paragraph in found if paragraph not in links]
    titles = len(found) - len(text)
    if titles >= _TITLES and titles * 3 >= len(found):
        return []  # a list of articles
    known = letters(" ".join(generic_text))
    size = sum(map(len, text))
    agreed = sum(len(paragraph) for paragraph in text if letters(paragraph) in known)
    if size < _FEWEST or agreed * 2 < size:
        return []
    return text


def _without_repeats(text: Sequence[str], shown_elsewhere: Sequence[str | None]) -> list[str]:
    """The paragraphs, without those at the beginning that repeat another field."""
    fields = {letters(value) for value in shown_elsewhere if value} - {""}
    start: list[str] = []
    for paragraph in text[:_START]:
        bare = letters(paragraph)
        if not any(bare.endswith(field) for field in fields):
            start.append(paragraph)
    return [*start, *text[_START:]]


def _selector_of(element: HtmlElement) -> str:
    """The element as a site file could name it: `div.longform-text`."""
    if element.get("id"):
        return f"{element.tag}#{element.get('id')}"
    classes = (element.get("class") or "").split()
    return ".".join((element.tag, *classes))
