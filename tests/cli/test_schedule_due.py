"""`crawl --due` and what `schedule --due` prints: the commands of an archive of many sites."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.core.lock import archive_lock
from newscrawl.core.times import from_utc_text
from newscrawl.demo.server import DemoServer
from tests.cli.test_schedule import DEMO_SITE, crontab_command, run_as_cron
from tests.support.crawling import newscrawl, printed, query
from tests.support.old_archives import old_archive

FIRST_LIST = "url LIKE '%/trang-1.html'"


@pytest.fixture
def paper() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


@pytest.fixture
def archive(tmp_path: Path, paper: DemoServer) -> Path:
    """An archive whose only site was crawled once with --due."""
    folder = tmp_path / "data"
    (folder / "sites").mkdir(parents=True)
    (folder / "newscrawl.toml").write_text('sites = ["paper"]\n', "utf-8")
    site = DEMO_SITE.read_text("utf-8").replace('name = "demo"', 'name = "paper"')
    site = site.replace("https://benmay.example", paper.base_url)
    (folder / "sites" / "paper.toml").write_text(site, "utf-8")
    line = newscrawl("schedule", "--due", archive=folder).stdout
    done = run_as_cron(crontab_command(line), tmp_path, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


def make_due(archive: Path, condition: str) -> int:
    """Makes rows of the frontier due that wait, as if their time had come since the last run."""
    with closing(sqlite3.connect(archive / "newscrawl.db")) as db, db:
        db.execute("UPDATE crawls SET started_at = '2020-01-01T00:00:00Z'")
        return db.execute(
            "UPDATE frontier SET not_before = '2020-01-02T00:00:00Z'"
            f" WHERE not_before IS NOT NULL AND {condition}"
        ).rowcount


def test_with_nothing_due_the_command_ends_at_once_and_says_so(
    archive: Path, paper: DemoServer
) -> None:
    paper.requests.clear()
    done = newscrawl("crawl", "--due", archive=archive)
    assert (done.returncode, done.stdout) == (0, "")
    message, _, at = done.stderr.strip().rpartition(" at ")
    assert message == "nothing is due; next: paper"
    assert from_utc_text(at) > from_utc_text(
        query(archive, "SELECT max(finished_at) FROM crawls")[0][0]
    )
    quiet = newscrawl("crawl", "--due", "--quiet", archive=archive)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert json.loads(printed(archive, "crawl", "--due", "--json")) == {"sites": []}
    assert not paper.requests
    assert query(archive, "SELECT count(*) FROM crawls") == [(1,)]


def test_only_what_is_due_is_requested_with_the_robots_txt_of_the_run_before(
    archive: Path, paper: DemoServer
) -> None:
    assert make_due(archive, FIRST_LIST) > 1
    one = "url = (SELECT min(url) FROM frontier WHERE url LIKE '%/trang-1.html')"
    later = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+12 hours')"
    with closing(sqlite3.connect(archive / "newscrawl.db")) as db, db:
        db.execute(f"UPDATE frontier SET not_before = {later} WHERE {FIRST_LIST} AND NOT {one}")
    paper.requests.clear()
    dry = json.loads(printed(archive, "crawl", "--due", "--dry-run", "--json"))["sites"][0]
    assert len(dry["asks_for"]) == 1
    done = newscrawl("crawl", "--due", "--quiet", archive=archive)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("paper: 0 new, 0 changed, 0 failed, 0 pending")
    assert [f"{paper.base_url}{path}" for path in paper.requests] == dry["asks_for"]


def test_a_busy_archive_ends_the_run_without_a_mail(archive: Path) -> None:
    make_due(archive, "1")
    with archive_lock(archive, "crawl"):
        quiet = newscrawl("crawl", "--due", "--quiet", archive=archive)
        assert (quiet.returncode, quiet.stdout, quiet.stderr) == (75, "", "")
        assert "another run has locked" in newscrawl("crawl", "--due", archive=archive).stderr


@pytest.fixture
def with_typo(archive: Path) -> Path:
    """The site file of a second site, with a typing error; nothing else is due."""
    (archive / "newscrawl.toml").write_text('sites = ["paper", "gazette"]\n', "utf-8")
    broken = archive / "sites" / "gazette.toml"
    broken.write_text('name = "gazette"\nextends = "bnews"\ntitel = "x"\n', "utf-8")
    return broken


def quiet_run(archive: Path) -> tuple[int, str]:
    done = newscrawl("crawl", "--due", "--quiet", archive=archive)
    return done.returncode, done.stderr


def test_broken_site_file_is_mailed_once_and_when_it_changes(
    archive: Path, with_typo: Path
) -> None:
    code, first = quiet_run(archive)
    assert (code, "titel" in first) == (3, True)
    assert quiet_run(archive) == (3, "")
    text = with_typo.read_text("utf-8")
    with_typo.write_text(text.replace("titel", "tittle"), "utf-8")
    code, changed = quiet_run(archive)
    assert (code, "tittle" in changed) == (3, True)
    assert quiet_run(archive) == (3, "")


def test_broken_site_file_is_mailed_again_after_a_day(archive: Path, with_typo: Path) -> None:
    first = quiet_run(archive)
    note = archive / "logs" / "site-files.json"
    ((site, (digest, _)),) = json.loads(note.read_text("utf-8")).items()
    note.write_text(json.dumps({site: (digest, "2026-01-01T00:00:00Z")}), "utf-8")
    assert quiet_run(archive) == first
    assert quiet_run(archive) == (3, "")
    for unreadable in ("[]", "{", '{"gazette": 1}', '{"gazette": ["x", "soon"]}'):
        note.write_text(unreadable, "utf-8")
        assert quiet_run(archive) == first


def test_site_file_that_was_corrected_is_news_when_it_is_broken_again(
    archive: Path, paper: DemoServer, with_typo: Path
) -> None:
    first = quiet_run(archive)
    broken = with_typo.read_text("utf-8")
    paper_file = (archive / "sites" / "paper.toml").read_text("utf-8")
    with_typo.write_text(paper_file.replace('name = "paper"', 'name = "gazette"'), "utf-8")
    assert quiet_run(archive)[0] == 0
    with closing(sqlite3.connect(archive / "newscrawl.db")) as db, db:
        db.execute("DELETE FROM crawls WHERE site = 'gazette'")  # so it is due
    with_typo.write_text(broken, "utf-8")
    assert quiet_run(archive) == first


def test_user_sees_a_broken_site_file_each_time_and_what_is_due_next(
    archive: Path, with_typo: Path
) -> None:
    assert quiet_run(archive)[0] == 3
    for _ in range(2):
        done = newscrawl("crawl", "--due", archive=archive)
        assert done.returncode == 3
        assert "gazette.toml: titel" in done.stderr
        assert "nothing is due; next: paper at " in done.stderr


def test_without_another_site_the_exit_code_is_2(archive: Path, with_typo: Path) -> None:
    (archive / "newscrawl.toml").write_text('sites = ["gazette"]\n', "utf-8")
    code, first = quiet_run(archive)
    assert (code, "gazette.toml: titel" in first) == (2, True)
    assert quiet_run(archive) == (2, "")


def test_status_shows_when_a_site_is_due(archive: Path) -> None:
    (site,) = json.loads(printed(archive, "status", "--json"))["sites"]
    assert from_utc_text(site["due_at"]) > from_utc_text(site["last"]["started_at"])
    assert "due_utc" in printed(archive, "status")
    with closing(sqlite3.connect(archive / "newscrawl.db")) as db, db:
        db.execute("UPDATE crawls SET options = '{}'")
    assert "due_utc" not in printed(archive, "status")


def test_sites_show_explains_the_rhythm(archive: Path) -> None:
    rhythm = json.loads(printed(archive, "sites", "show", "paper", "--json"))["rhythm"]
    assert {row["articles_a_day"] for row in rhythm["lists"]} == {None}
    assert all(360 <= row["minutes_between_requests"] < 480 for row in rhythm["lists"])
    assert [row["age"] for row in rhythm["ages"] if row["is_visited"]] == ["1h", "6h", "1d", "30d"]
    text = printed(archive, "sites", "show", "paper")
    assert "crawl --due visits an article at these ages: 1h, 6h, 1d, 30d" in text
    assert "new_a_day" in text


def test_sites_show_says_that_a_list_which_was_not_requested_is_due_now(archive: Path) -> None:
    with closing(sqlite3.connect(archive / "newscrawl.db")) as db, db:
        db.execute(f"UPDATE frontier SET not_before = NULL WHERE {FIRST_LIST}")
    text = printed(archive, "sites", "show", "paper")
    assert re.search(r"/trang-1\.html\t\t[0-9 a-z]+\tnow\n", text)


def test_sites_show_has_a_rate_after_two_requests_of_a_list(archive: Path) -> None:
    make_due(archive, FIRST_LIST)
    assert newscrawl("crawl", "--due", "--quiet", archive=archive).returncode == 0
    rhythm = json.loads(printed(archive, "sites", "show", "paper", "--json"))["rhythm"]
    for row in rhythm["lists"]:
        was_requested_twice = row["url"].endswith("/trang-1.html")
        assert (row["articles_a_day"] is not None) == was_requested_twice, row


def test_sites_show_reads_an_archive_of_an_older_version(tmp_path: Path) -> None:
    old_archive(tmp_path, 14)
    with closing(sqlite3.connect(tmp_path / "newscrawl.db")) as db, db:
        db.execute("INSERT INTO sites (site, name, domain) VALUES ('bnews', 'b', 'bnews.vn')")
        db.execute("INSERT INTO crawls (site, started_at, version) VALUES ('bnews', '2026', '0')")
    assert json.loads(printed(tmp_path, "sites", "show", "bnews", "--json"))["rhythm"] is None
    assert "due_utc" not in printed(tmp_path, "sites", "show", "bnews")


@pytest.mark.parametrize(
    ("option", "named"),
    [
        (("--category", "x"), "--category"),
        (("--max-pages", "1"), "--max-pages"),
        (("--full",), "--full"),
        (("--base-url", "http://localhost"), "--base-url"),
        (("--queue", "redis://localhost"), "--queue"),
        (("https://bnews.vn/a/1.html",), "https://bnews.vn/a/1.html"),
    ],
)
def test_options_without_meaning_are_refused(
    tmp_path: Path, option: tuple[str, ...], named: str
) -> None:
    done = newscrawl("crawl", "--due", *option, archive=tmp_path)
    assert done.returncode == 2
    error, hint = done.stderr.splitlines()
    assert named in error
    assert "without --due" in hint or "leave out --due" in hint
    assert ("newscrawl.toml" in hint) == (named in ("--category", "--max-pages"))


def test_due_runs_are_printed_for_many_sites(tmp_path: Path) -> None:
    few = newscrawl("schedule", "bnews", archive=tmp_path).stdout
    assert " crawl --quiet bnews;" in few
    names = [
        line.split()[0] for line in printed(tmp_path, "sites", "list", "--tsv").splitlines()[1:]
    ]
    assert len(names) > 20
    done = newscrawl("schedule", *names, archive=tmp_path)
    many = done.stdout
    chosen = "sites: crawl --due is used; --whole for crawls of whole sites"
    assert done.stderr.splitlines()[0] == f"{len(names)} {chosen}"
    named = newscrawl("schedule", *names, "--due", archive=tmp_path)
    assert (named.stdout, chosen in named.stderr) == (many, False)
    assert "-59/10 * * * * (" in many
    assert " crawl --due --quiet --max-minutes 60 " in many
    every = newscrawl("schedule", *names, "--every", "1d", archive=tmp_path).stdout
    assert " crawl --quiet " in every
    rare = newscrawl("schedule", *names, "--due", "--every", "6h", archive=tmp_path).stdout
    assert " crawl --due --quiet --max-minutes 360 " in rare
    whole = newscrawl("schedule", *names, "--whole", archive=tmp_path).stdout
    assert " crawl --quiet " in whole


def test_due_runs_are_printed_as_systemd_units(tmp_path: Path) -> None:
    options = ("--due", "--every", "5m", "--systemd")
    done = newscrawl("schedule", "bnews", *options, archive=tmp_path)
    assert " crawl --due --quiet --max-minutes 60 bnews\n" in done.stdout
    assert "/5\n" in done.stdout
    assert "SuccessExitStatus=6 75\n" in done.stdout
