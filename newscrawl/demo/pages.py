"""The HTML of the fictional newspaper, in the two page designs of bnews.vn.

Class names and nesting are those of bnews.vn, but no text is. URLs begin with ORIGIN, which the
server replaces by its own address. Nothing is loaded from elsewhere.
"""

from __future__ import annotations

import json
from html import escape

from newscrawl.demo.paper import NAME, ORIGIN, Paper, breadcrumb
from newscrawl.demo.stories import Category, Story, slug, words

LABEL = "BẾN MÂY"
AGENCY = "/Bnews/vnanet.vn"  # part of the design; the site file strips it from the author
# The editors' choice, the same on every page, so these are not links of the article.
HIGHLIGHTS = {(1, 0), (33, 1), (38, 1)}
# All listing pages of these have the old design. Of other categories, only the first page has the
# new one.
OLD_SECTIONS = {33}

STYLE = (
    "body{max-width:60em;margin:auto;font-family:serif}"
    "nav ul,.pagination-main ul{display:flex;gap:1em;padding:0;list-style:none}"
)
FICTION = f"{NAME} là tờ báo hư cấu: mọi tin tức, tên người và số liệu đều được tạo ra để chạy thử."
DIGEST = f'<div class="digest-full" style="display:none"><p>{words()["hidden"]}</p></div>'


def article_page(paper: Paper, story: Story) -> str:
    """The page of one article, in the design of its era."""
    return new_article(paper, story) if story.era == "2026" else old_article(paper, story)


def listing_page(paper: Paper, category: Category, number: int) -> str:
    """One listing page of a category, which must exist."""
    stories = paper.page(category, number)
    old = number > 1 or category.id in OLD_SECTIONS
    if old:
        first = f'<div class="news-ft-story">{old_card(stories[0])}</div>'
        rest = "".join(f'<li class="news-it">{old_card(story)}</li>' for story in stories[1:])
        cards = f'{first}<ul class="news-story">{rest}</ul>'
    else:
        cards = f'<div class="b-list">{"".join(new_card(story) for story in stories)}</div>'
    paging = pagination(category, number, paper.pages(category), old)
    main = f"{crumbs(category)}<h1>{escape(category.name)}</h1>{cards}{paging}"
    return document(paper, category.name, canonical(category.path(number)), main)


def home_page(paper: Paper) -> str:
    newest = [story for story in reversed(paper.stories) if paper.status(story) == 200][:12]
    cards = "".join(new_card(story) for story in newest)
    return document(
        paper, NAME, canonical("/"), f'<h1>{NAME}</h1><div class="b-list">{cards}</div>'
    )


def tag_page(paper: Paper, tag: str) -> str:
    """The articles with a tag, given by its slug."""
    stories = [story for story in reversed(paper.stories) if paper.status(story) == 200]
    tagged = [story for story in stories if tag in map(slug, story.tags)]
    cards = "".join(new_card(story) for story in tagged)
    return document(paper, NAME, "", f'<h1>Từ khóa</h1><div class="b-list">{cards}</div>')


def missing_page(paper: Paper) -> str:
    """The page for unknown or removed addresses: one sentence with the usual menu around it."""
    main = '<div class="page-404"><h1>Không tìm thấy trang</h1><p>Bài viết không tồn tại hoặc đã được gỡ.</p></div>'
    return document(paper, NAME, "", main)


def placeholder(story: Story) -> str:
    """A picture of a few hundred bytes, with one colour per story."""
    colour = f"hsl({story.id % 360} 40% 70%)"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">'
        f'<rect width="300" height="200" fill="{colour}"/></svg>'
    )


def document(paper: Paper, title: str, extra: str, main: str) -> str:
    """A whole page: head, menu, clock, main part, hot list and footer.

    The clock shows the day of the edition, not that of the article.
    """
    menu = "".join(f'<li><a href="{c.path()}">{escape(c.name)}</a></li>' for c in paper.categories)
    newest = [story for story in reversed(paper.stories) if paper.status(story) == 200][:5]
    hot = "".join(
        f'<li class="hot-item"><a href="{story.path}">{escape(story.title)}</a></li>'
        for story in newest
    )
    return (
        f'<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8"><title>{escape(title)}</title>{extra}\n'
        f'<style>{STYLE}</style></head>\n<body><header><a href="/">{NAME}</a> '
        f'<time id="currentDate">{paper.published_at:%d/%m/%Y}</time>'
        f'<nav id="main-nav"><ul>{menu}</ul></nav></header>\n'
        f'<main>{main}</main>\n<aside><h3>Tin nóng</h3><ul class="hot-news">{hot}</ul>{DIGEST}</aside>\n'
        f"<footer><p>{FICTION}</p></footer></body></html>\n"
    )


