"""Made-up pages that are no articles, with the site's menus and lists around them as real ones have."""

from __future__ import annotations

from tests.support.generic_pages import PARAGRAPHS, listing

LATEST = "".join(
    f'<div class="card"><h3><a href="/news/story-{n}">The {n}th story of this week about the harbour</a></h3>'
    f"<p>A teaser of some length about the {n}th story of this week, with a name, a place and a number.</p></div>"
    for n in range(12)
)
CONSENT = (
    "We and our 842 partners store and/or access information on a device, such as unique identifiers in cookies, to "
    "process personal data.",
    "You may accept or manage your choices by clicking below, including your right to object where legitimate interest "
    "is used, or at any time in the privacy policy page.",
    "These choices will be signaled to our partners and will not affect browsing data on other pages of the paper.",
    "We and our partners process data to provide precise geolocation data, and actively scan device characteristics to "
    "know it again.",
    "Personalised advertising and content, advertising and content measurement, audience research and services "
    "development are what your consent is for.",
    "The harbour, the paper and the people who write it live on what advertisers pay.",
    "If you reject all, you will see as many advertisements, and fewer that may be of any use to you on your device.",
    "You can withdraw your consent at any time by a click on the fingerprint at the lower end of every page.",
)
ZUSTIMMUNG = (
    "Wir und unsere 213 Partner verarbeiten personenbezogene Daten, um diese Seite zu betreiben und zu verbessern.",
    "Mit Ihrer Zustimmung setzen wir Cookies ein; auch unsere Partner in Ländern ohne gleichen Schutz erhalten Daten.",
    "Ihre Einwilligung ist freiwillig, und Sie können sie jederzeit am Fuß jeder Seite für die Zukunft widerrufen.",
    "Personalisierte Werbung und Inhalte, Messung von Werbung und Inhalten, Forschung über Leser und neue Angebote.",
    "Einige unserer Partner stützen sich auf berechtigtes Interesse; dem können Sie in den Einstellungen widersagen.",
    "Das Abo ohne Werbung kostet im Monat so viel wie zwei Brötchen, und es lässt sich jederzeit wieder kündigen.",
)


