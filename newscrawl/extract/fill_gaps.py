"""What a template does not find, looked for as on a page of an unknown site, and marked as found that way.

Only headline and time: a text taken by guess would hide that the template is out of date, and could be a box's.
The time only from what the page says for machines: a printed date that no template names may be another article's.
"""

from __future__ import annotations

from dataclasses import replace

from lxml.html import HtmlElement

from newscrawl.core.records import FALLBACK, Draft
from newscrawl.extract.generic import times as instants
from newscrawl.extract.generic.facts import facts_of
from newscrawl.extract.generic.headline import headline


def filled(draft: Draft, root: HtmlElement) -> Draft:
    """The draft with headline and time from elsewhere on the page where its template gave none."""
    if draft.title is not None and draft.published:
        return draft
    facts = facts_of(root, draft.url)
    if draft.title is None and (found := headline(facts)) is not None:
        place, title = found
        draft = replace(
            draft, title=title, provenance=dict(draft.provenance) | {"title": FALLBACK + place}
        )
    if not draft.published:
        times = tuple(replace(raw, where=FALLBACK + raw.where) for raw in instants.stated(facts))
        draft = replace(draft, published=times)
    return draft
