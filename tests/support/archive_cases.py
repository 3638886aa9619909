"""Exchanges, writers and failing disks for the archive's tests: ids and clock are fixed, so that bytes repeat."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import FileIO
from itertools import count
from pathlib import Path

from newscrawl.core.records import Capture, Exchange
from newscrawl.warc import WarcWriter

START = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)

PAGE = Exchange(
    url="https://news.example/a-1.htm",
    asked_url="https://news.example/a-1.htm?from=home",
    method="GET",
    request_headers=((b"User-Agent", b"newscrawl"), (b"Accept-Encoding", b"gzip, deflate")),
    status=200,
    reason="OK",
    response_headers=(
        (b"Content-Type", b"text/html; charset=UTF-8"),
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
        (b"ETag", b'"v1"'),
        (b"Last-Modified", b"Mon, 23 Nov 2026 10:00:00 GMT"),
    ),
    body=b"<h1>Tin</h1>",
    fetched_at=datetime(2026, 11, 24, 8, 30, 5, tzinfo=UTC),
    kind="article",
)
LISTING = replace(
    PAGE,
    url="https://news.example/thoi-su/page-2.htm",
    asked_url="https://news.example/thoi-su/page-2.htm",
    kind="listing",
    category="33",
    page=2,
    ip="192.0.2.7",
)
UNCHANGED = replace(
    PAGE, status=304, reason="Not Modified", body=b"", response_headers=((b"ETag", b'"v1"'),)
)

HOSTILE = replace(
    PAGE,
    url="https://news.example/a b\r\nWARC-Type: warcinfo\r\n\r\nđ\ud800\0",
    asked_url="https://news.example/\r\n\r\nWARC/1.1",
    reason="OK\r\nX: y",
    response_headers=((b"X\r\nForged", b"1\r\n\r\nWARC/1.1\r\n\0"), (b"A:B", b"c")),
    body=b"\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n",
)


def article(number: int, body: bytes = b"<p>text</p>") -> Exchange:
    """The nth article of the made-up site."""
    url = f"https://news.example/a-{number}.htm"
    return replace(
        PAGE, url=url, asked_url=url, body=body, fetched_at=START + timedelta(seconds=number)
    )


def numbered_ids() -> Callable[[], str]:
    """Record ids that count up from one."""
    numbers = count(1)
    return lambda: f"urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}"


def writer(
    folder: Path,
    *,
    site: str = "news",
    max_bytes: int = 1_000_000_000,
    opener: Callable[[Path], FileIO] = lambda path: FileIO(path, "xb"),
) -> WarcWriter:
    """A writer of crawl 7 whose bytes are the same in every run."""
    return WarcWriter(
        folder,
        site=site,
        base_url="https://news.example",
        version="0.1.0",
        crawl_id=7,
        max_bytes=max_bytes,
        clock=lambda: START,
        new_id=numbered_ids(),
        opener=opener,
    )


def write_pages(folder: Path, *exchanges: Exchange) -> tuple[Path, list[Capture]]:
    """One closed file with these pages."""
    with writer(folder) as warc:
        captures = [warc.write(exchange) for exchange in exchanges]
    (path,) = folder.glob("*.warc.gz")
    return path, captures


def pointer(capture: Capture) -> tuple[str, int, int]:
    """File, offset and length of a capture that has them."""
    assert capture.warc_file is not None
    assert capture.warc_offset is not None
    assert capture.warc_length is not None
    return capture.warc_file, capture.warc_offset, capture.warc_length


class Disk:
    """A disk with `room` bytes left; `broken` names the calls that fail beside: 'truncate', 'fsync'."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.broken: set[str] = set()

    def create(self, path: Path) -> FileIO:
        """A new file on this disk."""
        return _FileOnDisk(path, self)


class _FileOnDisk(FileIO):
    """Writes what there is room for, as the kernel does, and fails once there is none."""

    def __init__(self, path: Path, disk: Disk) -> None:
        super().__init__(path, "xb")
        self.disk = disk

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        if not self.disk.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = super().write(data[: self.disk.room])
        self.disk.room -= written
        return written

    def truncate(self, size: int | None = None, /) -> int:
        if "truncate" in self.disk.broken:
            raise OSError(errno.EIO, "Input/output error")
        return super().truncate(size)

    def fileno(self) -> int:
        if "fsync" in self.disk.broken:
            raise OSError(errno.EIO, "Input/output error")
        return super().fileno()
