"""The search page: every match can be reached and exported, and its numbers are those of the database."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pyarrow.parquet
import pytest

from newscrawl.store.filters import Filter
from newscrawl.store.read.facets import facets_of
from newscrawl.store.read.listing import FAR, found_articles
from newscrawl.store.read.publication_days import place_of
from newscrawl.store.read.reader import Reader
from newscrawl.web.atom import Entry, Feed
from newscrawl.web.bars import bars_of_days, fitting, periods_between, round_up
from tests.support.asked_pages import Pages, asked
from tests.support.crawling import query
from tests.support.old_schema import old_archive
from tests.support.web_site import PAYLOADS, poison
from tests.web.test_web_frame import NOW

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

SHOWN = "revision > 0 AND state NOT IN ('blocked', 'degraded')"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(scope="module")
def pages(archive: Path) -> Iterator[Pages]:
    with asked(archive) as pages:
        yield pages


def ids_of(archive: Path, where: str) -> list[int]:
    rows = query(
        archive,
        f"SELECT id FROM articles WHERE {SHOWN} AND {where} ORDER BY published_local DESC, id DESC",
    )
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("parameters", "where"),
    [
        ("", "1"),
        ("site=demo", "1"),
        (
            "since=2026-05&until=2026-07",
            "substr(published_local, 1, 7) BETWEEN '2026-05' AND '2026-07'",
        ),
        ("since=2026", "published_local >= '2026'"),
        ("revised=1", "revision > 1"),
        (
            "category=thi-truong",
            "category_id IN (SELECT id FROM categories WHERE slug = 'thi-truong')",
        ),
        ("tag=FDI", "EXISTS (SELECT 1 FROM json_each(tags) WHERE value = 'FDI')"),
        ("author=Mai+Thanh+Ng%C3%A0", "authors LIKE '%Mai Thanh Ngà%'"),
    ],
)
def test_filters_alone_list_articles(
    pages: Pages, archive: Path, parameters: str, where: str
) -> None:
    expected = ids_of(archive, where)
    assert expected
    document = pages.get(f"/search.json?sort=time&{parameters}").json
    assert [article["id"] for article in document["articles"]] == expected
    assert (document["total"], document["exact"]) == (len(expected), True)
    page = pages.get(f"/search?sort=time&limit=1000&{parameters}")
    assert page.texts(".total strong") == [f"{len(expected)} article{'s' * (len(expected) > 1)}"]
    assert len(page.texts(".hits > li")) == len(expected)


@pytest.mark.parametrize(
    "parameters", ["q=tang", "q=title:gia+OR+xang&since=2023", "site=demo", "tag=FDI"]
)
@pytest.mark.parametrize("texts", ["", "&texts=1"])
def test_files_have_every_article_that_was_found(pages: Pages, parameters: str, texts: str) -> None:
    expected = {each["id"] for each in pages.get(f"/search.json?{parameters}").json["articles"]}
    assert len(expected) > 3
    rows = list(csv.DictReader(io.StringIO(pages.get(f"/search.csv?{parameters}{texts}").text)))
    assert {int(row["id"]) for row in rows} == expected
    lines = pages.get(f"/search.jsonl?{parameters}{texts}").text.splitlines()
    assert {json.loads(line)["id"] for line in lines} == expected
    parquet = pages.get(f"/search.parquet?{parameters}{texts}").body
    table = pyarrow.parquet.read_table(io.BytesIO(parquet))
    assert set(table.column("id").to_pylist()) == expected
    assert ("body" in rows[0]) == ("body" in table.column_names) == bool(texts)


def test_a_file_is_compressed_while_it_is_sent(pages: Pages) -> None:
    plain = pages.get("/search.csv?texts=1")
    packed = pages.get("/search.csv?texts=1", accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert plain.headers["content-disposition"] == 'attachment; filename="articles.csv"'


@pytest.mark.parametrize(
    "address", ["/search.csv?site=nosuch", "/search.jsonl?since=soon", "/search.atom?category=x"]
)
def test_a_file_of_what_is_not_there_is_an_error(pages: Pages, address: str) -> None:
    assert pages.get(address).status in (400, 404)


def test_pages_of_a_list_lead_to_its_end(pages: Pages, archive: Path) -> None:
    seen: list[str] = []
    address: str | None = "/search?limit=25"
    while address is not None:
        page = pages.get(address)
        seen += page.links(".hits h2 a")
        following = page.links(".pager [rel=next]")
        address = f"/search{following[0]}" if following else None
    assert seen == [f"/article/{number}" for number in ids_of(archive, "1")]


def test_facets_count_what_sql_counts_and_lead_to_it(pages: Pages, archive: Path) -> None:
    page = pages.get("/search")
    facets = page.tree.cssselect(".facets li:not(.note) a")
    assert len(facets) > 20
    for link in facets:
        count = int(link.cssselect(".count")[0].text_content())
        narrowed = pages.get(f"/search{link.get('href')}")
        assert narrowed.texts(".total strong")[0].split()[0] == str(count), link.get("href")
        assert narrowed.texts(".facets [aria-current]")
    years = dict(
        query(
            archive,
            "SELECT substr(published_local, 1, 4), count(*) FROM articles"
            f" WHERE {SHOWN} AND published_local IS NOT NULL GROUP BY 1",
        )
    )
    shown = page.texts(".facets ul:nth-of-type(5) a")
    assert shown == [
        f"{year} {count}" for year, count in sorted(years.items(), key=lambda each: -each[1])
    ]


def test_a_click_on_a_bar_narrows_to_its_period(pages: Pages) -> None:
    page = pages.get("/search?q=tang")
    titles = page.texts(".volume title")
    links = page.links(".volume a")
    assert sum(int(title.rpartition(": ")[2]) for title in titles) == 46
    place = max(range(len(titles)), key=lambda number: int(titles[number].rpartition(": ")[2]))
    narrowed = pages.get(f"/search{links[place]}")
    assert narrowed.texts(".total strong") == [f"{titles[place].rpartition(': ')[2]} articles"]


def test_a_feed_has_the_newest_articles(pages: Pages, archive: Path) -> None:
    reply = pages.get("/search.atom?q=tang&site=demo")
    assert reply.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(reply.body)
    links = [link.get("href") for link in feed.findall("a:entry/a:link", ATOM)]
    newest = pages.get("/search.json?q=tang&site=demo&sort=time").json["articles"]
    assert links == [f"/article/{article['id']}" for article in newest]
    times = [entry.findtext("a:updated", "", ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert len(times) == len(links)
    assert all(time.endswith("Z") for time in times)
    assert pages.get("/search?q=tang&site=demo").links("link[rel=alternate]") == [
        "/search.atom?q=tang&site=demo"
    ]


def test_a_feed_can_be_read_whatever_the_headline_is() -> None:
    odd = "\x00<b>&amp;\x1f]]>\ufffe"
    entry = Entry(
        id="urn:newscrawl:x:ă b",
        path='/article/"1"',
        title=odd,
        updated=None,
        text=odd,
        author="<x>",
    )
    feed = ElementTree.fromstring(
        Feed("/search.atom?q=<", "/search?q=<", odd, [entry], NOW).xml().encode()
    )
    assert feed.findtext("a:entry/a:title", "", ATOM) == "<b>&amp;]]>"


@pytest.mark.parametrize("typed", ["235425", "#1", "https://demo.example/none", "demo/235425"])
def test_an_id_or_address_in_the_search_box_is_no_error(
    pages: Pages, archive: Path, typed: str
) -> None:
    page = pages.get(f"/search?q={quote(typed)}")
    assert page.status == 200
    row = query(archive, "SELECT id FROM articles WHERE key = '235425'")[0][0]
    expected = {"235425": [f"/article/{row}"], "#1": ["/article/1"]}.get(typed, [])
    assert page.links(".exact a") == expected


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("since=2026-09-10&until=2026-09-01", "Since 2026-09-10 is after until 2026-09-01."),
        ("limit=0", "Limit: expected a number from 1 to 1,000, got '0'."),
        ("offset=-1", "Offset: expected a number from 0 to 100,000,000, got '-1'."),
        ("site=nosuch", "The archive has no site 'nosuch'."),
        ("author=%21", "Expected a word of the author, found '!'."),
    ],
)
def test_what_cannot_be_is_said_above_the_form(pages: Pages, parameters: str, message: str) -> None:
    page = pages.get(f"/search?q=gia&{parameters}")
    assert (page.status, page.texts("[role=alert] strong")) == (400, [message])


def test_queries_are_compared_over_time(pages: Pages, archive: Path) -> None:
    page = pages.get("/charts?q=tang&q2=giam&by=year")
    found = [pages.get(f"/search.json?q={word}").json["total"] for word in ("tang", "giam")]
    assert [int(text) for text in page.texts(".legend-list strong")] == found
    assert len(page.tree.cssselect("svg.volume rect.c1")) > 2
    rows = list(
        csv.DictReader(io.StringIO(pages.get("/charts/queries.csv?q=tang&q2=giam&by=year").text))
    )
    assert [
        sum(int(row["articles"]) for row in rows if row["query"] == word)
        for word in ("tang", "giam")
    ] == found
    assert sum(int(row["of"]) for row in rows) == 2 * len(
        ids_of(archive, "published_local IS NOT NULL")
    )
    assert pages.get("/charts?q=tang&by=century").status == 400


def test_queries_of_the_same_name_are_all_compared(pages: Pages) -> None:
    reply = pages.get("/charts?q=tang&q=giam&by=year")
    assert reply.headers["location"] == "/charts?q=tang&by=year&q2=giam"
    reply = pages.get("/charts/queries.csv?q=tang&q2=giam&q=gia")
    assert reply.headers["location"] == "/charts/queries.csv?q=tang&q2=gia&q3=giam"
    assert pages.get("/charts?q=1&q=2&q=3&q=4&q2=5").status == 400


def test_a_query_says_how_it_was_understood(pages: Pages) -> None:
    note = "main p.understood"
    assert pages.get("/search?q=gia").texts(note) == []
    assert pages.get("/search?q=gi%C3%A1").texts(note) == [
        "Words match with or without diacritics."
    ]
    [understood] = pages.get("/search?q=tang+OR+giam+gia").texts(note)
    assert understood.startswith("Searched as ")
    assert " AND " in understood


def test_no_text_of_an_article_becomes_markup(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "poisoned"
    shutil.copytree(archive, folder)
    poison(folder)
    with asked(folder) as pages:
        for path in (
            "/",
            "/search?q=payload",
            "/search",
            f"/search?q={quote(PAYLOADS[3])}",
            f"/search?author={quote(PAYLOADS[1])}",
            f"/charts?q={quote(PAYLOADS[0])}&q2=x",
        ):
            page = pages.get(path)
            assert page.status == 200
            scripts = [each.get("src") for each in page.tree.iter("script")]
            assert [source.partition("?")[0] for source in scripts] == [
                "/-/static-plugins/newscrawl.web/newscrawl.js"
            ]
            assert (
                page.tree.xpath(
                    "//@onerror | //@onload | //@onfocus | //@ontoggle | //iframe | //object"
                )
                == []
            )
            assert [
                link for link in page.links() if link.partition(":")[0] in ("javascript", "data")
            ] == []
        ElementTree.fromstring(pages.get("/search.atom?q=payload").body)


def test_an_archive_without_the_new_index_lists_the_same(archive: Path, tmp_path: Path) -> None:
    old = old_archive(tmp_path, archive, migrations=11)
    only = Filter(since="2023-01", until="2026-06")
    with Reader(old) as before, Reader(archive) as now:
        found = [list(found_articles(each.db, "", only).ids(None)) for each in (before, now)]
        totals = [found_articles(each.db, "", only).total(exact=False) for each in (before, now)]
    assert found[0] == found[1] != []
    assert totals[0] == totals[1] == (len(found[0]), True)


def test_an_offset_far_down_is_found_by_days(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FAR > 0
    monkeypatch.setattr("newscrawl.store.read.listing.FAR", 3)
    with Reader(archive) as reader:
        for only in (Filter(), Filter(site="demo", since="2023"), Filter(until="2026-05-29")):
            everything = list(found_articles(reader.db, "", only).ids(None))
            for offset in range(0, len(everything) + 3, 7):
                assert (
                    list(found_articles(reader.db, "", only).ids(5, offset))
                    == everything[offset : offset + 5]
                )
        day, before = place_of(reader.db, None, None, None, 10**6)
        assert before > 0
        assert len(day) in (0, 10)


def test_charts_of_very_many_articles_are_estimates_and_say_so(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = pages.get("/charts?q=tang&by=year").texts(".legend-list strong")
    monkeypatch.setattr("newscrawl.web.pages.charts.MOST_COUNTED", 10)
    page = pages.get("/charts?q=tang&by=year")
    [total] = page.texts(".legend-list strong")
    assert total.startswith("about ")
    assert int(total.removeprefix("about ")) % 8 == 0
    assert page.texts("td.n")[0].startswith("about ")
    [link] = [link for link in page.links(".note a") if "exact=1" in link]
    assert pages.get(f"/charts{link}").texts(".legend-list strong") == exact
    rows = pages.get("/charts/queries.json?q=tang&by=year").json
    assert str(sum(row["articles"] for row in rows)) == exact[0]


def test_more_names_of_a_facet_are_a_link_away(pages: Pages, archive: Path) -> None:
    page = pages.get("/search")
    [more] = [link for link in page.links(".facets .note a") if "names=tag" in link]
    counted = query(
        archive,
        "SELECT value, count(DISTINCT articles.rowid) FROM articles, json_each(tags)"
        f" WHERE {SHOWN} GROUP BY value ORDER BY 2 DESC, 1",
    )
    assert len(counted) > 8
    names = pages.get(f"/search{more}").texts(".facets ul:nth-of-type(4) li")
    assert names == [f"{name} {count}" for name, count in counted]
    assert [link for link in pages.get("/site/demo").links(".facets .note a") if "names=" in link]


def test_facets_of_nothing() -> None:
    assert bars_of_days({}) is None
    assert bars_of_days({"2026-09-01": 5}) is None


def test_facets_have_names_once_for_each_article(archive: Path) -> None:
    with Reader(archive) as reader:
        assert facets_of(reader.db, []).articles == 0
        facets = facets_of(reader.db, ids_of(archive, "1"))
    authors = {facet.name: facet for facet in facets.facets}["author"]
    expected = query(
        archive,
        "SELECT count(DISTINCT a.id) FROM articles a, json_each(authors) n"
        f" WHERE {SHOWN} AND n.value = '{authors.values[0][0]}'",
    )
    assert authors.values[0][1] == expected[0][0]


@pytest.mark.parametrize(
    ("first", "last", "by"),
    [
        ("2026-09-01", "2026-10-10", "day"),
        ("2026-01-01", "2026-12-31", "month"),
        ("2026", "2026", "month"),
        ("2010-01-01", "2026-09-01", "year"),
        ("2025-12", "2026-01-05", "month"),
    ],
)
def test_bars_are_of_periods_that_fit(first: str, last: str, by: str) -> None:
    assert fitting(first, last) == by


def test_bars_have_every_period_between() -> None:
    assert periods_between("2025-11", "2026-02", "month") == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]
    with_year = bars_of_days({"2026-08-30": 3, "2026-09-02": 5, "2026": 9})
    assert with_year is not None
    assert [period.numbers for period in with_year.periods] == [(3,), (5,)]
    drawn = bars_of_days({"2026-08-30": 3, "2026-09-02": 6})
    assert drawn is not None
    assert [(period.name, period.numbers) for period in drawn.periods] == [
        ("2026-08-30", (3,)),
        ("2026-08-31", (0,)),
        ("2026-09-01", (0,)),
        ("2026-09-02", (6,)),
    ]
    assert [label for _, label in drawn.grid] == ["10", "5", "0"]


@pytest.mark.parametrize(("number", "rounded"), [(0, 1), (1, 1), (3, 5), (6, 10), (101, 200)])
def test_scales_end_at_round_numbers(number: int, rounded: int) -> None:
    assert round_up(number) == rounded


def test_facets_of_many_articles_say_how_many_they_count(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newscrawl.web.pages.search.MOST_EXACT", 10)
    monkeypatch.setattr("newscrawl.web.pages.search.MOST_SAMPLED", 20)
    with asked(archive) as pages:
        for address in ("/search", "/search?q=tang"):
            page = pages.get(address)
            assert page.texts(".facets .note")[0] == "Counted in the latest 20 articles."
            assert page.texts(".facets .count")[0] == "20"
            total = page.texts(".total strong")[0].split()[0]
            drawn = [int(title.rpartition(": ")[2]) for title in page.texts(".volume title")]
            assert sum(drawn) in (int(total), int(total) - 1)  # one article has no time


def test_large_tables_are_not_counted(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newscrawl.store.read.limits.MOST_COUNTED", 50)
    with asked(archive) as pages:
        rows = dict(
            zip(
                pages.get("/newscrawl").texts(".db-table h2"),
                pages.get("/newscrawl").texts(".db-table p:last-child"),
                strict=True,
            )
        )
        assert (rows["articles"], rows["crawls"]) == ("Many rows", "2 rows")
        assert "83 rows" in pages.get("/newscrawl/articles").texts("h2")[0]


@pytest.mark.parametrize(
    ("address", "status", "error"),
    [
        ("/search.json?q=gia&limit=0", 400, "limit: expected a number from 1 to 1,000, got '0'"),
        ("/search.json?site=nosuch", 404, "the archive has no site 'nosuch'"),
        ("/article/nosuch/1.json", 404, "the archive has no such article"),
        ("/nosuch.json", 404, "there is no such page"),
    ],
)
def test_errors_of_json_are_json(pages: Pages, address: str, status: int, error: str) -> None:
    reply = pages.get(address)
    assert reply.status == status
    assert reply.json == {"ok": False, "error": error, "hint": reply.json["hint"], "status": status}
