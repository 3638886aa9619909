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
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

ROOT = Path(__file__).parents[2]
NEWSCRAWL = Path(sys.executable).with_name("newscrawl")  # the installed script
# Python reads these before it runs any code.
READ_AT_START = ("PYTHON", "LANG", "LC_")
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
    order = json.dumps([str(program), args, environment, cwd]).encode()
    assert len(order) <= LONGEST_ORDER
    server = _server(os.getpid())
    with TemporaryFile() as out, TemporaryFile() as err:
        socket.send_fds(server, [order], [out.fileno(), err.fileno()])
        pid = int(server.recv(100))
        server.settimeout(seconds)
        try:
            code = int(server.recv(100))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            server.settimeout(None)
            server.recv(100)
            raise subprocess.TimeoutExpired([str(program), *args], seconds) from None
        finally:
            server.settimeout(None)
        return subprocess.CompletedProcess([str(program), *args], code, _text(out), _text(err))


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


def _text(file: Any) -> str:
    """All that was written, with the ends of lines as subprocess gives them."""
    file.seek(0)
    text: str = file.read().decode()
    return text.replace("\r\n", "\n").replace("\r", "\n")


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
    """In a new process: what it has to run, with its output in place. Empty, in the old one: the end."""
    while True:
        order, fds, _, _ = socket.recv_fds(orders, LONGEST_ORDER, 2)
        if not order:
            return b""
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
