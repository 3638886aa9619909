"""An article page as a Draft: what it says, in its own words, and which place said it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lxml.html import HtmlElement

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import FALLBACK, Crumb, Draft, Page, Problem, RawTime, TimeSource
from newscrawl.core.text import fold
from newscrawl.core.urls import absolute
from newscrawl.extract.body import dropped, paragraphs
from newscrawl.extract.cards import crumb, crumb_of, link_blocks, named
from newscrawl.extract.decode import parse
from newscrawl.extract.embedded import Embedded
from newscrawl.extract.fields import Found, candidates, first, kept
from newscrawl.extract.fill_gaps import filled
from newscrawl.extract.headlines import bare_headline, without_site_name
from newscrawl.extract.hostile_links import tricks_on
from newscrawl.extract.walls import rejected
from newscrawl.sites.page_index import ParsedPage
from newscrawl.sites.schema import FieldRule, Template
from newscrawl.sites.selectors import compile_selector, matches_any, select_all
from newscrawl.sites.site import Site
from newscrawl.sites.values import EMBEDDED

TIMES = frozenset({"published", "modified"})
FEWEST_CAPTIONS = (
    2  # of a photo article; a single one may be what is left of a page whose text is missing
)
HOME = frozenset({"trang chu", "home", "trang nhat", "homepage"})


@dataclass(frozen=True, slots=True)
class Reading:
    """An article page under one template: what every place of every simple field gave."""

    page: ParsedPage
    embedded: Embedded
    template: Template
    found: Mapping[str, list[Found]]

    @property
    def root(self) -> HtmlElement:
        """The page's outermost element."""
        return self.page.root

    def one(self, field: str) -> str | None:
        """The field's first value; None where no place gives one."""
        best = first(self.found.get(field, []))
        return best.values[0] if best else None

    def all(self, field: str) -> tuple[str, ...]:
        """Every value of the first place that gives any."""
        best = first(self.found.get(field, []))
        return best.values if best else ()


def extract_article(site: Site, page: Page) -> Draft:
    """What an article page says. PageRejected where it is no article: see the codes in docs/site-file.md."""
    if site.generic:
        from newscrawl.extract.generic.article import extract_generic

        return extract_generic(site, page)
    reading = read(site, page)
    return completed(site, draft_of(site, page, reading), reading.root)


def completed(site: Site, draft: Draft, root: HtmlElement) -> Draft:
    """The draft with headline and time from elsewhere on the page where its template gave none."""
    untitled = draft.title is None
    draft = filled(draft, root)
    if untitled and draft.title is not None:
        draft = replace(draft, title=bare_headline(site, draft.title))
    return replace(draft, published=tuple(filter(_own_time, draft.published)))


def read(
    site: Site, page: Page, *, every_place: bool = False, otherwise: Template | None = None
) -> Reading:
    """Chooses the template and looks every simple field up, in all its places or until one gives a value.

    Times are always looked up in all: whether one can be read is seen later. `otherwise` is the template of a page
    that none fits; without it such a page is a PageRejected (`no_template`).
    """
    if site.article_key(page.url) is None:
        raise PageRejected(
            "not_article", f"{page.url}: not the address of an article of {site.name}"
        )
    root = parse(page)
    parsed = ParsedPage(root)
    if matches_any(parsed, site.model.not_found):
        raise PageRejected(
            "not_found_page", f"{page.url}: the page says that there is no such article"
        )
    template = _template(site, page, parsed, otherwise)
    embedded = Embedded(parsed)
    fields = {
        name: _looked_up(_places(site, parsed, embedded, name, rule), every_place or name in TIMES)
        for name, rule in template.fields.items()
        if name not in ("body", "breadcrumb", "category")
    }
    return Reading(parsed, embedded, template, fields)


def _own_time(raw: RawTime) -> bool:
    """Whether it is the article's own: one that merely stands on the page may be a related item's, or a clock."""
    return raw.source != "page" or not raw.where.startswith(FALLBACK)


def _places(
    site: Site, page: ParsedPage, embedded: Embedded, name: str, rule: FieldRule
) -> Iterator[Found]:
    found = candidates(page, embedded, rule, names=name == "authors")
    return (without_site_name(site, one) for one in found) if name == "title" else found


