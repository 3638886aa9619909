"""A small web archive on 127.0.0.1: what the Wayback Machine, Common Crawl and CC-NEWS answer.

It counts requests, gives faults and pauses as told, and remembers what it gave.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from email.utils import format_datetime
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from threading import Thread
from time import monotonic
from typing import Self
from urllib.parse import parse_qs, unquote_plus, urlsplit

from newscrawl.core.times import from_utc_text
from newscrawl.warc.records import digest
from tests.support.foreign_archives import Stored

FAULTS = ("429", "503", "reset", "cut")
CRAWL, CRAWL_FILE = "CC-MAIN-2020-05", "crawl-data/CC-MAIN-2020-05/warc/one.warc.gz"
NEWS = "crawl-data/CC-NEWS"
_REPLAY = re.compile(r"/web/(\d{14})id_/(.+)")


def digits(stored: Stored) -> str:
    """The fourteen digits of a record's time."""
    return "".join(sign for sign in stored.at if sign.isdigit())


def surt(url: str) -> str:
    """The key of an address: without scheme, port and `www.`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{','.join(reversed(host.split('.')))}){parts.path}{query}".lower()


class WebArchive:
    """A server, used as a context manager. `captures` are in the Wayback Machine, `crawl` in Common
    Crawl, `news` in CC-NEWS by month (`2020/01`).

    `fault` gives the fault of a request, "" for none. `playback` gives other answers for captures
    that the index lists: `blocked`, or a time (14 digits) to redirect to.
    """

    def __init__(
        self,
        captures: Sequence[Stored] = (),
        crawl: Sequence[Stored] = (),
        news: Mapping[str, Sequence[Stored]] | None = None,
        *,
        fault: Callable[[str, int], str] = lambda target, number: "",
        playback: Mapping[str, str] | None = None,
        retry_after: str = "1",
    ) -> None:
        self.captures = sorted(captures, key=lambda one: (surt(one.url), one.at))
        self.crawl = crawl
        self.news = news or {}
        self.fault, self.playback, self.retry_after = fault, playback or {}, retry_after
        self.requests: list[tuple[str, float]] = []
        self.given: Counter[str] = Counter()  # captures and files that were given whole
        self.violations = 0
        self._tries: Counter[str] = Counter()
        self._pause_until = 0.0
        handler = type("Handler", (_Handler,), {"archive": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def twice(self) -> list[str]:
        """What was given whole more than once."""
        return [place for place, number in self.given.items() if number > 1]

    def asked(self, part: str) -> int:
        """How many requests had this in their address."""
        return sum(part in target for target, _ in self.requests)

    def shortest_gap(self) -> float:
        """The shortest time between two requests, in seconds."""
        times = [at for _, at in self.requests]
        gaps = [after - before for before, after in pairwise(times)]
        return min(gaps)

    def arrive(self, target: str) -> str:
        """Counts a request; its fault."""
        now = monotonic()
        self.requests.append((target, now))
        self.violations += now < self._pause_until
        self._tries[target] += 1
        fault = self.fault(target, self._tries[target])
        if fault == "429" and self.retry_after.isdigit():
            self._pause_until = max(self._pause_until, now + int(self.retry_after))
        return fault

    def answer(self, target: str, headers: Mapping[str, str]) -> Reply:
        path, _, query = target.partition("?")
        parameters = parse_qs(query)
        if path == "/cdx/search/cdx":
            return self._search(parameters)
        if match := _REPLAY.fullmatch(target):
            return self._replay(match[1], match[2])
        if path == "/collinfo.json":
            return Reply(200, json.dumps([{"id": CRAWL}, {"id": "CC-MAIN-2013-20"}]).encode())
        if path == f"/{CRAWL}-index":
            return self._crawl_index(parameters)
        return self._file(path.removeprefix("/"), headers.get("range", ""))

    def _search(self, parameters: Mapping[str, list[str]]) -> Reply:
        asked = parameters["url"][0]
        whole_host = parameters["matchType"] == ["host"]
        key = surt(f"http://{asked}/") if whole_host else surt(asked)
        start = unquote_plus(parameters.get("resumeKey", [""])[0])
        first, last = parameters.get("from", [""])[0], parameters.get("to", ["9"])[0]
        limit = int(parameters["limit"][0])
        rows: list[list[str]] = []
        for one in self.captures:
            row = _line(one)
            is_inside = row[0].startswith(key) if whole_host else row[0] == key
            if not is_inside or not first <= row[1] <= last or f"{row[0]} {row[1]}" < start:
                continue
            values = {"statuscode": row[3], "mimetype": one.mime}
            if all(_passes(text, values) for text in parameters.get("filter", ())):
                rows.append(row)
        table: list[list[str]] = rows[:limit]
        if len(table) == limit:
            # The server raises the last digit of the time, and skips what has the same second.
            after = table[-1][1][:-1] + chr(ord(table[-1][1][-1]) + 1)
            table = [*table, [], [f"{table[-1][0]}+{after}".replace(")", "%29")]]
        if table:
            table = [parameters["fl"][0].split(","), *table]
        return Reply(200, json.dumps(table).encode())

    def _replay(self, timestamp: str, url: str) -> Reply:
        other = self.playback.get(timestamp)
        if other == "blocked":
            error = "RobotAccessControlException: Blocked By Robots"
            return Reply(403, b"blocked", {"x-archive-wayback-runtime-error": error})
        if other is not None:
            return Reply(302, b"", {"location": f"{self.url}/web/{other}id_/{url}"})
        found = [one for one in self.captures if digits(one) == timestamp and one.url == url]
        if not found:
            return Reply(404, b"not archived")
        one = found[0]
        headers = {
            f"x-archive-orig-{name.decode().lower()}": value.decode() for name, value in one.headers
        }
        headers["memento-datetime"] = format_datetime(_time(one), usegmt=True)
        status = int(one.status.split()[0])
        return Reply(status, one.body, headers, place=f"{timestamp}/{url}")

    def _crawl_index(self, parameters: Mapping[str, list[str]]) -> Reply:
        if parameters.get("showNumPages") == ["true"]:
            return Reply(200, json.dumps({"pages": (len(self.crawl) + 1) // 2}).encode())
        page = int(parameters["page"][0])
        rows = []
        offset = 0
        for one in self.crawl:
            length = len(gzip.compress(one.warc))
            row = {
                "urlkey": surt(one.url), "timestamp": digits(one), "url": one.url,
                "status": one.status.split()[0], "digest": digest(one.body).removeprefix("sha1:"),
                "filename": CRAWL_FILE, "offset": str(offset), "length": str(length),
            }  # fmt: skip
            rows.append(row | ({"truncated": "length"} if "WARC-Truncated" in one.fields else {}))
            offset += length
        chosen = rows[2 * page : 2 * page + 2]  # two lines are a page
        return Reply(200, "".join(json.dumps(row) + "\n" for row in chosen).encode())

    def _file(self, path: str, asked: str) -> Reply:
        data = self._data(path)
        if data is None:
            return Reply(404, b"NoSuchKey")
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", asked)
        place = path if "warc.paths" not in path else ""
        if match is None:
            return Reply(200, data, place=place)
        start, end = int(match[1]), int(match[2] or len(data) - 1)
        part = data[start : end + 1]
        content_range = f"bytes {start}-{start + len(part) - 1}/{len(data)}"
        return Reply(206, part, {"content-range": content_range}, place=f"{place} {asked}")

    def _data(self, path: str) -> bytes | None:
        if path == CRAWL_FILE:
            return b"".join(gzip.compress(one.warc) for one in self.crawl)
        for month, records in self.news.items():
            name = f"{NEWS}/{month}/CC-NEWS-{month.replace('/', '')}01000000-00001.warc.gz"
            if path == f"{NEWS}/{month}/warc.paths.gz":
                return gzip.compress(f"{name}\n".encode())
            if path == name:
                return b"".join(gzip.compress(one.warc) for one in records)
        return None


class Reply:
    """An answer. `place`: what it gives, if that is a capture or a file."""

    def __init__(
        self, status: int, body: bytes, headers: Mapping[str, str] | None = None, place: str = ""
    ) -> None:
        self.status, self.body, self.headers, self.place = status, body, headers or {}, place


class _Handler(BaseHTTPRequestHandler):
    archive: WebArchive
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        fault = self.archive.arrive(self.path)
        if fault == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            self.close_connection = True
        elif fault == "429":
            self._send(Reply(429, b"slow", {"retry-after": self.archive.retry_after}))
        elif fault in ("503", "403"):
            self._send(Reply(int(fault), b"busy"))
        else:
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = self.archive.answer(self.path, headers)
            self._send(reply, is_cut=fault == "cut")
            if reply.place and fault != "cut":
                self.archive.given[reply.place] += 1

    def _send(self, reply: Reply, *, is_cut: bool = False) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        half = len(reply.body) // 2
        with suppress(OSError):
            self.wfile.write(reply.body[:half] if is_cut else reply.body)
        self.close_connection = is_cut

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
        """Prints nothing."""


def every_tenth(seed: int) -> Callable[[str, int], str]:
    """A fault for about every tenth request, drawn from its address and how often it was made."""

    def fault(target: str, number: int) -> str:
        drawn = blake2b(f"{seed} {target} {number}".encode(), digest_size=2).digest()
        return FAULTS[drawn[1] % len(FAULTS)] if drawn[0] < 26 else ""

    return fault


def _line(one: Stored) -> list[str]:
    status = "-" if one.revisit else one.status.split()[0]
    return [surt(one.url), digits(one), one.url, status, digest(one.body).removeprefix("sha1:")]


def _passes(text: str, values: Mapping[str, str]) -> bool:
    """`!field:regex`, which must not match the whole field."""
    field, _, pattern = text.removeprefix("!").partition(":")
    return re.fullmatch(pattern, values[field]) is None


def _time(one: Stored) -> datetime:
    return from_utc_text(one.at)
