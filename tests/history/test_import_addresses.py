"""`import https://...`: files at addresses, resumed after resets and kills, and never mixed with other files."""

from __future__ import annotations

import gzip
import json
import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from newscrawl.history.addresses import Downloader, NotDownloaded
from newscrawl.history.foreign import Address
from tests.history.test_import import OLD, revisions, rows, run
from tests.support.archive_builder import newscrawl
from tests.support.crawling import start
from tests.support.foreign_archives import Stored, archive

NOISE = Stored(
    url="https://elsewhere.example/",
    at="2020-01-01T00:00:00Z",
    body=random.Random(1).randbytes(700_000),
)
DATA = b"".join(gzip.compress(one.warc) for one in (*OLD[:2], NOISE, *OLD[2:]))


class Library:
    """A server of one file. A test sets what goes wrong; `asked` has the path and Range of every request."""

    def __init__(self) -> None:
        self.data, self.etag = DATA, '"1"'
        self.asked: list[tuple[str, str | None]] = []
        self.resets: list[int] = []  # after so many bytes, for each of the next requests
        self.refusals: list[int] = []  # the status of each of the next requests
        self.knows_range = True
        self.stall: threading.Event | None = None  # the middle of the file waits for it
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.library = self  # type: ignore[attr-defined]
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/old%20news.warc.gz"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class Handler(BaseHTTPRequestHandler):
    """Answers for the library of its server."""

    @property
    def library(self) -> Library:
        library: Library = self.server.library  # type: ignore[attr-defined]
        return library

    def do_HEAD(self) -> None:
        self.head(200, len(self.library.data))

    def do_GET(self) -> None:
        library = self.library
        library.asked.append((self.path, self.headers.get("Range")))
        if library.refusals:
            self.head(library.refusals.pop(0), 0, {"Retry-After": "0"})
        elif self.path.startswith("/moved"):
            self.head(302, 0, {"Location": self.path.removeprefix("/moved")})
        else:
            self.send_file(self.start())

    def start(self) -> int:
        """Where the answer begins."""
        asked = self.headers.get("Range")
        is_same = self.headers.get("If-Range", self.library.etag) == self.library.etag
        if asked is None or not self.library.knows_range or not is_same:
            return 0
        return int(asked.removeprefix("bytes=").removesuffix("-"))

    def send_file(self, start: int) -> None:
        library = self.library
        whole = len(library.data)
        extra = {"ETag": library.etag}
        if start:
            extra["Content-Range"] = f"bytes {start}-{whole - 1}/{whole}"
        self.head(206 if start else 200, whole - start, extra)
        end = start + library.resets.pop(0) if library.resets else whole
        middle = whole // 2
        if library.stall is not None and start < middle:
            self.wfile.write(library.data[start:middle])
            library.stall.wait(30)
            start = middle
        with suppress(OSError):  # the other side was killed
            self.wfile.write(library.data[start:end])
        self.close_connection = True

    def head(self, status: int, length: int, extra: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **(extra or {})}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Says nothing."""


@pytest.fixture
def library() -> Iterator[Library]:
    running = Library()
    yield running
    running.close()


def fetched(library: Library, folder: Path, url: str | None = None) -> bytes:
    """What a downloader makes of the library's file."""
    downloader = Downloader(folder, "test", pause_factor=0)
    return downloader.fetch(Address(url or library.url), lambda number: None).read_bytes()


def test_pages_of_an_address_are_imported_and_the_file_is_deleted(
    library: Library, tmp_path: Path
) -> None:
    folder = archive(tmp_path / "data")
    done = run(folder, library.url)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "imported 2 article pages, 1 category page " in done.stdout
    assert revisions(folder) == [("2020-01-02T04:00:00Z", "A bridge opens")]
    addresses = rows(folder, "SELECT source_address FROM captures ORDER BY fetched_at")
    assert addresses[0] == (f"{library.url} at 0",)
    assert not (folder / "downloads").exists()
    assert len(library.asked) == 1


def test_a_dry_run_leaves_nothing(library: Library, tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    done = run(folder, "--dry-run", library.url)
    assert "would import 2 article pages, 1 category page " in done.stdout
    assert [path.name for path in folder.iterdir()] == ["sites"]


def test_a_reset_download_goes_on_where_it_stopped(library: Library, tmp_path: Path) -> None:
    library.resets = [300_000, 100_000, 0, 200_000]
    assert fetched(library, tmp_path) == DATA
    starts = [asked for _, asked in library.asked]
    assert starts[:3] == [None, "bytes=300000-", "bytes=400000-"]


def test_refusals_are_waited_for(library: Library, tmp_path: Path) -> None:
    library.refusals = [503, 429, 503]
    assert fetched(library, tmp_path) == DATA


@pytest.mark.parametrize("change", ["etag", "no_range"])
def test_parts_of_two_files_are_never_joined(library: Library, tmp_path: Path, change: str) -> None:
    library.resets = [300_000] + [0] * 6
    with pytest.raises(NotDownloaded):
        fetched(library, tmp_path)
    if change == "etag":
        library.data, library.etag = DATA[::-1], '"2"'
    else:
        library.knows_range = False
    assert fetched(library, tmp_path) == library.data


def test_redirects_are_followed(library: Library, tmp_path: Path) -> None:
    url = library.url.replace("/old", "/moved/moved/old")
    assert fetched(library, tmp_path, url) == DATA


def test_an_address_without_a_file_is_one_line(library: Library, tmp_path: Path) -> None:
    library.refusals = [404]
    folder = archive(tmp_path / "data")
    done = run(folder, library.url)
    assert done.exit_code == 3
    assert done.stderr == (
        f"error: {library.url}: HTTP 404\nhint: check the address, and run the command again\n"
    )


def test_address_cannot_be_linked(library: Library, tmp_path: Path) -> None:
    done = newscrawl(archive(tmp_path / "data"), "import", "--link", library.url)
    assert done.exit_code == 2
    assert "is deleted after the import" in done.stderr


def test_a_killed_import_does_not_ask_again_for_what_it_has(
    library: Library, tmp_path: Path
) -> None:
    folder = archive(tmp_path / "data")
    library.stall = threading.Event()
    running = start("import", library.url, archive=folder)
    waiting = threading.Event()
    while not any(path.stat().st_size > 200_000 for path in folder.glob("downloads/*.warc.gz")):
        waiting.wait(0.02)
    running.kill()
    running.communicate(30)
    library.stall.set()
    library.stall = None
    (part,) = folder.glob("downloads/*.warc.gz")
    kept = part.stat().st_size
    done = json.loads(run(folder, "--json", library.url).stdout)
    assert (done["articles"], done["listings"]) == (2, 1)
    assert library.asked[-1][1] == f"bytes={kept}-"
