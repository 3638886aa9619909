"""Replay: first, unchanged and changed captures of three crawls show the page that the site sent, byte for byte.

pywb has an environment of its own: tests/support/replay_tools.py.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from newscrawl.core.folder import ArchiveFolder
from newscrawl.warc import pages, warc_files
from tests.support.crawling import printed, query
from tests.support.normalised import differences
from tests.support.replay_tools import replay_tool
from tests.support.three_crawls import Shown, demo_crawls, living_crawls

NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


@pytest.fixture(scope="module", params=[NOT_MODIFIED, IDENTICAL], ids=["304", "same_payload"])
def crawled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, list[Shown]]:
    """The profile of most revisits in an archive, the archive, and what its captures showed."""
    folder = tmp_path_factory.mktemp("archive")
    if request.param == NOT_MODIFIED:
        return request.param, folder, demo_crawls(folder, max_pages=1, limit=8)
    return request.param, folder, living_crawls(folder, validators=False)


def test_every_record_shows_what_was_sent(crawled: tuple[str, Path, list[Shown]]) -> None:
    """Our own reader: a 304 has no payload, and a repeated page has that of its first record."""
    _, folder, shown = crawled
    expected = Counter(
        (page.url, page.at, b"" if page.status == 304 else page.body) for page in shown
    )
    records = [record for path in warc_files(folder / "warc") for record in pages(path)]
    found = Counter(
        (record.url, record.fetched_at, record.body)
        for record in records
        if record.status in (200, 304)
    )
    assert found == expected
    printed(folder, "verify")  # finds nothing wrong


def test_every_reader_follows_the_references(
    crawled: tuple[str, Path, list[Shown]], tmp_path: Path
) -> None:
    """A rebuild, reading again, and the page that is shown."""
    _, folder, shown = crawled
    again = tmp_path / "again"
    if (folder / "sites").exists():
        shutil.copytree(folder / "sites", again / "sites")
    printed(again, "rebuild", "--from-warc", str(folder / "warc"))
    assert differences(folder, again) == []
    assert " 0 differ, 0 released" in printed(folder, "reextract", "--dry-run")
    sql = "SELECT key, url FROM articles WHERE revision > 0 ORDER BY key LIMIT 3"
    last = {page.url: page.body for page in shown}
    for key, url in query(folder, sql):
        assert printed(folder, "show", key, "--html").encode() == last[url]


def test_warcio_finds_the_page_of_every_revisit(crawled: tuple[str, Path, list[Shown]]) -> None:
    profile, folder, shown = crawled
    pages_by_place: dict[tuple[str, str], bytes] = {}
    revisits = []
    for path in warc_files(ArchiveFolder(folder).warc):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                headers = record.rec_headers
                place = headers["WARC-Target-URI"], headers["WARC-Date"]
                if record.rec_type == "response":
                    pages_by_place[place] = record.content_stream().read()
                elif record.rec_type == "revisit":
                    referred = headers["WARC-Refers-To-Target-URI"], headers["WARC-Refers-To-Date"]
                    revisits.append((headers["WARC-Profile"], place, referred))
    for _, place, referred in revisits:
        assert referred[1] < place[1]
        pages_by_place[place] = pages_by_place[referred]
    assert Counter(used for used, _, _ in revisits).most_common(1)[0][0] == profile
    for page in shown:
        assert pages_by_place[page.url, _date(page.at)] == page.body


@pytest.mark.parametrize("index", ["its_own", "exported"])
def test_pywb_replays_every_capture(
    crawled: tuple[str, Path, list[Shown]], tmp_path: Path, index: str
) -> None:
    folder, shown = crawled[1:]
    with pywb(tmp_path, folder, exported=index == "exported") as address:
        for page in shown:
            with urllib.request.urlopen(f"{address}/{page.timestamp}id_/{page.url}") as answer:
                assert answer.headers["Memento-Datetime"] == page.at.strftime(
                    "%a, %d %b %Y %H:%M:%S GMT"
                )
                assert answer.read() == page.body


@contextmanager
def pywb(folder: Path, archive: Path, *, exported: bool) -> Iterator[str]:
    """The address of a collection of pywb with the WARC files of an archive.

    Their index is pywb's, or the one that newscrawl exports.
    """
    manager = replay_tool("wb-manager")
    server = replay_tool("wayback")
    files = [str(path) for path in warc_files(ArchiveFolder(archive).warc)]
    subprocess.run([manager, "init", "news"], cwd=folder, check=True, capture_output=True)
    subprocess.run([manager, "add", "news", *files], cwd=folder, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if exported:
        printed(
            archive, "export", "cdxj", "-o", str(folder / "collections/news/indexes/index.cdxj")
        )
    arguments = [server, "--bind", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(arguments, cwd=folder, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/news"
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(address: str) -> None:
    end = time.monotonic() + 60
    waiting = threading.Event()  # never set: a pause between two attempts
    while True:
        try:
            urllib.request.urlopen(address).close()
            return
        except urllib.error.URLError:
            assert time.monotonic() < end, "pywb does not answer"
            waiting.wait(0.1)


def _date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
