"""Field coverage: the share of article pages that gave each field, compared with earlier runs.

After a redesign of the site, a template finds little or nothing. When the share of a field falls
below half of its recent median, the pages of the run are quarantined until the site file is fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from newscrawl.core.records import FALLBACK, Article

ENOUGH_RUNS = 3
ENOUGH_PAGES = 5  # a share of fewer pages means nothing
FIELDS = ("title", "body", "published", "links")
# How messages name them.
FIELD_NAMES = {
    "title": "a title",
    "body": "a body",
    "published": "a publication time",
    "links": "links",
}
LEAST = 0.5  # of the usual share
# Pages rejected for these reasons have an unknown design. They count as pages without any field.
UNREAD = frozenset({"no_template", "empty_body", "worse_page"})


def fields_of(article: Article) -> frozenset[str]:
    """The names in FIELDS that the article's own template found on the page."""
    by_template = {
        name for name, source in article.provenance.items() if not source.startswith(FALLBACK)
    }
    fields = set()
    if article.title is not None and "title" in by_template:
        fields.add("title")
    if article.body:
        fields.add("body")
    has_time = article.published is not None and article.published.local is not None
    if has_time and "published" in by_template:
        fields.add("published")
    if any(link.kind != "inline" for link in article.links):
        fields.add("links")
    return frozenset(fields)


def share(coverage: Mapping[str, int], field: str) -> float | None:
    """The share of a run's article pages that gave a field; None if there were too few pages."""
    pages = coverage.get("pages", coverage.get("articles", 0))
    if pages < ENOUGH_PAGES:
        return None
    return coverage.get(field, 0) / pages


def usual_shares(runs: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """The median share of each field, from the stats of good runs.

    A field is left out if fewer than ENOUGH_RUNS runs have a share for it.
    """
    shares: dict[str, list[float]] = {field: [] for field in FIELDS}
    for run in runs:
        coverage = run.get("coverage", {})
        for field in FIELDS:
            value = share(coverage, field)
            if value is not None:
                shares[field].append(value)
    return {field: median(values) for field, values in shares.items() if len(values) >= ENOUGH_RUNS}


def fallen(usual: Mapping[str, float], coverage: Mapping[str, int]) -> tuple[str, ...]:
    """The fields whose share in a run is under half of the usual one."""
    fields = []
    for field in FIELDS:
        value = share(coverage, field)
        if value is not None and value < LEAST * usual.get(field, 0.0):
            fields.append(field)
    return tuple(fields)


def still_fallen(usual: Mapping[str, float], pages: Sequence[frozenset[str]]) -> frozenset[str]:
    """The fields that quarantined pages still give too rarely after they were read again.

    `pages` holds the fields of each page. There is no minimum number of pages here.
    """
    if not pages:
        return frozenset()
    fields = set()
    for field in FIELDS:
        value = sum(field in page for page in pages) / len(pages)
        if value < LEAST * usual.get(field, 0.0):
            fields.add(field)
    return frozenset(fields)
