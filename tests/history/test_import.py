"""Imports: the past in any order, twice, between crawls, killed; and what must not be stored."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest
from click.testing import Result

from newscrawl.archive.rebuild import rebuild
from newscrawl.core.records import Article, Capture, Exchange, Listing, Page
from newscrawl.core.times import to_utc_text
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.session import Session
from newscrawl.extract.read import read
from newscrawl.sites.generic import site_named
from newscrawl.store.schema.imported_pages import IMPORTED_PAGES
from newscrawl.store.write.store import Store
from tests.support import forked
from tests.support.archive_builder import newscrawl
from tests.support.foreign_archives import (
    FORMATS,
    HTML,
    Stored,
    archive,
    front,
    story,
    write,
)
from tests.support.normalised import differences

ONE = "https://paper.example/a-bridge/1.html"
TWO = "https://paper.example/a-ship/2.html"

FIRST, SECOND = story(1, related=[2, 3]), story(1, "A bridge is closed", "It is closed.", [2])
GZIPPED = gzip.compress(FIRST)
# What three archives have of the newspaper. Each of them has a part of the history of article 1.
OLD = (
    Stored(url="http://paper.example:80/a-bridge/1.html", at="2020-01-02T04:00:00Z", body=FIRST),
    Stored(url="https://paper.example/", at="2020-01-02T05:00:00Z", body=front(1, 2)),
    Stored(url=TWO, at="2020-01-03T00:00:00Z", body=story(2, "A ship")),
)
MIDDLE = (
    Stored(url="https://www.paper.example/x/1.html?utm_source=a", at="2020-02-01T00:00:00Z", body=SECOND),
    Stored(url="https://paper.example/news/", at="2020-02-01T00:00:00Z", body=front(4, 1, word="Then")),
    Stored(url="https://paper.example/news/page-2/", at="2020-02-01T00:00:00Z", body=front(5)),
    Stored(url=TWO, at="2020-02-02T00:00:00Z", status="404 Not Found", body=b"no"),
    # Bad answers of other articles, from which nothing may come.
    Stored(url="https://paper.example/x/7.html", at="2020-02-02T00:00:00Z", body=front(1, 2)),
    Stored(
        url="https://paper.example/x/8.html", at="2020-02-02T00:00:00Z", body=story(8),
        fields={"WARC-Truncated": "length"},
    ),
    Stored(url="https://paper.example/x/9.html", at="2020-02-02T00:00:00Z", status="302 Found"),
    Stored(url="https://paper.example/logo.png", at="2020-02-02T00:00:00Z", body=b"png"),
    Stored(url="https://elsewhere.example/1.html", at="2020-02-02T00:00:00Z", body=FIRST),
)  # fmt: skip
NEW = (
    Stored(
        url="https://paper.example/a-bridge/1.html", at="2020-03-01T00:00:00Z", revisit=True,
        fields={
            "WARC-Refers-To-Target-URI": "http://paper.example:80/a-bridge/1.html",
            "WARC-Refers-To-Date": "2020-01-02T04:00:00Z",
            "WARC-Truncated": "length",
        },
    ),
    Stored(url="https://paper.example/news/", at="2020-03-01T00:00:00Z", body=front(6, 4)),
)  # fmt: skip


def run(folder: Path, *arguments: str | Path) -> Result:
    """`newscrawl import`."""
    return newscrawl(folder, "import", *map(str, arguments))


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    """The answer of the archive's database."""
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db:
        return db.execute(sql).fetchall()


def revisions(folder: Path, key: int = 1) -> list[tuple[object, ...]]:
    """Time and title of each revision of an article."""
    return rows(
        folder,
        "SELECT r.fetched_at, r.title FROM revisions r JOIN articles a ON a.id = r.article_id"
        f" WHERE a.key = '{key}' ORDER BY r.revision",
    )


