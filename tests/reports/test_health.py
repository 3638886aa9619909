"""Verdicts on crawls: a site is judged by its own history."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newscrawl.reports.health import Run, SiteHealth, judge
from tests.support.crawling import newscrawl, opened

NOW = datetime(2026, 9, 10, 6, 0, tzinfo=UTC)
USUAL: dict[str, Any] = {
    "requests": 40, "sources": 10, "shown": 200, "new": 20, "failed": {}, "pending": 0, "seconds": 60.0,
    "feeds": 10, "feed_entries": 300,
    "coverage": {"articles": 20, "title": 20, "body": 20, "published": 20, "links": 18, "words": 8000},
}  # fmt: skip
EVERY_HOUR = [NOW - timedelta(hours=hours) for hours in range(1, 100)]


def run(
    number: int, exit_code: int = 0, *, mirror: bool = False, due: bool = False, **stats: Any
) -> Run:
    return Run(
        id=number,
        finished_at=NOW - timedelta(hours=6 * (10 - number)),
        exit_code=exit_code,
        reason="finished",
        stats=USUAL | stats,
        mirror=mirror,
        due=due,
    )


def verdict(*last: Run, before: int = 4, published: list[datetime] | None = None) -> SiteHealth:
    runs = [run(number) for number in range(before)]
    return judge("paper", [*runs, *last], EVERY_HOUR if published is None else published, now=NOW)


def failed(health: SiteHealth) -> list[str]:
    return [result.check for result in health.results if result.verdict == "failed"]


def test_run_like_earlier_ones_is_ok() -> None:
    assert verdict(run(9)).verdict == "ok"


def test_run_of_what_is_due_may_read_one_list_and_is_no_measure_for_whole_crawls() -> None:
    few: dict[str, Any] = {"sources": 1, "shown": 20, "feeds": 1, "feed_entries": 3}
    assert failed(verdict(run(9, due=True, **few))) == []
    due = [run(number, due=True, **few) for number in range(4, 9)]
    assert failed(verdict(*due, run(9, shown=30))) == ["articles listed on category pages"]
    assert failed(verdict(*due, run(9, due=True, coverage=USUAL["coverage"] | {"body": 3}))) == [
        "articles with a body"
    ]


def test_run_without_new_articles_is_no_fault() -> None:
    assert failed(verdict(run(9, new=0, requests=10, coverage={}))) == []


@pytest.mark.parametrize(
    ("stats", "check"),
    [
        ({"sources": 2}, "category pages, feeds and sitemaps read"),
        ({"shown": 30}, "articles listed on category pages"),
        ({"feed_entries": 30}, "feed entries"),
        ({"coverage": USUAL["coverage"] | {"body": 3}}, "articles with a body"),
        ({"coverage": USUAL["coverage"] | {"published": 0}}, "articles with a publication time"),
        ({"coverage": USUAL["coverage"] | {"words": 900}}, "words per article"),
        ({"failed": {"http_500": 15}}, "share of pages that failed"),
        ({"seconds": 6000.0}, "seconds"),
    ],
)
def test_run_unlike_earlier_ones_fails_the_check(stats: dict[str, Any], check: str) -> None:
    assert failed(verdict(run(9, **stats))) == [check]


def test_result_has_expected_and_found_values() -> None:
    results = {result.check: result for result in verdict(run(9, shown=30)).results}
    shown = results["articles listed on category pages"]
    assert (shown.expected, shown.found) == (">= 100.0", 30)


def test_without_three_earlier_runs_nothing_is_compared() -> None:
    health = verdict(run(9, shown=1, sources=1), before=2, published=[])
    assert failed(health) == []


def test_failed_runs_are_not_compared_with() -> None:
    runs = (
        [run(n, 3, shown=0) for n in range(3)] + [run(n) for n in range(3, 6)] + [run(9, shown=20)]
    )
    assert failed(judge("paper", runs, EVERY_HOUR, now=NOW)) == [
        "articles listed on category pages"
    ]


def test_exit_code_of_the_last_crawl_counts() -> None:
    assert failed(verdict(run(9, 3))) == ["exit code of the last crawl"]


def test_age_of_newest_article_is_judged_by_usual_pauses() -> None:
    hourly = [NOW - timedelta(days=5, hours=hours) for hours in range(50)]
    weekly = [NOW - timedelta(days=5 + 7 * weeks) for weeks in range(50)]
    assert failed(verdict(run(9), published=hourly)) == ["hours since the newest article"]
    assert failed(verdict(run(9), published=weekly)) == []


def test_never_crawled_site_is_unknown() -> None:
    assert judge("paper", [], [], now=NOW).verdict == "unknown"


def archive(
    folder: Path, *runs: dict[str, Any], options: str = "{}", begin: datetime = NOW
) -> Path:
    """An archive with nothing but the ends of crawls, one an hour."""
    from newscrawl.store.write.store import Store
    from tests.support.store_cases import SITE

    with Store(folder) as store:
        store.categories.put_site(SITE)
        for number, stats in enumerate(runs):
            at = begin + timedelta(hours=number)
            crawl = store.crawls.begin("paper", json.loads(options), version="test", now=at)
            store.crawls.end(crawl, reason="finished", exit_code=0, stats=USUAL | stats, now=at)
    return folder


def test_command_names_failed_check_and_exits_with_3(tmp_path: Path) -> None:
    archive(tmp_path, {}, {}, {}, {"shown": 3})
    done = newscrawl("health", archive=tmp_path)
    assert done.returncode == 3
    assert "articles listed on category pages" in done.stdout


def test_mirror_is_reported_without_exit_code(tmp_path: Path) -> None:
    archive(tmp_path, {}, {}, {}, {"shown": 3}, options='{"base_url": "http://127.0.0.1:1"}')
    done = newscrawl("health", archive=tmp_path)
    assert (done.returncode, "mirror" in done.stdout) == (0, True)


def test_articles_in_quarantine_fail() -> None:
    runs = [run(number) for number in range(5)]
    assert failed(judge("paper", runs, EVERY_HOUR, now=NOW, in_quarantine=2)) == [
        "articles in quarantine"
    ]


@pytest.mark.parametrize(
    ("reason", "faults"), [("budget", []), ("shutdown", ["exit code of the last crawl"])]
)
def test_spent_budget_is_no_fault(reason: str, faults: list[str]) -> None:
    last = Run(id=9, finished_at=NOW, exit_code=6, reason=reason, stats=USUAL)
    assert failed(verdict(last)) == faults


@pytest.mark.parametrize("hook", ["['false']", "['/no/such/program']"])
def test_failing_hook_is_a_warning_and_runs_again(tmp_path: Path, hook: str) -> None:
    archive(tmp_path, {}, {}, {}, {"shown": 3})
    (tmp_path / "newscrawl.toml").write_text(f"notify = {hook}", "utf-8")
    done = newscrawl("health", "--notify", archive=tmp_path)
    assert (done.returncode, "warning: notify: " in done.stderr, "Traceback" in done.stderr) == (
        3,
        True,
        False,
    )
    mails = tmp_path / "mails"
    (tmp_path / "newscrawl.toml").write_text(f"notify = ['sh', '-c', 'cat >> {mails}']", "utf-8")
    newscrawl("health", "--notify", archive=tmp_path)
    assert mails.read_text("utf-8").startswith("paper: ok -> failed")


def test_notify_runs_once_per_change(tmp_path: Path) -> None:
    archive(tmp_path, {}, {}, {}, {"shown": 3})
    mails = tmp_path / "mails"
    (tmp_path / "newscrawl.toml").write_text(f"notify = ['sh', '-c', 'cat >> {mails}']", "utf-8")
    newscrawl("health", "--notify", archive=tmp_path)
    newscrawl("health", "--notify", archive=tmp_path)
    message = mails.read_text("utf-8")
    assert message.startswith("paper: ok -> failed")
    assert message.count("paper: ok -> failed") == 1
    db = opened(tmp_path)
    db.execute("UPDATE crawls SET stats = ? WHERE id = 4", (json.dumps(USUAL),))
    db.commit()
    db.close()
    newscrawl("health", "--notify", archive=tmp_path)
    assert "paper: failed -> ok" in mails.read_text("utf-8")


def test_message_has_the_reasons_below_each_site(tmp_path: Path) -> None:
    archive(tmp_path, {}, {}, {}, {"shown": 3})
    db = opened(tmp_path)
    columns = "started_at, finished_at, reason, exit_code, options, stats, version"
    db.execute("INSERT INTO sites (site, name, domain) VALUES ('weekly', 'w', 'weekly.example')")
    db.execute(f"INSERT INTO crawls (site, {columns}) SELECT 'weekly', {columns} FROM crawls")
    db.commit()
    db.close()
    mails = tmp_path / "mails"
    (tmp_path / "newscrawl.toml").write_text(f"notify = ['sh', '-c', 'cat >> {mails}']", "utf-8")
    newscrawl("health", "--notify", archive=tmp_path)
    lines = mails.read_text("utf-8").splitlines()
    starts = [line.partition(":")[0] for line in lines]
    reasons = starts[1 : starts.index("weekly")]
    assert reasons
    assert starts == ["paper", *reasons, "weekly", *reasons]
    assert all(reason.startswith("  ") for reason in reasons)


def test_new_judges_each_crawl_once(tmp_path: Path) -> None:
    archive(tmp_path, {}, {}, {}, {"shown": 3})
    first = newscrawl("health", "--notify", "--new", archive=tmp_path)
    assert (first.returncode, first.stderr.count("error: paper: ")) == (3, 1)
    again = newscrawl("health", "--notify", "--new", archive=tmp_path)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert newscrawl("health", "--notify", archive=tmp_path).returncode == 3
    archive(tmp_path, {"shown": 3}, begin=NOW + timedelta(days=1))
    assert newscrawl("health", "--new", archive=tmp_path).returncode == 3
    assert newscrawl("health", "--new", "--notify", archive=tmp_path).returncode == 3
    assert newscrawl("health", "--new", archive=tmp_path).returncode == 0


def test_crawl_whose_notification_failed_is_still_new(tmp_path: Path) -> None:
    archive(tmp_path, {}, {}, {}, {"shown": 3})
    (tmp_path / "newscrawl.toml").write_text("notify = ['false']", "utf-8")
    for _ in range(2):
        assert newscrawl("health", "--notify", "--new", archive=tmp_path).returncode == 3


def test_verdicts_of_an_older_file_are_known(tmp_path: Path) -> None:
    archive(tmp_path, {}, {}, {}, {"shown": 3})
    mails = tmp_path / "mails"
    (tmp_path / "newscrawl.toml").write_text(f"notify = ['sh', '-c', 'cat >> {mails}']", "utf-8")
    (tmp_path / "logs").mkdir(exist_ok=True)
    (tmp_path / "logs" / "health.json").write_text('{"paper": "failed"}', "utf-8")
    newscrawl("health", "--notify", archive=tmp_path)
    assert not mails.exists()
