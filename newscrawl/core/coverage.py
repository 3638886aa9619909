"""Whether a site's pages still carry what they usually do: a run's field coverage against its earlier runs. Pure.

After a redesign a template finds little or nothing. A share under half of its recent median is no accident: what was
read is held back until the site file is mended (`quarantine`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from newscrawl.core.records import FALLBACK, Article

ENOUGH_RUNS = 3
ENOUGH_PAGES = 5  # fewer say nothing about shares
FIELDS = ("title", "body", "published", "links")
LEAST = 0.5  # of the usual share
# What a page is rejected for where its design is not known; such a page counts as one without any field.
UNREAD = frozenset({"no_template", "empty_body", "worse_page"})


def fields_of(article: Article) -> frozenset[str]:
    """The fields among FIELDS that the page gave where its template looks for them."""
    found = {name for name, where in article.provenance.items() if not where.startswith(FALLBACK)}
    dated = article.published is not None and article.published.local is not None
    has = {
        "title": article.title is not None and "title" in found,
        "body": bool(article.body),
        "published": dated and "published" in found,
        "links": any(link.kind != "inline" for link in article.links),
    }
    return frozenset(name for name, there in has.items() if there)


def share(coverage: Mapping[str, int], field: str) -> float | None:
    """The share of a run's article pages that gave a field; None where they were too few."""
    pages = coverage.get("pages", coverage.get("articles", 0))
    return coverage.get(field, 0) / pages if pages >= ENOUGH_PAGES else None


def usual_shares(runs: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """The median share of each field over the stats of good runs; none for a field that too few runs tell of."""
    known = [run.get("coverage", {}) for run in runs]
    shares = {
        name: [found for one in known if (found := share(one, name)) is not None] for name in FIELDS
    }
    return {name: median(values) for name, values in shares.items() if len(values) >= ENOUGH_RUNS}


def fallen(usual: Mapping[str, float], coverage: Mapping[str, int]) -> tuple[str, ...]:
    """The fields whose share is under half of the usual one."""
    shares = {name: share(coverage, name) for name in FIELDS}
    return tuple(
        name
        for name, found in shares.items()
        if found is not None and found < LEAST * usual.get(name, 0.0)
    )


def still_fallen(usual: Mapping[str, float], pages: Sequence[frozenset[str]]) -> frozenset[str]:
    """The fields that pages held back, read again, still give too rarely; however few the pages are."""
    if not pages:
        return frozenset()
    shares = {name: sum(name in page for page in pages) / len(pages) for name in FIELDS}
    return frozenset(name for name, found in shares.items() if found < LEAST * usual.get(name, 0.0))