def page(title: str, main: str, head: str = "") -> bytes:
    """A page with a menu above and a footer below, as the site sends it with status 200."""
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>
    <nav><a href="/">Home</a> <a href="/local">Local</a> <a href="/sport">Sport</a> <a href="/login">Log in</a></nav>
    <main>{main}</main><footer><p>The Harbour Post, 1 Quay Street. All rights reserved.</p></footer>
    </body></html>""".encode()


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


GONE = "<h1>Oops!</h1><p>The page you are looking for does not exist or has been removed.</p>"
OF_THE_ARTICLE = (
    '<meta property="og:title" content="Town rebuilds its northern pier">'
    '<meta property="article:published_time" content="2024-03-05T09:30:00+01:00">'
)
REFUSED = {
    "404 with the site's lists": (
        "not_found_page",
        page("Page not found | The Harbour Post", f"<h1>404</h1><h2>Latest</h2>{LATEST}"),
    ),
    "soft 404": ("not_found_page", page("The Harbour Post", GONE)),
    "soft 404 with lists": (
        "not_found_page",
        page("The Harbour Post", f"{GONE}<h2>Latest</h2>{LATEST}"),
    ),
    "soft 404 in Vietnamese": (
        "not_found_page",
        page("Báo Bến Cảng", "<h1>Thông báo</h1><p>Bài viết không tồn tại hoặc đã bị xóa.</p>"),
    ),
    "soft 404 in German": (
        "not_found_page",
        page(
            "Hafenpost",
            "<h2>Dieser Artikel ist leider nicht mehr verfügbar.</h2><p>Vielleicht hilft die Suche.</p>",
        ),
    ),
    "consent wall": ("blocked_page", page("Before you continue", paragraphs(*CONSENT[:2]))),
    "consent wall as long as an article": (
        "blocked_page",
        page("The Harbour Post", f"<article><h1>Your privacy</h1>{paragraphs(*CONSENT)}</article>"),
    ),
    "consent wall with the article's metas": (
        "blocked_page",
        page(
            "Town rebuilds its pier", f"<article>{paragraphs(*CONSENT)}</article>", OF_THE_ARTICLE
        ),
    ),
    "consent wall in German": (
        "blocked_page",
        page("Hafenpost", f"<article>{paragraphs(*ZUSTIMMUNG)}</article>"),
    ),
    "login wall": (
        "blocked_page",
        page(
            "Log in | The Harbour Post",
            '<h1>Log in</h1><form><input type="password"><button>Go</button></form>',
        ),
    ),
    "wall before the text": (
        "blocked_page",
        page(
            "Subscribe to read | The Harbour Post",
            "<h1>Subscribe to read</h1><p>Four weeks for one crown.</p>",
        ),
    ),
    "list given as an article": ("listing_page", listing()),
    "list of many teasers": (
        "listing_page",
        page("Local | The Harbour Post", f"<h1>Local</h1>{LATEST}"),
    ),
    "page of scripts": (
        "empty_body",
        page(
            "Town rebuilds its pier",
            '<div id="root"></div><noscript>You need to enable JavaScript.</noscript>',
        ),
    ),
    "page of scripts with a headline for others": (
        "empty_body",
        page(
            "The Harbour Post",
            '<div id="app"></div>',
            '<meta property="og:title" content="Town rebuilds its pier">',
        ),
    ),
}
DATED = '<time datetime="2024-03-05T09:30:00+01:00">5 March</time>'
DATA = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Consent bill passes"}</script>'
READ = {
    "about consent": page(
        "Cookie walls tested",
        f"<article><h1>Cookie walls tested</h1>{DATED}"
        + paragraphs("Every second paper says that it will use cookies.", CONSENT[0], *PARAGRAPHS)
        + "</article>",
    ),
    "short, with such a headline": page(
        "Consent bill passes", f"<h1>Consent bill passes</h1>{DATED}<p>{PARAGRAPHS[0]}</p>", DATA
    ),
    "short, about what was removed": page(
        "Statue sinks",
        f"<article><h1>Statue sinks</h1>{DATED}<p>The page about it has been removed.</p></article>",
    ),
    "about a number": page(
        "404 houses flooded",
        f"<article><h1>404 houses flooded</h1>{DATED}{paragraphs(*PARAGRAPHS * 2)}</article>",
    ),
}


def _home(head: str, main: str) -> bytes:
    cards = LATEST.replace("story", "storm") + LATEST
    return page("The Harbour Post: all the news of the coast", f"{main}{cards}", head)


ABOUT = paragraphs(*PARAGRAPHS) * 2
REFUSED["home page that names itself"] = (
    "listing_page",
    _home(
        '<link rel="canonical" href="https://www.harbour-post.example/">',
        f"<h1>Top news</h1>{ABOUT}",
    ),
)
REFUSED["home page with a long text about the paper"] = (
    "listing_page",
    _home("", f"<h1>Top news</h1>{ABOUT}"),
)
REFUSED["section with its name and teasers under it"] = (
    "listing_page",
    page("News of the coast", f"<h1>News of the coast</h1>{LATEST}"),
)
_WRAPPED = "".join(f"<div class='column'><p>{text}</p></div>" for text in PARAGRAPHS[:3])
READ["paragraphs each in a box, beside lists"] = page(
    "Town rebuilds its northern pier", f"<h1>Town rebuilds its northern pier</h1>{_WRAPPED}{LATEST}"
)
READ["two short paragraphs under the headline, beside lists"] = page(
    "Town rebuilds its northern pier",
    f"<h1>Town rebuilds its northern pier</h1>{paragraphs(*PARAGRAPHS[:2])}{LATEST}",
)
