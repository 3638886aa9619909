"""Reads the records of foreign archives: WARC, ARC and WACZ files, whatever wrote them.

FastWARC reads WARC files of every compression and skips what is not wanted in C; warcio reads ARC
files, which FastWARC does not know. Both stop at the first damaged byte, so reading begins again
behind it.
"""

from __future__ import annotations

import gzip
import io
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from newscrawl.core.errors import UsageError
from newscrawl.core.extras import install_hint
from newscrawl.core.files import file_errors

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

STDIN = "-"
SCHEMES = ("https://", "http://")
WARC_NAMES = (".warc", ".warc.gz", ".warc.zst", ".warc.open", ".warc.gz.open")
NAMES = (*WARC_NAMES, ".arc", ".arc.gz", ".wacz")
LARGEST = 64 * 2**20  # bytes of a record: a news page is never larger
_ZIP = b"PK\x03\x04"
_ARC = b"filedesc:"
_WINDOW = 2**20
# How a record begins in a file of each compression. Reading resumes there after damage.
_GZIP = b"\x1f\x8b\x08"
_BEGINNINGS = (_GZIP, b"\x28\xb5\x2f\xfd", b"WARC/")


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a WARC, ARC or WACZ file."""

    url: str


COPY_AGAIN = "copy or download the file again"
NAME_ANOTHER = "name WARC, ARC or WACZ files, or a folder with them"


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch of a file that holds no whole record.

    `hint` says what to do where the whole file cannot be read; None: a part of it is damaged.
    """

    file: str
    offset: int
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRecord:
    """An HTTP response in a foreign archive. `block` is the HTTP message as it is stored.

    `revisit`: the block has no body, because it is that of an earlier record. `path` is the WARC
    file in which the record begins at `offset`; None if it is in another file or stream.
    """

    file: str
    offset: int
    url: str
    at: datetime
    block: bytes
    record_id: str | None = None
    revisit: bool = False
    truncated: bool = False
    refers_to_url: str | None = None
    refers_to_date: datetime | None = None
    payload_digest: str | None = None
    path: Path | None = None


Wanted = Callable[[str], bool]
Found = ForeignRecord | Broken
OnBytes = Callable[[int], None]
# A file, standard input, or the address of a file.
Input = Path | None | Address


def check_libraries() -> None:
    """UsageError if the libraries that read foreign archives are missing."""
    try:
        import fastwarc.warc  # noqa: F401
        import urllib3  # noqa: F401
        import warcio  # noqa: F401
    except ImportError as error:
        message = "import needs FastWARC, warcio and urllib3"
        raise UsageError(message, install_hint("history")) from error


def inputs(names: Sequence[str]) -> list[Input]:
    """The files to read, those of folders in order of their names; None stands for stdin.

    UsageError for what does not exist, and for a folder without archives.
    """
    paths: list[Input] = []
    for name in names:
        path = Path(name)
        if name == STDIN:
            paths.append(None)
        elif name.lower().startswith(SCHEMES):
            paths.append(Address(name))
        elif path.is_dir():
            with file_errors("list", path):
                found = sorted(each for each in path.rglob("*") if each.name.endswith(NAMES))
            if not found:
                raise UsageError(f"no archives in {path}", f"their names end in {', '.join(NAMES)}")
            paths += found
        elif path.exists():
            paths.append(path)
        else:
            raise UsageError(f"no file {path}", "check the path")
    return paths


def records(
    path: Path | None,
    stdin: BinaryIO,
    wanted: Wanted,
    on_bytes: OnBytes,
    address: Address | None = None,
) -> Iterator[Found]:
    """The HTTP responses of an archive whose address is wanted, and its broken stretches.

    `address` is where the file was downloaded from: then this is its name. `on_bytes` is called
    with the number of bytes of the file that were passed since the last call.
    """
    with ExitStack() as stack:
        file: BinaryIO
        if path is None:
            name = "stdin"
            file = stack.enter_context(tempfile.TemporaryFile())
            _copy(stdin, file)
        else:
            name = path.name if address is None else address.url
            with file_errors("read", path):
                file = stack.enter_context(path.open("rb"))
        head = file.read(len(_ARC))
        file.seek(0)
        if head.startswith(_ZIP):
            yield from _of_wacz(file, name, wanted, on_bytes)
        elif _is_arc(file):
            yield from _of_arc(file, name, wanted, on_bytes)
        else:
            for found in _of_warc(file, name, wanted, on_bytes):
                if isinstance(found, ForeignRecord) and address is None:
                    found = replace(found, path=path)
                yield found


