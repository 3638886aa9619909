"""The pages of a site, a category, an author and a tag: when they published, and what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlencode

from newscrawl.reports.health import site_health
from newscrawl.store.filters import Filter
from newscrawl.store.known_names import check_site
from newscrawl.store.read.charts import crawl_outcomes
from newscrawl.store.read.facets import Facets, facets_of
from newscrawl.store.read.front_pages import front_days
from newscrawl.store.read.listing import found_articles
from newscrawl.store.read.profiles import categories_of, category_facts, site_facts
from newscrawl.store.read.publication_days import DAY, site_days, site_totals
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.search import Hit
from newscrawl.store.read.site_links import count_site_links, site_links
from newscrawl.web.bars import Bars, bars_of_days
from newscrawl.web.calendar import WEEKS, calendar, last_day
from newscrawl.web.pages.search import faceted
from newscrawl.web.responses import Answer, Page, Query

ARTICLES, PAIRS = 20, 100  # on the page; a link leads to all


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The articles of a filter: how many, the newest ones, and what they have in common."""

    parameters: str  # of the search that lists all of them
    total: int
    is_exact: bool
    hits: tuple[Hit, ...]
    facets: Facets
    bars: Bars | None


def site_page(query: Query, reader: Reader) -> Answer:
    """A site: its year, its categories, authors and tags, and who cites whom."""
    site = query.parts["site"] or ""
    check_site(reader.db, site)
    total = site_totals(reader.db, (site,)).get(site)
    last = last_day([total.last if total else None], query.now.date())
    first = last - timedelta(weeks=WEEKS)
    days = {
        each.day: each.articles
        for each in site_days(reader.db, first.isoformat(), last.isoformat(), (site,))
        if len(each.day) == DAY
    }
    pairs, most = count_site_links(reader.db, site)
    crawls = list(crawl_outcomes(reader.db, 1, site))
    values = {
        "site": site,
        "facts": site_facts(reader.db, site),
        "total": total,
        "calendar": calendar(days, last) if total and total.last else None,
        "categories": categories_of(reader.db, site),
        "profile": _profile(reader, Filter(site=site), {"site": site}),
        "crawl": crawls[0] if crawls else None,
        "health": site_health(reader.db, site, query.now) if crawls else None,
        "links": site_links(reader.db, site, PAIRS),
        "pairs": pairs,
        "most": most,
        "has_front": bool(front_days(reader.db, site)),
    }
    return Page("site.html", values)


def category_page(query: Query, reader: Reader) -> Answer:
    """A category of a site."""
    site, key = query.parts["site"] or "", unquote(query.parts["key"] or "")
    check_site(reader.db, site)
    facts = category_facts(reader.db, site, key)
    profile = _profile(
        reader, Filter(site=site, category=facts.key), {"site": site, "category": facts.key}
    )
    return _page("Category", facts.name, profile, site=site, facts=facts)


def author_page(query: Query, reader: Reader) -> Answer:
    """The articles by an author: those whose byline has the words of the name."""
    name = unquote(query.parts["name"] or "")
    return _page("Author", name, _profile(reader, Filter(author=name), {"author": name}))


def tag_page(query: Query, reader: Reader) -> Answer:
    """The articles with a tag that has these words."""
    name = unquote(query.parts["name"] or "")
    return _page("Tag", name, _profile(reader, Filter(tag=name), {"tag": name}))


def _page(kind: str, name: str, profile: Profile, **more: Any) -> Page:
    status = 200 if profile.total or "facts" in more else 404
    return Page("profile.html", {"kind": kind, "name": name, "profile": profile, **more}, status)


def _profile(reader: Reader, only: Filter, parameters: dict[str, str]) -> Profile:
    found = found_articles(reader.db, "", only, "time")
    total, is_exact = found.total(exact=False)
    facets = facets_of(reader.db, found.latest_ids(faceted(total)))
    return Profile(
        parameters=f"?{urlencode(parameters)}",
        total=total,
        is_exact=is_exact,
        hits=tuple(found.hits(ARTICLES)),
        facets=facets,
        bars=bars_of_days(facets.days) if facets.articles == total else None,
    )
