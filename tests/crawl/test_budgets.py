"""Budgets and hours: when a crawl begins no further page, and what it says then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newscrawl.core.hours import read_hours
from newscrawl.demo.server import DemoServer
from tests.support.crawling import crawl, newscrawl, query

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("hours", "utc", "are_open"),
    [
        ("01:00-06:00", (18, 0), True),  # 01:00 in Hanoi
        ("01:00-06:00", (17, 59), False),
        ("01:00-06:00", (22, 59), True),
        ("01:00-06:00", (23, 0), False),
        ("22:00-05:00", (16, 0), True),
        ("22:00-05:00", (21, 59), True),
        ("22:00-05:00", (22, 0), False),
    ],
)
def test_hours_are_those_of_the_site(hours: str, utc: tuple[int, int], are_open: bool) -> None:
    assert read_hours(hours).are_open(datetime(2026, 9, 1, *utc, tzinfo=UTC), HANOI) is are_open


@pytest.mark.parametrize(
    "text", ["", "1-6", "01:00", "25:00-06:00", "01:00-01:00", "01:60-02:00", "always"]
)
def test_other_texts_are_no_hours(text: str) -> None:
    with pytest.raises(ValueError, match="expected hours such as"):
        read_hours(text)


def test_spent_budget_is_exit_code_six_and_the_next_run_goes_on(tmp_path: Path) -> None:
    with DemoServer() as server:
        first = crawl(server, tmp_path, "--max-requests", "15", code=6)
        assert (first["requests"], first["reason"]) == (15, "budget")
        assert sum(count for path, count in server.requests.items() if path != "/robots.txt") == 15
        assert crawl(server, tmp_path)["new"] + first["new"] == 79


def test_budget_that_was_enough_is_success(tmp_path: Path) -> None:
    with DemoServer() as server:
        found = crawl(server, tmp_path, "--max-pages", "1", "--limit", "2", "--max-requests", "12")
    assert (found["reason"], found["requests"]) == ("finished", 12)


def test_time_that_is_spent_ends_a_crawl(tmp_path: Path) -> None:
    with DemoServer() as server:
        found = crawl(server, tmp_path, "--max-minutes", "0.000001", code=6)
    assert (found["reason"], found["requests"]) == ("budget", 0)


def test_outside_its_hours_a_site_is_left_alone(tmp_path: Path) -> None:
    now = datetime.now(HANOI)
    first, last = (f"{now + timedelta(hours=hours):%H:%M}" for hours in (2, 4))
    (tmp_path / "newscrawl.toml").write_text(f'[politeness]\nhours = "{first}-{last}"\n', "utf-8")
    done = newscrawl("crawl", "demo", archive=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert f"demo: outside its crawl hours ({first}-{last}, Asia/Ho_Chi_Minh)" in done.stderr
    assert not (tmp_path / "newscrawl.db").exists()


def test_hours_that_are_none_are_told_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "newscrawl.toml").write_text('[politeness]\nhours = "night"\n', "utf-8")
    done = newscrawl("crawl", "demo", archive=tmp_path)
    assert (done.returncode, "politeness.hours" in done.stderr) == (2, True)


def test_hours_that_end_stop_a_crawl(tmp_path: Path) -> None:
    from newscrawl.crawl.options import CrawlOptions
    from newscrawl.crawl.session import Session
    from newscrawl.sites.loading import load_site
    from newscrawl.store.write.store import Store

    moments = [datetime(2026, 9, 1, 22, 59, tzinfo=UTC)]
    with Store(tmp_path) as store:
        options = CrawlOptions(hours=read_hours("01:00-06:00"))
        session = Session(load_site("demo"), store, options, clock=lambda: moments[-1])
        moments.append(datetime(2026, 9, 1, 23, 0, tzinfo=UTC))
        assert session.next_task() is None
        session.finish("finished")
        assert store.crawls.ending(session.crawl_id)[:2] == ("hours", 6)
    assert query(tmp_path, "SELECT count(*) FROM frontier WHERE state = 'pending'") == [(10,)]
