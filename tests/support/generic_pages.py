"""Made-up pages of sites without a site file, in the forms that real ones have."""

from __future__ import annotations

import json
from collections.abc import Mapping

SENTENCE = "The council of the harbour town agreed on Tuesday to rebuild the northern pier before the winter storms begin. "
PARAGRAPHS = (
    "The harbour master said that the old timber had been weakened by worms and by forty years of heavy traffic.",
    "Fishermen will be moved to the eastern basin, where the water is shallow and the cranes are small and slow.",
    "A second vote on the budget is expected in spring; until then the work is paid from the reserve of the town.",
    "Several speakers asked why the inspection of last summer had found nothing, and the engineer had no answer.",
    "The oldest house on the quay will stay, after more than two thousand people signed a petition in its favour.",
)
URL = "https://www.harbour-post.example/news/2024/03/05/pier-rebuilt?utm_source=feed"
STANDFIRST = "Worms have eaten the timber, and the reserve of the town has to pay for what the inspection missed."
DATA = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Town rebuilds its northern pier",
    "datePublished": "2024-03-05T09:30:00+01:00",
    "dateModified": "2024-03-05T11:00:00+01:00",
    "author": [{"@type": "Person", "name": "By Ada Quill and Ben Ink"}],
    "publisher": {"@type": "Organization", "name": "The Harbour Post"},
    "articleSection": "Local",
    "keywords": "pier, harbour",
}


def article(
    *,
    data: Mapping[str, object] | None = DATA,
    head: str = "",
    before: str = "",
    inside: str = "",
    after: str = "",
    title: str = "Town rebuilds its northern pier | The Harbour Post",
    h1: str = "Town rebuilds its northern pier",
) -> bytes:
    """A whole article page; `data` None: one that says nothing for machines."""
    script = (
        f'<script type="application/ld+json">{json.dumps(data)}</script>'
        if data is not None
        else ""
    )
    middle = len(PARAGRAPHS) // 2
    first, last = (
        "".join(f"<p>{text}</p>" for text in part)
        for part in ((SENTENCE, *PARAGRAPHS[:middle]), PARAGRAPHS[middle:])
    )
    return f"""<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>{script}{head}</head>
    <body><nav><a href="/">Home</a> <a href="/local">Local</a></nav><main><article><h1>{h1}</h1>{before}
    <div class="article-body">{first}{inside}{last}</div></article>{after}</main>
    <footer><p>All rights reserved.</p></footer>
    </body></html>""".encode()


def listing(count: int = 12) -> bytes:
    """A section page: cards of a picture, a headline and a teaser, and `og:type` article all the same."""
    cards = "".join(
        f'<div class="card"><h3><a href="/news/story-{n}">The {n}th story of this week about the harbour</a></h3>'
        f"<p>A teaser of some length about the {n}th story, with a name and a place in it.</p></div>"
        for n in range(count)
    )
    return f"""<html><head><title>Local | The Harbour Post</title><meta property="og:type" content="article"></head>
    <body><h1>Local</h1><div class="list">{cards}</div></body></html>""".encode()


NOT_FOUND = b"""<html><head><title>404 - The Harbour Post</title></head><body><nav><a href="/">Home</a></nav>
<h1>Page not found</h1><p>The page you were looking for has moved.</p><p>All rights reserved.</p></body></html>"""
CHROME_ONLY = b"""<html><head><title>The Harbour Post - news</title></head><body><nav>
<a href="/">Home</a> <a href="/local">Local</a></nav>
<div class="wrap"><p>Sorry, we have nothing here.</p></div></body></html>"""
WALL = b"""<html><head><title>Before you continue</title></head><body><h1>Before you continue to the Harbour Post</h1>
<p>We and our partners use cookies.</p><button>Accept all</button></body></html>"""
