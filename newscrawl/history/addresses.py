"""Archives at addresses: downloaded into the archive's folder, and resumed after an interruption.

What is there already is not requested again, also after a kill. The server's ETag, or the date of
the file, says whether it is still the same file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from urllib.parse import unquote, urljoin, urlsplit

import urllib3

from newscrawl.core.files import file_errors
from newscrawl.core.refusals import is_numeric
from newscrawl.history.connections import Connections, lower_names, not_connected
from newscrawl.history.foreign import SCHEMES, Address, OnBytes
from newscrawl.history.politeness import retry_after

TRIES_WITHOUT_PROGRESS = 6
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 300.0
REPEATED = frozenset({408, 425, 429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
FOLDER = "downloads"
_CHUNK = 2**17
_TIMEOUT_SECONDS = 60.0


class NotDownloaded(Exception):
    """An address that gives no file. The message says why, and `kept` how many bytes there are."""

    def __init__(self, url: str, message: str, kept: int = 0) -> None:
        super().__init__(message)
        self.url = url
        self.message = message
        self.kept = kept


class _Pause(Exception):
    """Why a request is repeated, and after how many seconds; None: the server does not say."""

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.seconds = seconds


class Downloader:
    """Downloads one file after the other. `pause_factor`: of pauses that no server asks for."""

    def __init__(self, archive: Path, user_agent: str, pause_factor: float = 1.0) -> None:
        self._folder = archive / FOLDER
        self._connections = Connections(user_agent, _TIMEOUT_SECONDS)
        self._pause_factor = pause_factor

    def fetch(self, address: Address, on_bytes: OnBytes) -> Path:
        """The file of an address, which is complete. NotDownloaded if there is none.

        `on_bytes` is called with the number of bytes that were received since the last call.
        """
        path = self._path(address)
        with file_errors("write", path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        on_bytes(path.stat().st_size)
        faults = 0
        while True:
            before = path.stat().st_size
            try:
                self._append(address, path, on_bytes)
                return path
            except _Pause as pause:
                size = path.stat().st_size
                faults = 0 if size > before else faults + 1
                if faults >= TRIES_WITHOUT_PROGRESS:
                    raise NotDownloaded(address.url, pause.message, size) from pause
                _wait(pause, faults, self._pause_factor)

    def size(self, address: Address) -> int | None:
        """The size of the file, as the server announces it; None if it does not."""
        try:
            response = self._open(address, {}, method="HEAD")
        except (_Pause, NotDownloaded):
            return None
        response.close()
        length = response.headers.get("Content-Length", "")
        return int(length) if response.status == 200 and length.isdecimal() else None

    def has(self, address: Address) -> bool:
        """Whether the whole file of an address is there."""
        path = self._path(address)
        size = _read_notes(path).get("size")
        return path.exists() and size is not None and path.stat().st_size == size

    def forget(self, address: Address) -> None:
        """Deletes the file of an address, whose pages are stored."""
        path = self._path(address)
        path.unlink(missing_ok=True)
        _notes_of(path).unlink(missing_ok=True)
        if not any(self._folder.iterdir()):
            self._folder.rmdir()

    def _path(self, address: Address) -> Path:
        """Its name begins with a part of a hash, because many files have the same name."""
        digest = hashlib.sha256(address.url.encode()).hexdigest()[:16]
        name = unquote(urlsplit(address.url).path).rpartition("/")[2]
        safe = "".join(
            sign for sign in name if sign.isascii() and (sign.isalnum() or sign in "._-")
        )
        return self._folder / f"{digest}-{safe[-100:]}"

    def _append(self, address: Address, path: Path, on_bytes: OnBytes) -> None:
        """Appends what one request gives. Raises _Pause where it ends too early."""
        notes = _read_notes(path)
        start = path.stat().st_size
        if not notes:
            start = 0
        elif start == notes.get("size"):
            return
        headers: dict[str, str] = {}
        if start:
            headers["Range"] = f"bytes={start}-"
            if notes.get("version"):
                headers["If-Range"] = str(notes["version"])
        response = self._open(address, headers)
        try:
            size = self._begin(address, response, path, start)
            with file_errors("write", path), path.open("ab") as file:
                for part in response.stream(_CHUNK, decode_content=False):
                    file.write(part)
                    on_bytes(len(part))
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _Pause(f"the connection ended early: {error}") from error
        finally:
            response.close()
        received = path.stat().st_size
        if size is None:
            _write_notes(path, {**_read_notes(path), "size": received})
        elif received < size:
            raise _Pause(f"{received:,} of {size:,} bytes")

    def _begin(
        self, address: Address, response: urllib3.BaseHTTPResponse, path: Path, start: int
    ) -> int | None:
        """Cuts the file where the response begins; the size of the whole file, if it is known."""
        status = response.status
        if status == 416:  # the file has become shorter
            _keep(path, 0)
            raise _Pause("the file has changed")
        if status in REPEATED:
            pause = retry_after(lower_names(response.headers), datetime.now(UTC))
            raise _Pause(f"HTTP {status}", pause)
        if status not in (200, 206):
            raise NotDownloaded(address.url, f"HTTP {status}", start)
        begins = 0
        size = response.headers.get("Content-Length", "")
        if status == 206:
            place, _, size = response.headers.get("Content-Range", "").partition("/")
            first = place.removeprefix("bytes ").partition("-")[0]
            begins = int(first) if first.isdecimal() else -1
            if begins != start:
                _keep(path, 0)
                raise _Pause("the server sent another part of the file")
        _keep(path, begins)
        whole = int(size) if size.isdecimal() else None  # None: the server does not tell
        version = response.headers.get("ETag") or response.headers.get("Last-Modified")
        if version is not None and version.startswith("W/"):
            version = response.headers.get("Last-Modified")
        _write_notes(path, {"address": address.url, "size": whole, "version": version})
        return whole

    def _open(
        self, address: Address, headers: Mapping[str, str], method: str = "GET"
    ) -> urllib3.BaseHTTPResponse:
        """The response of the address, or of those that it redirects to."""
        url = address.url
        for _ in range(MOST_REDIRECTS + 1):
            try:
                response = self._connections.request(url, headers, method)
            except urllib3.exceptions.LocationValueError as error:
                raise NotDownloaded(address.url, f"not an address: {error}") from error
            except urllib3.exceptions.NewConnectionError as error:
                raise _Pause(not_connected(error, url)) from error
            except urllib3.exceptions.HTTPError as error:
                raise _Pause(f"no connection: {error}") from error
            target = response.headers.get("Location")
            if response.status not in REDIRECTS or target is None:
                return response
            response.close()
            url = _redirected(address.url, urljoin(url, target))
        raise NotDownloaded(address.url, f"more than {MOST_REDIRECTS} redirects")


def _redirected(given: str, url: str) -> str:
    """An address that a server leads to. NotDownloaded for one that only a user may name."""
    if not url.startswith(SCHEMES):
        raise NotDownloaded(given, f"it leads to {url[:200]}, which is not http or https")
    if is_numeric(url) and not is_numeric(given):
        raise NotDownloaded(given, f"it leads to {url[:200]}, which is not on the public internet")
    return url


def _wait(pause: _Pause, faults: int, factor: float) -> None:
    if pause.seconds is not None:
        seconds = pause.seconds
    else:
        seconds = PAUSE_SECONDS * 2 ** max(0, faults - 1) * factor
    Event().wait(min(seconds, LONGEST_PAUSE_SECONDS))


def _keep(path: Path, size: int) -> None:
    """Cuts the file to this size."""
    with file_errors("write", path), path.open("r+b") as file:
        file.truncate(size)


def _notes_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _read_notes(path: Path) -> dict[str, object]:
    """The size and version of the file whose beginning is there; empty if they are not known."""
    try:
        notes = json.loads(_notes_of(path).read_text())
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def _write_notes(path: Path, notes: Mapping[str, object]) -> None:
    target = _notes_of(path)
    with file_errors("write", target):
        part = target.with_name(f"{target.name}.part")
        part.write_text(json.dumps(notes))
        part.replace(target)