def _looked_up(found: Iterator[Found], every_place: bool) -> list[Found]:
    places: list[Found] = []
    for one in found:
        places.append(one)
        if one.values and not every_place:
            break
    return places


def draft_of(site: Site, page: Page, reading: Reading) -> Draft:
    """The Draft of a page that was read; PageRejected (`empty_body`) where it has no text."""
    where, body = _body(site, reading.page, reading.template.fields["body"], standfirst_of(reading))
    if not body and not _may_be_empty(reading.page, reading.template):
        said = f"{page.url}: {where} has no text"
        raise rejected(reading.root, page.url, lambda: PageRejected("empty_body", said))
    return draft_with(site, page, reading, where, body)


def draft_with(site: Site, page: Page, reading: Reading, where: str, body: Sequence[str]) -> Draft:
    """The Draft of a page whose text, and the place that gave it, are known."""
    root = reading.root
    title, summary = reading.one("title"), reading.one("summary")
    steps_at, breadcrumb = _breadcrumb(site, page.url, reading, title)
    category_at, category = _category(site, page.url, reading, breadcrumb)
    language = reading.one("language") or _language(root)
    provenance = {
        name: best.where for name, found in reading.found.items() if (best := first(found))
    }
    if language and "language" not in provenance:
        provenance["language"] = "html::attr(lang)"
    provenance |= {
        name: at
        for name, at in (("breadcrumb", steps_at), ("category", category_at or steps_at))
        if at
    }
    problems = [
        *reading.embedded.problems,
        *reading.embedded.paywall(),
        *_missing(reading, ("title", "published")),
    ]
    problems += tricks_on(root, site)
    canonical = _canonical(site, page.url, reading)
    return Draft(
        site=site.name,
        url=page.url,
        template=reading.template.name,
        canonical_url=canonical,
        title=title,
        summary=summary,
        paragraphs=tuple(body),
        authors=reading.all("authors"),
        breadcrumb=breadcrumb,
        category=category,
        tags=reading.all("tags"),
        image_url=absolute(page.url, reading.one("image")),
        language=language,
        published=_times(reading.found.get("published", [])),
        modified=_times(reading.found.get("modified", [])),
        links=link_blocks(site, page.url, reading.page, reading.template.links),
        provenance=provenance | {"body": where},
        problems=tuple(problems),
    )


def _template(site: Site, page: Page, parsed: ParsedPage, otherwise: Template | None) -> Template:
    """The first whose marker is in the page; where several are, the date of the fetch may tell them apart."""
    marked = [template for template in site.model.template if matches_any(parsed, template.marker)]
    if not marked and otherwise is not None:
        return otherwise
    if not marked:
        said = f"{page.url}: none of the templates of {site.name} fits this page"
        hint = "see what it says all the same, and in which element its text stands: newscrawl extract --url URL FILE"
        raise rejected(parsed.root, page.url, lambda: PageRejected("no_template", said, hint))
    day = page.fetched_at.date() if page.fetched_at else None
    return next((template for template in marked if _in_time(template, day)), marked[0])


def _in_time(template: Template, day: date | None) -> bool:
    if day is None:
        return True
    return (template.since is None or day >= template.since) and (
        template.until is None or day <= template.until
    )


def standfirst_of(reading: Reading) -> list[HtmlElement]:
    """The element that is the standfirst, which is no part of the body even where it stands in it."""
    best = first(reading.found.get("summary", []))
    if best is None or best.where.startswith(EMBEDDED):
        return []
    return compile_selector(best.where).elements(reading.page)[:1]


def _body(
    site: Site, page: ParsedPage, rule: FieldRule, standfirst: list[HtmlElement]
) -> tuple[str, list[str]]:
    """The selector of the container, and its paragraphs without the standfirst; captions only for want of others."""
    for place in rule.select:
        found = _text_at(site, page, rule, place, rule.keep, standfirst)
        if found:
            return place, found
    for place in rule.select if rule.captions else ():
        found = _text_at(site, page, rule, place, (*rule.keep, *rule.captions), standfirst)
        if len(found) >= FEWEST_CAPTIONS:
            return place, found
    return rule.select[0], []