def times(folder: Path) -> list[tuple[object, ...]]:
    """When things were seen, which `normalised` leaves out."""
    return sorted(
        rows(folder, "SELECT key, first_seen_at, last_seen_at, fetched_at, gone_at FROM articles")
        + rows(folder, "SELECT position, seen_at, title FROM listings")
        + rows(folder, "SELECT revision, fetched_at, title FROM revisions")
        + rows(folder, "SELECT position, anchor, first_seen_at, last_seen_at FROM links"),
        key=repr,
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The three archives as files."""
    folder = tmp_path_factory.mktemp("files")
    parts = {"old": OLD, "middle": MIDDLE, "new": NEW}
    return [write(folder, f"{name}.warc.gz", records) for name, records in parts.items()]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, files: list[Path]) -> Path:
    """An archive into which all three were imported at once."""
    folder = archive(tmp_path_factory.mktemp("imported") / "data")
    assert run(folder, *files).exit_code == 0
    return folder


def test_the_past_has_the_times_of_its_captures(imported: Path) -> None:
    assert revisions(imported) == [
        ("2020-01-02T04:00:00Z", "A bridge opens"),
        ("2020-02-01T00:00:00Z", "A bridge is closed"),
        ("2020-03-01T00:00:00Z", "A bridge opens"),
    ]
    assert rows(imported, "SELECT state, gone_at FROM articles WHERE key = '2'") == [
        ("gone", "2020-02-02T00:00:00Z")
    ]
    assert rows(
        imported,
        "SELECT c.key, l.page, l.seen_at, group_concat(a.key, ' ') FROM listings l"
        " JOIN categories c ON c.id = l.category_id JOIN articles a ON a.id = l.article_id"
        " GROUP BY l.seen_at, c.key, l.page ORDER BY l.seen_at, l.page",
    ) == [
        ("home", 1, "2020-01-02T05:00:00Z", "1 2"),
        ("news", 1, "2020-02-01T00:00:00Z", "4 1"),
        ("news", 2, "2020-02-01T00:00:00Z", "5"),
        ("news", 1, "2020-03-01T00:00:00Z", "6 4"),
    ]
    assert rows(
        imported,
        "SELECT l.first_seen_at, l.last_seen_at FROM links l JOIN articles a ON a.id = l.target_id"
        " WHERE a.key = '3'",
    ) == [("2020-01-02T04:00:00Z", "2020-03-01T00:00:00Z")]


def test_nothing_comes_from_bad_captures(imported: Path) -> None:
    assert rows(imported, "SELECT key FROM articles WHERE revision > 0 ORDER BY key") == [
        ("1",), ("2",),
    ]  # fmt: skip
    assert rows(imported, "SELECT 1 FROM articles WHERE key IN ('7', '8', '9')") == []
    assert rows(imported, "SELECT refused FROM captures WHERE url LIKE '%/7.html'") == [
        ("no_template",)
    ]


def test_a_page_of_an_old_design_is_read_once_a_template_fits(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    old_design = FIRST.replace(b'class="story"', b'class="tale"')
    pages = [Stored(url=ONE, at="2019-01-01T00:00:00Z", body=old_design), OLD[0]]
    run(folder, write(tmp_path, "x.warc.gz", pages))
    assert rows(folder, "SELECT code, seen_at FROM problems") == [
        ("no_template", "2019-01-01T00:00:00Z")
    ]
    site_file = folder / "sites" / "paper.toml"
    text = site_file.read_text("utf-8")
    site_file.write_text(text.replace('"article.story"', '"article"'), "utf-8")
    assert " 1 released" in newscrawl(folder, "reextract").stdout
    assert rows(folder, "SELECT code FROM problems") == []
    assert revisions(folder) == [("2019-01-01T00:00:00Z", "A bridge opens")]
    assert " 0 released" in newscrawl(folder, "reextract").stdout


def test_captures_say_where_they_come_from(imported: Path) -> None:
    [(source, record, address)] = rows(
        imported, f"SELECT source, source_record, source_address FROM captures WHERE url = '{TWO}' AND status = 200"
    )  # fmt: skip
    assert source == "file"
    assert record == f"<urn:record:2020-01-03T00:00:00Z:{TWO}>"
    assert str(address).startswith("old.warc.gz at ")


def test_an_import_queues_nothing(imported: Path) -> None:
    assert rows(imported, "SELECT * FROM frontier") == []


@pytest.mark.parametrize("order", list(permutations(range(3)))[1:])
def test_the_order_makes_no_difference(
    imported: Path, files: list[Path], tmp_path: Path, order: Sequence[int]
) -> None:
    folder = archive(tmp_path / "data")
    for number in order:
        assert run(folder, files[number]).exit_code == 0
    assert differences(imported, folder) == []
    assert times(folder) == times(imported)


def test_importing_twice_makes_no_difference(
    imported: Path, files: list[Path], tmp_path: Path
) -> None:
    folder = archive(tmp_path / "data")
    run(folder, *files)
    size = sum(path.stat().st_size for path in (folder / "warc").iterdir())
    again = json.loads(run(folder, "--json", *files).stdout)
    assert (again["articles"], again["listings"], again["missing"]) == (0, 0, 0)
    assert differences(imported, folder) == []
    assert sum(path.stat().st_size for path in (folder / "warc").iterdir()) == size


def test_a_rebuild_makes_the_same(imported: Path, tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    rebuild(folder, imported / "warc", jobs=1)
    assert differences(imported, folder) == []
    assert times(folder) == times(imported)
    assert newscrawl(folder, "verify").exit_code == 0


def test_reading_again_changes_nothing(imported: Path) -> None:
    done = newscrawl(imported, "reextract", "--dry-run")
    assert " 0 differ, 0 released" in done.stdout


def test_a_revisit_waits_for_its_page(files: list[Path], tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    done = run(folder, files[2])
    assert "1 revisit " in done.stderr
    assert revisions(folder) == []
    run(folder, files[0])
    assert [at for at, _ in revisions(folder)] == ["2020-01-02T04:00:00Z"]
    assert rows(folder, "SELECT fetched_at FROM articles WHERE key = '1'") == [
        ("2020-03-01T00:00:00Z",)
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_pages(tmp_path: Path, name: str) -> None:
    folder = archive(tmp_path / "data")
    done = run(folder, write(tmp_path, name, OLD))
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "imported 2 article pages, 1 category page and 0 missing pages from 1 file;"
        " 0 known, 0 refused, 0 skipped\n"
    )
    assert revisions(folder) == [("2020-01-02T04:00:00Z", "A bridge opens")]


def test_standard_input_and_folders(imported: Path, files: list[Path], tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    done = newscrawl(folder, "import", "-", stdin=files[0].read_bytes())
    assert done.exit_code == 0, done.stderr
    assert run(folder, files[0].parent).exit_code == 0
    assert differences(imported, folder) == []


CHUNKED = (HTML, (b"Transfer-Encoding", b"chunked"))
ENCODED = (HTML, (b"Content-Encoding", b"gzip"))


def chunks(body: bytes) -> bytes:
    """A body in two chunks."""
    half = len(body) // 2
    parts = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]))
    return parts + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("headers", "body", "whole"),
    [
        ((HTML,), FIRST, True),
        (CHUNKED, chunks(FIRST), True),
        (CHUNKED, FIRST, True),  # the archive has removed the chunks, and kept the header
        ((*CHUNKED, *ENCODED), chunks(GZIPPED), True),
        (ENCODED, GZIPPED, True),
        ((*ENCODED, (b"Content-Length", b"%d" % len(GZIPPED))), FIRST, True),  # decompressed
        (((b"Content-Length", b"%d" % len(FIRST)),), FIRST, True),
        (((b"Content-Length", b"%d" % len(FIRST)),), FIRST[:-30], False),
        (((b"Content-Length", b"%d" % len(FIRST)),), FIRST[:-2], True),  # only of `</html>`
        (((b"Content-Length", b"%d" % len(FIRST)),), FIRST[:-3], False),
        (CHUNKED, chunks(FIRST)[:-30], False),
        (CHUNKED, chunks(FIRST)[:-5], False),
        (ENCODED, GZIPPED[:-30], False),
    ],
)
def test_bodies_are_decoded_and_cut_ones_are_not_used(
    tmp_path: Path, headers: Sequence[tuple[bytes, bytes]], body: bytes, whole: bool
) -> None:
    folder = archive(tmp_path / "data")
    record = Stored(url=ONE, at="2020-01-02T04:00:00Z", body=body, headers=headers)
    done = json.loads(run(folder, "--json", write(tmp_path, "x.warc.gz", [record])).stdout)
    assert done["articles"] == int(whole)
    assert done["skipped"] == ({} if whole else {"cut": 1})
    if whole:
        assert revisions(folder) == [("2020-01-02T04:00:00Z", "A bridge opens")]
        assert newscrawl(folder, "verify").exit_code == 0


def damaged(name: str) -> bytes:
    """Four records, with garbage after the second one and a cut in the last one."""
    records = []
    for n in (1, 2, 3, 4):
        url = f"https://paper.example/x/{n}.html"
        records.append(Stored(url=url, at=f"2020-01-0{n}T00:00:00Z", body=story(n)))
    parts = [gzip.compress(one.warc) if name.endswith("gz") else one.warc for one in records]
    parts.insert(2, b"\x1f\x8b\x08broken\r\n" * 40)
    return b"".join(parts)[:-40]


@pytest.mark.parametrize("name", ["x.warc.gz", "x.warc"])
def test_broken_records_are_reported_and_passed_over(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(damaged(name))
    folder = archive(tmp_path / "data")
    done = run(folder, path)
    assert done.exit_code == 3
    assert f"broken: {name} at " in done.stderr
    assert rows(folder, "SELECT key FROM articles ORDER BY key") == [("1",), ("2",), ("3",)]


def test_a_dry_run_writes_nothing(files: list[Path], tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    done = run(folder, "--dry-run", *files)
    assert done.stdout == (
        "would import 4 article pages, 4 category pages and 1 missing page from 3 files;"
        " 0 known, 1 refused (no_template 1),"
        " 4 skipped (cut 1, http_302 1, other_page 1, other_site 1)\n"
    )
    assert [path.name for path in folder.iterdir()] == ["sites"]


def test_pages_of_other_sites_are_read_on_request(tmp_path: Path) -> None:
    page = (
        "<html><head><title>A harbour grows</title><meta property='og:type' content='article'>"
        "<meta property='article:published_time' content='2020-01-02T03:04:05+00:00'></head><body>"
        "<article><h1>A harbour grows</h1>" + "<p>The council agreed on Tuesday to extend it.</p>" * 12
        + "</article></body></html>"
    ).encode()  # fmt: skip
    record = Stored(
        url="https://elsewhere.example/2020/harbour", at="2020-01-03T00:00:00Z", body=page
    )
    home = Stored(url="https://elsewhere.example/", at="2020-01-03T00:00:00Z", body=page)
    path = write(tmp_path, "x.warc.gz", [record, home])
    folder = archive(tmp_path / "data")
    assert json.loads(run(folder, "--json", path).stdout)["skipped"] == {"other_site": 2}
    assert json.loads(run(folder, "--json", "--generic", path).stdout)["articles"] == 1
    assert rows(folder, "SELECT site, title FROM articles") == [
        ("elsewhere.example", "A harbour grows")
    ]


def test_missing_files_are_named(tmp_path: Path) -> None:
    done = run(archive(tmp_path / "data"), tmp_path / "none.warc.gz")
    assert done.exit_code == 2
    assert "none.warc.gz" in done.stderr


def test_a_killed_import_can_be_run_again(
    imported: Path, files: list[Path], tmp_path: Path
) -> None:
    for moment in ("after_warc:3", "mid_import:1", "mid_links:2", "before_commit:1"):
        folder = archive(tmp_path / moment.replace(":", "-"))
        env = {"NEWSCRAWL_TEST_KILL": moment}
        arguments = ("--archive", str(folder), "import", *map(str, files))
        killed = forked.run("tests.support.crashing", *arguments, env=env)
        assert killed.returncode == -9, moment
        assert run(folder, *files).exit_code == 0
        assert differences(imported, folder) == []
        assert times(folder) == times(imported)


# Crawls between imports.


def crawl(folder: Path, at: datetime, body: bytes | None, *, keep: bool = True) -> None:
    """Stores what a crawl gets for article 1 at a time; None: it is not modified."""
    site = site_named("paper", folder)
    options = CrawlOptions(discover=(), warc=keep)
    with Store(folder) as store:
        session = Session(site, store, options, clock=lambda: at)
        task = session.begin_url(ONE)
        status = 304 if body is None else 200
        exchange = Exchange(
            url=ONE, asked_url=ONE, method="GET", request_headers=(), status=status, reason="",
            response_headers=(HTML, (b"ETag", b"x")), body=body or b"", fetched_at=at, kind="article",
        )  # fmt: skip
        capture = session.captures.write(exchange)
        if body is None:
            session.save_not_modified(task, capture)
        else:
            article = read(site, Page(ONE, body, "utf-8", at), "article", ONE)
            assert isinstance(article, Article)
            session.save_article(task, article, capture, "test")
        session.finish("finished")


FIELDS = (
    "SELECT title, summary, published_at, category_id, word_count FROM articles WHERE key = '1'"
)


def day(number: int) -> datetime:
    """A day of January 2021."""
    return datetime(2021, 1, number, tzinfo=UTC)


def saw(number: int, body: bytes) -> Stored:
    """What another archive saw of article 1 on a day of January 2021."""
    return Stored(url=ONE, at=to_utc_text(day(number)), body=body)


def test_an_older_version_becomes_an_earlier_revision(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    crawl(folder, day(10), SECOND)
    run(folder, write(tmp_path, "x.warc.gz", [saw(1, FIRST)]))
    assert revisions(folder) == [
        ("2021-01-01T00:00:00Z", "A bridge opens"),
        ("2021-01-10T00:00:00Z", "A bridge is closed"),
    ]
    assert rows(folder, "SELECT first_seen_at, fetched_at, revision FROM articles WHERE key = '1'") == [
        ("2021-01-01T00:00:00Z", "2021-01-10T00:00:00Z", 2)
    ]  # fmt: skip
    crawl(folder, day(20), FIRST)
    assert [at for at, _ in revisions(folder)][-1] == "2021-01-20T00:00:00Z"


def test_what_a_crawl_saw_again_is_a_revision_after_another_version(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    crawl(folder, day(1), FIRST)
    crawl(folder, day(20), None)  # as on the first day
    crawl(folder, day(25), FIRST)
    run(folder, write(tmp_path, "x.warc.gz", [saw(10, SECOND), saw(22, SECOND)]))
    assert revisions(folder) == [
        ("2021-01-01T00:00:00Z", "A bridge opens"),
        ("2021-01-10T00:00:00Z", "A bridge is closed"),
        ("2021-01-20T00:00:00Z", "A bridge opens"),
        ("2021-01-22T00:00:00Z", "A bridge is closed"),
        ("2021-01-25T00:00:00Z", "A bridge opens"),
    ]
    done = newscrawl(folder, "reextract", "--dry-run")
    assert " 0 differ" in done.stdout


def test_what_was_crawled_without_raw_pages_is_kept(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    crawl(folder, day(10), FIRST, keep=False)
    crawl(folder, day(12), FIRST, keep=False)
    before = rows(folder, FIELDS)
    links = rows(folder, "SELECT target_id FROM links")
    run(folder, write(tmp_path, "x.warc.gz", [saw(1, SECOND), saw(11, SECOND)]))
    assert [title for _, title in revisions(folder)] == [
        "A bridge is closed", "A bridge opens", "A bridge is closed", "A bridge opens",
    ]  # fmt: skip
    assert rows(folder, FIELDS) == before
    assert set(links) <= set(rows(folder, "SELECT target_id FROM links"))


def test_a_crawl_does_not_take_an_import_for_its_own_past(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    url = "https://paper.example/news/"
    run(folder, write(tmp_path, "x.warc.gz", [Stored(url=url, at="2021-01-01T00:00:00Z", body=front(1, 2))]))  # fmt: skip
    page = front(1, 2).replace(b"</body>", b'<a href="/news/page-2/">2</a></body>')
    site = site_named("paper", folder)
    with Store(folder) as store:
        session = Session(site, store, CrawlOptions(), clock=lambda: day(10))
        task = session.next_task()
        assert task is not None
        listing = read(site, Page(url, page, "utf-8", day(10)), "listing", url)
        assert isinstance(listing, Listing)
        capture = Capture(url=url, kind="listing", status=200, fetched_at=day(10))
        saved = store.listings.save(listing, capture, task, session.crawl_id)
        session.finish("finished")
    assert saved.end is None
    assert "2026" not in newscrawl(folder, "status").stdout
    assert newscrawl(folder, "front", "paper", "--on", "2021-01-01").exit_code == 0


def test_captures_of_older_versions_get_their_article(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    crawl(folder, day(1), FIRST)
    crawl(folder, day(2), None)
    crawl(folder, day(3), SECOND)
    crawl(folder, day(4), SECOND)  # makes no revision
    ask = "SELECT id, article_id FROM captures ORDER BY id"
    known = rows(folder, ask)
    assert [article_id for _, article_id in known] == [1, 1, 1, 1]
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db, db:
        db.execute("UPDATE captures SET article_id = NULL")
        for statement in IMPORTED_PAGES:
            if statement.startswith("UPDATE"):
                db.execute(statement)
    assert rows(folder, ask) == known
