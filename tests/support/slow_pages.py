"""Pages, feeds and sitemaps that are slow for some step of reading: one of each kind, and at random.

A page is made for a site on 127.0.0.1, which is read with SITE or without a site file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from newscrawl.core.records import PageKind

SITE = r"""
name = "slow"
title = "Báo Chậm"
domain = "paper.example"
origin = "https://paper.example"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
max_pages = 1
article_url = '^/[^/]*-(?P<id>\d+)\.html$'
category_url = '^/muc/(?P<slug>[a-z-]+)(?:/(?P<page>\d+))?$'
category_start = "/muc/{slug}"
category = [{ key = "tin", slug = "tin" }]

[feeds]
site = [FEEDS]

[sitemap]
url = [SITEMAPS]

[[template]]
name = "now"
marker = "h1"

[template.fields]
title = ["h1", "meta:og:title"]
summary = ["p.time + h3 + div.content", ".a .b .c p"]
published = ["time", "p.time", "json-ld:datePublished"]
authors = ["json-ld:author", ".b .c .author", "p.time ~ p.author"]
tags = ["json-ld:keywords", ".a ~ .b li:nth-child(2)"]
breadcrumb = "json-ld:BreadcrumbList"

[template.fields.body]
select = "div.body"
drop = [".a .b .ad", "div:has(.ad .ad)", "li:last-child"]

[[template.links]]
kind = "related"
within = ".a .b, .c"
card = "li"

[[listing]]
name = "list"

