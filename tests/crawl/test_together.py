"""A crawl, exports and searches of one archive at the same time: none fails, and an export is one snapshot.

For 3 seconds in `make test`, for 60 with NEWSCRAWL_KILLS=full (make torture).
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newscrawl.demo.server import DemoServer
from tests.support.crawling import QUICK, crawl, newscrawl, start
from tests.support.torture import FULL

SECONDS = 60 if FULL else 3


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer() as running:
        yield running


def test_nobody_is_in_the_way_of_anybody(server: DemoServer, tmp_path: Path) -> None:
    crawl(server, tmp_path)
    ends = time.monotonic() + SECONDS
    rounds = 0
    while time.monotonic() < ends or rounds < 2:
        rounds += 1
        running = start(
            "crawl",
            "demo",
            "--base-url",
            server.base_url,
            "--refetch",
            "--full",
            *QUICK,
            archive=tmp_path,
        )
        while running.poll() is None:
            exported = newscrawl("export", "articles", archive=tmp_path)
            found = newscrawl("search", "duong sat", "--json", archive=tmp_path)
            copied = newscrawl("backup", str(tmp_path / "copy.db"), archive=tmp_path)
            assert [done.returncode for done in (exported, found, copied)] == [0, 0, 0], (
                exported.stderr + found.stderr
            )
            rows = list(csv.DictReader(io.StringIO(exported.stdout)))
            assert len(rows) == len({row["id"] for row in rows}) == 79
        _, errors = running.communicate()
        assert (running.returncode, errors) == (0, "")
