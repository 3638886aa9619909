"""An article page of any site as a Draft: data and metas for the small fields, trafilatura for the text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from newscrawl.core.records import Crumb, Draft, Page, Problem
from newscrawl.core.text import clean_text
from newscrawl.core.urls import absolute
from newscrawl.extract.decode import parse
from newscrawl.extract.generic import times as instants
from newscrawl.extract.generic.authors import authors
from newscrawl.extract.generic.body import SHORT, body_lines, link_shares, mended
from newscrawl.extract.generic.facts import SECTIONS, Facts, facts_of, letters, text
from newscrawl.extract.generic.headline import headline
from newscrawl.extract.generic.is_article import refuse_nested, refuse_other_pages
from newscrawl.extract.generic.related import related
from newscrawl.extract.generic.standfirst import DESCRIPTION, standfirst
from newscrawl.extract.hostile_links import hostile_links
from newscrawl.sites.site import Site

_KEYWORDS = ("article:tag", "news_keywords", "keywords", "parsely-tags", "sailthru.tags")
_BETWEEN = re.compile(r"\s*[,;|]\s*")
_MOST_TAGS = 50
_LEADING = 3  # paragraphs: where the standfirst stands, if trafilatura takes it for text
_START = 50  # letters of it are enough to know it again
_BY = ("", "by", "von", "par", "por", "di", "af", "av", "door")


def extract_generic(site: Site, page: Page) -> Draft:
    """What an article page says. PageRejected where the page is none: see the codes in docs/site-file.md."""
    root = parse(page)
    facts = facts_of(root, page.url)
    refuse_nested(facts)
    title, by, lead = headline(facts), authors(facts), standfirst(facts)
    names = by[1] if by else ()
    body, where = _body(facts, names, title[1] if title else "")
    published = instants.published(facts)
    refuse_other_pages(
        facts, title[1] if title else "", body, any(raw.source != "url" for raw in published)
    )
    lead = _apart(lead, body)
    category = next(iter(_sections(facts)), None)
    image = facts.meta("og:image", "twitter:image")
    return Draft(
        site=site.name,
        url=page.url,
        template=site.model.template[0].name,
        canonical_url=_canonical(site, facts),
        title=title[1] if title else None,
        summary=lead[1] if lead else None,
        paragraphs=tuple(body),
        authors=names,
        breadcrumb=_breadcrumb(facts),
        category=Crumb(category[1]) if category else None,
        tags=_tags(facts),
        image_url=absolute(page.url, image[0]) if image else None,
        language=_language(facts),
        published=published,
        modified=instants.modified(facts),
        links=related(site, facts),
        provenance=_provenance(title=title, summary=lead, authors=by, category=category)
        | {"body": where},
        problems=(
            *facts.embedded.problems,
            *facts.embedded.paywall(),
            *_missing(title=title, published=published, body=body),
            *hostile_links(root, site),
        ),
    )


def _body(facts: Facts, names: tuple[str, ...], title: str) -> tuple[list[str], str]:
    """The paragraphs, and which way they were found."""
    article_body = html.unescape(text(facts.data.get("articleBody")))
    known = {letters(one) for one in (*facts.headlines(), title)}
    known |= {letters(f"{word} {name}") for name in names for word in _BY}
    lines = body_lines(facts)
    found = mended(lines, known, link_shares(facts, lines), article_body)
    if len(article_body) > SHORT and (len(found) <= 1 or len(" ".join(found)) < SHORT):
        own = str(facts.data.get("articleBody"))
        return [
            line for one in re.split(r"\n+", html.unescape(own)) if (line := clean_text(one))
        ], "json-ld:articleBody"
    return found, "trafilatura"


def _apart(lead: tuple[str, str] | None, body: list[str]) -> tuple[str, str] | None:
    """The standfirst, taken out of the body; one that is a part of the text is only what the page says of itself."""
    if lead is None:
        return None
    bare = letters(lead[1])
    same = next(
        (place for place, line in enumerate(body[:_LEADING]) if letters(line) == bare), None
    )
    if same is not None:
        del body[same]
    elif bare[:_START] in letters(" ".join(body)):
        return DESCRIPTION, lead[1]
    return lead


def _provenance(**found: tuple[str, object] | None) -> dict[str, str]:
    return {field: one[0] for field, one in found.items() if one is not None}


def _missing(**fields: object) -> Iterator[Problem]:
    for name, value in fields.items():
        if not value:
            yield Problem("extract", "missing", "the page has it in no place that is known", name)


def _sections(facts: Facts) -> Iterator[tuple[str, str]]:
    if own := facts.own("articleSection"):
        yield "json-ld:articleSection", own
    for name in SECTIONS[:3]:
        for value in facts.meta(name)[:1]:
            yield f"meta:{name}", value
    if crumbs := _breadcrumb(facts):
        yield "json-ld:BreadcrumbList", crumbs[-1].name


def _breadcrumb(facts: Facts) -> tuple[Crumb, ...]:
    headlines = {letters(one) for one in facts.headlines()}
    steps = [Crumb(name, absolute(facts.url, href)) for name, href in facts.embedded.breadcrumb()]
    return tuple(step for step in steps if letters(step.name) not in headlines)


def _tags(facts: Facts) -> tuple[str, ...]:
    own = facts.data.get("keywords")
    said = own if isinstance(own, list) else [own]
    found = [text(one) for one in said if text(one)] or facts.meta(*_KEYWORDS)
    return tuple(dict.fromkeys(tag for one in found for tag in _BETWEEN.split(one) if tag))[
        :_MOST_TAGS
    ]


def _language(facts: Facts) -> str | None:
    root = facts.root if facts.root.tag == "html" else facts.root.getroottree().getroot()
    said = [
        root.get("lang") or "",
        facts.own("inLanguage"),
        *facts.meta("content-language", "og:locale", "language"),
    ]
    value = next((one for one in said if re.match(r"[a-zA-Z]{2,3}(?:[-_]|$)", one.strip())), "")
    return re.split("[-_]", value.strip().lower())[0] or None


def _canonical(site: Site, facts: Facts) -> str | None:
    """The address that the page gives itself, where it is one of the same site and not its home page."""
    links = [
        link.get("href")
        for link in facts.root.iter("link")
        if (link.get("rel") or "").lower() == "canonical"
    ]
    for href in (*links, *facts.meta("og:url")):
        url = absolute(facts.url, href)
        if url is not None and site.article_key(url) is not None:
            return site.canonical_url(url)
    return None
