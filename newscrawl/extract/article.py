"""An article page as a Draft: its fields in the page's words, and the selector that gave each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from newscrawl.core.deadline import uncounted
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Crumb, Draft, Page, Problem, RawTime, TimeSource
from newscrawl.core.text import fold
from newscrawl.core.urls import absolute
from newscrawl.extract.body import dropped, paragraphs
from newscrawl.extract.cards import crumb, crumb_of, link_blocks, named
from newscrawl.extract.decode import parse_with_flaws
from newscrawl.extract.embedded import Embedded
from newscrawl.extract.fields import Match, matches_of, without_rejected
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
# Folded names of a breadcrumb's first step.
HOME = frozenset({"trang chu", "home", "trang nhat", "homepage"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateMatch:
    """An article page under one template: what each selector of each simple field gave.

    `best` has the first match of each field that has a value.
    """

    page: ParsedPage
    embedded: Embedded
    template: Template
    matches: Mapping[str, list[Match]]
    best: Mapping[str, Match]
    flaws: tuple[Problem, ...] = ()  # of decoding the page

    def values(self, field: str) -> tuple[str, ...]:
        """All values of the field's best match; empty if no selector gives one."""
        best = self.best.get(field)
        return best.values if best else ()

    def value(self, field: str) -> str | None:
        """The first of these values."""
        return next(iter(self.values(field)), None)


def extract_article(site: Site, page: Page) -> Draft:
    """The Draft of an article page.

    Raises PageRejected if it is not an article, with the codes of docs/site-file.md.
    """
    if site.generic:
        with uncounted():
            from newscrawl.extract.generic.article import extract_generic

        return extract_generic(site, page)
    match = match_template(site, page)
    draft = draft_of(site, page, match)
    complete(site, draft, match.page.root)
    return draft


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
    root, flaws = parse_with_flaws(page)
    parsed = ParsedPage(root)
    if matches_any(parsed, site.model.not_found):
        raise PageRejected("not_found_page", f"{page.url}: {NOT_FOUND_PAGE}")
    template = _template(site, page, parsed, default)
    embedded = Embedded(parsed)
    matches: dict[str, list[Match]] = {}
    best: dict[str, Match] = {}
    for field, rule in template.fields.items():
        if field in COMPOSED:
            continue
        matches[field] = []
        for match in matches_of(parsed, embedded, rule, names=field == "authors"):
            if field == "title":
                match = without_site_name(site, match)
            matches[field].append(match)
            if match.values:
                best.setdefault(field, match)
                if not all_selectors and field not in TIMES:
                    break
    return TemplateMatch(
        page=parsed,
        embedded=embedded,
        template=template,
        matches=matches,
        best=best,
        flaws=flaws,
    )


def draft_of(site: Site, page: Page, match: TemplateMatch) -> Draft:
    """The Draft of a matched page; PageRejected (`empty_body`) if the page has no text."""
    rule = match.template.fields["body"]
    where, body = _body(site, match.page, rule, standfirst_of(match))
    if not body and not _may_be_empty(match):
        message = f"{page.url}: {where} has no text"
        raise wall_error(match.page.root, page.url) or PageRejected("empty_body", message)
    return draft_with(site, page, match, where, body)


def draft_with(
    site: Site, page: Page, match: TemplateMatch, where: str, body: Sequence[str]
) -> Draft:
    """The Draft of a matched page whose text, and the selector that gave it, are known."""
    root = match.page.root
    title = match.value("title")
    breadcrumb_at, breadcrumb = _breadcrumb(site, page.url, match, title)
    category_at, category = _category(site, page.url, match, breadcrumb)
    provenance = {field: best.where for field, best in match.best.items()}
    language = match.value("language")
    if language is None:
        language = re.split("[-_]", root.get("lang", "").strip().lower())[0] or None
        if language is not None:
            provenance["language"] = "html::attr(lang)"
    if breadcrumb_at is not None:
        provenance["breadcrumb"] = breadcrumb_at
        provenance["category"] = breadcrumb_at
    if category_at is not None:
        provenance["category"] = category_at
    provenance["body"] = where
    problems = [*match.flaws, *match.embedded.problems, *match.embedded.paywall()]
    for field in ("title", "published"):
        if field in match.matches and field not in match.best:
            selectors = ", ".join(candidate.where for candidate in match.matches[field])
            problems.append(Problem("extract", "missing", f"nothing at {selectors}", field))
    problems += hostile_links(root, site)
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


def complete(site: Site, draft: Draft, root: HtmlElement) -> None:
    """Sets headline and time from elsewhere on the page if the template gave none."""
    if draft.title is not None and draft.published:
        return
    had_title = draft.title is not None
    fill_gaps(draft, root)
    if draft.title is not None and not had_title:
        draft.title = bare_headline(site, draft.title)


def standfirst_of(match: TemplateMatch) -> list[HtmlElement]:
    """The element of the standfirst, in a list; empty if there is none.

    It is not part of the body, even if it is inside it.
    """
    best = match.best.get("summary")
    if best is None or best.where.startswith(EMBEDDED):
        return []
    return compile_selector(best.where).elements(match.page)[:1]


def _template(site: Site, page: Page, parsed: ParsedPage, default: Template | None) -> Template:
    """The template whose marker is in the page.

    Of several, the first that was in use when the page was fetched.
    """
    marked = [template for template in site.model.template if matches_any(parsed, template.marker)]
    if not marked and default is not None:
        return default
    if not marked:
        message = f"{page.url}: none of the templates of {site.name} matches this page"
        hint = "to read it without a template: newscrawl extract --url URL FILE"
        raise wall_error(parsed.root, page.url) or PageRejected("no_template", message, hint)
    if page.fetched_at is not None:
        day = page.fetched_at.date()
        for template in marked:
            if (template.since or day) <= day <= (template.until or day):
                return template
    return marked[0]


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
    """(selector, steps) of the first selector with steps; the page's headline is not a step."""
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

    The home page does not count as a step.
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
    links = match.page.named("link")
    hrefs = [link.get("href") for link in links if link.get("rel", "").lower() == "canonical"]
    for href in (*hrefs, *match.embedded.values("meta:og:url")):
        url = absolute(base, href)
        if url is not None and site.article_key(url) == key:
            return site.canonical_url(url)
    return None


def _times(matches: list[Match]) -> tuple[RawTime, ...]:
    """The first value of each selector, as a candidate."""
    times: list[RawTime] = []
    for match in matches:
        source: TimeSource = "page"
        if match.where.startswith("json-ld:"):
            source = "json-ld"
        elif match.where.startswith("meta:"):
            source = "meta"
        if match.values:
            times.append(RawTime(match.values[0], source, match.where))
    return tuple(times)
