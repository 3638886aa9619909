"""A draft of a site file from one saved article."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from newscrawl.authoring.container import boxes, container
from newscrawl.authoring.css import card_selector, selector_of
from newscrawl.core.errors import UsageError
from newscrawl.core.records import LinkKind, Page
from newscrawl.core.text import clean_text, slugify
from newscrawl.extract import extract_article
from newscrawl.extract.decode import parse
from newscrawl.extract.generic.facts import Facts, facts_of, letters
from newscrawl.extract.generic.locale import time_locale
from newscrawl.extract.generic.printed_dates import printed_dates
from newscrawl.extract.generic.related import link_lists
from newscrawl.extract.generic.standfirst import standfirst_element
from newscrawl.extract.generic.surroundings import Surroundings
from newscrawl.extract.generic.times import stated
from newscrawl.sites.generic import generic_site

_ID = re.compile(r"(?P<before>.*?)(?P<id>\d{4,})(?P<after>(?:/|\.\w+)?)$")
# A number between two slashes; not a year, month or day.
_ID_INSIDE = re.compile(r"/(?!(?:19|20)\d{4}(?:\d\d)?/)(?P<id>\d{5,})/[^/]+(?P<after>/?)$")
ZONES = {"vi": "Asia/Ho_Chi_Minh", "lo": "Asia/Vientiane"}
_SPLITTING = {
    "authors": r", split = '\s*[;,]\s*|\s+[-–]\s+'",
    "tags": r", split = '\s*,\s*', strip = ['^#\s*', ',$']",
}
_WHOLE = frozenset({"html", "body"})
# The elements that `heading` searches if there is no `heading_select`.
_HEADINGS = ("h2", "h3", "h4", "h5")
# Tags that do not identify a card.
_NAMELESS = frozenset({"div", "span", "section", "p"})
_TITLE_TAGS = ("h2", "h3", "div", "p", "span", "strong", "td")
_BYLINE_TAGS = ("a", "span", "p", "strong", "b", "div", "li")
_TIME_FORMS = (
    (re.compile(r"\d{1,2}:\d{2}:\d{2}"), "%H:%M:%S"),
    (re.compile(r"\d{1,2}:\d{2}"), "%H:%M"),
    (re.compile(r"\b\d{1,2}h\d{2}\b"), "%Hh%M"),
    (re.compile(r"\d{4}-\d{1,2}-\d{1,2}"), "%Y-%m-%d"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), "%d/%m/%Y"),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}"), "%d-%m-%Y"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
    (
        re.compile(r"(?i)th(?:ứ|u) \w+|chủ nhật|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"),
        "%A",
    ),
)


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """`toml` is the text of the file. `guesses` are sentences on what the author must check."""

    name: str
    toml: str
    guesses: tuple[str, ...] = ()


@dataclass
class _Parts:
    """The parts of the file, before they are written as TOML."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    drop: list[str] = field(default_factory=list)  # elements in the text that are not part of it
    links: list[dict[str, str]] = field(default_factory=list)


def draft_site(page: Page) -> SiteDraft:
    """A site file that reads this page.

    PageRejected if the page is not an article, UsageError for a bad address.
    """
    site = generic_site(page.url)
    draft = extract_article(site, page)
    root = parse(page)
    facts = facts_of(root, page.url)
    headline = _headline(root, draft.title)
    body = container(root, draft.paragraphs)
    if headline is None or body is None:
        hint = "save the page as the server sends it: curl -o page.html URL"
        raise UsageError(f"{page.url}: the page itself has no headline or no text", hint)
    lead = standfirst_element(facts)
    shown = printed_dates(
        facts, Surroundings(facts, draft.title or ""), time_locale(facts, draft.title or "")
    )
    shown_times = [printed.raw for printed in shown]
    # After those in elements that are named as dates: the other dates that the page shows.
    shown_times += [found.raw for found in draft.published if found.source == "page"]
    visible_time = _visible_time(root, shown_times)
    byline = _element_with(root, draft.authors[:1], headline)
    tag_metas = ["meta:article:tag"] if facts.meta("article:tag") else []
    parts = _Parts()
    parts.fields = {
        "title": [selector_of(root, headline), "json-ld:headline", "meta:og:title"],
        "summary": [*_selectors(root, lead), "meta:og:description"],
        "published": [*(time.where for time in stated(facts)), *_selectors(root, visible_time)],
        "authors": [*_selectors(root, byline), "json-ld:author"],
        "tags": [*_tags(root, draft.tags), *tag_metas],
        "breadcrumb": _crumbs(root, facts),
        "image": ["json-ld:image", "meta:og:image"],
        "body": [selector_of(root, body)],
    }
    parts.drop = boxes(body, draft.paragraphs)
    parts.links = _link_blocks(facts)
    time_format = time_format_of(visible_time)
    title = next(iter(facts.meta("og:site_name")), None)
    return _site_draft(page, draft.language, title, time_format, parts)


