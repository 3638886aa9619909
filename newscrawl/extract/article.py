"""An article page as a Draft: its fields in the page's words, and the selector that gave each."""

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
from newscrawl.extract.fields import Match, first_match, matches_of, without_rejected
from newscrawl.extract.fill_gaps import fill_gaps
from newscrawl.extract.headlines import bare_headline, without_site_name
from newscrawl.extract.hostile_links import hostile_links
from newscrawl.extract.walls import NOT_FOUND_PAGE, wall_error
from newscrawl.sites.page_index import ParsedPage
from newscrawl.sites.schema import FieldRule, Template
from newscrawl.sites.selectors import compile_selector, matches_any, select_all
from newscrawl.sites.site import Site
from newscrawl.sites.values import EMBEDDED

TIMES = frozenset({"published", "modified"})
COMPOSED = frozenset(
    {"body", "breadcrumb", "category"}
)  # fields that are more than a list of texts
# A photo article has at least two captions. A single one may be all that is left of a page whose
# text is missing.
FEWEST_CAPTIONS = 2
HOME = frozenset(
    {"trang chu", "home", "trang nhat", "homepage"}
)  # folded names of a breadcrumb's first step


@dataclass(frozen=True, slots=True)
class TemplateMatch:
    """An article page under one template: what each selector of each simple field gave."""

    page: ParsedPage
    embedded: Embedded
    template: Template
    matches: Mapping[str, list[Match]]

    @property
    def root(self) -> HtmlElement:
        """The page's outermost element."""
        return self.page.root

    def best(self, field: str) -> Match | None:
        """The field's first match that has a value."""
        return first_match(self.matches.get(field, []))

    def value(self, field: str) -> str | None:
        """The field's first value; None if no selector gives one."""
        best = self.best(field)
        return best.values[0] if best else None

    def values(self, field: str) -> tuple[str, ...]:
        """All values of the first selector that gives any."""
        best = self.best(field)
        return best.values if best else ()


def extract_article(site: Site, page: Page) -> Draft:
    """The Draft of an article page.

    PageRejected if it is no article, with the codes of docs/site-file.md.
    """
    if site.generic:
        from newscrawl.extract.generic.article import extract_generic

        return extract_generic(site, page)
    match = match_template(site, page)
    return complete(site, draft_of(site, page, match), match.root)


def match_template(
    site: Site, page: Page, *, all_selectors: bool = False, default: Template | None = None
) -> TemplateMatch:
    """The page under the template that fits it, its simple fields looked up.

    A field's selectors are tried until one gives a value, or all of them with `all_selectors`.
    Those of times are always all tried: whether a text is a time is known later. `default` is the
    template for a page that none fits; without it such a page is a PageRejected (`no_template`).
    """
    if site.article_key(page.url) is None:
        message = f"{page.url}: not the address of an article of {site.name}"
        raise PageRejected("not_article", message)
    root = parse(page)
    parsed = ParsedPage(root)
    if matches_any(parsed, site.model.not_found):
        raise PageRejected("not_found_page", f"{page.url}: {NOT_FOUND_PAGE}")
    template = _template(site, page, parsed, default)
    embedded = Embedded(parsed)
    matches: dict[str, list[Match]] = {}
    for field, rule in template.fields.items():
        if field not in COMPOSED:
            candidates = _candidates(site, parsed, embedded, field, rule)
            matches[field] = _tried(candidates, all_selectors or field in TIMES)
    return TemplateMatch(parsed, embedded, template, matches)


def draft_of(site: Site, page: Page, match: TemplateMatch) -> Draft:
    """The Draft of a matched page; PageRejected (`empty_body`) if the page has no text."""
    rule = match.template.fields["body"]
    where, body = _body(site, match.page, rule, standfirst_of(match))
    if not body and not _may_be_empty(match):
        message = f"{page.url}: {where} has no text"
        raise wall_error(match.root, page.url) or PageRejected("empty_body", message)
    return draft_with(site, page, match, where, body)


