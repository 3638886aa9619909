"""An article page of any site as a Draft.

Data and metadata give the simple fields, trafilatura gives the text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from newscrawl.core.records import Crumb, Draft, Page, Problem, TimeLocale
from newscrawl.core.text import clean_text
from newscrawl.core.urls import absolute
from newscrawl.extract.decode import parse_with_flaws
from newscrawl.extract.generic import times
from newscrawl.extract.generic.authors import authors
from newscrawl.extract.generic.body import SHORT, body_lines, corrected, link_shares
from newscrawl.extract.generic.facts import SECTIONS, Facts, facts_of, first_text, letters
from newscrawl.extract.generic.headline import headline
from newscrawl.extract.generic.is_article import reject_nested, reject_other_pages
from newscrawl.extract.generic.locale import language_of, time_locale
from newscrawl.extract.generic.placing import lines_of_article
from newscrawl.extract.generic.related import related
from newscrawl.extract.generic.shown_text import amount
from newscrawl.extract.generic.standfirst import DESCRIPTION, standfirst
from newscrawl.extract.generic.surroundings import Surroundings
from newscrawl.extract.hostile_links import hostile_links
from newscrawl.sites.site import Site

_KEYWORDS = ("article:tag", "news_keywords", "keywords", "parsely-tags", "sailthru.tags")
_BETWEEN = re.compile(r"\s*[,;|]\s*")
_MOST_TAGS = 50
_LEADING = 3  # paragraphs in which the standfirst stands, if trafilatura takes it for text
_START = 50  # letters of it are enough to recognise it
_BY = ("", "by", "von", "par", "por", "di", "af", "av", "door")


def extract_generic(site: Site, page: Page) -> Draft:
    """The Draft of an article page.

    Raises PageRejected if it is not an article, with the codes of docs/site-file.md.
    """
    root, flaws = parse_with_flaws(page)
    facts = facts_of(root, page.url)
    reject_nested(facts)
    title_at, title = headline(facts) or (None, None)
    surroundings = Surroundings(facts, title or "")
    authors_at, names = authors(facts, surroundings) or (None, ())
    locale = time_locale(facts, title or "")
    body_at, body = _body(facts, names, title or "", surroundings, locale)
    published = times.published(facts, surroundings, locale)
    is_dated = any(raw.source != "url" for raw in published)
    reject_other_pages(facts, title or "", body, surroundings, is_dated=is_dated)
    summary_at, summary, body = _standfirst_and_body(facts, body)
    category_at, category = next(_sections(facts), (None, None))
    image = facts.meta("og:image", "twitter:image")
    places = {
        "title": title_at,
        "summary": summary_at,
        "authors": authors_at,
        "category": category_at,
        "body": body_at,
    }
    problems = [
        *flaws,
        *facts.embedded.problems,
        *facts.embedded.paywall(),
        *_missing(title=title, published=published, body=body),
        *hostile_links(root, site),
    ]
    return Draft(
        site=site.name,
        url=page.url,
        template=site.model.template[0].name,
        canonical_url=_canonical(site, facts),
        title=title,
        summary=summary,
        paragraphs=tuple(body),
        authors=names,
        breadcrumb=_breadcrumb(facts),
        category=Crumb(category) if category else None,
        tags=_tags(facts),
        image_url=absolute(page.url, image[0]) if image else None,
        language=language_of(facts),
        published=published,
        modified=times.modified(facts, locale),
        links=related(site, facts),
        provenance={field: place for field, place in places.items() if place},
        problems=tuple(problems),
    )


def _body(
    facts: Facts,
    names: tuple[str, ...],
    title: str,
    surroundings: Surroundings,
    locale: TimeLocale,
) -> tuple[str, list[str]]:
    """(place, paragraphs) of the text; the page's data only if trafilatura finds nearly nothing."""
    known = {letters(headline) for headline in (*facts.headlines(), title)}
    for word in _BY:
        known |= {letters(f"{word} {name}") for name in names}
    if len(names) > 1:
        known.add(letters("".join(names)))  # all of them on one line: `山田花子、佐藤一郎`
    found = body_lines(facts)
    own = lines_of_article([line.text for line in found], facts, surroundings)
    lines = [line for position, line in enumerate(found) if position in own]
    article_body = html.unescape(first_text(facts.data.get("articleBody")))
    paragraphs = corrected(lines, known, link_shares(facts, lines), article_body, locale)
    is_short = len(paragraphs) <= 1 or amount(" ".join(paragraphs)) < SHORT
    if is_short and amount(article_body) > SHORT:
        whole = html.unescape(str(facts.data.get("articleBody")))
        cleaned = map(clean_text, re.split(r"\n+", whole))
        return "json-ld:articleBody", list(filter(None, cleaned))
    return "trafilatura", paragraphs


def _standfirst_and_body(facts: Facts, body: list[str]) -> tuple[str | None, str | None, list[str]]:
    """(place, standfirst, body without it).

    A standfirst that is a part of the text is only the page's description.
    """
    lead = standfirst(facts)
    if lead is None:
        return None, None, body
    place, summary = lead
    bare = letters(summary)
    for position, paragraph in enumerate(body[:_LEADING]):
        if letters(paragraph) == bare:
            return place, summary, body[:position] + body[position + 1 :]
    if bare[:_START] in letters(" ".join(body)):
        return DESCRIPTION, summary, body
    return place, summary, body


def _missing(**fields: object) -> Iterator[Problem]:
    for field, value in fields.items():
        if not value:
            message = "the page has it in none of the known places"
            yield Problem("extract", "missing", message, field)


def _sections(facts: Facts) -> Iterator[tuple[str, str]]:
    """(place, name) of the article's section, the surest first."""
    if own := facts.data_text("articleSection"):
        yield "json-ld:articleSection", own
    for name in SECTIONS[:3]:
        for value in facts.meta(name)[:1]:
            yield f"meta:{name}", value
    if steps := _breadcrumb(facts):
        yield "json-ld:BreadcrumbList", steps[-1].name


def _breadcrumb(facts: Facts) -> tuple[Crumb, ...]:
    headlines = {letters(headline) for headline in facts.headlines()}
    return tuple(
        Crumb(name, absolute(facts.url, href))
        for name, href in facts.embedded.breadcrumb()
        if letters(name) not in headlines
    )


def _tags(facts: Facts) -> tuple[str, ...]:
    in_data = facts.data.get("keywords")
    if not isinstance(in_data, list):
        in_data = [in_data]
    keywords = list(filter(None, map(first_text, in_data)))
    tags: dict[str, None] = {}
    for text in keywords or facts.meta(*_KEYWORDS):
        tags |= dict.fromkeys(_BETWEEN.split(text))
    tags.pop("", None)
    return tuple(tags)[:_MOST_TAGS]


def _canonical(site: Site, facts: Facts) -> str | None:
    """The page's canonical address, if it is one of the same site and not its home page."""
    for href in _canonical_links(facts):
        url = absolute(facts.url, href)
        if url is not None and site.article_key(url) is not None:
            return site.canonical_url(url)
    return None


def _canonical_links(facts: Facts) -> Iterator[str | None]:
    for link in facts.root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            yield link.get("href")
    yield from facts.meta("og:url")
