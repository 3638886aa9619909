"""The whole corpus of attacks in one crawl beside 20 good articles: what is stored, refused, asked for, and used up."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import TimeoutExpired
from time import monotonic

import pytest
from warcio.archiveiterator import ArchiveIterator

from newscrawl.core.refusals import hostile_link
from tests.support.attack_pages import COOKIE, DOCUMENTS, GOOD, baits, numbered, traps, trick_links
from tests.support.attack_site import SITE, AttackServer, attacking, write_site
from tests.support.crawling import QUICK, newscrawl, query, start
from tests.support.forked import Running

MOST_MEMORY_KB = 400 * 1024
MOST_SECONDS = 180  # 20 on a quiet machine; a single trap that is not left would take far longer
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Crawled:
    """A crawl that is over: what it left, and what it used."""

    server: AttackServer
    archive: Path
    code: int
    seconds: float
    memory_kb: int
    listening: frozenset[str]
    connected: frozenset[str]

    def recorded(self) -> dict[str, set[str]]:
        """Path -> the reasons recorded for it."""
        found: dict[str, set[str]] = {}
        for url, code in query(self.archive, "SELECT url, code FROM problems"):
            found.setdefault(url.removeprefix(self.server.base_url), set()).add(code)
        return found


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    archive = tmp_path_factory.mktemp("attacked")
    write_site(archive)
    with attacking() as server:
        began = monotonic()
        process = start_crawl(server, archive)
        listening, connected, memory = watched(process)
        process.communicate()
        code, seconds = process.wait(), monotonic() - began
        yield Crawled(server, archive, code, seconds, memory, listening, connected)


def start_crawl(server: AttackServer, archive: Path) -> Running:
    """Crawls the whole paper, in a process of its own."""
    return start(
        "crawl", "attacked", "--base-url", server.base_url, "--discover", "category,feed,sitemap", *QUICK,
        "--set", "DOWNLOAD_TIMEOUT=15", "--set", "RETRY_TIMES=0", "--quiet", archive=archive,
    )  # fmt: skip


def watched(process: Running) -> tuple[frozenset[str], frozenset[str], int]:
    """The sockets that a process ever listened on or connected to, and the most memory it used, in kB."""
    listening: set[str] = set()
    connected: set[str] = set()
    memory = 0
    while process.poll() is None:
        with suppress(OSError, IndexError):  # it has just ended
            for state, local, remote in sockets_of(process.pid):
                (listening if state == "0A" else connected).add(local if state == "0A" else remote)
            status = Path(f"/proc/{process.pid}/status").read_text()
            memory = max(memory, int(status.partition("VmHWM:")[2].split()[0]))
        with suppress(TimeoutExpired):
            process.wait(0.02)
    return frozenset(listening), frozenset(connected), memory


def sockets_of(pid: int) -> Iterator[tuple[str, str, str]]:
    """(state, local address, remote address) of a process's TCP sockets, as /proc/net/tcp writes them."""
    own = set()
    for name in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            own.add(str(name.readlink()))
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in own:
                yield fields[3], fields[1], fields[2]


def test_every_good_article_is_stored(crawled: Crawled) -> None:
    stored = query(
        crawled.archive, "SELECT title, state FROM articles WHERE url LIKE '%/tin-%' ORDER BY id"
    )
    assert stored == [(f"Tin tốt số {n}", "stored") for n in GOOD]
    assert crawled.code == 3, "most of what was asked for gave nothing"


def test_every_trap_is_recorded_with_its_reason(crawled: Crawled) -> None:
    paths, recorded = numbered(crawled.server.places), crawled.recorded()
    expected = {paths[name]: {code} for name, (code, _) in traps(crawled.server.places).items()}
    expected |= {path: {code} for path, code in DOCUMENTS.items()}
    assert {path: recorded.get(path) for path in expected} == expected


def test_every_bait_is_stored_and_harmless(crawled: Crawled) -> None:
    rows = query(crawled.archive, "SELECT url, state, title, word_count FROM articles")
    found = {url.removeprefix(crawled.server.base_url): row for url, *row in rows}
    paths = numbered(crawled.server.places)
    for name in baits(crawled.server.places):
        state, title, words = found[paths[name]]
        assert (name, state, words > 20) == (name, "stored", True)
        assert not UNSAFE.search(title)
    assert found[paths["sql"]][1] == "Robert'); DROP TABLE articles;-- tin"
    assert query(
        crawled.archive, "SELECT key FROM articles WHERE length(key) > 19 AND state = 'stored'"
    )


