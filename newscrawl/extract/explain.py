"""Which selector gave each field of a page, and what the others gave.

For `sites check` and `show --explain`.
"""

from __future__ import annotations

from dataclasses import dataclass

from newscrawl.core.records import Draft, Page
from newscrawl.extract.article import TemplateMatch, draft_of, match_template
from newscrawl.extract.fields import Match
from newscrawl.extract.fill_gaps import fill_gaps
from newscrawl.sites.site import Site


@dataclass(frozen=True, slots=True)
class FieldReport:
    """A field: its value, the selector that gave it, and the matches of the other selectors."""

    field: str
    value: str | None
    where: str | None
    others: tuple[Match, ...]


def explain_article(site: Site, page: Page) -> tuple[FieldReport, ...]:
    """A report for every field; raises what extract_article raises."""
    match = match_template(site, page, all_selectors=True)
    draft = draft_of(site, page, match)
    fill_gaps(draft, match.page.root)
    # A template without a rule for the publication time has a row for it too.
    fields = dict.fromkeys([*match.matches, "published"])
    reports = [_simple_field(match, draft, field) for field in fields]
    body = "\n\n".join(draft.paragraphs)
    steps = " > ".join(step.name for step in draft.breadcrumb)
    reports.append(_composed(draft, "body", body))
    reports.append(_composed(draft, "breadcrumb", steps))
    if draft.category is not None:
        reports.append(_composed(draft, "category", draft.category.name))
    else:
        reports.append(FieldReport("category", None, None, ()))
    for kind in ("related", "same_category", "inline"):
        teasers = [link.teaser for link in draft.links if link.kind == kind]
        titles = " | ".join(teaser.title or teaser.url for teaser in teasers)
        reports.append(FieldReport(kind, titles or None, "links", ()))
    return tuple(reports)


def _composed(draft: Draft, field: str, value: str) -> FieldReport:
    return FieldReport(field, value or None, draft.provenance.get(field), ())


def _simple_field(match: TemplateMatch, draft: Draft, field: str) -> FieldReport:
    matches = match.matches.get(field, [])
    best = match.best.get(field) or _outside_template(draft, field)
    others = tuple(other for other in matches if other is not best)
    if best is None:
        return FieldReport(field, None, None, others)
    return FieldReport(field, " | ".join(best.values), best.where, others)


def _outside_template(draft: Draft, field: str) -> Match | None:
    """The value that fill_gaps found where the template has none."""
    if field == "title" and draft.title is not None:
        return Match(draft.provenance["title"], (draft.title,))
    if field == "published" and draft.published:
        raw = draft.published[0]
        return Match(raw.where, (raw.raw,))
    return None
