"""Backfills: the past of a site from other archives, politely, once, and after any interruption."""

from __future__ import annotations

import gzip
import json
import random
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from newscrawl.cli.commands.backfill import duration
from newscrawl.history.backfill import Plan
from tests.support import forked
from tests.support.archive_builder import newscrawl
from tests.support.foreign_archives import HTML, Stored, archive, front, story, write
from tests.support.normalised import differences
from tests.support.torture import FULL
from tests.support.web_archive import WebArchive, every_tenth

SEED = 20261130
KILLS = 40 if FULL else 2
MOMENTS = ("after_warc", "mid_import", "mid_links", "before_commit", "after_commit")
SITE = "https://paper.example"
FIRST, SECOND = story(1, related=[2, 3]), story(1, "A bridge is closed", "It is closed.", [2])
GZIPPED = (HTML, (b"Content-Encoding", b"gzip"))


def page(at: str, path: str, body: bytes, **more: object) -> Stored:
    """A capture of the newspaper."""
    url = path if "://" in path else SITE + path
    return Stored(url=url, at=f"{at}Z", body=body, **more)  # type: ignore[arg-type]


# Pages that a backfill and an import take.
GOOD = (
    page("2020-01-02T04:00:00", "http://paper.example:80/a-bridge/1.html", FIRST),
    page("2020-01-02T05:00:00", "/", front(1, 2)),
    page("2020-01-03T00:00:00", "/a-ship/2.html", story(2, "A ship")),
    page("2020-02-01T00:00:00", "https://www.paper.example/x/1.html?utm_source=a", SECOND),
    page("2020-02-01T00:00:00", "/news/", front(4, 1, word="Then")),
    page("2020-02-01T00:00:01", "/news/page-2/", front(5)),
    page("2020-02-02T00:00:00", "/a-ship/2.html", b"no", status="404 Not Found"),
    page("2020-02-02T00:00:00", "/x/7.html", front(1, 2)),  # the home page in place of an article
    page("2020-02-03T00:00:00", "/x/3.html", gzip.compress(story(3), mtime=0), headers=GZIPPED),
    # Two addresses in one second, under one key of the index.
    page("2020-02-04T00:00:00", "/x/10.html", story(10)),
    page("2020-02-04T00:00:00", "http://paper.example/x/10.html", story(10, "A quarry")),
    page("2020-03-01T00:00:00", "/a-bridge/1.html", FIRST, revisit=True),
    page("2020-03-01T00:00:00", "/news/", front(6, 4)),
    page("2020-03-02T00:00:00", "/news/", front(6, 4), revisit=True),
)  # fmt: skip
CUT = (HTML, (b"Content-Length", b"%d" % len(FIRST)))
# What gives no article.
BAD = (
    page("2020-02-02T00:00:01", "/x/8.html", FIRST[:-40], headers=CUT),
    page("2020-02-02T00:00:02", "/x/9.html", b"", status="302 Found"),
    page("2020-02-02T00:00:03", "/x/9.html", b"busy", status="503 Busy"),
    page("2020-02-02T00:00:04", "/logo.png", b"png", headers=((b"Content-Type", b"image/png"),)),
    page("2020-02-02T00:00:05", "/about", b"<h1>About</h1>"),
    page("2020-02-02T00:00:06", "https://elsewhere.example/1.html", FIRST),
    page("2020-02-02T00:00:07", "/x/11.html", story(11)),  # blocked
    page("2020-02-02T00:00:08", "/x/12.html", story(12)),  # leads to another capture
)
PLAYBACK = {"20200202000007": "blocked", "20200202000008": "20200104000000"}
QUICK = ("--set", "DOWNLOAD_DELAY=0", "--set", "NEWSCRAWL_RETRY_PAUSE=0")


def arguments(server: WebArchive, *more: str, source: str = "wayback") -> list[str]:
    """The command line of a backfill."""
    return ["backfill", "paper", "--from", source, "--endpoint", server.url, *QUICK, *more]


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    """The answer of the archive's database."""
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db:
        return db.execute(sql).fetchall()