def _copy(stream: IO[bytes], copy: IO[bytes]) -> None:
    """Copies a stream into a temporary file, because reading goes back after damage."""
    with file_errors("write", Path(tempfile.gettempdir())):
        shutil.copyfileobj(stream, copy, _WINDOW)
    copy.seek(0)


def _is_arc(file: BinaryIO) -> bool:
    """Whether the first bytes, decompressed if need be, are those of an ARC file."""
    head = file.read(2)
    file.seek(0)
    start = b""
    if head == b"\x1f\x8b":
        with suppress(OSError, EOFError, zlib.error):
            start = gzip.GzipFile(fileobj=file).read(len(_ARC))
    else:
        start = file.read(len(_ARC))
    file.seek(0)
    return start == _ARC


def _of_wacz(file: BinaryIO, name: str, wanted: Wanted, on_bytes: OnBytes) -> Iterator[Found]:
    try:
        with zipfile.ZipFile(file) as package:
            for member in package.infolist():
                if not member.filename.endswith(WARC_NAMES):
                    continue
                with package.open(member) as part, tempfile.TemporaryFile() as copy:
                    _copy(part, copy)
                    inside = f"{name}/{member.filename}"
                    yield from _of_warc(copy, inside, wanted, on_bytes)
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        yield Broken(name, 0, f"not a readable WACZ file: {error}", COPY_AGAIN)


def _of_warc(file: BinaryIO, name: str, wanted: Wanted, on_bytes: OnBytes) -> Iterator[Found]:
    """Every record; after damage, reading begins again at the next beginning of a record."""
    beginning = _beginning(file)
    if beginning is None:
        yield Broken(name, 0, "neither a WARC, an ARC nor a WACZ file", NAME_ANOTHER)
        return
    size = file.seek(0, io.SEEK_END)
    walk = _Walk(file, name, wanted)
    start = passed = 0
    while start < size:
        is_damage_known = walk.is_damaged
        try:
            for found in walk.records(start):
                on_bytes(max(0, walk.last - passed))
                passed = max(passed, walk.last)
                yield found
            break
        except (OSError, ValueError) as error:
            if walk.is_damaged and not is_damage_known:
                yield Broken(name, walk.last, f"damage behind the record that begins here: {error}")
            start = _next_beginning(file, max(start, walk.last) + 1, beginning)
    on_bytes(size - passed)


def records_of_warc(file: BinaryIO, name: str) -> Iterator[Found]:
    """The HTTP responses of an open WARC file, and its broken stretches."""
    return _of_warc(file, name, lambda url: True, lambda number: None)


class _Walk:
    """Reads records from an offset on, and remembers where the last one began."""

    def __init__(self, file: BinaryIO, name: str, wanted: Wanted) -> None:
        self._file, self._name, self._wanted = file, name, wanted
        self._start = 0
        self.last = 0
        self.is_damaged = False

    def records(self, start: int) -> Iterator[Found]:
        from fastwarc.warc import ArchiveIterator, WarcRecordType

        self._start = start
        self._file.seek(start)
        self.is_damaged = True  # until a record has been found
        for record in ArchiveIterator(
            self._file,
            record_types=WarcRecordType.response | WarcRecordType.revisit,
            parse_http=False,
            quirks_mode=True,
            func_filter=self._passes,
        ):
            found = _of_record(record, self._name, self.last)
            if found is not None:
                yield found
        self.is_damaged = False

    def _passes(self, record: WarcRecord) -> bool:
        self.last = self._start + record.stream_pos
        self.is_damaged = False
        return self._wanted(_target(record))