def canonical(path: str) -> str:
    return f'<link rel="canonical" href="{ORIGIN}{path}">'


def meta(name: str, content: str) -> str:
    kind = "property" if ":" in name else "name"
    return f'<meta {kind}="{name}" content="{escape(content)}">'


def crumbs(category: Category) -> str:
    steps = "".join(
        f'<li><a href="{path}">{escape(name)}</a></li>' for name, path in breadcrumb(category)
    )
    return f'<ul class="uk-breadcrumb">{steps}</ul>'


def pagination(category: Category, number: int, last: int, old: bool) -> str:
    """The page links. In the old design, the link to the next page is not marked as such.

    It is the last link there, except on the last page, whose last link leads to an earlier page.
    """
    items = []
    for n in range(1, last + 1):
        if n == number:
            items.append(f'<li class="active"><span>{n}</span></li>')
        else:
            items.append(f'<li><a href="{category.path(n)}">{n}</a></li>')
    if number < last:
        mark, rel = ("", "") if old else (' class="next"', ' rel="next"')
        items.append(f'<li{mark}><a{rel} href="{category.path(number + 1)}">&raquo;</a></li>')
    return f'<div class="pagination-main"><ul>{"".join(items)}</ul></div>'


# ---- the design of 2017-2025 ----


def old_article(paper: Paper, story: Story) -> str:
    title = escape(story.printed_title)
    blocks = old_block("Tin liên quan", paper.related(story)) + old_block(
        "Tin cùng chuyên mục", paper.same_category(story)
    )
    main = (
        f'<h1 class="uk-hidden">{NAME}</h1>{crumbs(story.category)}<article class="post-entry">'
        f'<div class="post-top-entry"><h1>{title}</h1>'
        f'<span class="post-time uk-text-muted">{story.printed_time}</span></div>\n'
        f'<div class="post-ct-entry"><div class="post-summary"><span>{LABEL}</span> {escape(story.summary)}</div>\n'
        f'{body(paper, story)}</div>\n<ul class="post-tags">{tags(story)}</ul></article>{blocks}'
    )
    return document(
        paper, story.printed_title, canonical(story.path) + meta("og:type", "article"), main
    )


def old_block(heading: str, stories: list[Story]) -> str:
    if not stories:
        return ""
    items = "".join(f'<li class="news-it">{old_card(story)}</li>' for story in stories)
    return f'<div class="post-rel"><h4>{heading}</h4><ul class="news-story">{items}</ul></div>\n'


def old_card(story: Story) -> str:
    return (
        f'<a href="{story.path}"><img src="{story.image_path}" alt=""></a>'
        f'<a href="{story.category.path()}">{escape(story.category.name)}</a>'
        f'<h3><a href="{story.path}">{escape(story.printed_title)}</a></h3>'
        f'<span class="post-time">{story.printed_time}</span><p>{escape(story.summary)}</p>'
    )


# ---- the design of 2026 ----


def new_article(paper: Paper, story: Story) -> str:
    signature = story.author + AGENCY
    blocks = new_block("Tin liên quan", paper.related(story), brief_after=1)
    blocks += new_block("Tin cùng chuyên mục", paper.same_category(story))
    blocks += new_block(
        '<a href="/">Tin nổi bật</a>',
        [other for other in paper.stories if other.place in HIGHLIGHTS],
    )
    main = (
        f'<article class="b-breadcrumb">{crumbs(story.category)}</article><article class="b-details">'
        f'<div class="b-top-details"><h1 class="font-42 font-bold">{escape(story.printed_title)}</h1>'
        f'<div class="b-control-details"><ul><li><span class="uk-flex"><i class="icon-user"></i>{signature}</span></li>'
        f"<li><time>{escape(story.printed_time)}</time></li></ul></div></div>\n"
        f'<div class="b-entry-details"><div class="lr-ct"><!-- lr-ct -->\n<div class="lr-summary-post"><p>'
        f'<span class="bnews-summary">{LABEL}</span> <b>{escape(story.summary)}\n\n</b></p></div><p>&nbsp;</p>'
        f'{body(paper, story)}<div class="lr-author">{signature}</div></div><!-- End lr-ct --></div>\n'
        f'<div class="b-bot-details"><div class="b-tags"><ul><li><span>Từ khóa:</span></li>'
        f"{tags(story)}</ul></div></div>"
        f"</article>{blocks}"
    )
    return document(paper, story.printed_title, new_head(story, signature), main)


