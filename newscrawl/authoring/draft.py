"""A first site file from one saved article: what the page says about itself, and where its parts stand."""

from __future__ import annotations

import re
from collections import Counter
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
from newscrawl.extract.generic.printed_dates import printed_dates
from newscrawl.extract.generic.related import link_lists
from newscrawl.extract.generic.standfirst import standfirst_element
from newscrawl.extract.generic.times import stated
from newscrawl.sites.generic import generic_site

_ID = re.compile(r"(?P<before>.*?)(?P<id>\d{4,})(?P<after>(?:/|\.\w+)?)$")
_ZONES = {"vi": "Asia/Ho_Chi_Minh", "lo": "Asia/Vientiane"}
_APART = {
    "authors": r", split = '\s*[;,]\s*|\s+[-–]\s+'",
    "tags": r", split = '\s*,\s*', strip = ['^#\s*', ',$']",
}
_WHOLE = frozenset({"html", "body"})
_HEADINGS = (
    "h2",
    "h3",
    "h4",
    "h5",
)  # where `heading` looks if `heading_select` does not say otherwise
_TIME_FORMS = (
    (re.compile(r"\d{1,2}:\d{2}:\d{2}"), "%H:%M:%S"),
    (re.compile(r"\d{1,2}:\d{2}"), "%H:%M"),
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
    """`toml`: the file's text. `guesses`: what the author has to look at, in words."""

    name: str
    toml: str
    guesses: tuple[str, ...] = ()


@dataclass
class _Parts:
    """What of the file is known, before it is written down."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    drop: list[str] = field(default_factory=list)  # in the text, and no part of it
    links: list[dict[str, str]] = field(default_factory=list)
    guesses: list[str] = field(default_factory=list)


def draft_site(page: Page) -> SiteDraft:
    """A site file that reads this page. PageRejected where the page is no article, UsageError for a bad address."""
    site = generic_site(page.url)
    draft = extract_article(site, page)
    root = parse(page)
    facts = facts_of(root, page.url)
    parts = _Parts()
    headline = _headline(root, draft.title)
    body = container(root, draft.paragraphs)
    if headline is None or body is None:
        raise UsageError(
            f"{page.url}: neither headline nor text was found in the page itself",
            "save the page as the server sends it: curl -o page.html URL",
        )
    parts.fields["title"] = [selector_of(root, headline), "json-ld:headline", "meta:og:title"]
    lead = standfirst_element(facts)
    parts.fields["summary"] = [
        *([selector_of(root, lead)] if lead is not None else []),
        "meta:og:description",
    ]
    visible = _visible_time(root, [one.raw for one in printed_dates(facts)])
    parts.fields["published"] = [
        *(one.where for one in stated(facts)),
        *([selector_of(root, visible)] if visible is not None else []),
    ]
    by = _holding(root, draft.authors[:1], headline)
    parts.fields["authors"] = [
        *([selector_of(root, by)] if by is not None else []),
        "json-ld:author",
    ]
    parts.fields["tags"] = [
        *_tags(root, draft.tags),
        *(["meta:article:tag"] if facts.meta("article:tag") else []),
    ]
    parts.fields["breadcrumb"] = _crumbs(root, facts)
    parts.fields["image"] = ["json-ld:image", "meta:og:image"]
    parts.fields["body"] = [selector_of(root, body)]
    parts.drop = boxes(body, draft.paragraphs)
    _links(facts, parts)
    formats = [form for form in (_form(visible),) if form]
    return _written(page, draft.language, facts.meta("og:site_name"), formats, parts)


def _headline(root: HtmlElement, title: str | None) -> HtmlElement | None:
    heads = list(root.iter("h1"))
    same = [h1 for h1 in heads if title and letters(h1.text_content()) == letters(title)]
    return next(iter((*same, *heads)), None) if heads else _saying(root, title)


def _saying(root: HtmlElement, title: str | None) -> HtmlElement | None:
    """The innermost element that says the headline, where that is no h1."""
    bare = letters(title or "")
    found = [
        one
        for one in root.iter("h2", "h3", "div", "p", "span", "strong", "td")
        if letters(one.text_content()) == bare
    ]
    return next(
        (one for one in found if not any(other in found for other in one.iterdescendants())), None
    )


def _visible_time(root: HtmlElement, raws: list[str]) -> HtmlElement | None:
    for raw in raws:
        for element in root.iter("time", "span", "div", "p", "li"):
            if len(element) < 3 and (
                clean_text(element.text_content()) == raw or element.get("datetime") == raw
            ):
                return element
    return None


def _holding(root: HtmlElement, texts: tuple[str, ...], near: HtmlElement) -> HtmlElement | None:
    """The innermost element that is one of the texts, after the headline."""
    order = {element: place for place, element in enumerate(root.iter())}
    found = [
        element
        for element in root.iter("a", "span", "p", "strong", "b", "div", "li")
        if len(element) == 0
        and clean_text(element.text or "") in texts
        and order[element] > order[near]
    ]
    return found[0] if found else None


def _tags(root: HtmlElement, tags: tuple[str, ...]) -> list[str]:
    links = [
        link
        for link in root.iter("a")
        if letters(link.text_content()) in {letters(tag) for tag in tags}
    ]
    parents = Counter(_list_of(link) for link in links)
    best, count = next(iter(parents.most_common(1)), (None, 0))
    return [f"{selector_of(root, best)} a"] if best is not None and count > 1 else []


def _list_of(link: HtmlElement) -> HtmlElement | None:
    parent = link.getparent()
    return parent.getparent() if parent is not None and parent.tag == "li" else parent


def _crumbs(root: HtmlElement, facts: Facts) -> list[str]:
    """Data first: what is shown lists sections beside the article's own more often."""
    stated = ["json-ld:BreadcrumbList"] if facts.embedded.breadcrumb() else []
    bars = (
        element
        for element in root.iter("ul", "ol", "div", "nav")
        if re.search("bread-?crumb", f"{element.get('class')} {element.get('id')}", re.IGNORECASE)
    )
    shown = [f"{selector_of(root, element)} a" for element in bars][:1]
    named = ["meta:article:section"] if facts.meta("article:section") else []
    return [*stated, *shown, *named] or ["json-ld:BreadcrumbList"]


def _links(facts: Facts, parts: _Parts) -> None:
    """A block for each heading; where an element and the one within it say the same, the heading proper counts."""
    site = generic_site(facts.url)
    best: dict[tuple[LinkKind, str], tuple[HtmlElement, list[HtmlElement]]] = {}
    for kind, heading, links in link_lists(site, facts):
        key: tuple[LinkKind, str] = (kind, letters(heading.text_content()))
        if key not in best or heading.tag in _HEADINGS or best[key][0].tag not in _HEADINGS:
            best[key] = heading, links
    for (kind, _), (heading, links) in best.items():
        block: dict[str, str] = {
            "kind": kind,
            "heading": clean_text(heading.text_content()),
            "card": _card(links),
        }
        if heading.tag not in _HEADINGS:
            block["heading_select"] = card_selector(heading)
        parts.links.append(block)


def _card(links: list[HtmlElement]) -> str:
    """The element that repeats around the links: the highest that leads to only one article."""
    card = links[0]
    while (parent := card.getparent()) is not None and parent.tag not in _WHOLE:
        if len({link.get("href") for link in links if parent in link.iterancestors()}) > 1:
            break
        card = parent
    found = card_selector(card)
    return (
        "a"
        if found in ("div", "span", "section", "p") or len({link.get("href") for link in links}) < 2
        else found
    )


def _form(visible: HtmlElement | None) -> str | None:
    """The printed time as a format; None where it has something that no sign stands for."""
    text = clean_text(visible.text_content()) if visible is not None else ""
    for pattern, sign in _TIME_FORMS:
        text = pattern.sub(sign, text, count=1)
    return text if "%d" in text or "%Y" in text else None


def _written(
    page: Page, language: str | None, title: list[str], formats: list[str], parts: _Parts
) -> SiteDraft:
    host = (urlsplit(page.url).hostname or "").removeprefix("www.")
    name = slugify(host.split(".")[0]) or "paper"
    zone = _ZONES.get(language or "")
    guesses = [*parts.guesses]
    if zone is None:
        guesses.append(
            "timezone: the page does not say it; UTC stands there until you write the site's own"
        )
    if not parts.links:
        guesses.append(
            "template.links: no list of related articles was found under a heading that says so"
        )
    pattern = _article_url(page.url)
    if "(?P<id>\\d" not in pattern:
        guesses.append(
            "article_url: no number in the address; the whole path is taken for the article's id"
        )
    lines = [
        f"# {host}. Drafted from {page.url}: hold every line against other pages of the site.",
        f'name = "{name}"',
        f"title = {_quoted(title[0] if title else host)}",
        f'domain = "{host}"',
        f'origin = "{urlsplit(page.url).scheme}://{urlsplit(page.url).netloc}"',
        f'language = "{language or "und"}"',
        f'timezone = "{zone or "UTC"}"',
        "unverified = true",
        "",
        f"article_url = '{pattern}'",
        f"formats = [{', '.join(map(_quoted, formats))}]",
        "",
        "[[template]]",
        f'name = "{page.fetched_at.year if page.fetched_at else 1}"',
        f"marker = {_quoted(parts.fields['title'][0])}",
        "",
        "[template.fields]",
        *(f"{key} = {_rule(key, places, parts)}" for key, places in parts.fields.items() if places),
    ]
    for block in parts.links:
        lines += [
            "",
            "[[template.links]]",
            *(f"{key} = {_quoted(value)}" for key, value in block.items()),
        ]
    return SiteDraft(name, "\n".join(lines) + "\n", tuple(guesses))


def _article_url(url: str) -> str:
    path = urlsplit(url).path
    found = _ID.match(path)
    if found is None:
        return "^/(?P<id>.+)$"
    digits, after = len(found["id"]), re.escape(found["after"])
    most = digits + 2
    join = "-" if found["before"].endswith("-") else ""
    return f"^/(?:[^/]+/)*[^/]*{join or '(?<![0-9])'}(?P<id>\\d{{{max(4, digits - 2)},{most}}}){after}$"


def _rule(key: str, places: list[str], parts: _Parts) -> str:
    """The places, and for what lists or holds other things too, how to take it apart."""
    select = _value(places)
    if key == "body" and parts.drop:
        return f"{{ select = {select}, drop = {_value(parts.drop)} }}"
    return f"{{ select = {select}{_APART[key]} }}" if key in _APART else select


def _value(places: list[str]) -> str:
    return _quoted(places[0]) if len(places) == 1 else f"[{', '.join(map(_quoted, places))}]"


def _quoted(text: str) -> str:
    """A TOML string: literal where it can be, so that selectors stay readable."""
    if '"' not in text and "\\" not in text and text.isprintable():
        return f'"{text}"'
    if "'" not in text and text.isprintable():
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def fixture_facts(page: Page, kind: str = "article") -> str:
    """The facts.toml of a fixture: what the page itself does not say."""
    when = (
        f"fetched_at = {page.fetched_at.strftime('%Y-%m-%dT%H:%M:%SZ')}\n"
        if page.fetched_at
        else ""
    )
    return f"url = {_quoted(page.url)}\nkind = {_quoted(kind)}\n{when}"
