"""Runs of `crawl --due`: each list and article at its time, within the limits of the site file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from newscrawl.core.records import Article, Capture, Failure, Feed, Listing, Page
from newscrawl.core.times import from_utc_text, to_utc_text
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.session import Session
from newscrawl.extract.read import read
from newscrawl.sites.loading import load_site
from newscrawl.store.connection import open_reader
from newscrawl.store.read.due import ARTICLES_WAIT, DueSite, due_sites
from newscrawl.store.write.store import Store
from tests.support.clocked_crawls import START, after
from tests.support.living_site import NAME, LivingSite, write_site_file

HOUR = timedelta(hours=1)
LIST, FEED = "/list/news", "/feed.xml"


class Paper:
    """A site and its archive, crawled in this process without Scrapy, at any moment."""

    def __init__(self, folder: Path, site: LivingSite) -> None:
        self.folder, self.site = folder, site
        write_site_file(folder, revisit=("1h", "6h", "1d", "7d"))
        self.file = folder / "sites" / f"{NAME}.toml"
        text = self.file.read_text("utf-8").replace("https://living.example", site.base_url)
        self.file.write_text(text, "utf-8")
        self.fails = False

    def crawl(self, moment: datetime, *, due: bool = True, end: str = "finished") -> Counter[str]:
        """The paths that a crawl at this moment requests."""
        requests: Counter[str] = Counter()
        options = CrawlOptions(warc=False, due=due, discover=("category", "feed"))
        with Store(self.folder) as store:
            site = load_site(NAME, self.folder)
            session = Session(site, store, options, lambda: moment)
            while (task := session.next_task()) is not None:
                path = task.url.removeprefix(site.origin)
                requests[path] += 1
                reply = self.site.reply(path, conditional=False)
                if reply.status != 200 or self.fails:
                    failure = Failure(code="http_503", message="", stage="fetch", retry=self.fails)
                    session.save_failure(task, failure)
                    continue
                capture = Capture(url=task.url, kind=task.kind, status=200, fetched_at=moment)
                page = Page(task.url, reply.text.encode(), "utf-8", moment)
                found = read(site, page, task.kind, task.url)
                match found:
                    case Article():
                        session.save_article(task, found, capture, "test")
                    case Listing():
                        session.save_listing(task, found, capture)
                    case Feed():
                        session.save_discovery(task, found, capture)
            session.finish(end)
        return requests

    def due(self) -> DueSite:
        """When the site is due."""
        with closing(open_reader(self.folder)) as db:
            return due_sites(db).get(NAME, DueSite(NAME, None))

    def due_at(self) -> datetime:
        at = self.due().at
        assert at is not None
        return at

    def add(self, number: int, published: datetime = START) -> None:
        self.site.add(number, published=to_utc_text(published))
        self.site.in_feed = list(self.site.listed)


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Paper]:
    with LivingSite() as site:
        paper = Paper(tmp_path, site)
        paper.add(1)
        yield paper


def test_a_site_is_due_at_once_until_a_run_has_crawled_it(paper: Paper) -> None:
    paper.crawl(START, due=False)
    assert paper.due().at is None
    paper.crawl(START + HOUR)
    assert paper.due_at() > START + HOUR


def test_a_stopped_run_makes_its_site_due_since_then_not_before_all_others() -> None:
    never = DueSite("never crawled", None)
    overdue = DueSite("overdue", START, to_utc_text(START - HOUR))
    stopped = DueSite("stopped", None, to_utc_text(START + HOUR))
    assert sorted((stopped, overdue, never), key=DueSite.order) == [never, overdue, stopped]


def test_a_run_requests_only_the_lists_that_are_due(paper: Paper) -> None:
    assert paper.crawl(START) == {LIST: 1, FEED: 1, "/news-1.html": 1}
    assert paper.crawl(START + HOUR / 2) == {}
    assert paper.crawl(START + 6 * HOUR) == {LIST: 1, FEED: 1, "/news-1.html": 1}


def test_a_crawl_of_the_whole_site_requests_every_list(paper: Paper) -> None:
    paper.crawl(START)
    assert set(paper.crawl(START + HOUR / 2, due=False)) == {LIST, FEED}


def test_an_article_waits_for_a_list_but_not_longer_than_an_hour(paper: Paper) -> None:
    paper.crawl(START)
    assert paper.due_at() == START + HOUR + ARTICLES_WAIT  # before any list
    assert paper.crawl(paper.due_at()) == {"/news-1.html": 1}


def test_the_list_that_announces_articles_is_requested_more_often_than_its_copy(
    paper: Paper,
) -> None:
    requests: Counter[str] = Counter()
    for hour in range(96):
        paper.add(2 + hour, after(hour / 24))
        requests += paper.crawl(after(hour / 24))
    assert requests[LIST] > 1.4 * requests[FEED]
    stored = sum(path.startswith("/news-") for path in requests)
    assert stored > 85


def test_the_limits_of_the_site_file_hold(paper: Paper) -> None:
    text = paper.file.read_text("utf-8")
    paper.file.write_text('lists = { min = "2h", max = "3h" }\n' + text, "utf-8")
    at = [START + HOUR / 2 * step for step in range(48)]
    asked = [moment for moment in at if LIST in paper.crawl(moment)]
    waits = {later - earlier for earlier, later in pairwise(asked)}
    assert waits <= {2 * HOUR, 2.5 * HOUR, 3 * HOUR}


def test_a_list_that_cannot_be_read_is_requested_after_the_longest_time(paper: Paper) -> None:
    paper.crawl(START)
    paper.site.replies[LIST] = paper.site.reply("/nothing", conditional=False)
    assert LIST in paper.crawl(START + 24 * HOUR)
    assert LIST not in paper.crawl(START + 47 * HOUR)
    del paper.site.replies[LIST]
    assert LIST in paper.crawl(START + 48 * HOUR)


def test_a_site_that_is_down_is_requested_after_its_pauses(paper: Paper) -> None:
    paper.crawl(START)
    paper.fails = True
    paper.crawl(START + 24 * HOUR)
    assert paper.due_at() - (START + 24 * HOUR) == timedelta(minutes=15)
    assert paper.crawl(START + 24.1 * HOUR) == {}


@pytest.mark.parametrize("end", ["shutdown", "killed", "budget"])
def test_a_run_that_was_stopped_leaves_its_site_due(paper: Paper, end: str) -> None:
    paper.crawl(START, end=end)
    assert paper.due().at is None


def test_what_no_run_may_request_does_not_keep_a_site_due(paper: Paper) -> None:
    paper.crawl(START)
    with Store(paper.folder) as store:
        store.db.execute(
            "INSERT INTO frontier (url, site, kind, state, not_before) VALUES (?, ?, ?, ?, ?)",
            ("https://other.example/x", NAME, "listing", "done", to_utc_text(START + HOUR)),
        )
    assert paper.due_at() == START + HOUR
    paper.crawl(START + 2 * HOUR)
    assert paper.due_at() > START + 2 * HOUR


def test_a_category_that_left_the_site_file_is_no_longer_requested(paper: Paper) -> None:
    paper.crawl(START)
    text = paper.file.read_text("utf-8")
    gone, new = '{ key = "news", slug = "news" }', '{ key = "world", slug = "world" }'
    assert gone in text
    paper.file.write_text(text.replace(gone, new), "utf-8")
    requested = paper.crawl(START + 24 * HOUR, due=False)
    assert (requested[LIST], requested["/list/world"]) == (0, 1)


def test_old_articles_are_visited_only_at_the_ages_to_come(paper: Paper) -> None:
    paper.add(2, START - timedelta(hours=20))
    paper.add(3, START - timedelta(days=200))
    paper.crawl(START)
    with closing(open_reader(paper.folder)) as db:
        rows = db.execute("SELECT url, not_before FROM frontier WHERE kind = 'article'").fetchall()
    visits = {row["url"][-6]: from_utc_text(row["not_before"]) - START for row in rows}
    assert visits == {"1": HOUR, "2": 24 * HOUR, "3": timedelta(days=7)}
