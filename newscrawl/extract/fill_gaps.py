"""Headline and time from elsewhere on a page if its template finds none, marked as found that way.

Nothing else: a text taken by guess would hide that the template is out of date, and could be
another article's. The time is taken only from data and metadata: a printed date that no template
names may be another article's.
"""

from __future__ import annotations

from dataclasses import replace

from lxml.html import HtmlElement

from newscrawl.core.records import FALLBACK, Draft
from newscrawl.extract.generic import times
from newscrawl.extract.generic.facts import facts_of
from newscrawl.extract.generic.headline import headline


def fill_gaps(draft: Draft, root: HtmlElement) -> None:
    """Sets headline and time of a draft that has none, if the page has them elsewhere."""
    if draft.title is not None and draft.published:
        return
    facts = facts_of(root, draft.url)
    if draft.title is None and (best := headline(facts)) is not None:
        where, draft.title = best
        draft.provenance = {**draft.provenance, "title": FALLBACK + where}
    if not draft.published:
        stated = (replace(raw, where=FALLBACK + raw.where) for raw in times.stated(facts))
        draft.published = tuple(stated)
