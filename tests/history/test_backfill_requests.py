"""Requests of backfills: their addresses, the pauses between them, and what their answers say."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from newscrawl.history.politeness import Manners, PoliteClient, Unavailable, retry_after
from newscrawl.history.sources import at_endpoint, from_digits, to_digits
from newscrawl.history.wayback import replay_address

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "Fri, 02 Jan 2026 12:01:00 GMT"}, 60.0),
        # The clock of the server is half an hour late, and it is the one that it has in mind.
        (
            {
                "retry-after": "Fri, 02 Jan 2026 11:31:00 GMT",
                "date": "Fri, 02 Jan 2026 11:30:00 GMT",
            },
            60.0,
        ),
        ({"retry-after": "Fri, 02 Jan 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOON) == seconds


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://paper.example:80/x/1.html?a=b&c=d", "http://paper.example:80/x/1.html?a=b&c=d"),
        ("https://paper.example/tin tức#top", "https://paper.example/tin%20t%E1%BB%A9c%23top"),
        ("https://paper.example/%C3%A9", "https://paper.example/%C3%A9"),
    ],
)
def test_a_replay_has_the_address_as_it_was_captured(url: str, path: str) -> None:
    address = replay_address("20200102030405", url)
    assert address == f"https://web.archive.org/web/20200102030405id_/{path}"
    there = at_endpoint("http://127.0.0.1:8950", address)
    assert there == f"http://127.0.0.1:8950/web/20200102030405id_/{path}"


class NoRests:
    """No server has asked for a pause."""

    def rest(self, host: str, until: datetime) -> None:
        raise AssertionError("no pause was asked for")

    def rests(self) -> dict[str, datetime]:
        return {}


@pytest.mark.parametrize(
    ("header", "begins", "error"),
    [
        ("bytes */40", (40, 40), nullcontext()),
        # Whether the file is complete is not known: it is requested again from its beginning.
        ("bytes */*", (0, 0), pytest.raises(Unavailable, match="the size of the file")),
        (None, (0, 0), pytest.raises(Unavailable, match="the size of the file")),
    ],
)
def test_a_file_that_has_nothing_left_tells_its_size_or_is_requested_again(
    header: str | None, begins: tuple[int, int], error: AbstractContextManager[object]
) -> None:
    class NothingLeft(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(416)
            if header is not None:
                self.send_header("Content-Range", header)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    started: list[tuple[int, int]] = []
    with HTTPServer(("127.0.0.1", 0), NothingLeft) as server:
        answering = Thread(target=server.handle_request)
        answering.start()
        client = PoliteClient(Manners(user_agent="test", delay_seconds=0), NoRests())
        address = f"http://127.0.0.1:{server.server_port}/file"
        with error:
            assert not list(client.stream(address, 50, lambda *place: started.append(place)))
        client.close()
        answering.join()
    assert started == [begins]


def test_times_of_indexes_are_read() -> None:
    assert to_digits(NOON) == "20260102120000"
    assert from_digits("20260102120000") == NOON
    assert from_digits("20260230120000") is None
    assert from_digits("2026") is None
