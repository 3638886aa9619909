"""newscrawl as a Scrapy project: what a Scrapy user types works as they expect, each in a real process."""

from __future__ import annotations

import ast
import csv
import gzip
import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from threading import Timer
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from newscrawl.core.lock import archive_lock
from newscrawl.demo.server import DemoServer
from tests.support import forked
from tests.support.crawling import query

ROOT = Path(__file__).parents[2]
QUICK = ("-s", "DOWNLOAD_DELAY=0")


@pytest.fixture
def paper() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


def scrapy(
    *arguments: str, archive: Path, env: Mapping[str, str] | None = None, folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """One `scrapy` command, as a user runs it in the project's folder.

    In another project's folder, the process has imported nothing before.
    """
    words = (*arguments, "-s", f"NEWSCRAWL_ARCHIVE={archive}")
    if folder == ROOT:
        return forked.run("scrapy", *words, env=env, folder=folder)
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | dict(env or {}),
    )


def crawl(
    paper: DemoServer, archive: Path, *arguments: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    """`scrapy crawl demo` of the made-up newspaper."""
    done = scrapy(
        "crawl", "demo", "-a", f"base_url={paper.base_url}", *QUICK, *arguments, archive=archive
    )
    assert done.returncode == code, done.stderr
    return done


def test_a_crawl_stores_articles_and_ends_with_one_line(paper: DemoServer, tmp_path: Path) -> None:
    done = crawl(paper, tmp_path, "-a", "limit=5")
    assert query(tmp_path, "SELECT count(*) FROM articles WHERE state = 'stored'") == [(5,)]
    assert done.stderr.splitlines()[-1].startswith("demo: 5 new, 0 changed, 0 failed, ")
    assert done.stderr.splitlines()[-1].endswith(", exit code 0")


def test_arguments_are_the_options_of_crawl(paper: DemoServer, tmp_path: Path) -> None:
    crawl(paper, tmp_path, "-a", "category=chung-khoan", "-a", "max_pages=1", "-a", "limit=2")
    row = query(tmp_path, "SELECT options FROM crawls")[0][0]
    options = json.loads(row)
    assert options == {
        "base_url": paper.base_url,
        "categories": ["chung-khoan"],
        "max_pages": 1,
        "limit": 2,
    }
    assert query(tmp_path, "SELECT max(page) FROM listings") == [(1,)]


def test_since_is_a_day_of_the_site(paper: DemoServer, tmp_path: Path) -> None:
    crawl(paper, tmp_path, "-a", "since=2026-09-01", "-a", "limit=1")
    options = json.loads(query(tmp_path, "SELECT options FROM crawls")[0][0])
    assert options["since"] == "2026-08-31T17:00:00Z"


def test_url_crawls_that_page_alone(paper: DemoServer, tmp_path: Path) -> None:
    crawl(paper, tmp_path, "-a", "limit=1")
    url = query(tmp_path, "SELECT url FROM articles WHERE state = 'stored'")[0][0]
    other = tmp_path / "other"
    crawl(paper, other, "-a", f"url={url}")
    assert query(other, "SELECT url FROM articles WHERE state = 'stored'") == [(url,)]
    assert query(other, "SELECT count(*) FROM listings") == [(0,)]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("colour=red", "error: unknown spider argument 'colour'"),
        ("limit=many", "error: -a limit=many: expected a whole number of at least 1"),
        ("since=yesterdayish", "error: "),
        ("category=no-such", "error: demo has no category 'no-such'"),
        ("discover=telepathy", "error: "),
    ],
)
def test_a_wrong_argument_is_one_error_and_exit_code_2(
    argument: str, message: str, tmp_path: Path
) -> None:
    done = scrapy("crawl", "demo", "-a", argument, archive=tmp_path / "new")
    assert done.returncode == 2, done.stderr
    lines = done.stderr.splitlines()
    assert lines[0].startswith(message)
    assert len(lines) == 2
    assert lines[1].startswith("hint: ")
    assert not (tmp_path / "new").exists()