def _selectors(root: HtmlElement, element: HtmlElement | None) -> list[str]:
    """The selector of an element, as a list; empty if there is no element."""
    return [] if element is None else [selector_of(root, element)]


def _headline(root: HtmlElement, title: str | None) -> HtmlElement | None:
    """The h1 with the title, else the first h1; without h1, the element with the title."""
    headings = list(root.iter("h1"))
    if not headings:
        return _innermost_with(root, title or "")
    for h1 in headings:
        if title and letters(h1.text_content()) == letters(title):
            return h1
    return headings[0]


def _innermost_with(root: HtmlElement, title: str) -> HtmlElement | None:
    wanted = letters(title)
    matches = [
        element for element in root.iter(*_TITLE_TAGS) if letters(element.text_content()) == wanted
    ]
    for element in matches:
        if not any(inner in matches for inner in element.iterdescendants()):
            return element
    return None


def _visible_time(root: HtmlElement, raws: list[str]) -> HtmlElement | None:
    """The first element that shows one of the printed times."""
    for raw in raws:
        for element in root.iter("time", "span", "div", "p", "li"):
            if len(element) >= 3:
                continue
            if clean_text(element.text_content()) == raw or element.get("datetime") == raw:
                return element
    return None


def _element_with(
    root: HtmlElement, texts: tuple[str, ...], headline: HtmlElement
) -> HtmlElement | None:
    """The first element after the headline whose whole text is one of these."""
    positions = {element: position for position, element in enumerate(root.iter())}
    for element in root.iter(*_BYLINE_TAGS):
        if len(element) > 0 or positions[element] <= positions[headline]:
            continue
        if clean_text(element.text or "") in texts:
            return element
    return None


def _tags(root: HtmlElement, tags: tuple[str, ...]) -> list[str]:
    """A selector for the links with the tags, if at least two of them are in one list."""
    wanted = {letters(tag) for tag in tags}
    links = [link for link in root.iter("a") if letters(link.text_content()) in wanted]
    lists = Counter(_list_of(link) for link in links)
    best, count = next(iter(lists.most_common(1)), (None, 0))
    return [f"{selector_of(root, best)} a"] if best is not None and count > 1 else []


def _list_of(link: HtmlElement) -> HtmlElement | None:
    parent = link.getparent()
    if parent is not None and parent.tag == "li":
        return parent.getparent()
    return parent


def _crumbs(root: HtmlElement, facts: Facts) -> list[str]:
    """JSON-LD first: visible breadcrumbs often show other sections beside the article's own."""
    places = []
    if facts.embedded.breadcrumb():
        places.append("json-ld:BreadcrumbList")
    for element in root.iter("ul", "ol", "div", "nav"):
        names = f"{element.get('class')} {element.get('id')}"
        if re.search("bread-?crumb", names, re.IGNORECASE):
            places.append(f"{selector_of(root, element)} a")
            break
    if facts.meta("article:section"):
        places.append("meta:article:section")
    return places or ["json-ld:BreadcrumbList"]


def _link_blocks(facts: Facts) -> list[dict[str, str]]:
    """A block for each heading.

    If an element and another one in it have the same text, the one with a heading's tag is used.
    """
    best: dict[tuple[LinkKind, str], tuple[HtmlElement, list[HtmlElement]]] = {}
    for kind, heading, links in link_lists(generic_site(facts.url), facts):
        key: tuple[LinkKind, str] = (kind, letters(heading.text_content()))
        if key not in best or heading.tag in _HEADINGS or best[key][0].tag not in _HEADINGS:
            best[key] = heading, links
    blocks = []
    for (kind, _), (heading, links) in best.items():
        text = clean_text(heading.text_content())
        block: dict[str, str] = {"kind": kind, "heading": text, "card": _card(links)}
        if heading.tag not in _HEADINGS:
            block["heading_select"] = card_selector(heading)
        blocks.append(block)
    return blocks


def _card(links: list[HtmlElement]) -> str:
    """A selector for the outermost element around a link that leads to only one article."""
    card = links[0]
    while (parent := card.getparent()) is not None and parent.tag not in _WHOLE:
        if len(_targets(link for link in links if parent in link.iterancestors())) > 1:
            break
        card = parent
    selector = card_selector(card)
    if selector in _NAMELESS or len(_targets(links)) < 2:
        return "a"
    return selector


