"""The cost of a crawl by a worker and a collector, compared with a plain crawl of the same pages.

    python bench/workers.py [--articles 600] [--rounds 3] [--json FILE]

In each round, one worker and one collector crawl the made-up newspaper without pauses, with a
redis-server of their own on loopback; then a plain crawl does the same. CPU includes the start of
the processes: two for worker and collector, one for the plain crawl. The archives are kept in
memory (/dev/shm), so that no disk is measured.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import which
from threading import Event
from time import monotonic

from parts.processes import (
    NEWSCRAWL,
    Cost,
    crawl_command,
    memory_folder,
    new_archive,
    run,
    wait_for,
)
from parts.results import Figure, Results, argument_parser, measuring, median_of
from parts.target import Target, serving

from newscrawl.store.connection import open_reader

START_SECONDS = 60.0


@contextmanager
def redis_server(folder: Path) -> Iterator[tuple[int, int]]:
    """A redis-server on loopback while the block runs; its port and its process id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait_for_port(port)
        yield port, process.pid
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


def cpu_of(process_id: int) -> float:
    """CPU seconds that a running process has used, from Linux's /proc."""
    fields = Path(f"/proc/{process_id}/stat").read_text("utf-8").rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def count_pages(archive: Path) -> int:
    """The pages in an archive."""
    with closing(open_reader(archive)) as db:
        return int(db.execute("SELECT count(*) FROM captures").fetchone()[0])


def measure(
    target: Target, folder: Path, redis: tuple[int, int], rounds: int
) -> list[dict[str, Cost]]:
    """The costs of worker, collector, Redis and the plain crawl, by round."""
    port, process_id = redis
    measured = []
    for number in range(rounds):
        collected, plain = folder / f"collected{number}", folder / f"plain{number}"
        new_archive(collected)
        new_archive(plain)
        used_before = cpu_of(process_id)
        costs = crawl(target, folder, collected, port)
        costs["redis-server"] = Cost(cpu_of(process_id) - used_before, 0, 0)
        costs["plain crawl"] = run(crawl_command(plain, target.site, target.base_url))
        measured.append(costs)
    return measured


def report(results: Results, archive: Path, measured: list[dict[str, Cost]]) -> None:
    """Adds the figures."""
    pages = count_pages(archive)
    speeds = [pages / costs["collector"].wall for costs in measured]
    results.add(median_of("worker and collector: pages per second", speeds, ""))
    ratios = []
    for costs in measured:
        together = costs["worker"].cpu + costs["collector"].cpu
        ratios.append(together / costs["plain crawl"].cpu)
    results.add(median_of("worker and collector: CPU per page", ratios, "x", "plain crawl"))
    for name in measured[0]:
        cpu = [costs[name].cpu / pages * 1000 for costs in measured]
        results.add(median_of(f"{name}: CPU per page", cpu, "ms"))
    for name in ("worker", "collector", "plain crawl"):
        memory = max(costs[name].memory for costs in measured)
        results.add(Figure(f"{name}: memory", memory, "MB"))
    database = (archive / "newscrawl.db").stat().st_size
    warc = sum(path.stat().st_size for path in (archive / "warc").iterdir())
    results.add(Figure("archive: database per page", database / pages / 1000, "kB"))
    results.add(Figure("archive: WARC files per page", warc / pages / 1000, "kB"))


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with measuring(options) as results:
        if which("redis-server") is None:
            results.skip("redis-server is not installed (apt install redis-server)")
            return
        with (
            tempfile.TemporaryDirectory(dir=memory_folder()) as name,
            redis_server(Path(name)) as redis,
            serving(options.articles) as target,
        ):
            folder = Path(name)
            measured = measure(target, folder, redis, options.rounds)
            report(results, folder / "collected0", measured)


if __name__ == "__main__":
    main()