def new_head(story: Story, signature: str) -> str:
    """Metas and JSON-LD. The JSON has line ends inside a string, which strict parsers reject."""
    news = {
        "@context": "http://schema.org",
        "@type": "NewsArticle",
        "headline": story.printed_title,
        "description": f"{story.summary}@@",
        "datePublished": story.placed_at.isoformat(),
        "dateModified": story.modified_at.isoformat(),
        "author": {"@type": "Person", "name": signature},
    }
    data = json.dumps(news, ensure_ascii=False).replace("</", "<\\/").replace("@@", "\n\n")
    keywords = ", ".join(story.tags)
    return (
        canonical(story.path)
        + meta("og:title", story.printed_title)
        + meta("og:type", "article")
        + meta("og:description", story.summary)
        + meta("og:image", ORIGIN + story.image_path)
        + meta("article:section", story.category.name)
        + meta("keywords", keywords)
        + f'\n<script type="application/ld+json">{data}</script>'
    )


def new_block(heading: str, stories: list[Story], brief_after: int = 99) -> str:
    """A block of cards under a heading. Cards after the first `brief_after` are brief."""
    if not stories:
        return ""
    cards = "".join(new_card(story, brief=n >= brief_after) for n, story in enumerate(stories))
    return (
        '<div class="b-rows"><article class="b-block-news">'
        f'<h2 class="b-tt-block-news b-tt-block-news-1 font-24">{heading}</h2>'
        f'<div class="b-ct-block-news">{cards}</div></article></div>\n'
    )


def new_card(story: Story, brief: bool = False) -> str:
    """A teaser: picture, category, title, time and summary; if brief, only picture and title."""
    section = escape(story.category.name)
    image = f'<a href="{ORIGIN}{story.path}"><img data-src="{story.image_path}" alt=""></a>'
    heading = f'<h3 class="meta-data-tit"><a href="{ORIGIN}{story.path}">{escape(story.printed_title)}</a></h3>'
    if brief:
        return (
            '<div class="b-item-news"><div class="thumb-img-small-left">'
            f'<figure class="thumb-img">{image}</figure></div><div class="meta-data">{heading}</div></div>'
        )
    return (
        f'<div class="b-item-news"><figure class="thumb-img thumb-img-3x2">{image}</figure><div class="meta-data">'
        f'<a class="meta-data-sub font-14" href="{ORIGIN}{story.category.path()}">{section}</a>{heading}'
        f'<time class="meta-data-source font-14"><i uk-icon="icon: clock"></i>{escape(story.printed_time)}</time>'
        f'<p class="meta-data-des font-14">{escape(story.summary)}\n</p></div></div>'
    )


# ---- what both designs share ----


def body(paper: Paper, story: Story) -> str:
    """The text in one of three forms: in <p>, between empty <p>, or alternating."""
    shape = story.place[1] % 3
    pieces = []
    for n, paragraph in enumerate(story.paragraphs):
        text = linked(paragraph, paper.inline(story))
        wrapped = shape == 0 or (shape == 2 and n % 2 == 1)
        pieces.append(f"<p>{text}</p>\n" if wrapped else f"{text}<p></p>\n")
    if story.era == "2026":
        pieces.insert(1, figure(story) + '<div class="editor_inpage"><p>Quảng cáo</p></div>')
    if story.place[1] % 4 == 1:
        pieces.insert(3, f"<span hidden>{words()['hidden']}</span>")
    return "".join(pieces)


def linked(paragraph: str, others: list[Story]) -> str:
    """The escaped paragraph, in which the titles of other articles are links."""
    text = escape(paragraph)
    for other in others:
        title = escape(other.title)
        text = text.replace(title, f'<a href="{other.path}">{title}</a>')
    return text


def figure(story: Story) -> str:
    return (
        '<div class="insertImage"><div class="lr-pic lr-pic-ct"><figure class="thumb-img">'
        f'<a class="uk-inline" href="{story.image_path}" data-caption="Ảnh">'
        f'<img data-src="{story.image_path}" alt=""></a></figure>'
        f'<div class="lr-caption bnews-caption">{escape(story.caption)}</div></div></div>'
    )


def tags(story: Story) -> str:
    return "".join(
        f'<li><a href="/tag/{slug(tag)}/{story.id}/1.html">{escape(tag)}</a></li>'
        for tag in story.tags
    )
