"""The page of an article: its revisions, its captures, how to cite it, and the raw page in a frame."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from newscrawl.core.folder import SUMS
from newscrawl.reports.health import Result, SiteHealth, _overall
from newscrawl.store.read.links import End
from newscrawl.web import formatting
from newscrawl.web.citation import Source, apa, bibtex, csl_json, ris
from newscrawl.web.pages.article import merged
from newscrawl.web.pages.replay import without_connections
from newscrawl.web.timeline import timeline
from tests.support.asked_pages import Pages, asked
from tests.support.web_site import key_of

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

REVISED = "demo/235425"


@pytest.fixture(scope="module")
def pages(archive: Path) -> Iterator[Pages]:
    with asked(archive) as pages:
        yield pages


@pytest.fixture(scope="module")
def revised(archive: Path) -> int:
    return key_of(archive, "key = '235425'")[0]


def test_a_stable_address_shows_the_text_of_its_revision(pages: Pages, revised: int) -> None:
    reply = pages.get(f"/article/{REVISED}@1")
    assert (reply.status, reply.headers["location"]) == (302, f"/article/{revised}?revision=1")
    old, new = pages.get(f"/article/{revised}?revision=1"), pages.get(f"/article/{revised}")
    assert "This is revision 1 of 2" in old.text
    assert "This is revision" not in new.text
    assert new.texts("h1")[0].startswith("Cập nhật: ")
    assert not old.texts("h1")[0].startswith("Cập nhật: ")
    assert "demo/235425@1" in old.texts("#citation")[0]
    assert pages.get(f"/article/{revised}.json?revision=1").json["title"] == old.texts("h1")[0]
    assert pages.get(f"/article/{revised}?revision=3").status == 404
    assert pages.get(f"/article/{revised}?revision=0").status == 400


def test_the_whole_text_and_every_capture_is_shown(
    pages: Pages, archive: Path, revised: int
) -> None:
    with closing(sqlite3.connect(archive / "newscrawl.db")) as db:
        body = db.execute("SELECT body FROM bodies WHERE article_id = ?", (revised,)).fetchone()[0]
        fetched = (
            "SELECT count(DISTINCT substr(fetched_at, 1, 16)) FROM revisions WHERE article_id = ?"
        )
        minutes = db.execute(fetched, (revised,)).fetchone()[0]
    page = pages.get(f"/article/{revised}")
    assert page.texts(".text p") == body.split("\n\n")
    assert len(page.tree.cssselect(".timeline .revision")) == 2
    replays = [link for link in page.links(".timeline a") if "/replay/" in link]
    assert len(replays) == 2
    for link in replays:
        assert pages.get(link).status == 200
    if minutes == 1:  # the first crawls of the fixture rarely end in different ones
        expected = len("2026-09-01 10:00:00")
        assert all(len(when) == expected for when in page.texts(".timeline .revision .when"))


SOURCE = Source(
    name="demo/7@2",
    title="Rail & road: 40 % {done}",
    authors=("Tường Lam", "Hà_Vân"),
    publisher="Thời báo",
    day="2026-09-01",
    url="https://paper.example/7.html",
    language="vi",
    accessed="2026-09-02",
)
BARE = Source(
    name="demo/8@1",
    title=None,
    authors=(),
    publisher="Thời báo",
    day=None,
    url="https://paper.example/8.html",
    language=None,
    accessed=None,
)


def test_citations_name_what_the_page_has_and_nothing_else() -> None:
    assert apa(SOURCE) == (
        "Tường Lam, Hà_Vân. (2026, September 1). Rail & road: 40 % {done}. Thời báo."
        " https://paper.example/7.html [Archived as demo/7@2, retrieved 2026, September 2]"
    )
    assert apa(BARE) == (
        "[Without a headline]. (n.d.). Thời báo. https://paper.example/8.html"
        " [Archived as demo/8@1]"
    )
    served = replace(SOURCE, address="https://archive.example/article/demo/7@2")
    assert apa(served).endswith("September 2: https://archive.example/article/demo/7@2]")
    for write in (bibtex, ris, csl_json):
        assert "https://archive.example/article/demo/7@2" in write(served)
    assert bibtex(SOURCE).splitlines()[:4] == [
        "@article{demo-7-2,",
        r"  title = {{Rail \& road: 40 \% \{done\}}},",
        r"  author = {{Tường Lam} and {Hà\_Vân}},",
        "  journal = {Thời báo},",
    ]
    assert "title" not in bibtex(BARE)
    assert "year" not in bibtex(BARE)
    lines = ris(SOURCE).split("\r\n")
    assert lines[0] == "TY  - NEWS"
    assert lines[-2:] == ["ER  - ", ""]
    assert [line for line in lines if line.startswith("AU")] == [
        "AU  - Tường Lam",
        "AU  - Hà_Vân",
    ]
    item = json.loads(csl_json(SOURCE))[0]
    assert item["issued"] == {"date-parts": [[2026, 9, 1]]}
    assert item["author"] == [{"literal": "Tường Lam"}, {"literal": "Hà_Vân"}]
    assert "issued" not in json.loads(csl_json(BARE))[0]


def test_quarantine_and_other_addresses_are_explained(archive: Path, tmp_path: Path) -> None:
    changed = tmp_path / "archive"
    shutil.copytree(archive, changed)
    with closing(sqlite3.connect(changed / "newscrawl.db")) as db, db:
        alias, article_id = db.execute("SELECT url, article_id FROM aliases LIMIT 1").fetchone()
        db.execute("UPDATE articles SET state = 'degraded' WHERE id = ?", (article_id,))
        db.execute("UPDATE aliases SET reason = 'slug' WHERE url = ?", (alias,))
    with asked(changed) as pages:
        page = pages.get(f"/article/{article_id}")
        assert page.texts("p.exact")[0].startswith("In quarantine: ")
        assert f"{alias} the same id with other words" in page.texts("li")


def test_an_old_revision_is_cited_by_the_address_it_was_fetched_from(
    archive: Path, tmp_path: Path, revised: int
) -> None:
    moved = tmp_path / "archive"
    shutil.copytree(archive, moved)
    with closing(sqlite3.connect(moved / "newscrawl.db")) as db, db:
        db.execute("UPDATE articles SET url = url || '?moved' WHERE id = ?", (revised,))
    with asked(moved) as pages:
        assert "?moved" in pages.get(f"/article/{revised}/cite.bib").text
        assert "?moved" not in pages.get(f"/article/{revised}/cite.bib?revision=1").text
        [citation] = pages.get(f"/article/{revised}?revision=1").texts("#citation")
        assert "?moved" not in citation
        assert "/article/demo" not in citation  # nobody else can read this address


@pytest.mark.parametrize(
    ("form", "begins"), [("bib", "@article{"), ("ris", "TY  - "), ("csl.json", "[")]
)
def test_citations_are_files(pages: Pages, form: str, begins: str) -> None:
    reply = pages.get(pages.get(f"/article/{REVISED}/cite.{form}").headers["location"])
    assert reply.text.startswith(begins)
    assert f'filename="demo-235425-2.{form}"' in reply.headers["content-disposition"]


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        (b"<link rel=x>", b"<basefont rel=x>"),
        (b"<LiNk/rel=x>", b"<basefont/rel=x>"),
        (b"<linked><frames>", b"<linked><frames>"),
        (b"<iframe src=x></iframe>", b"<basefont src=x></iframe>"),
        (b"<frame src=x><Object data=x>", b"<basefont src=x><basefont data=x>"),
        ("<link rel=x>".encode("utf-16-le"), "<basefont rel=x>".encode("utf-16-le")),
        ("<link rel=x>".encode("utf-16-be"), "<basefont rel=x>".encode("utf-16-be")),
    ],
)
def test_no_element_of_a_raw_page_names_another_file(source: bytes, kept: bytes) -> None:
    assert without_connections(source) == kept


def test_a_raw_page_is_only_shown_on_pages_of_the_archive(pages: Pages, revised: int) -> None:
    page = pages.get(f"/article/{revised}/replay")
    raw = pages.get(page.tree.cssselect("iframe")[0].get("src"))
    assert page.tree.cssselect("iframe")[0].get("sandbox") == ""
    assert "sandbox" in raw.headers["content-security-policy"].split("; ")
    assert raw.headers["x-frame-options"] == "SAMEORIGIN"
    assert page.headers["x-frame-options"] == "DENY"
    assert pages.get(f"/article/{revised}/raw/1").status == 404
    assert pages.get(f"/article/{revised}/replay/999999").status == 404


def test_a_release_has_no_page_to_replay(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    shutil.copy(archive / "newscrawl.db", folder)
    for name in ("datapackage.json", SUMS):
        (folder / name).write_text("{}", encoding="utf-8")
    article, _ = key_of(folder, "state = 'stored'")
    with asked(folder) as pages:
        page = pages.get(f"/article/{article}")
        assert page.status == 200
        assert [link for link in page.links() if "/replay" in link] == []
        refused = pages.get(f"/article/{article}/replay")
        assert refused.status == 404
        assert "this is a release" in refused.text


def test_an_article_with_links_of_two_kinds_is_listed_once() -> None:
    first, second = (
        End(
            id=row,
            site="demo",
            key=str(row),
            url="",
            state="stub",
            title=None,
            published_at=None,
            published_local=None,
        )
        for row in (1, 2)
    )
    links = [(second, "related"), (first, "inline"), (second, "inline"), (first, "inline")]
    assert list(merged(links).items()) == [(second, ["related", "inline"]), (first, ["inline"])]


@pytest.mark.parametrize(
    ("check", "expected", "found", "written"),
    [
        ("articles with a title", ">= 0.5", 1.0, ("100 %", "≥ 50 %")),
        ("hours since the newest article", "<= 72.0", 3.61, ("4 h", "≤ 72 h")),
        ("seconds", "<= 600.0", 12.3, ("12 s", "≤ 600 s")),
        ("feed entries", ">= ?", None, ("–", "–")),
        ("exit code of the last crawl", "= 0", "0 (finished)", ("0 (finished)", "= 0")),
        ("new articles", ">= 2.5", 1234, ("1,234", "≥ 2.5")),
    ],
)
def test_checks_have_units(
    check: str, expected: str, found: float | str | None, written: tuple[str, str]
) -> None:
    result = Result(check, "ok", expected, found)
    assert (formatting.found(result), formatting.expected(result)) == written


@pytest.mark.parametrize(
    ("verdicts", "words", "look"),
    [
        ("ok ok", "as usual", "ok"),
        ("ok unknown unknown", "as usual (1 of 3 checks possible)", "unknown"),
        ("ok ok unknown", "as usual (2 of 3 checks possible)", "ok"),
        ("unknown", "not enough crawls yet", "unknown"),
        ("failed unknown", "unusual", "failed"),
    ],
)
def test_the_verdict_says_how_many_checks_were_possible(
    verdicts: str, words: str, look: str
) -> None:
    results = tuple(Result("check", each, "= 0", 0) for each in verdicts.split())  # type: ignore[arg-type]
    overall = _overall(results)
    judged = formatting.site_verdict(SiteHealth("demo", overall, False, results))
    assert (judged.words, judged.look) == (words, look)


def test_fetches_in_a_row_that_gave_the_same_are_one_event() -> None:
    days = [f"2026-11-0{day}T06:00:00Z" for day in range(1, 8)]
    article = {
        "first_seen_at": days[0],
        "gone_at": None,
        "revisions": [
            {"fetched_at": days[0], "revision": 1, "title": "One", "capture_id": 1},
            {"fetched_at": days[3], "revision": 2, "title": "Two", "capture_id": 4},
        ],
    }
    statuses = (200, 304, 304, 200, 200, 404, 404)
    captures = [
        {
            "id": number,
            "fetched_at": day,
            "status": status,
            "warc_file": "a.warc.gz",
            "revision": {1: 1, 4: 2}.get(number),
        }
        for number, (day, status) in enumerate(zip(days, statuses, strict=True), 1)
    ]
    events = timeline(article, captures, {})
    shown = [(event.what, event.at, event.times, event.until, event.capture) for event in events]
    assert shown == [
        ("found", days[0], 1, None, None),
        ("revision", days[0], 1, None, 1),
        ("unchanged", days[1], 2, days[2], None),
        ("revision", days[3], 1, None, 4),
        ("unchanged", days[4], 1, None, 5),
        ("missing", days[5], 2, days[6], 7),
    ]
