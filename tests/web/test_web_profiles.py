"""The pages of sites, categories, authors and tags, and who cites whom."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from newscrawl.store.read.reader import Reader
from newscrawl.store.read.site_links import site_links
from newscrawl.store.write.store import Store
from newscrawl.web.formatting import name_path
from tests.support.asked_pages import Pages, asked, broken_links
from tests.support.crawling import query
from tests.support.old_schema import old_archive

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

# The articles from id 41 on are of another site; links between the two are counted.
SECOND_SITE = (
    "INSERT INTO sites (site, name, domain, language, timezone)"
    " VALUES ('other', '', 'other.example', 'vi', 'Europe/Berlin')",
    "UPDATE articles SET site = 'other', category_id = NULL WHERE id > 40",
)
COUNTED = (
    "SELECT s.site, t.site, count(*) FROM links l JOIN articles s ON s.id = l.source_id"
    " JOIN articles t ON t.id = l.target_id WHERE s.site <> t.site GROUP BY 1, 2"
    " ORDER BY 3 DESC, 1, 2"
)
CHANGES = (
    "DELETE FROM links WHERE source_id IN (SELECT source_id FROM links JOIN articles a"
    " ON a.id = target_id WHERE source_id <= 40 AND a.site = 'other' LIMIT 1)",
    "INSERT INTO links SELECT 1, id, 'inline', 1, NULL, '', '', 1, 1 FROM articles WHERE id > 78"
    " ON CONFLICT DO UPDATE SET position = 9",
    "INSERT INTO links SELECT id, 2, 'inline', 1, NULL, '', '', 1, 1 FROM articles WHERE id > 50"
    " ON CONFLICT DO NOTHING",
    "DELETE FROM links WHERE source_id > 40",
    "UPDATE links SET target_id = 3 WHERE source_id = 1 AND target_id = 80 AND kind = 'inline'",
)


@pytest.fixture(scope="module")
def two_sites(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's archive with two sites, as the migration before site_links left it."""
    folder = tmp_path_factory.mktemp("two")
    old_archive(folder, archive, migrations=13)
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
        for statement in SECOND_SITE:
            db.execute(statement)
    return folder


@pytest.fixture(scope="module")
def pages(archive: Path) -> Iterator[Pages]:
    with asked(archive) as pages:
        yield pages


def test_links_between_sites_are_counted_before_and_after_the_migration(two_sites: Path) -> None:
    expected = query(two_sites, COUNTED)
    assert len(expected) == 2
    assert links_of(two_sites) == expected
    with Store(two_sites) as store:
        assert links_of(two_sites) == expected
        for change in CHANGES:
            before = links_of(two_sites)
            assert store.db.execute(change).rowcount > 0
            assert links_of(two_sites) != before, change
            assert links_of(two_sites) == query(two_sites, COUNTED), change


def links_of(folder: Path) -> list[tuple[object, ...]]:
    with Reader(folder) as reader:
        return [(each.source, each.target, each.links) for each in site_links(reader.db)]


def test_who_cites_whom_is_on_the_pages_of_links_and_sites(two_sites: Path) -> None:
    expected = [f"{count:,}" for _, _, count in query(two_sites, COUNTED)]
    with asked(two_sites) as pages:
        for path in ("/links", "/site/demo", "/site/other"):
            page = pages.get(path)
            assert page.status == 200
            assert page.texts("[aria-label='Links between sites'] td.n") == expected
        assert "Asia/Ho_Chi_Minh, Europe/Berlin" in pages.get("/links").texts(".bottom")[0]
        assert "Times are those of Europe/Berlin" in pages.get("/site/other").texts(".bottom")[0]
        assert broken_links(pages, "/site/other", 40) == []


def test_a_site_has_its_numbers_and_categories(pages: Pages, archive: Path) -> None:
    page = pages.get("/site/demo")
    count = query(archive, "SELECT count(*) FROM articles WHERE revision > 0")[0][0]
    assert page.texts(".lead a")[0] == f"{count} articles"
    categories = query(archive, "SELECT key FROM categories WHERE site = 'demo'")
    linked = [link for link in page.links(".facets a") if link.startswith("/category/")]
    assert set(linked) == {f"/category/demo/{key}" for (key,) in categories}
    assert pages.get("/site/nosuch").status == 404


@pytest.mark.parametrize("column", ["author", "tag"])
def test_names_lead_to_pages_with_all_their_articles(
    pages: Pages, archive: Path, column: str
) -> None:
    rows = query(
        archive,
        f"SELECT value, count(*) FROM articles, json_each({column}s) WHERE revision > 0"
        " GROUP BY value ORDER BY 2 DESC LIMIT 5",
    )
    for name, count in rows:
        page = pages.get(name_path(name, column))
        assert page.texts("h1") == [name]
        assert int(page.texts(".lead a")[0].split()[0]) >= count
        assert len(page.texts(".hits > li")) >= min(count, 20)
    missing = pages.get(f"/{column}/nobody")
    assert (missing.status, missing.texts("h1")) == (404, ["nobody"])


def test_a_category_is_found_by_its_key_and_its_slug(pages: Pages, archive: Path) -> None:
    key, slug, name, count = query(
        archive,
        "SELECT c.key, c.slug, c.name, count(*) FROM categories c JOIN articles a"
        " ON a.category_id = c.id AND a.revision > 0 GROUP BY c.id ORDER BY 4 DESC LIMIT 1",
    )[0]
    for address in (key, slug):
        page = pages.get(f"/category/demo/{quote(address)}")
        assert page.texts("h1") == [name]
        assert page.texts(".lead a")[0] == f"{count} articles"
    assert pages.get("/category/demo/nosuch").status == 404
    assert pages.get("/category/nosuch/1").status == 404


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Đỗ Hoa", "/author/%C4%90%E1%BB%97%20Hoa"),
        ("AC/DC?", "/author/AC%2FDC%3F"),
        ("back\\slash", "/search?author=back%5Cslash"),
        ("/x", "/search?author=/x"),
    ],
)
def test_every_name_has_an_address_that_is_answered(pages: Pages, name: str, path: str) -> None:
    assert name_path(name, "author") == path
    assert pages.get(path).status in (200, 404)
    assert pages.get(path).texts("h1") != ["This page could not be made"]