def test_every_trick_link_is_told_where_it_stands(crawled: Crawled) -> None:
    told = query(crawled.archive, "SELECT url, code, raw FROM problems WHERE field = 'links'")
    refused = [
        found
        for link in trick_links(crawled.server.places)
        if (found := hostile_link(link)) is not None
    ]
    assert len(refused) == len(trick_links(crawled.server.places))
    for path in (
        "/muc/bay",
        "/sitemap-tricks.xml",
        "/rss/tricks.rss",
        numbered(crawled.server.places)["tricks"],
    ):
        here = {(code, raw) for url, code, raw in told if url == crawled.server.base_url + path}
        missing = {(found.code, found.address) for found in refused} - here
        # feedparser writes file:///x as file://x
        assert {raw for _, raw in missing} <= {"file:///etc/hostname"}, path
    assert not query(
        crawled.archive, "SELECT url FROM problems WHERE url || message || raw LIKE '%secret%'"
    )


def test_nothing_is_connected_to_but_the_site(crawled: Crawled) -> None:
    port = crawled.server.places.port
    assert crawled.server.visited_canaries() == []
    assert crawled.server.hosts == {f"127.0.0.1:{port}"}
    assert crawled.connected == {f"0100007F:{port:04X}"}


def test_no_socket_listens_during_a_crawl(crawled: Crawled) -> None:
    assert crawled.connected, "the sockets were never seen: this test would not notice a listener"
    assert crawled.listening == frozenset()


def test_memory_and_time_are_bounded(crawled: Crawled) -> None:
    assert 0 < crawled.memory_kb < MOST_MEMORY_KB
    assert crawled.seconds < MOST_SECONDS


def test_endless_pages_and_sitemaps_end(crawled: Crawled) -> None:
    asked = crawled.server.asked
    assert sum(asked[path] for path in asked if path.startswith("/muc/lich")) == 4, (
        "the site file's max_pages"
    )
    assert sum(asked[path] for path in asked if path.startswith("/sitemap-chain")) == 3
    assert max(asked.values()) <= 6, "a redirect loop: five hops"


def test_cookies_are_not_sent_back(crawled: Crawled) -> None:
    assert crawled.server.told == set()
    assert not any(COOKIE.encode() in request for request in warc_requests(crawled.archive))


def warc_requests(archive: Path) -> list[bytes]:
    """What was sent, by warcio; also counts that a server's header could not add a record."""
    found = []
    for file in sorted((archive / "warc").iterdir()):
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "request":
                    found.append(str(record.http_headers).encode())
    return found


def test_every_capture_is_a_record_and_no_name_comes_from_a_page(crawled: Crawled) -> None:
    assert newscrawl("verify", archive=crawled.archive).returncode == 0
    ((captures,),) = query(
        crawled.archive, "SELECT count(*) FROM captures WHERE warc_file IS NOT NULL"
    )
    assert len(warc_requests(crawled.archive)) >= captures
    names = {path.name for path in crawled.archive.rglob("*") if path.is_file()}
    assert all(
        re.fullmatch(r"newscrawl\.db(-shm|-wal)?|crawl\.log|lock|attacked[\w.-]+", name)
        for name in names
    ), names


def test_rebuild_from_the_same_pages_gives_the_same_articles(
    crawled: Crawled, tmp_path: Path
) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "attacked.toml").write_text(SITE, "utf-8")
    done = newscrawl("rebuild", "--from-warc", str(crawled.archive / "warc"), archive=tmp_path)
    assert done.returncode == 0, done.stderr
    titles = "SELECT key, title, body_hash FROM articles WHERE state = 'stored' ORDER BY key"
    assert query(tmp_path, titles) == query(crawled.archive, titles)


@pytest.mark.parametrize(
    "command",
    [
        "search tin",
        "search đỏ",
        "show {escapes}",
        "problems --limit 1000",
        "status",
        "links {tricks}",
        "front attacked",
    ],
)
def test_terminal_is_shown_no_control_characters(crawled: Crawled, command: str) -> None:
    paths = numbered(crawled.server.places)
    args = [
        word.format(**{name: crawled.server.base_url + path for name, path in paths.items()})
        for word in command.split()
    ]
    done = newscrawl(*args, archive=crawled.archive)
    assert done.returncode == 0, done.stderr
    assert not UNSAFE.search(done.stdout + done.stderr)
    assert done.stdout


def test_csv_is_exact_and_excel_is_safe(crawled: Crawled) -> None:
    exact = newscrawl("export", "articles", "--format", "csv", archive=crawled.archive)
    safe = newscrawl("export", "articles", "--format", "csv", "--excel", archive=crawled.archive)
    title = '=HYPERLINK("http://evil.example") tin'
    assert title in [row["title"] for row in csv.DictReader(io.StringIO(exact.stdout))]
    cells = [cell for row in csv.reader(io.StringIO(safe.stdout.lstrip("\ufeff"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]
    assert "'" + title in cells


def test_user_names_given_to_crawl_are_refused_and_not_shown(tmp_path: Path) -> None:
    for args in (
        ("crawl", "http://u:secret@paper.example/a"),
        ("crawl", "demo", "--base-url", "http://u:secret@h/"),
    ):
        done = newscrawl(*args, archive=tmp_path)
        assert done.returncode == 2
        assert "secret" not in done.stderr
