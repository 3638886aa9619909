"""What cron would mail: each failure with `--quiet`, compared with the table in docs/scheduling.md.

Cron mails what the two commands of a crontab line print on stderr. Each row of the table is run as
two commands; the archive's path is replaced by `data`, the server's address by `https://PAPER`.
A row that differs is printed as it should be, ready to be copied.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from zoneinfo import ZoneInfo

import pytest

from newscrawl import demo
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.lock import archive_lock
from newscrawl.demo.server import Answer, DemoServer
from tests.support import forked
from tests.support.crawling import QUICK, newscrawl, query, start
from tests.support.daily_paper import FIELDS, DailyPaper, every_article, redesigned
from tests.support.queueing import finished, redis_server

DOCS = Path(__file__).parents[2] / "docs" / "scheduling.md"
DEMO_SITE = Path(demo.__file__).with_name("demo.toml")
WALL = "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
WAITED = "no collector is running yet; waiting for one (newscrawl collect)\n"


@dataclass(frozen=True)
class Case:
    """An archive with one site, `paper`, and what the failure needs."""

    archive: Path
    paper: DemoServer
    open: ExitStack

    def put_site(self, origin: str, name: str = "paper") -> None:
        site = DEMO_SITE.read_text("utf-8").replace('name = "demo"', f'name = "{name}"')
        folder = ArchiveFolder(self.archive).sites
        folder.mkdir(parents=True, exist_ok=True)
        site = site.replace("https://benmay.example", origin)
        (folder / f"{name}.toml").write_text(site, "utf-8")

    def answer(self, status: int) -> None:
        """From now on, the server answers every page except robots.txt with this status."""

        def alter(path: str, found: Answer) -> Answer:
            return found if path == "/robots.txt" else replace(found, status=status, text="")

        self.paper.alter = alter

    def crawl_well(self, *limits: str) -> None:
        done = newscrawl("crawl", "--quiet", *limits, archive=self.archive)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    with DemoServer() as paper, ExitStack() as open_now:
        case = Case(tmp_path / "data", paper, open_now)
        case.put_site(paper.base_url)
        (case.archive / "newscrawl.toml").write_text('sites = ["paper"]\n', "utf-8")
        yield case


# A failure makes the archive ready, and gives the words before the command: `ulimit`, `unshare`.
Prepare = Callable[[Case], str]


def no_network(case: Case) -> str:
    case.put_site("https://paper.invalid")
    return 'exec unshare -rn "$@"'


def unknown_host(case: Case) -> str:
    case.put_site("https://paper.invalid")
    return ""


def no_connection(case: Case) -> str:
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        case.put_site(f"http://127.0.0.1:{free.getsockname()[1]}")
    return ""


def status_404(case: Case) -> str:
    case.answer(404)
    return ""


def status_503(case: Case) -> str:
    case.answer(503)
    return ""


def wall(case: Case) -> str:
    case.paper.alter = every_article(WALL)
    return ""


def redesign(case: Case) -> str:
    for count in (20, 30, 40):
        case.paper.paper = DailyPaper(count)
        case.crawl_well()
    case.paper.paper = DailyPaper(50)
    case.paper.alter = redesigned(FIELDS)
    return ""


def full_disk(case: Case) -> str:
    return 'ulimit -f 600; exec "$@"'


def damaged_database(case: Case) -> str:
    case.crawl_well()
    with ArchiveFolder(case.archive).database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 20)
    return ""


def broken_site_file(case: Case) -> str:
    case.put_site(case.paper.base_url, "gazette")
    with (ArchiveFolder(case.archive).sites / "gazette.toml").open("a") as file:
        file.write("\n[politness]\ndelay_seconds = 2\n")
    (case.archive / "newscrawl.toml").write_text('sites = ["gazette", "paper"]\n', "utf-8")
    return ""


def only_broken_site_file(case: Case) -> str:
    broken_site_file(case)
    (case.archive / "newscrawl.toml").write_text('sites = ["gazette"]\n', "utf-8")
    return ""


def second_run(case: Case) -> str:
    case.crawl_well("--limit", "3", "--max-pages", "1")
    case.open.enter_context(archive_lock(case.archive, "crawl"))
    return ""


def second_run_after_hours(case: Case) -> str:
    second_run(case)
    began_at = datetime.now(UTC) - timedelta(hours=7)
    note = f"crawl, process 4711, since {began_at:%Y-%m-%dT%H:%M:%SZ}\n"
    ArchiveFolder(case.archive).lock.write_text(note, "utf-8")
    return ""


FAILURES: Mapping[str, Prepare] = {
    "no network": no_network,
    "unknown host name": unknown_host,
    "the server is down": no_connection,
    "every page answers 404": status_404,
    "every page answers 503": status_503,
    "a wall: every article is a challenge": wall,
    "a redesign": redesign,
    "the disk is full": full_disk,
    "the database is damaged": damaged_database,
    "one of several site files is broken": broken_site_file,
    "the only site file is broken": only_broken_site_file,
    "another run is not finished": second_run,
    "another run has lasted for 7 hours": second_run_after_hours,
}


def as_cron(case: Case, before: str, *command: str) -> subprocess.CompletedProcess[str]:
    """A command of the crontab line; its standard output goes nowhere."""
    if not before:
        return newscrawl(*command, archive=case.archive)
    words = ["newscrawl", "--archive", str(case.archive), *command]
    return subprocess.run(
        ["sh", "-c", before, "sh", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"PATH": f"{forked.NEWSCRAWL.parent}{os.pathsep}{os.environ['PATH']}"},
    )


def shown(case: Case, text: str) -> str:
    """Lines of stderr as a cell of the table."""
    text = text.replace(str(case.archive), "data").replace(case.paper.base_url, "https://PAPER")
    text = re.sub(r"127\.0\.0\.1:[0-9]+", "PAPER", text)
    # How many pages were in flight when the crawl stopped differs from run to run.
    text = re.sub(r"(refuses access.*) [0-9]+ pending", r"\1 N pending", text)
    text = re.sub(r"process [0-9]+, since [0-9TZ:-]+", "process N, since TIME", text)
    return "<br>".join(f"`{line}`" for line in text.splitlines()) or "nothing"


def table() -> dict[str, tuple[str, ...]]:
    """The rows of the table in docs/scheduling.md by their first cell."""
    section = DOCS.read_text("utf-8").partition("\n## What cron mails\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    cells = [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows]
    return {first: tuple(rest) for first, *rest in cells[1:]}


def test_the_table_has_a_row_for_each_failure() -> None:
    assert [*table()] == [*FAILURES]


@pytest.mark.parametrize("failure", FAILURES)
def test_cron_mails_what_the_table_says(failure: str, case: Case) -> None:
    before = FAILURES[failure](case)
    if "unshare" in before and not can_unshare():
        pytest.skip("needs user namespaces, to run a process without network")
    crawled = as_cron(case, before, "crawl", "--quiet")
    judged = as_cron(case, before, "health", "--notify")
    found = (str(crawled.returncode), shown(case, crawled.stderr), shown(case, judged.stderr))
    assert table().get(failure) == found, f"\n| {failure} | {' | '.join(found)} |"


def can_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    return (
        subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0
    )


def test_a_scheduled_run_without_failure_mails_nothing(case: Case) -> None:
    assert as_cron(case, "", "crawl", "--quiet").stderr == ""
    assert as_cron(case, "", "health", "--notify").stderr == ""


def test_limits_and_hours_of_the_user_are_no_failure(case: Case) -> None:
    limited = as_cron(case, "", "crawl", "--quiet", "--max-requests", "5")
    assert (limited.returncode, limited.stderr) == (6, "")
    hour = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).hour
    closed = f"{(hour + 3) % 24:02}:00-{(hour + 4) % 24:02}:00"
    settings = f'sites = ["paper"]\npoliteness.hours = "{closed}"\n'
    (case.archive / "newscrawl.toml").write_text(settings, "utf-8")
    outside = as_cron(case, "", "crawl", "--quiet")
    assert (outside.returncode, outside.stderr) == (0, "")
    assert "outside its crawl hours" in as_cron(case, "", "crawl").stderr


def test_a_failure_is_one_line_per_site_without_quiet_too(case: Case) -> None:
    no_connection(case)
    case.put_site("https://paper.invalid", "gazette")
    done = newscrawl("crawl", "paper", "gazette", archive=case.archive)
    lines = done.stderr.splitlines()
    assert (done.returncode, len(lines)) == (3, 2)
    assert [line.partition(": ")[2].partition(":")[0] for line in lines] == ["paper", "gazette"]
    summary = json.loads(newscrawl("crawl", "--json", archive=case.archive).stdout)
    assert summary["sites"][0]["exit_code"] == 3


def test_scrapy_crawl_prints_one_line_for_a_failed_site(case: Case) -> None:
    no_connection(case)
    done = scrapy(case, "crawl", "paper")
    failure, result = done.stderr.splitlines()
    assert failure.startswith("error: paper: 10 of 10 pages failed, all with robots_unreachable")
    assert f"(see: newscrawl --archive {case.archive} problems --site paper)" in failure
    assert result.startswith("paper: 0 new")


@pytest.mark.parametrize("program", ["newscrawl", "scrapy"])
def test_an_error_in_a_pipeline_is_one_line(case: Case, program: str) -> None:
    """The log of the archive has its traceback."""
    (case.archive.parent / "raising.py").write_text(
        "class Pipeline:\n"
        "    def process_item(self, item):\n"
        "        raise ValueError('three\\nlines\\nlong')\n"
    )
    path = {"PYTHONPATH": str(case.archive.parent)}
    pipelines = 'ITEM_PIPELINES={"raising.Pipeline": 400}'
    if program == "scrapy":
        done = scrapy(case, "crawl", "paper", "-s", pipelines, env=path)
    else:
        done = newscrawl("crawl", "--quiet", "--set", pipelines, archive=case.archive, env=path)
    cause, failure = done.stderr.splitlines()[:2]
    assert cause.startswith("error: Error processing ")
    assert cause.endswith(": ValueError: three lines long (logs/crawl.log has the details)")
    assert failure.startswith("error: paper: 10 of 10 pages failed, all with internal: ValueError")
    log = (case.archive / "logs" / "crawl.log").read_text("utf-8")
    assert "Traceback (most recent call last)" in log


def test_who_asks_for_scrapys_log_gets_it_unchanged(case: Case) -> None:
    no_connection(case)
    done = newscrawl("crawl", "--set", "LOG_LEVEL=DEBUG", archive=case.archive)
    assert "Gave up retrying <GET http://127.0.0.1" in done.stderr


def test_hours_after_which_another_run_is_reported_can_be_set(case: Case) -> None:
    second_run_after_hours(case)
    settings = case.archive / "newscrawl.toml"
    settings.write_text('sites = ["paper"]\ncrawl.overlap_hours = 8\n', "utf-8")
    done = as_cron(case, "", "crawl", "--quiet")
    assert (done.returncode, done.stderr) == (75, "")
    settings.write_text('sites = ["paper"]\ncrawl.overlap_hours = -1\n', "utf-8")
    assert as_cron(case, "", "crawl", "--quiet").returncode == 2


def test_another_run_is_reported_to_a_person_at_once(case: Case) -> None:
    second_run(case)
    done = as_cron(case, "", "crawl")
    assert (done.returncode, done.stderr.count("\n")) == (75, 2)
    assert "hint: wait until it ends, or stop it" in done.stderr


def test_a_lock_without_a_time_is_reported(case: Case) -> None:
    """The holder could not write its note, for example on a full disk."""
    second_run(case)
    ArchiveFolder(case.archive).lock.write_text("", "utf-8")
    assert "another run has locked" in as_cron(case, "", "crawl", "--quiet").stderr


def test_the_other_sites_are_crawled_beside_a_broken_site_file(case: Case) -> None:
    broken_site_file(case)
    assert as_cron(case, "", "crawl", "gazette", "paper").returncode == 3
    assert query(case.archive, "SELECT site, exit_code FROM crawls") == [("paper", 0)]


def test_the_address_of_an_article_is_crawled_beside_a_broken_site_file(case: Case) -> None:
    broken_site_file(case)
    url = f"{case.paper.base_url}/a/{case.paper.paper.stories[0].id}.html"
    assert newscrawl("crawl", url, archive=case.archive).returncode == 0
    file = ArchiveFolder(case.archive).sites / "gazette.toml"
    elsewhere = file.read_text("utf-8").replace(case.paper.base_url, "https://gazette.example")
    file.write_text(elsewhere, "utf-8")
    its_own = newscrawl("crawl", "https://gazette.example/1.html", archive=case.archive)
    assert (its_own.returncode, "gazette.toml: politness:" in its_own.stderr) == (2, True)


@pytest.mark.needs("redis-server")
def test_a_failed_site_is_one_line_of_the_collector(case: Case, tmp_path: Path) -> None:
    no_connection(case)
    with redis_server(tmp_path) as url:
        worker = start("crawl", "--queue", url, *QUICK, archive=case.archive)
        collected = as_cron(case, "", "collect", "--quiet", "--queue", url)
        assert finished(worker)[1] in ("", WAITED)
    lines = collected.stderr.splitlines()
    assert (collected.returncode, len(lines)) == (3, 1)
    assert lines[0].startswith("error: paper: 10 of 10 pages failed, ")
    assert "with robots_unreachable: cannot fetch http://127.0.0.1:" in lines[0]


@pytest.mark.needs("redis-server")
def test_collect_leaves_out_a_broken_site(case: Case, tmp_path: Path) -> None:
    broken_site_file(case)
    with redis_server(tmp_path) as url:
        worker = start("crawl", "--queue", url, *QUICK, archive=case.archive)
        collected = as_cron(case, "", "collect", "--quiet", "--queue", url)
        finished(worker)
    lines = collected.stderr.splitlines()
    assert (collected.returncode, len(lines)) == (3, 2)
    assert "gazette.toml: politness: unknown key" in lines[0]
    assert query(case.archive, "SELECT site, exit_code FROM crawls") == [("paper", 0)]


@pytest.mark.needs("redis-server")
def test_a_worker_leaves_out_a_broken_site(case: Case, tmp_path: Path) -> None:
    case.put_site(case.paper.base_url, "gazette")
    collectors = Path(shutil.copytree(case.archive, tmp_path / "whole"))
    broken_site_file(case)
    with redis_server(tmp_path) as url:
        one = start("crawl", "--queue", url, *QUICK, archive=case.archive)
        other = start("crawl", "gazette", "--queue", url, *QUICK, archive=collectors)
        names = ("gazette", "paper")
        collector = start("collect", *names, "--queue", url, "--limit", "5", archive=collectors)
        finished(collector)
        _, heard = finished(one, code=3)
        finished(other)
    assert "gazette.toml: politness: unknown key" in heard


def test_demo_reports_a_broken_site_file(case: Case) -> None:
    broken_site_file(case)
    done = newscrawl("demo", archive=case.archive)
    assert (done.returncode, "3 new, 4 changed" in done.stdout) == (3, True)
    assert f"error: {case.archive}/sites/gazette.toml: politness:" in done.stderr


def test_single_pages_of_other_hosts_do_not_stop_scheduled_crawls(case: Case) -> None:
    (case.archive / "newscrawl.toml").unlink()
    assert newscrawl("crawl", "paper", archive=case.archive).returncode == 0
    newscrawl("crawl", "https://other.invalid/1.html", archive=case.archive)
    done = newscrawl("crawl", "--quiet", archive=case.archive)
    assert (done.returncode, done.stdout.partition(":")[0]) == (0, "paper")


def scrapy(
    case: Case, *args: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    archive = {"NEWSCRAWL_ARCHIVE": str(case.archive)}
    return forked.run("scrapy", *args, env=archive | dict(env or {}), folder=DOCS.parents[1])
