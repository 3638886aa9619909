"""Runs a program in a process that has imported newscrawl and Scrapy already.

A crawl of the made-up newspaper spends more time on imports than on its pages. Here each process is forked from one
that has them. The rest is as in any other process: folder, environment, signals, exit code, and the end of the
interpreter. Tests of how the program starts use subprocess.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

ROOT = Path(__file__).parents[2]
NEWSCRAWL = Path(sys.executable).with_name("newscrawl")  # the installed script
# Python reads these before it runs any code.
READ_AT_START = ("PYTHON", "LANG", "LC_")
FOR_ANOTHER = b"another connection"  # an order that is no program
LONGEST_ORDER = 200_000  # bytes, within what a socket takes as one message
# What most commands import, without what starts threads (numpy, pyarrow) or a reactor.
IMPORTS = (
    "itemadapter",
    "newscrawl.archive.merge",
    "newscrawl.archive.rebuild",
    "newscrawl.archive.reextract",
    "newscrawl.archive.verify",
    "newscrawl.crawl.feed_rows",
    "newscrawl.crawl.header_limits",
    "newscrawl.crawl.robots",
    "newscrawl.crawl.run",
    "newscrawl.crawl.short_log",
    "newscrawl.middlewares",
    "newscrawl.pipelines.clean",
    "newscrawl.pipelines.duplicates",
    "newscrawl.pipelines.store",
    "newscrawl.pipelines.timestamps",
    "newscrawl.reports.completeness",
    "newscrawl.reports.health",
    "newscrawl.spiders.site",
    "newscrawl.store.read.overview",
    "newscrawl.store.read.reader",
    "newscrawl.store.read.search",
    "rich.console",
    "rich.table",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.scraper",
    "scrapy.downloadermiddlewares.defaultheaders",
    "scrapy.downloadermiddlewares.downloadtimeout",
    "scrapy.downloadermiddlewares.httpcompression",
    "scrapy.downloadermiddlewares.httpproxy",
    "scrapy.downloadermiddlewares.retry",
    "scrapy.downloadermiddlewares.useragent",
    "scrapy.dupefilters",
    "scrapy.extensions.closespider",
    "scrapy.extensions.feedexport",
    "scrapy.extensions.memusage",
    "scrapy.extensions.throttle",
    "scrapy.logformatter",
    "scrapy.pqueues",
    "scrapy.squeues",
    "scrapy.statscollectors",
)


def run(
    program: str | Path,
    *args: str,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    seconds: float = 120,
) -> subprocess.CompletedProcess[str]:
    """How a module (`python -m`) or a script ended, with what it printed. `env` is added to the environment.

    It runs in `folder`, or in the current one. TimeoutExpired after so many seconds; the process is killed then.
    """
    cwd = str(folder or Path.cwd())
    environment = os.environ | dict(env or {})
    if _at_start(environment) != _at_start(os.environ):
        start = [sys.executable, *([] if isinstance(program, Path) else ["-m"])]
        return subprocess.run(
            [*start, str(program), *args],
            capture_output=True, text=True, timeout=seconds, env=environment, cwd=cwd,
        )  # fmt: skip
    running = Running(program, *args, env=environment, folder=cwd)
    try:
        out, err = running.communicate(seconds)
    except subprocess.TimeoutExpired:
        running.kill()
        running.communicate()
        raise
    return subprocess.CompletedProcess(running.args, running.wait(), out, err)


class Running:
    """A program that runs in a fork, with what tests use of subprocess.Popen.

    `env` is its whole environment.
    """

    def __init__(
        self, program: str | Path, *args: str, env: Mapping[str, str], folder: str
    ) -> None:
        order = json.dumps([str(program), args, dict(env), folder]).encode()
        assert len(order) <= LONGEST_ORDER
        self.args = [str(program), *args]
        self.returncode: int | None = None
        self._printed: tuple[str, str] | None = None
        self._out, self._err = TemporaryFile(), TemporaryFile()  # noqa: SIM115
        self._connection = _connection()
        socket.send_fds(self._connection, [order], [self._out.fileno(), self._err.fileno()])
        self.pid = int(self._connection.recv(100))

    def poll(self) -> int | None:
        """The exit code, negative after a signal; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, as soon as there is one. TimeoutExpired after so many seconds."""
        if self.returncode is None:
            if not select.select([self._connection], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = int(self._connection.recv(100))
            _idle(os.getpid()).append(self._connection)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it has printed on stdout and stderr, once it has ended."""
        self.wait(timeout)
        if self._printed is None:
            with self._out, self._err:
                self._printed = _text(self._out), _text(self._err)
        return self._printed

    def first_line(self) -> str:
        """The first line on stdout, as soon as it is there; "" if the program ends without one."""
        while self.poll() is None:
            # Reading at a place leaves alone the position at which the program writes.
            line, end, _ = os.pread(self._out.fileno(), 1000, 0).partition(b"\n")
            if end:
                return line.decode()
            with suppress(subprocess.TimeoutExpired):
                self.wait(0.02)
        return ""

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


