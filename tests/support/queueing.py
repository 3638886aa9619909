"""A real redis-server on loopback, and the newspaper with a clock, for tests of workers and collectors."""

from __future__ import annotations

import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition
from time import monotonic
from typing import Any

import redis

from tests.support.crawling import start
from tests.support.forked import Running

LEASE = ("--set", "NEWSCRAWL_LEASE_SECONDS=1.5")
SECONDS = 60.0  # longer than anything here takes


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The address of a Redis of one's own, which keeps nothing on the disk."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    args = [
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    running = subprocess.Popen([*args, "--dir", str(folder)], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    try:
        for line in running.stdout:
            if "Ready to accept connections" in line:
                break
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        running.terminate()
        running.communicate()


def client(url: str) -> Any:
    """A client of it, which the caller closes."""
    return redis.Redis.from_url(url, socket_timeout=SECONDS)


class Timed(Counter[str]):
    """Counts requests by path, as DemoServer does, and notes when each came."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[float] = []
        self._came = Condition()

    def __setitem__(self, path: str, count: int) -> None:
        with self._came:
            super().__setitem__(path, count)
            self.at.append(monotonic())
            self._came.notify_all()

    def wait_for(self, number: int) -> None:
        """Returns once so many requests have come."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.at) >= number, SECONDS), (
                f"only {len(self.at)} of {number}"
            )

    def shortest_gap(self, of: int = 1) -> float:
        """The least seconds that so many gaps between requests took together."""
        return min(later - earlier for earlier, later in zip(self.at, self.at[of:], strict=False))


class Crew:
    """Starts collectors and workers on one queue; ends what is left of them."""

    def __init__(self, folder: Path, queue_url: str, base_url: str, *settings: str) -> None:
        self.archive = folder / "archive"
        self._folder, self._queue_url, self._base_url, self._settings = (
            folder,
            queue_url,
            base_url,
            settings,
        )
        self._all: list[Running] = []

    def collector(self, *args: str, archive: Path | None = None) -> Running:
        common = ("--queue", self._queue_url, "--base-url", self._base_url)
        return self._started("collect", "demo", *common, *args, archive=archive or self.archive)

    def worker(self, *args: str) -> Running:
        common = ("--queue", self._queue_url, "--base-url", self._base_url)
        return self._started(
            "crawl", *common, *LEASE, *self._settings, *args, archive=self._folder / "nothing"
        )

    def _started(self, *args: str, archive: Path) -> Running:
        running = start(*args, archive=archive)
        self._all.append(running)
        return running

    def close(self) -> None:
        for running in self._all:
            if running.poll() is None:
                running.kill()
            running.communicate()


@contextmanager
def crew(folder: Path, queue_url: str, base_url: str, *settings: str) -> Iterator[Crew]:
    """A Crew; `settings` are its workers' `--set KEY=VALUE`."""
    made = Crew(folder, queue_url, base_url, *settings)
    try:
        yield made
    finally:
        made.close()


def finished(running: Running, code: int = 0) -> tuple[str, str]:
    """What a command printed, once it has ended."""
    out, err = running.communicate(timeout=SECONDS)
    assert running.returncode == code, err
    return out, err
