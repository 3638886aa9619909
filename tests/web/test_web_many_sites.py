"""Pages of an archive of very many sites: they show a part, say so, and lead to the rest."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.store.write.store import Store
from tests.support.asked_pages import Pages, asked, broken_links
from tests.support.crawling import newscrawl
from tests.support.many_sites import add_sites

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

SITES = 400
FEW = 30
FAILED = ("paper-390", "paper-398")
LARGEST = 200_000  # bytes of a page
NEWEST = [f"paper-{number:03}" for number in range(0, 2 * 60, 2)]


def add_crawls(folder: Path) -> None:
    """Four crawls of each site, of which the last one failed for two sites."""
    stats = json.dumps({"requests": 40, "new": 20, "sources": 10, "shown": 200})
    rows = []
    for day in range(1, 5):
        for n in range(SITES):
            site = f"paper-{n:03}"
            code = 3 if day == 4 and site in FAILED else 0
            times = (f"2026-01-{day:02}T00:00:00Z", f"2026-01-{day:02}T00:01:00Z")
            rows.append((site, *times, "finished", code, stats))
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
        db.executemany(
            "INSERT INTO crawls (site, started_at, finished_at, reason, exit_code, stats, version)"
            " VALUES (?, ?, ?, ?, ?, ?, '')",
            rows,
        )


def add_articles(folder: Path) -> None:
    """1 + n % 7 articles of the site with the number n, and a front page of each site.

    The articles of the sites of NEWEST are a day newer.
    """
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
        for n in range(SITES):
            site = f"paper-{n:03}"
            day = "2026-01-04" if site in NEWEST else "2026-01-03"
            for number in range(1 + n % 7):
                db.execute(
                    "INSERT INTO articles (site, key, url, state, title, published_at,"
                    " published_local, first_seen_at, last_seen_at, revision)"
                    " VALUES (?, ?, 'https://x.example/', 'stored', 'Rail', ?, ?, ?, ?, 1)",
                    (site, number, f"{day}T0{number}:00:00Z", f"{day}T0{number}:00:00+00:00")
                    + (f"{day}T10:00:00Z",) * 2,
                )
        db.execute("INSERT INTO categories (site, key) SELECT site, '1' FROM sites")
        db.execute(
            "INSERT INTO listings (crawl_id, category_id, page, position, block, article_id, seen_at)"
            " SELECT w.id, c.id, 1, 1, 'lead', a.id, w.started_at FROM crawls w"
            " JOIN categories c ON c.site = w.site JOIN articles a ON a.site = w.site AND a.key = 0"
        )


def add_problems(folder: Path) -> None:
    """Two kinds of problem on each site."""
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
        for code in ("http_403", "http_404"):
            db.execute(
                "INSERT INTO problems (crawl_id, url, stage, code, message, seen_at)"
                " SELECT max(id), 'https://x.example/', 'fetch', ?, 'Not there', '2026-01-04'"
                " FROM crawls GROUP BY site",
                (code,),
            )


def add_links(folder: Path) -> None:
    """From one site to all others: to the site with the number n, n links."""
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
        db.executemany(
            "INSERT INTO site_links (source_site, target_site, links) VALUES ('paper-000', ?, ?)",
            [(f"paper-{n:03}", n) for n in range(1, SITES)],
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    Store(folder).close()
    add_sites(folder, SITES)
    add_crawls(folder)
    add_articles(folder)
    add_problems(folder)
    add_links(folder)
    return folder


@pytest.fixture(scope="module")
def pages(folder: Path) -> Iterator[Pages]:
    with asked(folder) as pages:
        yield pages


def test_home_shows_the_sites_with_the_newest_articles(pages: Pages) -> None:
    home = pages.get("/")
    assert home.texts(".site-card h3") == [f"Paper {site[-3:].lstrip('0') or 0}" for site in NEWEST]
    assert home.texts("#sites .note") == [
        "60 of 400 sites are shown: those with the newest articles. All sites: by health, by name."
    ]
    assert home.links("#sites .note a") == ["/health", "/completeness"]
    assert home.links(".site-card a.verdict")[0] == "/health?site=paper-000"
    articles = sum(1 + n % 7 for n in range(SITES))
    assert home.texts(".stats dd") == [f"{articles:,}", "0", "400"]
    assert home.texts("h2")[0] == f"{articles:,} articles in the year to 2026-01-04"


def test_home_without_articles_shows_the_sites_crawled_last(tmp_path: Path) -> None:
    Store(tmp_path).close()
    add_sites(tmp_path, SITES)
    with closing(sqlite3.connect(tmp_path / "newscrawl.db")) as db, db:
        db.execute(
            "INSERT INTO crawls (site, started_at, version) VALUES ('paper-399', '2026-01-01', '')"
        )
        db.execute(
            "INSERT INTO articles (site, key, url, state, published_at, first_seen_at,"
            " last_seen_at, revision) VALUES ('paper-398', '1', '', 'stored', '2026-01-01', '', '', 1)"
        )
    with asked(tmp_path) as pages:
        shown = pages.get("/").texts(".site-card h3")
    assert shown[-3:] == ["Paper 57", "Paper 398", "Paper 399"]


def test_health_lists_failed_sites_first_and_has_pages(pages: Pages) -> None:
    first = pages.get("/health")
    names = [heading.partition(":")[0] for heading in first.texts("h2")]
    assert names[:3] == ["Paper 390", "Paper 398", "Paper 0"]
    assert len(names) == 50
    assert first.texts(".note")[0].startswith(
        "400 sites were crawled. Those whose last crawl failed"
    )
    assert first.links("a[rel=next]") == ["?offset=50"]
    last = pages.get("/health?offset=350")
    assert last.texts("h2")[-1].startswith("Paper 399:")
    assert last.links("a[rel=next]") == []
    assert [
        heading.partition(":")[0] for heading in pages.get("/health?site=paper-007").texts("h2")
    ] == ["Paper 7"]


def test_files_of_many_sites_have_all_of_them(pages: Pages) -> None:
    judged = pages.get("/health.json").json
    assert [site["site"] for site in judged] == [f"paper-{n:03}" for n in range(SITES)]
    lines = pages.get("/health.csv").text.splitlines()
    assert lines[0] == "site,verdict,check,expected,found"
    assert len(lines) == 1 + sum(len(site["results"]) for site in judged)
    volume = pages.get("/charts/volume.json").json
    assert len(volume) == SITES
    assert pages.get("/charts/coverage.csv").text.count("\n") == 1 + 9 * SITES
    assert pages.get("/charts/volume.csv?days=x").status == 400


def test_lists_of_sites_have_pages(pages: Pages) -> None:
    for path in ("/front", "/completeness"):
        first = pages.get(path)
        assert first.texts(".cards h2")[::99] == ["Paper 0", "Paper 99"]
        assert first.links("a[rel=next]") == ["?offset=100"]
        assert len(pages.get(f"{path}?offset=300").texts(".cards h2")) == 100
        assert pages.get(f"{path}?offset=300").links("a[rel=next]") == []
        moved = pages.get(f"{path}?site=paper-399")
        assert moved.headers["location"] == f"{path}/paper-399"


def test_charts_are_of_the_busiest_sites_or_of_one(pages: Pages) -> None:
    page = pages.get("/charts")
    busiest = [f"Paper {n}" for n in range(SITES) if n % 7 == 6][:30]
    assert [text.partition(":")[0] for text in page.texts("figcaption")] == busiest
    assert page.texts("thead tr:first-child th")[1:] == busiest
    assert "30 of 400 sites are shown here and below" in " ".join(page.texts(".note"))
    one = pages.get("/charts?site=paper-399")
    assert one.texts("figcaption") == ["Paper 399: 1 article in these 60 days; 1 in total"]
    assert "of 400 sites" not in one.text


def test_problems_have_pages(pages: Pages) -> None:
    first = pages.get("/problems")
    assert len(first.tree.cssselect("tbody tr")) == 400
    assert first.links("a[rel=next]") == ["?offset=400"]
    last = pages.get("/problems?offset=400")
    assert last.links("tbody tr:last-child td.when a") == ["?code=http_404&site=paper-399"]
    assert last.links("a[rel=next]") == []
    assert "These 800 problems" in last.text
    assert pages.get("/problems?offset=800").texts("main > p")[-1].startswith("There are 800 kinds")


def test_links_between_sites_have_pages(pages: Pages) -> None:
    first = pages.get("/links")
    assert first.texts("tbody tr")[0] == "Paper 0 Paper 399 399"
    assert first.links("a[rel=next]") == ["?offset=300"]
    last = pages.get("/links?offset=300")
    assert last.texts("tbody tr")[-1] == "Paper 0 Paper 1 1"
    assert last.tree.cssselect("meter")[0].get("max") == "399"
    assert pages.get("/links?site=paper-007").texts("tbody tr") == ["Paper 0 Paper 7 7"]
    site = pages.get("/site/paper-000")
    assert len(site.tree.cssselect("tbody tr")) == 100
    assert "/links?site=paper-000" in site.links()
    assert "/links?site=paper-007" not in pages.get("/site/paper-007").links()


FORMS = ("/search", "/crawls", "/changes", "/problems", "/duplicates", "/charts")


@pytest.mark.parametrize("path", FORMS)
def test_a_site_is_typed_where_there_are_many(pages: Pages, path: str) -> None:
    page = pages.get(f"{path}?site=paper-399")
    assert page.status == 200
    assert page.tree.cssselect("select[name=site]") == []
    [field] = page.tree.cssselect("main input[name=site]")
    assert (field.get("value"), field.get("placeholder")) == ("paper-399", "bnews")


def test_another_site_is_typed_beside_a_front_page(pages: Pages) -> None:
    page = pages.get("/front/paper-000?beside=paper-002")
    assert len(page.tree.cssselect(".two-fronts section")) == 2
    [field] = page.tree.cssselect("input[name=beside]")
    assert field.get("value") == "paper-002"


@pytest.mark.parametrize(
    "path",
    [f"{path}?site=paper-4oo" for path in (*FORMS, "/front", "/completeness", "/health", "/links")]
    + ["/site/paper-4oo", "/front/paper-4oo", "/completeness/paper-4oo"]
    + ["/front/paper-000?beside=paper-4oo"],
)
def test_an_unknown_site_is_refused_with_a_few_others(pages: Pages, path: str) -> None:
    page = pages.get(path)
    assert page.status in (400, 404)
    assert "no site 'paper-4oo'" in page.tree.text_content()
    assert "and 395 more (newscrawl status lists them)" in page.tree.text_content()
    assert page.text.count("paper-") < 20


@pytest.mark.parametrize(
    "path", ["/", "/health", "/export", "/api", "/links", "/questions", *FORMS]
)
def test_pages_stay_small(pages: Pages, path: str) -> None:
    page = pages.get(path)
    assert page.status == 200
    assert len(page.body) < LARGEST


def test_every_link_leads_to_a_page(pages: Pages) -> None:
    assert broken_links(pages, "/", 60) == []
    assert broken_links(pages, "/front?offset=100", 20) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("health", "paper-4oo"), "crawled sites: paper-"),
        (("front", "paper-4oo"), "its sites are: paper-"),
        (("search", "rail", "--site", "paper-4oo"), "its sites are: paper-"),
        (("reextract", "paper-4oo"), "its sites: paper-"),
    ],
)
def test_commands_name_a_few_sites(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    ended = newscrawl(*arguments, archive=folder)
    assert ended.returncode == 2
    assert message in ended.stderr
    assert "and 395 more (newscrawl status lists them)" in ended.stderr


def test_few_sites_are_shown_as_a_whole(tmp_path: Path) -> None:
    Store(tmp_path).close()
    add_sites(tmp_path, FEW)
    with closing(sqlite3.connect(tmp_path / "newscrawl.db")) as db, db:
        db.executemany(
            "INSERT INTO crawls (site, started_at, finished_at, reason, exit_code, version)"
            " VALUES (?, '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z', 'finished', ?, '')",
            [(f"paper-{n:03}", 3 * (n == FEW - 1)) for n in range(FEW)],
        )
        db.execute(
            "INSERT INTO articles (site, key, url, state, published_local, first_seen_at,"
            " last_seen_at, revision)"
            " VALUES ('paper-001', '1', '', 'stored', '2026-01-01', '', '', 1)"
        )
    names = [f"Paper {n}" for n in range(FEW)]
    with asked(tmp_path) as pages:
        assert pages.get("/").texts(".site-card h3") == names
        assert "are shown" not in pages.get("/").text
        health = pages.get("/health")
        assert [heading.partition(":")[0] for heading in health.texts("h2")] == names
        assert health.texts(".note, main form, .pager") == []
        assert pages.get("/completeness").texts(".card") == names
        charts = pages.get("/charts")
        assert charts.texts("thead th")[1:] == names
        assert "are shown" not in charts.text
        assert charts.texts("select[name=site] option")[1:] == [f"paper-{n:03}" for n in range(FEW)]