def times(folder: Path) -> list[tuple[object, ...]]:
    """When things were seen, which `normalised` leaves out."""
    return sorted(
        rows(folder, "SELECT key, first_seen_at, last_seen_at, fetched_at, gone_at FROM articles")
        + rows(folder, "SELECT position, seen_at, title FROM listings")
        + rows(folder, "SELECT url, fetched_at, status, payload_digest, refused FROM captures"),
        key=repr,
    )


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the same pages, from a file."""
    folder = archive(tmp_path_factory.mktemp("imported") / "data")
    pages = [replace(one, revisit=False) for one in GOOD]
    path = write(folder.parent, "x.warc.gz", pages)
    assert newscrawl(folder, "import", str(path)).exit_code == 0
    return folder


def wayback(**options: object) -> WebArchive:
    """A Wayback Machine with all pages."""
    return WebArchive([*GOOD, *BAD], playback=PLAYBACK, **options)  # type: ignore[arg-type]


def test_a_backfill_stores_what_an_import_of_the_same_pages_stores(
    imported: Path, tmp_path: Path
) -> None:
    folder = archive(tmp_path / "data")
    with wayback() as server:
        done = newscrawl(folder, *arguments(server))
        assert done.exit_code == 0, done.stderr
        assert server.twice == []
        # The bytes of two revisits are known, and those of the home page in place of an article.
        assert server.asked("id_") == len(GOOD) - 3 + 3
    assert differences(imported, folder) == []
    assert times(folder) == times(imported)
    assert done.stdout == (
        "paper from the Wayback Machine: 7 article pages, 5 category pages and 1 missing page"
        " stored; 15 requests\n"
        "  refused: 1 no_template (see: newscrawl sites unread paper)\n"
        "  not stored: 1 blocked, 1 cut, 1 elsewhere\n"
    ).replace("newscrawl sites", f"newscrawl --archive {folder} sites")
    assert newscrawl(folder, "verify").exit_code == 0


def test_captures_say_where_they_come_from(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    with wayback() as server:
        newscrawl(folder, *arguments(server))
    assert rows(
        folder, "SELECT source, source_address FROM captures WHERE url LIKE '%/a-ship/%' AND status = 200"
    ) == [("wayback", "https://web.archive.org/web/20200103000000id_/https://paper.example/a-ship/2.html")]  # fmt: skip


def test_a_second_backfill_asks_the_index_alone(imported: Path, tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    with wayback() as server:
        newscrawl(folder, *arguments(server))
        before = len(server.requests)
        done = newscrawl(folder, *arguments(server, "--json"))
        assert [target.partition("?")[0] for target, _ in server.requests[before:]] == [
            "/cdx/search/cdx"
        ]
    assert json.loads(done.stdout)["articles"] == 0
    assert times(folder) == times(imported)


def test_what_was_imported_is_not_fetched(imported: Path, tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    pages = [replace(one, revisit=False) for one in GOOD]
    newscrawl(folder, "import", str(write(tmp_path, "x.warc.gz", pages)))
    with wayback() as server:
        assert newscrawl(folder, *arguments(server)).exit_code == 0
        assert server.asked("id_") == 3  # cut, blocked, elsewhere
    assert differences(imported, folder) == []


def test_a_dry_run_prints_the_plan_and_keeps_it(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    with wayback() as server:
        plan = newscrawl(folder, *arguments(server, "--dry-run", "--set", "DOWNLOAD_DELAY=0.02"))
        assert plan.stdout == (
            "paper from the Wayback Machine: 12 captures of articles, 5 of category pages and the"
            " home page to fetch\n"
            "  3 of them need no request: the digest is known\n"
            "  14 requests: at least 1 min with 0.02 s between requests\n"
        )
        assert server.asked("id_") == 0
        newscrawl(folder, *arguments(server))
        assert server.asked("/cdx/") == 1


def test_the_index_is_read_in_parts(
    imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newscrawl.history.wayback.LINES", 3)
    folder = archive(tmp_path / "data")
    with wayback() as server:
        assert newscrawl(folder, *arguments(server, "--max-requests", "3")).exit_code == 6
        assert newscrawl(folder, "verify").exit_code == 0
        assert newscrawl(folder, *arguments(server)).exit_code == 0
        asked = [target for target, _ in server.requests if "/cdx/" in target]
    assert len(asked) == len(set(asked)) > 5
    assert differences(imported, folder) == []


def test_a_limit_leaves_the_rest_for_later(imported: Path, tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    with wayback() as server:
        first = newscrawl(folder, *arguments(server, "--max-requests", "6"))
        assert (first.exit_code, len(server.requests)) == (6, 6)
        assert "captures left; the same command resumes here" in first.stdout
        assert newscrawl(folder, *arguments(server)).exit_code == 0
        assert server.asked("/cdx/") == 1
        assert server.twice == []
    assert differences(imported, folder) == []


@pytest.mark.parametrize("retry_after", ["1", ""])
def test_faults_make_no_difference(imported: Path, tmp_path: Path, retry_after: str) -> None:
    folder = archive(tmp_path / "data")
    with wayback(fault=every_tenth(SEED), retry_after=retry_after) as server:
        assert newscrawl(folder, *arguments(server)).exit_code == 0
        assert len(server.requests) > 18
        assert (server.twice, server.violations) == ([], 0)
    assert differences(imported, folder) == []
    assert times(folder) == times(imported)


def test_requests_keep_their_distance_and_pauses_are_kept(tmp_path: Path) -> None:
    def fault(target: str, number: int) -> str:
        return "429" if "/news/" in target and number == 1 else ""

    folder = archive(tmp_path / "data")
    with WebArchive(GOOD[:6], fault=fault) as server:
        done = newscrawl(folder, *arguments(server, "--set", "DOWNLOAD_DELAY=0.1"))
        assert done.exit_code == 0, done.stderr
        assert server.violations == 0
        assert server.shortest_gap() >= 0.1


def test_a_pause_outlives_the_run(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    with WebArchive(GOOD[:1], fault=lambda target, number: "429", retry_after="7200") as server:
        done = newscrawl(folder, *arguments(server))
        assert done.exit_code == 6
        assert "web.archive.org asks for a pause until " in done.stderr
        assert newscrawl(folder, *arguments(server)).exit_code == 6
        assert (len(server.requests), server.violations) == (1, 0)


def test_an_archive_without_answers_is_left_alone(tmp_path: Path) -> None:
    pages = [page(f"2020-01-01T00:00:{n:02}", f"/x/{n}.html", story(n)) for n in range(30)]
    folder = archive(tmp_path / "data")
    with WebArchive(pages, fault=lambda target, number: "503" if "id_" in target else "") as server:
        done = newscrawl(folder, *arguments(server, "--set", "RETRY_TIMES=0"))
        assert done.exit_code == 3
        assert "error: paper from the Wayback Machine: " in done.stderr
        assert server.asked("id_") == 10
        server.fault = lambda target, number: ""
        assert newscrawl(folder, *arguments(server)).exit_code == 0
    assert rows(folder, "SELECT count(*) FROM articles WHERE revision = 1") == [(30,)]


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("wayback", "/cdx/"),
        ("wayback", "/web/2020"),
        ("commoncrawl", "/collinfo.json"),
        ("commoncrawl", "one.warc.gz"),
        ("ccnews", "warc.paths.gz"),
        ("ccnews", "00001.warc.gz"),
    ],
)
def test_an_archive_that_shuts_its_door_is_left_alone(
    tmp_path: Path, source: str, part: str
) -> None:
    folder = archive(tmp_path / "data")
    with everywhere(fault=lambda target, number: "403" if part in target else "") as server:
        done = newscrawl(folder, *arguments(server, *SPAN, source=source))
        assert done.exit_code == 3
        assert "http_403" in done.stderr or "HTTP 403" in done.stderr
        assert server.asked(part) == 1
        server.fault = lambda target, number: ""
        assert newscrawl(folder, *arguments(server, *SPAN, source=source)).exit_code == 0
    assert revisions_of(folder) == 3


def revisions_of(folder: Path) -> int:
    """How many revisions article 1 has."""
    [(count,)] = rows(
        folder,
        "SELECT count(*) FROM revisions r JOIN articles a ON a.id = r.article_id WHERE a.key = '1'",
    )
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize(
    ("captures", "fetched"),
    [
        ("first", "20200101 20200105 20200110 20200112"),
        ("last", "20200104 20200106 20200110 20200112"),
        ("changed", "20200101 20200103 20200105 20200106 20200110 20200111 20200112"),
        ("all", "20200101 20200103 20200105 20200106 20200110 20200111 20200112"),
    ],
)
def test_captures_are_chosen(tmp_path: Path, captures: str, fetched: str) -> None:
    pages = [
        page("2020-01-01T00:00:00", "/x/1.html", FIRST),
        page("2020-01-02T00:00:00", "/x/1.html", FIRST),
        page("2020-01-03T00:00:00", "/y/1.html", SECOND),
        page("2020-01-04T00:00:00", "/y/1.html", FIRST),
        page("2020-01-05T00:00:00", "/x/2.html", story(2)),
        page("2020-01-06T00:00:00", "/x/2.html", story(2, "A ship")),
        page("2020-01-10T00:00:00", "/news/", front(1)),
        page("2020-01-11T00:00:00", "/news/", front(2)),
        page("2020-01-12T00:00:00", "/news/", front(3)),
    ]  # fmt: skip
    folder = archive(tmp_path / "data")
    with WebArchive(pages) as server:
        done = newscrawl(folder, *arguments(server, "--captures", captures))
        assert done.exit_code == 0, done.stderr
        days = sorted(place[:8] for place in server.given)
    if captures in ("first", "last"):
        fetched = fetched.replace("20200112", "20200111 20200112")
    assert days == fetched.split()
    stored = {"first": 2, "last": 2, "changed": 5, "all": 6}[captures]
    assert rows(folder, "SELECT count(*) FROM captures WHERE kind = 'article'") == [(stored,)]


def test_another_capture_stands_in_for_one_that_is_not_given(tmp_path: Path) -> None:
    pages = [page(f"2020-01-0{day}T00:00:00", "/x/1.html", story(1, f"{day}")) for day in (1, 2, 3)]
    folder = archive(tmp_path / "data")
    with WebArchive(pages, playback={"20200101000000": "blocked"}) as server:
        assert newscrawl(folder, *arguments(server, "--captures", "first")).exit_code == 0
    assert rows(folder, "SELECT fetched_at FROM revisions") == [("2020-01-02T00:00:00Z",)]


def test_days_categories_and_addresses_are_chosen(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    urls = tmp_path / "urls.txt"
    urls.write_text("# a ship\nhttps://paper.example/a-ship/2.html\n", "utf-8")
    with wayback() as server:
        newscrawl(folder, *arguments(server, "--since", "2020-02", "--until", "2020-02-01"))
        # A day is one of the newspaper's time zone.
        assert sorted(place[:14] for place in server.given) == [
            "20200201000000", "20200201000000", "20200201000001",
        ]  # fmt: skip
        newscrawl(folder, *arguments(server, "--urls", str(urls)))
        assert rows(folder, "SELECT count(*) FROM captures WHERE url LIKE '%/a-ship/%'") == [(2,)]
        assert server.asked("matchType=exact") == 1
    other = archive(tmp_path / "other")
    with wayback() as server:
        assert newscrawl(other, *arguments(server, "--category", "news")).exit_code == 0
    assert rows(other, "SELECT DISTINCT key FROM articles WHERE revision > 0 ORDER BY key") == [
        ("1",)
    ]
    assert rows(other, "SELECT count(*) FROM captures WHERE kind = 'listing'") == [(4,)]


# The same pages as other archives have them.
CRAWLED = [replace(one, revisit=False) for one in GOOD]
NEWS = {"2020/01": CRAWLED[:3], "2020/02": CRAWLED[3:11], "2020/03": CRAWLED[11:]}


def everywhere(**options: object) -> WebArchive:
    """A server with all pages in all three archives."""
    cut = replace(BAD[0], fields={"WARC-Truncated": "length"})
    return WebArchive([*GOOD, *BAD], [*CRAWLED, cut, *BAD[1:6]], NEWS, playback=PLAYBACK, **options)  # type: ignore[arg-type]


# Only the months that the server has, so that there are few requests.
SPAN = ("--since", "2020-01-02", "--until", "2020-03-31")


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("commoncrawl", "https://data.commoncrawl.org/crawl-data/CC-MAIN-2020-05/warc/one.warc.gz at "),
        ("ccnews", "https://data.commoncrawl.org/crawl-data/CC-NEWS/2020/01/CC-NEWS-20200101000000-00001.warc.gz at "),
    ],
)  # fmt: skip
def test_every_source_gives_the_same(
    imported: Path, tmp_path: Path, source: str, address: str
) -> None:
    folder = archive(tmp_path / "data")
    with everywhere(fault=every_tenth(SEED)) as server:
        done = newscrawl(folder, *arguments(server, *SPAN, source=source))
        assert done.exit_code == 0, done.stderr
        again = newscrawl(folder, *arguments(server, *SPAN, "--json", source=source))
        assert json.loads(again.stdout)["articles"] == 0
        assert (server.twice, server.violations) == ([], 0)
    assert differences(imported, folder) == []
    assert times(folder) == times(imported)
    [(name, record, place)] = rows(
        folder,
        "SELECT source, source_record, source_address FROM captures"
        " WHERE url LIKE '%/a-ship/%' AND status = 200",
    )
    assert (name, record) == (source, f"<urn:record:2020-01-03T00:00:00Z:{SITE}/a-ship/2.html>")
    assert str(place).startswith(address)
    assert newscrawl(folder, "verify").exit_code == 0


@pytest.mark.parametrize(
    "order", [("ccnews", "wayback", "commoncrawl"), ("commoncrawl", "wayback", "ccnews")]
)
def test_sources_can_be_mixed_in_any_order(
    imported: Path, tmp_path: Path, order: tuple[str, ...]
) -> None:
    folder = archive(tmp_path / "data")
    with everywhere() as server:
        for source in order:
            assert newscrawl(folder, *arguments(server, *SPAN, source=source)).exit_code == 0
        assert server.twice == []
    assert differences(imported, folder) == []
    assert times(folder) == times(imported)


def test_a_plan_of_files_shows_their_size(tmp_path: Path) -> None:
    with everywhere() as server:
        command = arguments(server, *SPAN, "--dry-run", source="ccnews")
        plan = newscrawl(archive(tmp_path / "data"), *command)
    assert plan.stdout == (
        "paper from CC-NEWS: 3 files, of about 3 GB together, to fetch\n"
        "  how long that takes depends on the connection\n"
    )


def test_a_download_resumes_where_it_was_cut(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")

    def fault(target: str, number: int) -> str:
        return "cut" if "CC-NEWS-202002" in target and number <= 2 else ""

    with everywhere(fault=fault) as server:
        command = arguments(server, *SPAN, source="ccnews")
        assert newscrawl(folder, *command).exit_code == 0
        given = [place for place in server.given if "CC-NEWS-202002" in place]
        assert len(given) == 1
        assert int(given[0].partition("bytes=")[2].removesuffix("-")) > 100
    assert not (folder / "backfill").exists()


def test_a_part_of_a_file_is_no_whole_one(imported: Path, tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    with everywhere() as server:
        day = ("--since", "2020-02-03", "--until", "2020-02-03")
        assert newscrawl(folder, *arguments(server, *day, source="ccnews")).exit_code == 0
        assert rows(folder, "SELECT key FROM articles WHERE revision > 0") == [("3",)]
        assert newscrawl(folder, *arguments(server, *day, source="ccnews")).exit_code == 0
        assert server.twice == []
        assert newscrawl(folder, *arguments(server, *SPAN, source="ccnews")).exit_code == 0
    assert differences(imported, folder) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--endpoint", "ftp://x"], "--endpoint ftp://x: expected http://HOST[:PORT]"),
        (["--set", "ROBOTSTXT_OBEY=False"], "a backfill has no such setting"),
        (["--urls", "{}"], "neither an article nor a category page of paper"),
        (["--category", "sport"], "paper has no category 'sport'"),
        (["--from", "ccnews", "--captures", "first"], "--captures with --from ccnews: "),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, given: list[str], message: str) -> None:
    urls = tmp_path / "urls.txt"
    urls.write_text("https://paper.example/about\n", "utf-8")
    words = [word.format(urls) for word in given]
    done = newscrawl(archive(tmp_path / "data"), "backfill", "paper", "--from", "wayback", *words)
    assert done.exit_code == 2
    assert message in done.stderr


def test_the_page_computes_its_costs_as_the_plan_does() -> None:
    page = (Path(__file__).parents[2] / "docs" / "history.md").read_text("utf-8")
    lines = re.findall(r"^ *\| ([\d,]+) \| ([\d,]+) \| (.*?) \|$", page, re.MULTILINE)
    assert len(lines) == 3
    for captures, requests, least in lines:
        plan = Plan(articles=int(captures.replace(",", "")))
        seconds = plan.seconds(1.0)
        assert seconds is not None
        assert (f"{plan.requests:,}", duration(seconds)) == (requests, least)


def run(folder: Path, server: WebArchive, **env: str) -> int:
    """The exit code of a backfill in a process of its own."""
    command = ["--archive", str(folder), *arguments(server)]
    return forked.run("tests.support.crashing", *command, env=env).returncode


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """How often a whole backfill reaches each moment."""
    folder = archive(tmp_path_factory.mktemp("moments") / "data")
    count = folder / "count"
    with wayback() as server:
        assert run(folder, server, NEWSCRAWL_TEST_COUNT=str(count)) == 0
    counts: dict[str, int] = json.loads(count.read_text("utf-8"))
    return counts


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_backfill_resumes_where_it_was(
    imported: Path, moments: dict[str, int], tmp_path: Path, number: int
) -> None:
    rng = random.Random(SEED + number)
    moment = MOMENTS[number % len(MOMENTS)]
    folder = archive(tmp_path / "data")
    with wayback() as server:
        for _ in range(rng.randint(1, 2)):  # also killed twice
            kill = f"{moment}:{rng.randint(1, moments[moment])}"
            assert run(folder, server, NEWSCRAWL_TEST_KILL=kill) in (-9, 0)
        assert run(folder, server) == 0
        # What is killed between an answer and its commit cannot know that there was one.
        assert moment == "before_commit" or server.twice == []
        assert len(server.twice) <= 2
    assert differences(imported, folder) == [], f"seed {SEED + number}"
    assert times(folder) == times(imported)
    assert newscrawl(folder, "verify").exit_code == 0


def test_a_signal_ends_a_backfill_in_order(imported: Path, tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    with wayback() as server:
        env = {"NEWSCRAWL_TEST_KILL": "after_commit:9", "NEWSCRAWL_TEST_SIGNAL": "TERM"}
        command = ["--archive", str(folder), *arguments(server)]
        done = forked.run("tests.support.crashing", *command, env=env)
        assert done.returncode == 6, done.stderr
        assert "stopping when the current request has finished" in done.stderr
        assert "left; the same command resumes here" in done.stdout
        assert run(folder, server) == 0
        assert server.twice == []
    assert differences(imported, folder) == []
