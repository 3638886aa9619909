"""The cost of a crawl by a worker and a collector: CPU per page of either, bytes in the archive.

    python bench/workers.py [--articles 600] [--json FILE]

One worker and one collector crawl the made-up newspaper without pauses, with a redis-server of
their own on loopback. CPU includes the start of the processes.
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import which
from threading import Event
from time import monotonic

from parts.processes import NEWSCRAWL, Cost, new_archive, wait_for
from parts.results import Figure, Results, argument_parser, measuring
from parts.target import Target, serving

from newscrawl.store.connection import open_reader

START_SECONDS = 60.0


@contextmanager
def redis_server(folder: Path) -> Iterator[int]:
    """A redis-server on loopback while the block runs; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait_for_port(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait_for_port(port: int) -> None:
    end = monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            if monotonic() > end:
                raise
            Event().wait(0.1)


def crawl(target: Target, folder: Path, archive: Path, port: int) -> dict[str, Cost]:
    """The cost of the worker and of the collector of one crawl."""
    shared = ["--queue", f"redis://127.0.0.1:{port}/0", "--base-url", target.base_url, "--quiet"]
    fast = ["--set", "DOWNLOAD_DELAY=0"]
    no_archive = ["--archive", str(folder / "none")]
    commands = {
        "worker": [*NEWSCRAWL, *no_archive, "crawl", *shared, *fast],
        "collector": [*NEWSCRAWL, "--archive", str(archive), "collect", target.site, *shared],
    }
    began = monotonic()
    running = {
        name: subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for name, command in commands.items()
    }
    # The worker ends when the collector has.
    costs = {name: wait_for(running[name], began) for name in ("collector", "worker")}
    for name, process in running.items():
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, commands[name])
    return costs


def report(results: Results, archive: Path, costs: dict[str, Cost]) -> None:
    """Adds the figures."""
    with closing(open_reader(archive)) as db:
        pages = int(db.execute("SELECT count(*) FROM captures").fetchone()[0])
    speed = pages / costs["collector"].wall
    results.add(Figure("worker and collector: pages per second", speed, ""))
    for name, cost in costs.items():
        results.add(Figure(f"{name}: CPU per page", cost.cpu / pages * 1000, "ms"))
        results.add(Figure(f"{name}: memory", cost.memory, "MB"))
    database = (archive / "newscrawl.db").stat().st_size
    warc = sum(path.stat().st_size for path in (archive / "warc").iterdir())
    results.add(Figure("archive: database per page", database / pages / 1000, "kB"))
    results.add(Figure("archive: WARC files per page", warc / pages / 1000, "kB"))


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, default=600)
    options = parser.parse_args()
    with measuring(options) as results:
        if which("redis-server") is None:
            results.skip("redis-server is not installed (apt install redis-server)")
            return
        with (
            tempfile.TemporaryDirectory() as name,
            redis_server(Path(name)) as port,
            serving(options.articles) as target,
        ):
            archive = Path(name) / "archive"
            new_archive(archive)
            report(results, archive, crawl(target, Path(name), archive, port))


if __name__ == "__main__":
    main()
