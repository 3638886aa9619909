"""A site that changes its design: what is held back, what stays as it was, and what mends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from newscrawl.core.coverage import fallen, share, still_fallen, usual_shares
from newscrawl.demo.server import DemoServer
from tests.support.crawling import adds_up, crawl, newscrawl, opened, query
from tests.support.daily_paper import ARTICLES, FIELDS, DailyPaper, every_article, mend, redesigned

USUAL = {
    "coverage": {"pages": 10, "articles": 10, "title": 10, "body": 10, "published": 10, "links": 4}
}
CONTENT = (
    "SELECT key, title, summary, body, published_at, authors, tags, revision FROM export_articles"
)
NOW = "--set", "NEWSCRAWL_RETRY_PAUSE=0"


def test_a_share_is_told_from_five_pages_on() -> None:
    assert share({"pages": 4, "title": 4}, "title") is None
    assert share({"pages": 8, "title": 2}, "title") == 0.25


@pytest.mark.parametrize(
    ("runs", "last", "lost"),
    [
        (
            [USUAL] * 3,
            {"pages": 10, "title": 10, "body": 10, "published": 4, "links": 4},
            ("published",),
        ),
        ([USUAL] * 3, {"pages": 10, "title": 5, "body": 5, "published": 5, "links": 2}, ()),
        ([USUAL] * 3, {"pages": 12}, ("title", "body", "published", "links")),
        ([USUAL] * 2, {"pages": 12}, ()),
        ([USUAL] * 3, {"pages": 4}, ()),
        ([{"coverage": {"pages": 10, "title": 10}}] * 3, {"pages": 10, "title": 10}, ()),
        ([], {"pages": 100}, ()),
    ],
)
def test_drift_is_a_share_under_half_of_the_usual_one(
    runs: list[dict[str, dict[str, int]]], last: dict[str, int], lost: tuple[str, ...]
) -> None:
    assert fallen(usual_shares(runs), last) == lost


def test_pages_read_again_are_judged_together() -> None:
    usual = {"title": 1.0, "links": 0.4}
    assert still_fallen(usual, [frozenset({"title"}), frozenset({"title", "links"})]) == frozenset()
    assert still_fallen(usual, [frozenset({"title"}), frozenset()] * 3) == {"links"}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three good days, and the server's port, so that later days find the same addresses."""
    folder = tmp_path_factory.mktemp("history")
    with DemoServer() as server:
        for count in (20, 30, 40):
            server.paper = DailyPaper(count)
            crawl(server, folder)
        (folder / "port").write_text(server.base_url.rpartition(":")[2])
    return folder


@pytest.fixture
def archive(history: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(history, tmp_path / "archive"))


@pytest.fixture
def server(history: Path) -> Iterator[DemoServer]:
    with DemoServer(int((history / "port").read_text())) as running:
        running.paper = DailyPaper(50)
        yield running


def test_design_without_headline_and_time_is_held_back_and_released(
    archive: Path, server: DemoServer
) -> None:
    before = query(archive, CONTENT)
    server.alter = redesigned(FIELDS)
    found = crawl(server, archive, code=3)
    assert (found["reason"], found["held"] >= 9, adds_up(found)) == ("degraded", True, True)
    held = query(archive, "SELECT count(*) FROM articles WHERE state = 'degraded'")
    assert held == [(found["held"],)]
    assert [row for row in query(archive, CONTENT) if row in before] == before
    exported = newscrawl(
        "export", "articles", "--format", "jsonl", archive=archive
    ).stdout.splitlines()
    assert len(exported) == found["new"] - found["held"] + len([row for row in before if row[-1]])
    # The site file as it is releases nothing, a mended one everything.
    unmended = json.loads(newscrawl("reextract", "demo", "--json", archive=archive).stdout)[0]
    assert (unmended["released"], unmended["still_held"]) == (0, found["held"])
    mend(archive, fields=True)
    mended = json.loads(newscrawl("reextract", "demo", "--json", archive=archive).stdout)[0]
    assert (mended["released"], mended["still_held"]) == (found["held"], 0)
    assert query(archive, "SELECT count(*) FROM articles WHERE state = 'degraded'") == [(0,)]
    assert query(archive, "SELECT count(*) FROM problems WHERE code = 'degraded'") == [(0,)]


def test_design_that_no_template_fits_keeps_its_pages_for_later(
    archive: Path, server: DemoServer
) -> None:
    before = query(archive, CONTENT)
    server.alter = redesigned(ARTICLES)
    found = crawl(server, archive, "--refetch", code=3)
    assert (found["reason"], found["new"]) == ("degraded", 0)
    assert [row for row in query(archive, CONTENT) if row[-1]] == [row for row in before if row[-1]]
    rows = query(
        archive, "SELECT DISTINCT reason FROM frontier WHERE kind = 'article' AND state = 'failed'"
    )
    assert ("no_template",) in rows
    mend(archive)
    report = json.loads(newscrawl("reextract", "demo", "--json", archive=archive).stdout)[0]
    assert report["released"] >= 10
    server.alter = lambda path, answer: answer
    assert crawl(server, archive, *NOW)["reason"] == "finished"
    truth = {
        one.key: (one.title, one.body, one.published_at)
        for one in server.paper.truth(server.base_url)
    }
    stored = query(
        archive, "SELECT key, title, body, published_at FROM export_articles WHERE state = 'stored'"
    )
    assert {key: tuple(values) for key, *values in stored} == truth