def _of_record(record: WarcRecord, name: str, offset: int) -> Found | None:
    """A record as FastWARC reads it; None for a message that is not HTTP."""
    from fastwarc.warc import WarcRecordType

    headers = record.headers
    if not (headers.get("Content-Type") or "").startswith("application/http"):
        return None
    if record.content_length > LARGEST:
        return Broken(name, offset, f"a record of {record.content_length:,} bytes is too large")
    block = record.reader.read()
    if len(block) < record.content_length:
        return Broken(name, offset, "the file ends in the middle of this record")
    at = record.record_date
    if at is None:
        return Broken(name, offset, f"not a date: {headers.get('WARC-Date', '')[:40]!r}")
    is_revisit = record.record_type == WarcRecordType.revisit
    return ForeignRecord(
        file=name,
        offset=offset,
        url=_target(record),
        at=_to_second(at),
        block=block,
        record_id=record.record_id,
        revisit=is_revisit,
        # A revisit is cut by its nature: it says so, too.
        truncated="WARC-Truncated" in headers and not is_revisit,
        refers_to_url=_plain(headers.get("WARC-Refers-To-Target-URI")),
        refers_to_date=_date(headers.get("WARC-Refers-To-Date")),
        payload_digest=headers.get("WARC-Payload-Digest"),
    )


def _target(record: WarcRecord) -> str:
    return _plain(record.headers.get("WARC-Target-URI")) or ""


def _plain(url: str | None) -> str | None:
    """An address without the angle brackets of wget 1.19 and 1.20."""
    if url is not None and url.startswith("<") and url.endswith(">"):
        return url[1:-1]
    return url


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _to_second(at)


def _to_second(at: datetime) -> datetime:
    """The time in UTC, to the second, as all times of an archive are."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)


def _beginning(file: BinaryIO) -> bytes | None:
    """How records begin in this file; None if it does not begin as a WARC file."""
    file.seek(0)
    head = file.read(8)
    for beginning in _BEGINNINGS:
        if head.startswith(beginning):
            return beginning
    return None


def _next_beginning(file: BinaryIO, start: int, beginning: bytes) -> int:
    """The offset of the next beginning of a record; the end of the file if there is none."""
    position = start
    while True:
        file.seek(position)
        window = file.read(_WINDOW)
        place = window.find(beginning)
        while place >= 0:
            if beginning != _GZIP or _is_member(window[place : place + 512]):
                return position + place
            place = window.find(beginning, place + 1)
        if len(window) < _WINDOW:
            return position + len(window)
        position += len(window) - 512  # a beginning may lie across two windows


def _is_member(data: bytes) -> bool:
    """Whether this is the beginning of a gzip member that contains a WARC record."""
    with suppress(zlib.error):
        return zlib.decompressobj(wbits=31).decompress(data, 5) == b"WARC/"
    return False


def _of_arc(file: BinaryIO, name: str, wanted: Wanted, on_bytes: OnBytes) -> Iterator[Found]:
    """The records of an ARC file. What follows damage in it is not read."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    passed = 0
    offset = 0
    try:
        reader = ArchiveIterator(file, no_record_parse=True)
        for record in reader:
            url = record.rec_headers.get_header("uri") or ""
            is_page = record.rec_type == "response" and wanted(url)
            block = _arc_block(record) if is_page else b""
            offset = reader.get_record_offset()  # reads the rest of the record
            on_bytes(max(0, offset - passed))
            passed = max(passed, offset)
            if is_page:
                yield _of_arc_record(record, block, url, name, offset)
    except (ArchiveLoadFailed, OSError, EOFError, ValueError, zlib.error) as error:
        yield Broken(name, offset, f"damage behind the record that begins here: {error}")
    on_bytes(file.seek(0, io.SEEK_END) - passed)


def _arc_block(record: Any) -> bytes | None:
    """The bytes of a record; None if it is too large, or not whole."""
    claimed = record.rec_headers.get_header("length") or ""
    if not claimed.isdecimal() or int(claimed) > LARGEST:
        return None
    missing = int(claimed)
    parts: list[bytes] = []
    while missing > 0:  # one call may give fewer bytes, also before the end
        part = record.raw_stream.read(missing)
        if not part:
            return None
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _of_arc_record(record: Any, block: bytes | None, url: str, name: str, offset: int) -> Found:
    if block is None:
        claimed = record.rec_headers.get_header("length")
        return Broken(name, offset, f"this record does not have the {claimed} bytes that it claims")
    date = record.rec_headers.get_header("archive-date") or ""
    try:
        at = datetime.strptime(date[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return Broken(name, offset, f"not a date: {date[:40]!r}")
    return ForeignRecord(file=name, offset=offset, url=url, at=at, block=block)