[[listing.block]]
card = "li"
link = "a"
"""
WORDS = "Bến thuyền và mùa lúa, giá cà phê trong tuần. "
ATTRIBUTE = 'aN="1" '


@dataclass(frozen=True, slots=True)
class SlowPage:
    """A page, the path at which it stands, and what it is."""

    path: str
    body: bytes
    kind: PageKind


def good(number: int) -> bytes:
    """An ordinary article."""
    text = "".join(f"<p>Đoạn {part} của bài {number}: {WORDS * 8}</p>" for part in range(9))
    return article(f'<div class="body">{text}</div>', f"Bài số {number} về bến thuyền")


def article(inside: str, title: str = "Bến thuyền NUMBER và mùa lúa", head: str = "") -> bytes:
    """A page with a headline, a time and a text, and something slow beside them."""
    return (
        f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>"
        f"<time>06/08/2026 10:30</time>{inside}"
        f'<div class="body"><p>{title}: {"NUMBER " * 30} {WORDS * 20}</p></div></body></html>'
    ).encode()


def data(json: str) -> str:
    """JSON-LD of an article."""
    return (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"x",'
        f"{json}}}</script>"
    )


def nested(start: str, times: int, end: str, text: str = "x") -> str:
    return start * times + text + end * times


def numbered(form: str, count: int) -> str:
    """The form with the numbers from 0 in place of N."""
    return "".join(form.replace("N", str(number)) for number in range(count))


def feed(inside: str, items: int = 1) -> bytes:
    """A feed whose items have something slow inside."""
    rows = numbered(
        f"<item><title>Tin N</title><link>BASE/tin-1N.html</link>{inside}</item>", items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{rows}</channel></rss>'.encode()


def sitemap(inside: str, before: str = "", urls: int = 1) -> bytes:
    """A sitemap with something slow before and inside its addresses."""
    rows = numbered(f"<url><loc>BASE/tin-2N.html</loc>{inside}</url>", urls)
    return f"{before}<urlset>{rows}</urlset>".encode()


# Each takes its size as a factor: 1 is a page of some hundred kilobytes up to some megabytes.
Maker = Callable[[float], bytes]
ARTICLES: Mapping[str, Maker] = {
    "siblings": lambda n: article('<p class="time">1</p>' * int(14_000 * n)),
    "pairs-of-siblings": lambda n: article(
        '<p class="time">1</p><p class="author">An</p>' * int(7_000 * n)
    ),
    "nested-classes": lambda n: article(
        nested('<div class="a b c ad">', int(1_800 * n), "</div>", "<li><p>x</p></li>" * 3_000)
    ),
    "few-nested-classes": lambda n: article(
        nested('<div class="a b c ad">', int(400 * n), "</div>", "<li>x</li>" * int(1_000 * n))
    ),
    "list-items": lambda n: article(f"<ul>{'<li>x' * int(25_000 * n)}</ul>"),
    "paragraphs": lambda n: article("<p>x</p>" * int(60_000 * n)),
    "breaks": lambda n: article("<br>" * int(60_000 * n)),
    "empty-elements": lambda n: article("<b></b>" * int(28_000 * n)),
    "attributes-of-one": lambda n: article(f"<p {numbered('aN=1 ', int(9_000 * n))}>x</p>"),
    "attributes-of-all": lambda n: article(
        f"<i {numbered('aN=1 ', 200)}>x</i>" * int(2_000 * n)
    ),
    "one-long-attribute": lambda n: article(f'<p class="{"a " * int(500_000 * n)}">x</p>'),
    "comments": lambda n: article("<!--x-->" * int(300_000 * n)),
    "open-comments": lambda n: article("<!--" * int(300_000 * n)),
    "open-tags": lambda n: article("<a<" * int(150_000 * n)),
    "entities": lambda n: article("&amp;&#60;&nbsp;" * int(200_000 * n)),
    "one-word": lambda n: article(f"<p>{'a' * int(2_000_000 * n)}</p>"),
    "title-of-bars": lambda n: article("", "a | b - " * int(60_000 * n)),
    "author": lambda n: article("", head=data(f'"author":"{"a" * int(900_000 * n)}"')),
    "authors": lambda n: article(
        "", head=data(f'"author":[{numbered(chr(34) + "An N" + chr(34) + ",", int(50_000 * n))}"b"]')
    ),
    "author-of-signs": lambda n: article("", head=data(f'"author":"{"( @," * int(200_000 * n)}"')),
    "nested-data": lambda n: article(
        "", head=data(f'"author":{nested("[", int(900 * n), "]", chr(34) + "a" + chr(34))}')
    ),
    "data-objects": lambda n: article("", head=data('"author":"An"') * int(7_000 * n)),
    "keywords": lambda n: article("", head=data(f'"keywords":"{"a, " * int(300_000 * n)}"')),
    "metas": lambda n: article("", head='<meta name="author" content="An, Ba và Tư">' * int(20_000 * n)),
    "site-names": lambda n: article(
        "", head=numbered('<meta property="og:site_name" content="Báo N">', int(9_000 * n))
        + data(f'"author":[{numbered(chr(34) + "An N" + chr(34) + ",", int(30_000 * n))}"b"]'),
    ),
    "links": lambda n: article(
        f'<div class="c">{numbered("<li><a href=/bai-N.html>Bài số N</a></li>", int(9_000 * n))}</div>'
    ),
    "dates": lambda n: article(
        numbered("<span class=date>5 tháng 9 năm 2026 lúc 10:N</span>", int(9_000 * n))
    ),
    "tables": lambda n: article(nested("<table><tr><td>", int(600 * n), "</td></tr></table>")),
    "forms": lambda n: article(f"<select>{'<option>x' * int(25_000 * n)}</select>"),
    "unknown-letters": lambda n: article("").replace(
        b"<p>", b"<p>" + bytes(range(128, 256)) * int(8_000 * n)
    ),
}  # fmt: skip
FEEDS: Mapping[str, Maker] = {
    "author": lambda n: feed(f"<author>{'a' * int(1_000_000 * n)}</author>"),
    "short-authors": lambda n: feed(f"<author>{('a' * 900 + ' ') * int(4_000 * n)}</author>"),
    "attributes": lambda n: feed(f"<x {numbered(ATTRIBUTE, int(50_000 * n))}/>"),
    "some-attributes": lambda n: feed(f"<x {numbered(ATTRIBUTE, 240)}/>" * int(2_500 * n)),
    "categories": lambda n: feed(numbered("<category>N</category>", int(60_000 * n))),
    "elements": lambda n: feed("<x>1</x>" * int(60_000 * n)),
    "nested": lambda n: feed(nested("<x>", int(20_000 * n), "</x>")),
    "namespaces": lambda n: feed(numbered('<x xmlns:aN="http://x.example/N"/>', int(20_000 * n))),
    "comments": lambda n: feed("<!--x-->" * int(400_000 * n)),
    "markup": lambda n: feed(f"<description>{'&lt;b&gt;x' * int(200_000 * n)}</description>"),
    "ampersands": lambda n: feed(f"<title>{'&amp;amp;' * int(400_000 * n)}</title>"),
    "not-xml": lambda n: feed("<a b=<a " * int(60_000 * n)),
    "items": lambda n: feed("<pubDate>5 tháng 9 năm 2026</pubDate>", int(30_000 * n)),
    "enclosures": lambda n: feed(
        numbered('<enclosure url="http://x.example/N"/>', int(20_000 * n))
    ),
}
SITEMAPS: Mapping[str, Maker] = {
    "comments": lambda n: sitemap("", "<!--x-->" * int(800_000 * n)),
    "instructions": lambda n: sitemap("", "<?x y?>" * int(800_000 * n)),
    "attributes": lambda n: sitemap(f"<x {numbered(ATTRIBUTE, int(60_000 * n))}/>"),
    "dates": lambda n: sitemap("<lastmod>5 tháng 9 năm 2026 lúc 10:N</lastmod>", "", int(50_000 * n)),
    "names": lambda n: sitemap("<news><title>&lt;b&gt;Tin N</title></news>", "", int(50_000 * n)),
    "elements": lambda n: sitemap("<x/>" * int(1_000_000 * n)),
    "long-address": lambda n: sitemap(f"<loc>BASE/{'a-' * int(1_000_000 * n)}1.html</loc>"),
    "foreign": lambda n: sitemap("", "", 1).replace(
        b"</urlset>", numbered("<url><loc>http://h-N.example/</loc></url>", int(50_000 * n)).encode()
    ),
}  # fmt: skip


def each_kind(size: float, base: str = "https://paper.example") -> Iterator[SlowPage]:
    """A page of each kind."""
    number = 100_000
    for kind, makers in _MAKERS.items():
        for name, make in makers.items():
            number += 1
            yield _page(kind, name, number, make(size), base)


def random_pages(count: int, seed: int, base: str = "https://paper.example") -> Iterator[SlowPage]:
    """Pages of these kinds in other sizes, and pages of elements and texts at random."""
    rng = Random(seed)
    for number in range(200_001, 200_001 + count):
        kind = rng.choices(list(_MAKERS), (7, 2, 1))[0]
        name = rng.choice(list(_MAKERS[kind]))
        if kind == "article" and rng.random() < 0.5:
            yield _page(kind, "random", number, article(_soup(rng)), base)
        else:
            size = rng.choice((0.05, 0.1, 0.3, 0.6, 1.0))
            yield _page(kind, name, number, _MAKERS[kind][name](size), base)


_MAKERS: Mapping[PageKind, Mapping[str, Maker]] = {
    "article": ARTICLES,
    "feed": FEEDS,
    "sitemap": SITEMAPS,
}
_ENDINGS: Mapping[PageKind, str] = {"article": "html", "feed": "rss", "sitemap": "xml"}
_TAGS = "div p span b a ul li table td h2 h3 blockquote section article i em time".split()
_CLASSES = "a b c ad time author byline date content related body share".split()


def _page(kind: PageKind, name: str, number: int, body: bytes, base: str) -> SlowPage:
    path = f"/{kind}-{name}-{number}.{_ENDINGS[kind]}"
    body = body.replace(b"BASE", base.encode()).replace(b"NUMBER", str(number).encode())
    return SlowPage(path, body, kind)


def _soup(rng: Random) -> str:
    """Elements of a few tags and classes: beside each other, inside each other, or both."""
    parts: list[str] = []
    for _ in range(rng.randint(1, 4)):
        tag = rng.choice(_TAGS)
        names = " ".join(rng.sample(_CLASSES, rng.randint(0, 4)))
        text = rng.choice(("x", WORDS, "a" * 3_000, "5 tháng 9 năm 2026", "An, Ba và Tư", "( @"))
        start = f'<{tag} class="{names}" href="/bai-{rng.randint(1, 9)}.html">{text}'
        times = int(10 ** rng.uniform(1.5, 4))
        if rng.random() < 0.5:
            parts.append(nested(start, min(times, 1_500), f"</{tag}>", "".join(parts[-1:])))
        else:
            parts.append(f"{start}</{tag}>" * times)
    return "".join(parts)[:4_000_000]