def _text_at(
    site: Site,
    page: ParsedPage,
    rule: FieldRule,
    place: str,
    keep: Sequence[str],
    standfirst: list[HtmlElement],
) -> list[str]:
    """The paragraphs of all containers that a place names."""
    found: list[str] = []
    for container in compile_selector(place).elements(page):
        leave_out = dropped(container, (*site.model.drop, *rule.drop), keep)
        found += paragraphs(container, leave_out.union(standfirst))
    return kept(found, rule)


def _may_be_empty(page: ParsedPage, template: Template) -> bool:
    """Whether a page without text is an article of this design all the same."""
    empty = template.empty_body
    return empty if isinstance(empty, bool) else matches_any(page, empty)


def _breadcrumb(
    site: Site, base: str, reading: Reading, title: str | None
) -> tuple[str | None, tuple[Crumb, ...]]:
    """(place, steps) without the article's own."""
    rule = reading.template.fields.get("breadcrumb")
    if rule is None:
        return None, ()
    for place in rule.select:
        if place.startswith("json-ld:"):
            crumbs = [crumb(site, base, name, href) for name, href in reading.embedded.breadcrumb()]
        elif place.startswith("meta:"):
            crumbs = [
                named(site, name) for found in _at(reading, rule, place) for name in found.values
            ]
        else:
            elements = compile_selector(place).elements(reading.page)
            crumbs = [found for element in elements if (found := crumb_of(site, base, element))]
        crumbs = [found for found in crumbs if found.name != title]
        if crumbs:
            return place, tuple(crumbs)
    return None, ()


def _at(reading: Reading, rule: FieldRule, place: str) -> Iterator[Found]:
    """What one place of the rule gives."""
    return candidates(reading.page, reading.embedded, rule.model_copy(update={"select": (place,)}))


def _category(
    site: Site, base: str, reading: Reading, breadcrumb: tuple[Crumb, ...]
) -> tuple[str | None, Crumb | None]:
    """(place, label) of the `category` rule; else (None, the breadcrumb's last step that is not the home page)."""
    rule = reading.template.fields.get("category")
    for place in rule.select if rule else ():
        if place.startswith(("json-ld:", "meta:")):
            values = reading.embedded.values(place)
            if values:
                return place, Crumb(values[0].strip())
        else:
            elements = select_all(reading.page, (place,))
            found = [label for element in elements if (label := crumb_of(site, base, element))]
            if found:
                return place, next((label for label in found if label.key), found[0])
    steps = [step for step in breadcrumb if fold(step.name) not in HOME]
    return None, steps[-1] if steps else None


def _canonical(site: Site, base: str, reading: Reading) -> str | None:
    """The address that the page gives itself, where it names this very article; a wrong one says nothing."""
    key = site.article_key(base)
    links = [
        link.get("href")
        for link in reading.page.named("link")
        if (link.get("rel") or "").lower() == "canonical"
    ]
    for href in (*links, *reading.embedded.values("meta:og:url")):
        url = absolute(base, href)
        if url is not None and site.article_key(url) == key:
            return site.canonical_url(url)
    return None


def _language(root: HtmlElement) -> str | None:
    html = root if root.tag == "html" else root.getroottree().getroot()
    value = (html.get("lang") or "").strip().lower().replace("_", "-")
    return value.partition("-")[0] or None


def _times(found: list[Found]) -> tuple[RawTime, ...]:
    return tuple(
        RawTime(value, _source(one.where), one.where) for one in found for value in one.values[:1]
    )


def _source(where: str) -> TimeSource:
    if where.startswith("json-ld:"):
        return "json-ld"
    return "meta" if where.startswith("meta:") else "page"


def _missing(reading: Reading, names: tuple[str, ...]) -> list[Problem]:
    """A problem for each field that the template has places for and the page has nothing in."""
    return [
        Problem("extract", "missing", f"nothing at {', '.join(one.where for one in found)}", name)
        for name in names
        if (found := reading.found.get(name)) is not None and first(found) is None
    ]