def _targets(links: Iterable[HtmlElement]) -> set[str | None]:
    return {link.get("href") for link in links}


def time_format_of(visible_time: HtmlElement | None) -> str | None:
    """The format of the printed time; None if a part of it has no directive."""
    if visible_time is None:
        return None
    text = clean_text(visible_time.text_content())
    for pattern, directives in _TIME_FORMS:
        text = pattern.sub(directives, text, count=1)
    return text if "%d" in text or "%Y" in text else None


def _site_draft(
    page: Page, language: str | None, title: str | None, time_format: str | None, parts: _Parts
) -> SiteDraft:
    address = urlsplit(page.url)
    host = (address.hostname or "").removeprefix("www.")
    name = slugify(host.split(".")[0]) or "paper"
    zone = ZONES.get(language or "")
    pattern = article_url_of(page.url)
    lines = [
        f"# {host}. Drafted from {page.url}: check every line against other pages of the site.",
        f'name = "{name}"',
        f"title = {quoted(title or host)}",
        f'domain = "{host}"',
        f'origin = "{address.scheme}://{address.netloc}"',
        f'language = "{language or "und"}"',
        f'timezone = "{zone or "UTC"}"',
        "unverified = true",
        "",
        f"article_url = '{pattern}'",
        f"formats = [{quoted(time_format) if time_format else ''}]",
        "",
        *_template_lines(page, parts),
    ]
    for block in parts.links:
        lines += ["", "[[template.links]]"]
        lines += [f"{key} = {quoted(value)}" for key, value in block.items()]
    guesses = []
    if zone is None:
        guesses.append("timezone: the page does not have it; replace UTC with the site's own")
    if not parts.fields["published"]:
        guesses.append("published: no date found; add a selector")
    if not parts.links:
        guesses.append("template.links: no list of related articles was found under a heading")
    if "(?P<id>\\d" not in pattern:
        guesses.append(
            "article_url: the address has no number at its end; the whole path is used as the id"
        )
    return SiteDraft(name, "\n".join(lines) + "\n", tuple(guesses))


def _template_lines(page: Page, parts: _Parts) -> list[str]:
    lines = [
        "[[template]]",
        f'name = "{page.fetched_at.year if page.fetched_at else 1}"',
        f"marker = {quoted(parts.fields['title'][0])}",
        "",
        "[template.fields]",
    ]
    for key, places in parts.fields.items():
        if places:
            lines.append(f"{key} = {_rule(key, places, parts)}")
    return lines


def article_url_of(url: str) -> str:
    """A pattern for the URLs of articles: by the number in this one, or else the whole path."""
    path = urlsplit(url).path
    if match := _ID.match(path):
        separator = "-" if match["before"].endswith("-") else "(?<![0-9])"
        after = re.escape(match["after"])
        return f"^/(?:[^/]+/)*[^/]*{separator}{_number_like(match['id'])}{after}$"
    if match := _ID_INSIDE.search(path):
        return f"^/(?:[^/]+/)*{_number_like(match['id'])}/[^/]+{match['after']}$"
    return "^/(?P<id>.+)$"


def _number_like(number: str) -> str:
    """A pattern for the number of an article, up to two digits shorter or longer than this one."""
    digits = len(number)
    return f"(?P<id>\\d{{{max(4, digits - 2)},{digits + 2}}})"


def _rule(key: str, places: list[str], parts: _Parts) -> str:
    """The rule of a field as TOML: its places, and how to drop or split parts of the value."""
    select = _value(places)
    if key == "body" and parts.drop:
        return f"{{ select = {select}, drop = {_value(parts.drop)} }}"
    if key in _SPLITTING:
        return f"{{ select = {select}{_SPLITTING[key]} }}"
    return select


def _value(places: list[str]) -> str:
    if len(places) == 1:
        return quoted(places[0])
    return f"[{', '.join(map(quoted, places))}]"


def quoted(text: str) -> str:
    """A TOML string, without escapes if possible, so that selectors are readable."""
    if '"' not in text and "\\" not in text and text.isprintable():
        return f'"{text}"'
    if "'" not in text and text.isprintable():
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def fixture_facts(page: Page, kind: str = "article") -> str:
    """The facts.toml of a fixture: what is not in the page itself."""
    facts = f"url = {quoted(page.url)}\nkind = {quoted(kind)}\n"
    if page.fetched_at:
        facts += f"fetched_at = {page.fetched_at.strftime('%Y-%m-%dT%H:%M:%SZ')}\n"
    return facts
