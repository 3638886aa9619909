"""Drafts of listing blocks: their selectors find what `extract --as listing` finds."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from newscrawl.authoring.list_site import draft_list_site
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Listing, Page
from newscrawl.extract.any_listing import read_any_listing
from newscrawl.extract.listing import extract_listing
from newscrawl.sites.generic import generic_site
from newscrawl.sites.schema import SiteModel
from newscrawl.sites.site import Site
from tests.support.archive_builder import newscrawl
from tests.support.site_fixtures import FOLDER, facts

URL = "https://www.harbour-post.example/local"
TITLES = (
    "Storm takes the roof off the fish market",
    "New school opens its doors in the eastern quarter",
    "Buses stop for two days as drivers walk out",
    "Book fair draws thousands of visitors on its first day",
)


def page_of(card: str, before: str = "", url: str = URL) -> Page:
    """A list page with a card for each title; `{n}` is the number of the article."""
    cards = "".join(card.format(n=1204500 + n, title=title) for n, title in enumerate(TITLES))
    source = f"""<html lang="en"><title>Local - The Harbour Post</title><body>
    <nav><a href="/sport">Sport</a><a href="/local">Local</a></nav><h1>Local</h1>{before}
    <div id="list">{cards}</div><a class="older" href="/local/page/2">Older</a></body></html>"""
    return Page(url, source.encode())


def drafted(page: Page) -> Listing:
    """What the drafted file reads from the page."""
    model = SiteModel.model_validate(tomllib.loads(draft_list_site(page).toml))
    return extract_listing(Site(model, model.origin), page)


def items(found: Listing) -> list[tuple[str, str | None, str | None, str | None]]:
    teasers = [entry.teaser for entry in found.entries]
    return [(one.url, one.title, one.summary, one.published_raw) for one in teasers]


SUMMARY = "Worms have eaten the timber, and the town has to pay for what was missed."
CARDS = {
    "named": '<article class="teaser"><h2><a href="/news/a-{n}.html">{title}</a></h2>'
    f"<p>{SUMMARY}</p><time>05.03.2024 09:30</time></article>",
    "numbered": '<li class="post-{n} item"><a href="/news/a-{n}.html"><img alt="x"></a>'
    '<a class="name" href="/news/a-{n}.html">{title}</a><i class="when">5 March 2024</i></li>',
    "unnamed": '<div><div><span>Local</span><a href="/news/a-{n}.html">{title}</a></div></div>',
    "generated": '<div class="css-1x2y3z4"><a href="/news/a-{n}.html"><h3>{title}</h3></a></div>',
}


@pytest.mark.parametrize("card", CARDS.values(), ids=list(CARDS))
def test_the_drafted_selectors_find_the_items_again(card: str) -> None:
    page = page_of(card)
    assert items(drafted(page)) == items(read_any_listing(generic_site(URL), page))


def test_a_list_beside_a_featured_article() -> None:
    lead = '<section class="lead"><a href="/news/pier-1204599.html"><h2>Town rebuilds its northern pier</h2></a></section>'
    found = drafted(page_of(CARDS["named"], lead))
    assert [entry.block for entry in found.entries] == ["featured", *["list"] * len(TITLES)]
    assert found.next_url == "https://www.harbour-post.example/local/page/2"


def test_a_home_page_is_drafted_as_the_home_of_the_site() -> None:
    toml = tomllib.loads(draft_list_site(page_of(CARDS["named"], url=f"{URL[:-5]}")).toml)
    assert (toml["home"], toml["listing"][0]["page"]) == ({"path": "/"}, "home")
    assert "category" not in toml


def test_addresses_without_numbers() -> None:
    page = page_of(
        '<p class="one"><a href="/the-pier-of-{n}-is-new/">{title}</a></p>'.replace(
            "{n}", "{title[1]}"
        )
    )
    assert len(drafted(page).entries) == len(TITLES)


@pytest.mark.parametrize(
    "case", ["vietnamnet/listing-2026", "dantri/listing-2026", "bnews/listing-2026"]
)
def test_lists_that_publishers_really_use(case: str) -> None:
    known = facts(case)
    body = (FOLDER / case / "page.html").read_bytes()
    page = Page(known["url"], body, None, known["fetched_at"])
    warnings = [one for one in draft_list_site(page).guesses if one.startswith("listing")]
    assert len(warnings) == 1, warnings


def test_items_that_are_not_found_are_named() -> None:
    lead = '<p class="one"><a href="/about-us/the-whole-history">The whole history of the paper</a></p>'
    warnings = draft_list_site(page_of(CARDS["named"], lead)).guesses
    assert any("/about-us/the-whole-history" in one for one in warnings)


def test_a_page_without_links_to_articles_is_refused() -> None:
    with pytest.raises(PageRejected, match="leads to no article"):
        draft_list_site(Page(URL, b"<h1>Local</h1><p>Nothing yet.</p>"))


def test_new_drafts_a_file_and_a_fixture_from_a_list(tmp_path: Path) -> None:
    (tmp_path / "list.html").write_bytes(page_of(CARDS["named"]).body)
    done = newscrawl(tmp_path, "sites", "new", URL, "--page", str(tmp_path / "list.html"))
    assert (done.exit_code, "read as a list of" in done.stderr) == (0, True)
    file = tmp_path / "sites" / "fixtures" / "harbour-post" / "listing-1" / "expected.json"
    expected = json.loads(file.read_text("utf-8"))
    assert expected["unchecked"] == ["items", "next_url"]
    assert newscrawl(tmp_path, "sites", "check", "harbour-post").exit_code == 2
    file.write_text(json.dumps(expected | {"unchecked": []}), "utf-8")
    assert newscrawl(tmp_path, "sites", "check", "harbour-post").exit_code == 0
    again = newscrawl(tmp_path, "sites", "new", URL, "--page", str(tmp_path / "list.html"))
    assert (again.exit_code, again.stdout.count("[[listing]]")) == (0, 1)
    assert "is not changed" in again.stderr