def test_fixture_says_what_an_earlier_page_said(archive: Path, server: DemoServer) -> None:
    server.alter = redesigned(ARTICLES)
    crawl(server, archive, "--refetch", code=3)
    (case,) = (archive / "sites" / "fixtures" / "demo").iterdir()
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    assert query(
        archive, f"SELECT title, body FROM export_articles WHERE key = '{expected['key']}'"
    ) == [(expected["title"], expected["body"])]
    checked = newscrawl("sites", "check", "demo", archive=archive)
    assert (checked.returncode, "none of the templates" in checked.stdout + checked.stderr) == (
        2,
        True,
    )
    expected["unchecked"] = []
    (case / "expected.json").write_text(json.dumps(expected), "utf-8")
    mend(archive)
    checked = newscrawl("sites", "check", "demo", archive=archive)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_few_pages_of_a_new_design_are_no_verdict(archive: Path, server: DemoServer) -> None:
    server.paper = DailyPaper(43)
    server.alter = redesigned(FIELDS)
    assert crawl(server, archive)["reason"] == "finished"


def test_killed_crawl_is_judged_by_the_next(archive: Path, server: DemoServer) -> None:
    server.alter = redesigned(FIELDS)
    crawl(server, archive, code=3)
    db = opened(archive)  # as a kill before the verdict leaves it
    db.execute("UPDATE articles SET state = 'stored' WHERE state = 'degraded'")
    db.execute("DELETE FROM problems WHERE code = 'degraded'")
    db.execute(
        "UPDATE crawls SET finished_at = NULL, reason = NULL, exit_code = NULL, stats = '{}' WHERE id = 4"
    )
    db.commit()
    db.close()
    server.alter = lambda path, answer: answer
    done = newscrawl(
        "crawl", "demo", "--base-url", server.base_url, "--limit", "1", archive=archive
    )
    assert "articles quarantined, because" in done.stderr, done.stderr
    assert query(archive, "SELECT count(*) > 8 FROM articles WHERE state = 'degraded'") == [(1,)]


SAME = '<html lang="vi"><body><div class="b-top-details"><h1 class="font-42">Chuyên trang</h1></div>{}</body></html>'
SOFT = SAME.format(
    '<div class="lr-ct"><p>Trang này đang được nâng cấp, mời quý vị quay lại sau ít phút nữa.</p></div>'
)


@pytest.mark.parametrize("more", [(), ("--refetch",)])
def test_same_page_for_every_article_is_no_article(
    archive: Path, server: DemoServer, more: tuple[str, ...]
) -> None:
    before = query(archive, CONTENT)
    server.alter = every_article(SOFT)
    found = crawl(server, archive, *more, code=3)
    assert (found["reason"], found["new"], found["changed"], adds_up(found)) == (
        "blocked",
        0,
        0,
        True,
    )
    rows = [row for row in query(archive, CONTENT) if row[-1]]
    assert rows == [row for row in before if row[-1]]
    blocked = query(archive, "SELECT count(*) FROM articles WHERE state = 'blocked'")[0][0]
    assert (
        blocked >= 3 or more
    )  # with --refetch the site is rested before anything new is asked for
    report = json.loads(newscrawl("reextract", "demo", "--json", archive=archive).stdout)[0]
    assert (report["released"], report["changed_pages"]) == (0, 0)
    server.alter = lambda path, answer: answer
    assert crawl(server, archive, *NOW, "--refetch")["reason"] == "finished"
    truth = {one.key: (one.title, one.body) for one in server.paper.truth(server.base_url)}
    stored = query(archive, "SELECT key, title, body FROM export_articles WHERE state = 'stored'")
    assert {key: tuple(values) for key, *values in stored} == truth


def test_challenge_rests_the_site_and_the_next_run_goes_on(
    archive: Path, server: DemoServer
) -> None:
    server.requests.clear()
    server.alter = every_article(
        "<html><head><title>Just a moment...</title></head><body>Wait.</body></html>"
    )
    found = crawl(server, archive, "--set", "CONCURRENT_REQUESTS=1", code=3)
    asked = sum(
        count for path, count in server.requests.items() if path.rpartition("/")[2][:1].isdigit()
    )
    assert (found["reason"], found["retry"], asked) == ("blocked", {"blocked_page": 5}, 5)
    assert query(archive, "SELECT count(*) FROM articles WHERE state = 'blocked'") == [(5,)]
    server.alter = lambda path, answer: answer
    assert crawl(server, archive, *NOW)["new"] >= 9
    assert query(archive, "SELECT count(*) FROM articles WHERE state = 'blocked'") == [(0,)]