def _text(file: Any) -> str:
    """All that was written, with the ends of lines as subprocess gives them."""
    file.seek(0)
    text: str = file.read().decode()
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _connection() -> socket.socket:
    """A socket to a process that forks and waits for no other program now."""
    idle = _idle(os.getpid())
    if idle:
        return idle.pop()
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with there:
        socket.send_fds(_server(os.getpid()), [FOR_ANOTHER], [there.fileno()])
    return here


@cache
def _idle(pid: int) -> list[socket.socket]:
    """The connections that `_connection` may give again, in the process `pid`."""
    connections: list[socket.socket] = []
    atexit.register(_close_all, connections)
    return connections


def _close_all(connections: list[socket.socket]) -> None:
    for connection in connections:
        connection.close()


@cache
def _server(pid: int) -> socket.socket:
    """A socket to the process that forks; it ends with this one, whose `pid` tells it from its forks."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with there:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forked", str(there.fileno())],
            pass_fds=[there.fileno()], stdin=subprocess.DEVNULL, cwd=ROOT,
        )  # fmt: skip
    atexit.register(_end, here, process, pid)
    return here


def _end(server: socket.socket, process: subprocess.Popen[bytes], pid: int) -> None:
    server.close()
    if os.getpid() == pid:  # a fork ends before
        process.wait()


def _next_order(orders: socket.socket) -> bytes:
    """In a new process: what it has to run, with its output in place. Empty, in the old ones: the end."""
    while True:
        order, fds, _, _ = socket.recv_fds(orders, LONGEST_ORDER, 2)
        if not order:
            return b""
        if order == FOR_ANOTHER:
            _serve_another(orders, fds[0])
            continue
        pid = os.fork()
        if pid == 0:
            for target, fd in enumerate(fds, 1):
                os.dup2(fd, target)
        for fd in fds:
            os.close(fd)
        if pid == 0:
            return order
        orders.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        orders.send(str(os.waitstatus_to_exitcode(status)).encode())


def _serve_another(orders: socket.socket, connection: int) -> None:
    """Forks a process that takes its orders from the connection."""
    if os.fork() == 0:
        os.dup2(connection, orders.fileno())
    os.close(connection)


def _become(order: bytes) -> str:
    """Takes over folder, environment and arguments; the module or script to run.

    Modules of the folder can be imported, also by a script.
    """
    program, args, environment, folder = json.loads(order)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.path[0] = folder
    sys.path[1:1] = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.argv = [program, *args]
    return str(program)


def _run(program: str) -> None:
    if os.sep in program:
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)


def _import_all() -> None:
    from newscrawl.cli.main import LOCATIONS
    from newscrawl.store.schema.migrations import migrate

    commands = {location.partition(":")[0] for location in LOCATIONS.values()}
    for name in (*IMPORTS, *sorted(commands)):
        import_module(name)
    with closing(sqlite3.connect(":memory:")) as new:
        migrate(new)  # it imports sqlite_utils, without pandas, whose numpy starts threads
    sys.modules.pop("newscrawl.settings", None)  # it reads the environment while it is imported
    assert len([*Path("/proc/self/task").iterdir()]) == 1, "a fork has none of the other threads"
    assert "twisted.internet.reactor" not in sys.modules, "forks would share its epoll"
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _import_all()
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        received = _next_order(connection)
    if received:
        _run(_become(received))