def test_an_unknown_argument_lists_the_known_ones(tmp_path: Path) -> None:
    done = scrapy("crawl", "demo", "-a", "colour=red", archive=tmp_path / "new")
    for name in ("base_url", "category", "limit", "max_pages", "since", "url"):
        assert name in done.stderr.splitlines()[1]


def test_an_unknown_site_is_one_error_and_exit_code_2(tmp_path: Path) -> None:
    done = scrapy("crawl", "no-such-paper", archive=tmp_path / "new")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_a_locked_archive_is_one_error_and_exit_code_75(paper: DemoServer, tmp_path: Path) -> None:
    with archive_lock(tmp_path, "crawl"):
        done = crawl(paper, tmp_path, code=75)
    assert done.stderr.startswith("error: another ")
    assert "Traceback" not in done.stderr


def test_a_site_that_does_not_answer_ends_with_3(tmp_path: Path) -> None:
    with DemoServer() as gone:
        base_url = gone.base_url
    done = scrapy(
        "crawl", "demo", "-a", f"base_url={base_url}", *QUICK, "-s", "RETRY_TIMES=0",
        archive=tmp_path,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert done.stderr.splitlines()[-1].endswith("exit code 3")


def test_newscrawl_toml_of_the_archive_counts(paper: DemoServer, tmp_path: Path) -> None:
    (tmp_path / "newscrawl.toml").write_text('contact = "desk@example.org"\n', "utf-8")
    crawl(paper, tmp_path, "-a", "limit=1")
    warc = b"".join(path.read_bytes() for path in (tmp_path / "warc").iterdir())
    assert b"desk@example.org" in gzip.decompress(warc)


def test_a_wrong_newscrawl_toml_is_one_error_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "newscrawl.toml").write_text("colour = 1\n", "utf-8")
    done = scrapy("crawl", "demo", archive=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "unknown key" in done.stderr
    assert "Traceback" not in done.stderr


def test_site_files_of_the_archive_are_spiders(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    source = (ROOT / "newscrawl" / "demo" / "demo.toml").read_text("utf-8")
    own = source.replace('name = "demo"', 'name = "mine"')
    (tmp_path / "sites" / "mine.toml").write_text(own, "utf-8")
    done = scrapy("list", archive=tmp_path)
    assert "mine" in done.stdout.split()


def test_csv_has_the_rows_of_export_articles(paper: DemoServer, tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    crawl(paper, tmp_path / "a", "-a", "limit=4", "-O", str(out))
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    exported = subprocess.run(
        [sys.executable, "-m", "newscrawl", "--archive", str(tmp_path / "a"), "export", "articles"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    expected = list(csv.DictReader(io.StringIO(exported, newline="")))
    assert list(rows[0]) == list(expected[0])
    for row in [*rows, *expected]:
        del row["last_seen_at"]  # pages that came later link to the article
    assert sorted(rows, key=itemgetter("url")) == sorted(expected, key=itemgetter("url"))
    assert len(rows) == 4


def test_json_lines_have_lists(paper: DemoServer, tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    crawl(paper, tmp_path / "a", "-a", "limit=3", "-O", str(out))
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(rows) == 3
    assert all(isinstance(row["authors"], list) for row in rows)
    assert all(row["state"] == "stored" for row in rows)


def test_feed_never_replaces_the_database(paper: DemoServer, tmp_path: Path) -> None:
    crawl(paper, tmp_path, "-a", "limit=1", "-O", str(tmp_path / "articles.csv"))
    before = (tmp_path / "newscrawl.db").read_bytes()
    for out in (str(tmp_path / "newscrawl.db"), f"file://{tmp_path}/newscrawl.db"):
        done = crawl(paper, tmp_path, "-a", "limit=1", "-O", f"{out}:csv", code=2)
        assert "is a part of the archive" in done.stderr
    assert (tmp_path / "newscrawl.db").read_bytes() == before


def test_listings_are_rows_of_their_own(paper: DemoServer, tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    crawl(paper, tmp_path / "a", "-a", "limit=1", "-a", "items=listings", "-O", str(out))
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    exported = subprocess.run(
        [sys.executable, "-m", "newscrawl", "--archive", str(tmp_path / "a"), "export", "listings"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    expected = list(csv.reader(io.StringIO(exported, newline="")))
    assert rows[0] == expected[0]
    assert len(rows) == len(expected)


def test_fetch_prints_a_page_and_makes_no_archive(paper: DemoServer, tmp_path: Path) -> None:
    done = scrapy("fetch", "--nolog", paper.base_url, archive=tmp_path / "new")
    assert done.returncode == 0, done.stderr
    assert "<html" in done.stdout
    assert not (tmp_path / "new").exists()


def test_shell_has_the_response(paper: DemoServer, tmp_path: Path) -> None:
    done = scrapy(
        "shell", "--nolog", paper.base_url, "-c", "response.css('h1::text').get() and response.status",
        archive=tmp_path / "new",
    )  # fmt: skip
    assert done.stdout.strip().splitlines()[-1] == "200", done.stderr
    assert not (tmp_path / "new").exists()


def test_parse_prints_what_a_page_holds(paper: DemoServer, tmp_path: Path) -> None:
    crawl(paper, tmp_path, "-a", "limit=1")
    url, title = query(tmp_path, "SELECT url, title FROM articles WHERE state = 'stored'")[0]
    done = scrapy(
        "parse", "--nolog", "--nocolour", "--spider", "demo", "-a", f"base_url={paper.base_url}",
        url, archive=tmp_path / "new",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed_items = (
        done.stdout.partition("Scraped Items")[2].partition("# Requests")[0].partition("\n")[2]
    )
    assert [item["title"] for item in ast.literal_eval(printed_items)] == [title]
    assert not (tmp_path / "new").exists()


def test_check_passes(tmp_path: Path) -> None:
    done = scrapy("check", "demo", archive=tmp_path / "new")
    assert done.returncode == 0, done.stderr
    assert "OK" in done.stderr
    assert not (tmp_path / "new").exists()


def test_bench_crawls_its_own_server(tmp_path: Path) -> None:
    done = scrapy("bench", "-s", "CLOSESPIDER_TIMEOUT=2", archive=tmp_path / "new")
    assert done.returncode == 0, done.stderr
    assert "pages/min" in done.stderr
    assert " 0 pages/min" not in done.stderr.splitlines()[-1]
    assert not (tmp_path / "new").exists()


USERS_SPIDER = """
import dataclasses

import scrapy


@dataclasses.dataclass
class News:
    url: str
    title: str | None = None
    body: str | None = None
    published: str | None = None
    key: str | None = None
    published_at: object = None
    published_local: object = None
    published_raw: object = None
    published_precision: object = None
    published_source: object = None
    aliases: tuple = ()
    provenance: object = None
    problems: object = ()


class Mine(scrapy.Spider):
    name = "mine"

    async def start(self):
        yield scrapy.Request(self.url)

    def parse(self, response):
        values = {
            "url": response.url,
            "title": "  Một   tiêu đề ",
            "body": "Một.\\n\\nHai.",
            "published": "2026-09-01T10:00:00+07:00",
        }
        yield values if self.kind == "dict" else News(**values)
"""
USERS_SETTINGS = """
BOT_NAME = "mine"
SPIDER_MODULES = ["mine"]
LOG_LEVEL = "ERROR"
TELNETCONSOLE_ENABLED = False
ITEM_PIPELINES = {
    "newscrawl.pipelines.clean.CleanPipeline": 100,
    "newscrawl.pipelines.timestamps.TimestampPipeline": 200,
    "newscrawl.pipelines.duplicates.DuplicatePipeline": 300,
    "newscrawl.pipelines.store.StorePipeline": 900,
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Scrapy project of somebody else, with one spider."""
    folder = tmp_path / "project"
    (folder / "mine").mkdir(parents=True)
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = mine.settings\n", "utf-8")
    (folder / "mine" / "__init__.py").write_text("", "utf-8")
    (folder / "mine" / "settings.py").write_text(USERS_SETTINGS, "utf-8")
    (folder / "mine" / "spider.py").write_text(USERS_SPIDER, "utf-8")
    return folder


@pytest.mark.parametrize("kind", ["dict", "dataclass"])
def test_another_projects_spider_stores_its_items(
    kind: str, paper: DemoServer, project: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    done = scrapy(
        "crawl", "mine", "-a", f"url={paper.base_url}/chung-khoan/33/trang-1.html", "-a", f"kind={kind}",
        "-s", f"NEWSCRAWL_SITE={paper.base_url}", archive=archive, folder=project,
    )  # fmt: skip
    assert done.stderr == ""
    rows = query(
        archive,
        "SELECT a.title, b.body, a.published_at FROM articles a JOIN bodies b ON b.article_id = a.id",
    )
    assert rows == [("Một tiêu đề", "Một.\n\nHai.", "2026-09-01T03:00:00Z")]
    assert query(archive, "SELECT reason FROM crawls") == [("finished",)]


def test_a_missing_setting_is_one_clear_error(paper: DemoServer, project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "mine", "-a", f"url={paper.base_url}/", "-a", "kind=dict"],
        cwd=project, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "the setting NEWSCRAWL_ARCHIVE is missing" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_unknown_site_of_another_project_is_one_clear_error(
    paper: DemoServer, project: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    done = scrapy(
        "crawl",
        "mine",
        "-a",
        f"url={paper.base_url}/",
        "-a",
        "kind=dict",
        archive=archive,
        folder=project,
    )
    assert "set NEWSCRAWL_SITE" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not archive.exists()


def test_a_job_of_scrapyd_ends_with_the_result_in_its_log(
    paper: DemoServer, tmp_path: Path
) -> None:
    archive, folder = tmp_path / "archive", tmp_path / "scrapyd"
    (archive / "sites").mkdir(parents=True)
    folder.mkdir()
    source = (ROOT / "newscrawl" / "demo" / "demo.toml").read_text("utf-8")
    (archive / "sites" / "mine.toml").write_text(
        source.replace('name = "demo"', 'name = "mine"'), "utf-8"
    )
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = newscrawl.settings\n", "utf-8")
    port = free_port()
    (folder / "scrapyd.conf").write_text(
        f"[scrapyd]\nbind_address = 127.0.0.1\nhttp_port = {port}\npoll_interval = 0.1\nmax_proc = 1\n",
        "utf-8",
    )
    with scrapyd(folder, archive) as daemon:
        wait_for_line(daemon, "Process slot 0 ready")
        answer = post(
            f"http://127.0.0.1:{port}/schedule.json",
            project="default", spider="mine", base_url=paper.base_url, limit="2",
            setting="DOWNLOAD_DELAY=0",
        )  # fmt: skip
        assert answer["status"] == "ok", answer
        wait_for_line(daemon, "Process finished")
    assert query(archive, "SELECT count(*) FROM articles WHERE state = 'stored'") == [(2,)]
    (log,) = (folder / "logs" / "default" / "mine").glob("*.log")
    last = log.read_text("utf-8").splitlines()[-1]
    assert "mine: 2 new, 0 changed, 0 failed, " in last
    assert last.endswith(", exit code 0")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@contextmanager
def scrapyd(folder: Path, archive: Path) -> Iterator[subprocess.Popen[str]]:
    """scrapyd in a folder, with what it logs on its stdout."""
    daemon = subprocess.Popen(
        [Path(sys.executable).with_name("scrapyd")],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"NEWSCRAWL_ARCHIVE": str(archive), "PYTHONUNBUFFERED": "1"},
    )
    deadline = Timer(90, daemon.kill)
    deadline.start()
    try:
        yield daemon
    finally:
        deadline.cancel()
        daemon.terminate()
        daemon.wait(30)
        assert daemon.stdout is not None
        daemon.stdout.close()


def wait_for_line(daemon: subprocess.Popen[str], words: str) -> None:
    """Reads the daemon's output until a line has these words."""
    assert daemon.stdout is not None
    lines = []
    for line in daemon.stdout:
        lines.append(line)
        if words in line:
            return
    pytest.fail("".join(lines))


def post(url: str, **fields: str) -> dict[str, object]:
    """The JSON answer to a form."""
    data = urlencode(fields).encode()
    with urlopen(url, data, timeout=60) as response:
        answer: dict[str, object] = json.load(response)
    return answer
