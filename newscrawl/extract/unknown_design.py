"""A page of a known site whose design no template knows, or whose text is not where its template has it.

For looking at a single page: a crawl refuses such a page and keeps it, and `reextract` reads it once the site file
knows the design. The small fields come from the site file's own places, which need not be the design's: data and metas
stay when a design changes.
"""

from __future__ import annotations

from dataclasses import replace

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import FALLBACK, Draft, Page, Problem
from newscrawl.extract.article import (
    Reading,
    completed,
    draft_with,
    extract_article,
    read,
    standfirst_of,
)
from newscrawl.extract.fields import first
from newscrawl.extract.generic.article import extract_generic
from newscrawl.extract.running_text import running_text, without
from newscrawl.sites.generic import TEMPLATE
from newscrawl.sites.site import Site

DESIGN = ("no_template", "empty_body")


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