def draft_with(
    site: Site, page: Page, match: TemplateMatch, where: str, body: Sequence[str]
) -> Draft:
    """The Draft of a matched page whose text, and the selector that gave it, are known."""
    title = match.value("title")
    breadcrumb_at, breadcrumb = _breadcrumb(site, page.url, match, title)
    category_at, category = _category(site, page.url, match, breadcrumb)
    language = match.value("language")
    provenance = {field: best.where for field in match.matches if (best := match.best(field))}
    if language is None and (language := _language(match.root)) is not None:
        provenance["language"] = "html::attr(lang)"
    if breadcrumb_at is not None:
        provenance["breadcrumb"] = breadcrumb_at
        provenance["category"] = breadcrumb_at
    if category_at is not None:
        provenance["category"] = category_at
    provenance["body"] = where
    problems = [
        *match.embedded.problems,
        *match.embedded.paywall(),
        *_missing(match, ("title", "published")),
        *hostile_links(match.root, site),
    ]
    return Draft(
        site=site.name,
        url=page.url,
        template=match.template.name,
        canonical_url=_canonical(site, page.url, match),
        title=title,
        summary=match.value("summary"),
        paragraphs=tuple(body),
        authors=match.values("authors"),
        breadcrumb=breadcrumb,
        category=category,
        tags=match.values("tags"),
        image_url=absolute(page.url, match.value("image")),
        language=language,
        published=_times(match.matches.get("published", [])),
        modified=_times(match.matches.get("modified", [])),
        links=link_blocks(site, page.url, match.page, match.template.links),
        provenance=provenance,
        problems=tuple(problems),
    )


def complete(site: Site, draft: Draft, root: HtmlElement) -> Draft:
    """The draft with headline and time from elsewhere on the page if its template gave none."""
    had_title = draft.title is not None
    draft = fill_gaps(draft, root)
    if draft.title is not None and not had_title:
        draft = replace(draft, title=bare_headline(site, draft.title))
    return replace(draft, published=tuple(filter(_is_own_time, draft.published)))


def standfirst_of(match: TemplateMatch) -> list[HtmlElement]:
    """The element of the standfirst, in a list; empty if there is none.

    It is no part of the body, even if it stands in it.
    """
    best = match.best("summary")
    if best is None or best.where.startswith(EMBEDDED):
        return []
    return compile_selector(best.where).elements(match.page)[:1]


def _template(site: Site, page: Page, parsed: ParsedPage, default: Template | None) -> Template:
    """The template whose marker is in the page.

    Of several, the first that was in use when the page was fetched.
    """
    marked = [template for template in site.model.template if matches_any(parsed, template.marker)]
    if marked:
        day = page.fetched_at.date() if page.fetched_at else None
        return next((template for template in marked if _in_use(template, day)), marked[0])
    if default is not None:
        return default
    message = f"{page.url}: none of the templates of {site.name} matches this page"
    hint = "to read it without a template: newscrawl extract --url URL FILE"
    raise wall_error(parsed.root, page.url) or PageRejected("no_template", message, hint)


def _in_use(template: Template, day: date | None) -> bool:
    """Whether the template was in use on that day; None is any day."""
    if day is None:
        return True
    if template.since is not None and day < template.since:
        return False
    return template.until is None or day <= template.until


def _candidates(
    site: Site, page: ParsedPage, embedded: Embedded, field: str, rule: FieldRule
) -> Iterator[Match]:
    """The matches of a simple field, one selector after the other."""
    matches = matches_of(page, embedded, rule, names=field == "authors")
    if field == "title":
        return (without_site_name(site, match) for match in matches)
    return matches


def _tried(candidates: Iterator[Match], all_selectors: bool) -> list[Match]:
    matches: list[Match] = []
    for match in candidates:
        matches.append(match)
        if match.values and not all_selectors:
            break
    return matches


def _is_own_time(raw: RawTime) -> bool:
    """False for a date found by chance: it may be that of a related article, or a clock."""
    return raw.source != "page" or not raw.where.startswith(FALLBACK)


def _body(
    site: Site, page: ParsedPage, rule: FieldRule, standfirst: list[HtmlElement]
) -> tuple[str, list[str]]:
    """(selector, paragraphs) of the container, without the standfirst.

    Captions are paragraphs only if there is no other text.
    """
    for source in rule.select:
        body = _text_at(site, page, rule, source, leave_out=standfirst, keep=rule.keep)
        if body:
            return source, body
    if rule.captions:
        keep = (*rule.keep, *rule.captions)
        for source in rule.select:
            body = _text_at(site, page, rule, source, leave_out=standfirst, keep=keep)
            if len(body) >= FEWEST_CAPTIONS:
                return source, body
    return rule.select[0], []


