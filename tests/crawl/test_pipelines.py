"""The item pipelines: a pipeline that a user adds works wherever pages are stored; items of other spiders are taken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from scrapy import Field, Item
from scrapy.exceptions import DropItem

from newscrawl.core.records import Capture, Task
from newscrawl.demo.server import DemoServer
from newscrawl.items import ArticleItem
from newscrawl.pipelines import PIPELINES
from newscrawl.pipelines.adapting import article_item, write_fields
from newscrawl.pipelines.clean import CleanPipeline
from newscrawl.settings import ITEM_PIPELINES
from tests.support import forked
from tests.support.crawling import QUICK, newscrawl, query
from tests.support.queueing import crew, redis_server

USERS_PIPELINES = '''
from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem


class Marking:
    """Sets a field of every article, after a moment."""

    async def process_item(self, item):
        import asyncio

        await asyncio.sleep(0)
        fields = ItemAdapter(item)
        if fields.get("title"):
            fields["title"] += " (marked)"
        return item


class Dropping:
    """Wants no articles."""

    def process_item(self, item):
        if ItemAdapter(item).get("title"):
            raise DropItem("no articles wanted")
        return item


class Losing:
    """Returns nothing, as a pipeline does whose author forgot it."""

    def process_item(self, item):
        if not ItemAdapter(item).get("title"):
            return item
'''
FEW = ("--limit", "3", "--max-pages", "1", "--category", "33")


@pytest.fixture(scope="module")
def paper() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


@pytest.fixture
def users_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PYTHONPATH with the module `mine`."""
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "mine.py").write_text(USERS_PIPELINES, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def by_crawl(paper: DemoServer, archive: Path, pipelines: str, folder: Path) -> None:
    done = newscrawl(
        "crawl", "demo", "--base-url", paper.base_url, *QUICK, *FEW,
        "--set", f"ITEM_PIPELINES={pipelines}", archive=archive,
    )  # fmt: skip
    assert "Traceback" not in done.stderr


def by_scrapy(paper: DemoServer, archive: Path, pipelines: str, folder: Path) -> None:
    done = forked.run(
        "scrapy", "crawl", "demo", "-a", f"base_url={paper.base_url}",
        "-a", "limit=3", "-a", "max_pages=1", "-a", "category=33", "-s", "DOWNLOAD_DELAY=0",
        "-s", f"NEWSCRAWL_ARCHIVE={archive}", "-s", f"ITEM_PIPELINES={pipelines}",
    )  # fmt: skip
    assert "Traceback" not in done.stderr


def by_collect(paper: DemoServer, archive: Path, pipelines: str, folder: Path) -> None:
    with (
        redis_server(folder) as queue_url,
        crew(folder, queue_url, paper.base_url, *QUICK) as started,
    ):
        collector = started.collector(*FEW, "--set", f"ITEM_PIPELINES={pipelines}", archive=archive)
        started.worker()
        collector.communicate(timeout=60)


WAYS = [
    by_crawl,
    by_scrapy,
    pytest.param(by_collect, marks=pytest.mark.needs("redis-server")),
]
Way = Callable[[DemoServer, Path, str, Path], None]


@pytest.mark.parametrize("way", WAYS)
def test_a_pipeline_that_a_user_adds_works_everywhere(
    way: Way, paper: DemoServer, users_path: Path, tmp_path: Path
) -> None:
    way(paper, tmp_path / "archive", '{"mine.Marking": 500}', users_path)
    titles = query(tmp_path / "archive", "SELECT title FROM articles WHERE state = 'stored'")
    assert len(titles) == 3
    assert all(title.endswith(" (marked)") for (title,) in titles)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("pipeline", ["Dropping", "Losing"])
def test_an_article_that_a_pipeline_does_not_pass_on_is_not_stored_and_has_a_reason(
    pipeline: str, way: Way, paper: DemoServer, users_path: Path, tmp_path: Path
) -> None:
    way(paper, tmp_path / "archive", json.dumps({f"mine.{pipeline}": 500}), users_path)
    assert query(tmp_path / "archive", "SELECT count(*) FROM articles WHERE state = 'stored'") == [
        (0,)
    ]
    codes = query(tmp_path / "archive", "SELECT code, count(*) FROM problems GROUP BY 1")
    assert codes == [("dropped", 3)]


def test_pages_that_are_dropped_do_not_count_as_failures_of_the_site(
    paper: DemoServer, users_path: Path, tmp_path: Path
) -> None:
    done = newscrawl(
        "crawl", "demo", "--base-url", paper.base_url, *QUICK, *FEW, "--json",
        "--set", 'ITEM_PIPELINES={"mine.Dropping": 500}', archive=tmp_path / "archive",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sites"][0]["failed"] == {"dropped": 3}


def test_without_the_last_pipeline_every_page_ends_all_the_same(
    paper: DemoServer, tmp_path: Path
) -> None:
    store = "newscrawl.pipelines.store.StorePipeline"
    done = newscrawl(
        "crawl", "demo", "--base-url", paper.base_url, *QUICK, *FEW, "--json",
        "--set", json.dumps({store: None}).join(["ITEM_PIPELINES=", ""]), archive=tmp_path,
    )  # fmt: skip
    assert json.loads(done.stdout)["sites"][0]["failed"] == {"dropped": 1}, done.stderr
    assert query(tmp_path, "SELECT DISTINCT message FROM problems") == [
        ("no item pipeline has stored the page",)
    ]


def test_the_setting_is_made_from_the_list() -> None:
    assert dict(PIPELINES) == ITEM_PIPELINES


@dataclass
class AsDataclass:
    url: str
    title: str | None = None
    body: str | None = None
    authors: list[str] | None = None


@attrs.define
class AsAttrs:
    url: str
    title: str | None = None
    body: str | None = None
    authors: list[str] | None = None


class AsItem(Item):
    url = Field()
    title = Field()
    body = Field()
    authors = Field()


@pytest.mark.parametrize("kind", [dict, AsDataclass, AsAttrs, AsItem])
def test_items_of_every_kind_are_cleaned_in_place(kind: Callable[..., Any]) -> None:
    item = kind(
        url="https://paper.example/a", title=" A\u200b  title", body="One\n\n two ", authors=["X "]
    )
    result: Any = CleanPipeline().process_item(item)
    assert result is item
    read = result if kind in (dict, AsItem) else vars_of(result)
    assert read["title"] == "A title"
    assert read["body"] == "One\n\ntwo"
    assert read["authors"] == ("X",)


def vars_of(item: object) -> dict[str, object]:
    return {name: getattr(item, name) for name in ("url", "title", "body", "authors")}


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"title": "A"}, "an item of class dict has no field 'url'; its fields are: title"),
        ("text", "expected an item, got str"),
        ({"url": "https://paper.example/a", "authors": 3}, "expected a text or a list, got int"),
        (
            {"url": "https://paper.example/a", "links": ["x"]},
            "records of newscrawl.core.records.Link",
        ),
    ],
)
def test_an_item_that_is_no_article_is_dropped_with_one_line(item: object, message: str) -> None:
    with pytest.raises(DropItem) as dropped:
        CleanPipeline().process_item(item)
    assert message in str(dropped.value)
    assert "\n" not in str(dropped.value)


def test_a_class_that_lacks_a_field_is_named_with_the_field() -> None:
    item = AsDataclass("https://paper.example/a")
    article = article_item(item)
    article.key = "a"
    with pytest.raises(DropItem, match=r"AsDataclass has no field 'key'.*ArticleItem or a dict"):
        write_fields(item, article, ["key"])


def test_a_time_may_be_a_datetime_and_task_and_capture_of_newscrawl_are_kept() -> None:
    task = Task(site="paper", url="https://paper.example/asked", kind="article")
    fetched_at = datetime(2026, 9, 5, tzinfo=UTC)
    capture = Capture(
        url="https://paper.example/a", kind="article", status=200, fetched_at=fetched_at
    )
    fields = {"url": "https://paper.example/a", "published": fetched_at, "category": "News"}
    article = article_item(fields | {"task": task, "capture": capture})
    assert isinstance(article, ArticleItem)
    assert (article.task, article.capture) == (task, capture)
    assert [raw.raw for raw in article.published] == ["2026-09-05T00:00:00+00:00"]
    assert article.category is not None
    assert article.category.name == "News"
    assert article_item(fields | {"fetched_at": fetched_at}).capture.fetched_at == fetched_at
