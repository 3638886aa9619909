"""Which place gave each field of a page, and which places lost: for `sites check` and `show --explain`."""

from __future__ import annotations

from dataclasses import dataclass

from newscrawl.core.records import Draft, Page
from newscrawl.extract.article import draft_of, read
from newscrawl.extract.fields import Found
from newscrawl.extract.fill_gaps import filled
from newscrawl.sites.site import Site


@dataclass(frozen=True, slots=True)
class FieldReport:
    """A field of the page: its value, the place that gave it, and what the other places would have given."""

    field: str
    value: str | None
    where: str | None
    others: tuple[Found, ...]


def explain_article(site: Site, page: Page) -> tuple[FieldReport, ...]:
    """A report for every field; raises what extract_article raises."""
    reading = read(site, page, every_place=True)
    draft = filled(draft_of(site, page, reading), reading.root)
    reports = []
    for name, found in reading.found.items():
        best = next((one for one in found if one.values), None) or _elsewhere(draft, name)
        value = " | ".join(best.values) if best else None
        others = tuple(one for one in found if one is not best)
        reports.append(FieldReport(name, value, best.where if best else None, others))
    body = "\n\n".join(draft.paragraphs)
    reports.append(FieldReport("body", body or None, draft.provenance["body"], ()))
    names = " > ".join(step.name for step in draft.breadcrumb)
    label = draft.category.name if draft.category else None
    reports.append(FieldReport("breadcrumb", names or None, draft.provenance.get("breadcrumb"), ()))
    reports.append(
        FieldReport("category", label, draft.provenance.get("category") if label else None, ())
    )
    for kind in ("related", "same_category", "inline"):
        titles = [link.teaser.title or link.teaser.url for link in draft.links if link.kind == kind]
        reports.append(FieldReport(kind, " | ".join(titles) or None, "links", ()))
    return tuple(reports)


def _elsewhere(draft: Draft, name: str) -> Found | None:
    """What was looked for outside the template, where that has nothing."""
    if name == "title" and draft.title is not None:
        return Found(draft.provenance["title"], (draft.title,))
    if name == "published" and draft.published:
        return Found(draft.published[0].where, (draft.published[0].raw,))
    return None