def _text_at(
    site: Site,
    page: ParsedPage,
    rule: FieldRule,
    source: str,
    *,
    leave_out: list[HtmlElement],
    keep: Sequence[str],
) -> list[str]:
    """The paragraphs of all containers that a selector finds."""
    drop = (*site.model.drop, *rule.drop)
    found: list[str] = []
    for container in compile_selector(source).elements(page):
        found += paragraphs(container, dropped(container, drop, keep).union(leave_out))
    return without_rejected(found, rule)


def _may_be_empty(match: TemplateMatch) -> bool:
    """Whether a page of this design is an article even without text."""
    empty = match.template.empty_body
    if isinstance(empty, bool):
        return empty
    return matches_any(match.page, empty)


def _breadcrumb(
    site: Site, base: str, match: TemplateMatch, title: str | None
) -> tuple[str | None, tuple[Crumb, ...]]:
    """(selector, steps) of the first selector that gives any; the own headline is no step."""
    rule = match.template.fields.get("breadcrumb")
    if rule is None:
        return None, ()
    for source in rule.select:
        steps = [step for step in _steps_at(site, base, match, rule, source) if step.name != title]
        if steps:
            return source, tuple(steps)
    return None, ()


def _steps_at(
    site: Site, base: str, match: TemplateMatch, rule: FieldRule, source: str
) -> Iterator[Crumb]:
    """The steps that one selector of the breadcrumb's rule gives."""
    if source.startswith("json-ld:"):
        for name, href in match.embedded.breadcrumb():
            yield crumb(site, base, name, href)
    elif source.startswith("meta:"):
        single = rule.model_copy(update={"select": (source,)})
        for found in matches_of(match.page, match.embedded, single):
            for name in found.values:
                yield named(site, name)
    else:
        for element in compile_selector(source).elements(match.page):
            step = crumb_of(site, base, element)
            if step is not None:
                yield step


def _category(
    site: Site, base: str, match: TemplateMatch, breadcrumb: tuple[Crumb, ...]
) -> tuple[str | None, Crumb | None]:
    """(selector, label) by the `category` rule; else (None, last step of the breadcrumb).

    The home page is no such step.
    """
    rule = match.template.fields.get("category")
    if rule is not None:
        for source in rule.select:
            label = _label_at(site, base, match, source)
            if label is not None:
                return source, label
    for step in reversed(breadcrumb):
        if fold(step.name) not in HOME:
            return None, step
    return None, None


def _label_at(site: Site, base: str, match: TemplateMatch, source: str) -> Crumb | None:
    """The category label that one selector gives: one that leads to a category before others."""
    if source.startswith(EMBEDDED):
        values = match.embedded.values(source)
        return Crumb(values[0].strip()) if values else None
    first: Crumb | None = None
    for element in select_all(match.page, (source,)):
        label = crumb_of(site, base, element)
        if label is not None and label.key:
            return label
        first = first or label
    return first


def _canonical(site: Site, base: str, match: TemplateMatch) -> str | None:
    """The page's canonical address, if it is one of this article: some pages name another's."""
    key = site.article_key(base)
    for href in _canonical_links(match):
        url = absolute(base, href)
        if url is not None and site.article_key(url) == key:
            return site.canonical_url(url)
    return None


def _canonical_links(match: TemplateMatch) -> Iterator[str | None]:
    for link in match.page.named("link"):
        if (link.get("rel") or "").lower() == "canonical":
            yield link.get("href")
    yield from match.embedded.values("meta:og:url")


def _language(root: HtmlElement) -> str | None:
    """The language of the `html` element, without its region."""
    html = root if root.tag == "html" else root.getroottree().getroot()
    value = (html.get("lang") or "").strip().lower().replace("_", "-")
    return value.partition("-")[0] or None


def _times(matches: list[Match]) -> tuple[RawTime, ...]:
    return tuple(
        RawTime(match.values[0], _source(match.where), match.where)
        for match in matches
        if match.values
    )


def _source(where: str) -> TimeSource:
    if where.startswith("json-ld:"):
        return "json-ld"
    if where.startswith("meta:"):
        return "meta"
    return "page"


def _missing(match: TemplateMatch, fields: tuple[str, ...]) -> Iterator[Problem]:
    """A problem for each of these fields whose selectors all give no value."""
    for field in fields:
        matches = match.matches.get(field)
        if matches is not None and first_match(matches) is None:
            selectors = ", ".join(candidate.where for candidate in matches)
            yield Problem("extract", "missing", f"nothing at {selectors}", field)
