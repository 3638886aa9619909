"""What an archive lacks is found without the network, and fetched on request."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from weakref import WeakSet

import pytest

from newscrawl.demo.server import DemoServer
from newscrawl.reports.completeness import addresses, completeness
from newscrawl.reports.completeness_text import headline
from newscrawl.sites.loading import load_site
from newscrawl.store.read.known_articles import KnownArticle
from newscrawl.store.write.store import Store
from tests.support.archive_builder import build
from tests.support.archive_builder import newscrawl as run_here
from tests.support.crawling import QUICK, crawl, newscrawl, query


class Known(KnownArticle):
    """One that can be counted while it is in memory."""

    __slots__ = ("__weakref__",)


def article(key: str, day: str | None = "2026-09-01", **more: Any) -> KnownArticle:
    values: dict[str, Any] = {
        "state": "stored",
        "stored": True,
        "queued": "done",
        "reason": None,
        "listing": True,
    }
    values |= {
        "feed": False,
        "sitemap": False,
        "title": "Một",
        "url": f"https://bnews.vn/mot/{key}.html",
    } | more
    return KnownArticle(key=key, published_local=day and f"{day}T10:00:00+07:00", **values)


def stub(key: str, **more: Any) -> KnownArticle:
    values: dict[str, Any] = {"state": "stub", "stored": False, "queued": "pending"} | more
    return article(key, **values)


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({"100": "2026-09-01", "104": "2026-09-01"}, [("2026-09-01", "101", "103", 3)]),
        ({"100": "2026-09-01", "102": "2026-09-02"}, [(None, "101", "101", 1)]),
        (
            {"100": "2026-09-01", "104": "2026-09-03"},
            [],
        ),  # single old articles: nothing is known about their days
        ({"100": "2026-09-01", "104": None}, []),
        ({"100": "2026-09-01", "101": "2026-09-01"}, []),
        # A time of creation is not a number of the site's numbering.
        ({"188260901100000123": "2026-09-01", "188260901100100456": "2026-09-01"}, []),
        ({"1756710000": "2026-09-01", "1756710100": "2026-09-01"}, []),
        ({"a100": "2026-09-01", "a104": "2026-09-01"}, []),
    ],
)
def test_unseen_ids_lie_between_known_articles(
    keys: dict[str, str | None], found: list[tuple[object, ...]]
) -> None:
    report = completeness("bnews", [article(key, day) for key, day in keys.items()])
    assert [(gap.day, gap.key, gap.last, gap.ids) for gap in report.gaps] == found


def test_tried_ids_are_not_unseen() -> None:
    known = [article("100"), article("110")]
    gaps = completeness("bnews", known, tried=["109", "103", "100"]).gaps
    assert [(gap.key, gap.last) for gap in gaps] == [("101", "102"), ("104", "108")]


def test_of_keys_with_the_same_number_the_last_one_has_the_day() -> None:
    known = [article("07"), article("9"), article("7", "2026-09-05")]
    assert not completeness("bnews", known).gaps
    assert [gap.key for gap in completeness("bnews", known[::-1]).gaps] == ["8"]


def test_gaps_are_by_day_or_articles_before_ids() -> None:
    known = [
        article("10"),
        article("14"),
        article("20", "2026-09-02"),
        stub("x", day=None),
        stub("12", day="2026-09-01"),
        stub("21", day="2026-09-02"),
    ]
    gaps = completeness("bnews", known).gaps
    assert [gap.key for gap in gaps] == ["12", "11", "13", "21", "x", "15"]
    assert [gap.key for gap in gaps.articles_first()] == ["21", "12", "x", "11", "13", "15"]
    assert [gap.key for gap in gaps.articles_first(2)] == ["21", "12"]
    assert (len(gaps), gaps.counts["open"], gaps.counts["unseen"]) == (6, 3, 3)
    assert next(iter(gaps)).named_by == ("listing",)


def test_articles_of_a_site_are_not_kept_in_memory() -> None:
    alive = WeakSet[Known]()
    most = 0

    def known() -> Iterator[Known]:
        nonlocal most
        for number in range(0, 6000, 3):
            one = Known(**asdict(article(str(number))))
            alive.add(one)
            most = max(most, len(alive))
            yield one

    report = completeness("bnews", known())
    assert len(report.gaps) == 1999
    assert most < 10


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (stub("1"), ("open", "not requested yet")),
        (stub("1", reason="http_503"), ("open", "http_503")),
        (stub("1", queued="failed", reason="http_404"), ("gone", "http_404")),
        (stub("1", state="gone", queued="failed", reason="http_410"), ("gone", "http_410")),
        (
            stub("1", state="failed", queued="failed", reason="no_template"),
            ("failed", "no_template"),
        ),
        (stub("1", queued=None), ("linked", None)),
    ],
)
def test_gap_has_status_and_reason(known: KnownArticle, expected: tuple[str, str | None]) -> None:
    (gap,) = completeness("bnews", [known]).gaps
    assert gap.status == expected[0]
    assert expected[1] in (gap.reason, None)


def test_each_day_is_counted_and_unknown_days_together() -> None:
    known = [
        article("1"),
        stub("2"),
        article("9", "2026-09-05"),
        article("30", None),
        stub("31", day=None),
    ]
    report = completeness("bnews", known)
    rows = [(day.day, day.stored, day.known) for day in report.days]
    assert rows == [("2026-09-01", 1, 2), ("2026-09-05", 1, 1), (None, 1, 2)]
    only = completeness("bnews", known, since="2026-09-02", until="2026-09-05")
    assert [(day.day, day.known) for day in only.days] == [("2026-09-05", 1)]


def test_two_searches_estimate_the_total() -> None:
    seen = [(True, True)] * 20 + [(True, False)] * 30 + [(False, True)] * 20
    known = [
        article(str(n), listing=first, sitemap=second) for n, (first, second) in enumerate(seen)
    ]
    report = completeness("bnews", known)
    (day,) = report.days
    assert (report.channel, day.known, day.about) == ("sitemap", 70, 99)
    assert report.estimate == day.estimate


def test_feeds_are_compared_if_no_sitemap_was_read() -> None:
    report = completeness("bnews", [article("1", feed=True)])
    assert (report.channel, report.estimate is not None and report.estimate.weak) == ("feed", True)
    assert completeness("bnews", [article("1")]).channel is None


def test_archive_without_known_articles_is_not_complete() -> None:
    assert "nothing was read" in headline(completeness("bnews", []))
    assert "all known articles are in the archive (1)" in headline(
        completeness("bnews", [article("1")])
    )


def test_address_is_built_from_id_only_if_the_site_file_defines_it() -> None:
    report = completeness(
        "x", [article("100"), article("103"), stub("104", queued="failed", reason="http_404")]
    )
    assert list(addresses(report, load_site("bnews"))) == [
        f"https://bnews.vn/tin/{n}.html" for n in (101, 102)
    ]
    assert list(addresses(report, load_site("vnexpress"))) == []


def test_gaps_after_a_crawl_are_found_and_fetched(tmp_path: Path) -> None:
    with DemoServer() as server:
        crawl(
            server,
            tmp_path,
            "--discover",
            "category,feed,sitemap",
            "--limit",
            "30",
            "--max-pages",
            "1",
        )
        before = gaps(tmp_path)
        requests = server.requests.total()
        unread = {key for (key,) in query(tmp_path, "SELECT key FROM articles WHERE revision = 0")}
        assert {gap["key"] for gap in before if gap["status"] != "unseen"} == unread
        assert (len(unread) > 30, server.requests.total()) == (
            True,
            requests,
        )  # nothing was requested from the site
        crawl(server, tmp_path, "--discover", "category,feed,sitemap", "--limit", "1")
        done = newscrawl("completeness", "demo", "--fetch", *QUICK, archive=tmp_path)
        assert done.returncode == 0, done.stderr
        truth = {story.key for story in server.paper.stories if server.paper.status(story) == 200}
    assert {
        key for (key,) in query(tmp_path, "SELECT key FROM articles WHERE revision > 0")
    } == truth
    assert Counter(gap["status"] for gap in gaps(tmp_path)) == {"gone": 1}


def gaps(archive: Path) -> list[dict[str, Any]]:
    done = newscrawl("completeness", "demo", "--json", archive=archive)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["sites"][0]["gaps"]
    return found


def test_fetch_options_are_refused_without_fetch(tmp_path: Path) -> None:
    done = newscrawl("completeness", "--limit", "5", archive=tmp_path)
    assert (done.returncode, "--fetch" in done.stderr) == (2, True)


def test_site_without_a_valid_site_file_is_left_out(tmp_path: Path) -> None:
    build(tmp_path)  # `other` and `paper`, which have no site files
    with Store(tmp_path) as store:
        store.db.execute("INSERT INTO sites (site, name, domain) VALUES ('bnews', 'B', 'bnews.vn')")
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "paper.toml").write_text("nonsense = 1\n", "utf-8")
    for options in ((), ("--json",), ("--csv",)):
        found = run_here(tmp_path, "completeness", *options)
        assert found.exit_code == 3
        other, paper = found.stderr.splitlines()
        assert other.startswith("error: other is left out: no site file for 'other' (hint: ")
        assert paper.startswith("error: paper is left out: ")
        assert "nonsense" in paper
        assert "bnews" in found.stdout or "--csv" in options
    assert run_here(tmp_path, "completeness", "other").exit_code == 2
    assert run_here(tmp_path, "completeness", "bnews").exit_code == 0
