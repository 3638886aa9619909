"""Two workers and a collector on newsite; one worker is killed (-9), then the collector. What is there at the end?

    python bench/workers.py [--articles 300] [--delay 0.2] [--shared ../shared] [--json FILE]
    python bench/workers.py --costs [--articles 1000]

Starts a redis-server of its own on loopback. Prints what newsite's judge.py says of the archive, and the highest rate
at which the host was asked, over any ten requests in a row, as newsite itself saw them. With `--costs` nobody is
killed and nobody is polite: CPU of worker and collector, and bytes in the archive, each for one page.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from shutil import which
from socket import create_server
from threading import Event
from time import monotonic
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from parts.results import Figure, Found, arguments, measuring
from parts.target import SHARED

from newscrawl.store.connection import open_reader

PARTS = Path(__file__).parent / "parts"
IN_A_ROW = 10
JITTER = 0.01  # a busy machine lets newsite see one request later, and the next in time
START_SECONDS = 60.0
LEASE_SECONDS = 3


class Stage:
    """The processes of one run, all ended with it."""

    def __init__(self, folder: Path, shared: Path, articles: int, delay: float) -> None:
        self.archive, self.truth, self._times = (
            folder / "archive",
            folder / "truth.jsonl",
            folder / "times",
        )
        self._folder, self._delay = folder, delay
        self._ends = ExitStack()
        site, redis = _free_port(), _free_port()
        self._common = [
            "--queue",
            f"redis://127.0.0.1:{redis}/0",
            "--base-url",
            f"http://127.0.0.1:{site}",
        ]
        newsite = str(shared / "site" / "newsite.py")
        options = [
            "--articles",
            str(articles),
            "--port",
            str(site),
            "--template",
            "mixed",
            "--truth",
            str(self.truth),
        ]
        self.run(
            sys.executable, str(PARTS / "timed_newsite.py"), newsite, str(self._times), *options
        )
        self.run(
            "redis-server",
            "--port",
            str(redis),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(folder),
        )
        until(lambda: _answers(f"http://127.0.0.1:{site}/__stats"), "newsite did not start")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        """Starts a command that ends with the stage."""
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self._ends.callback(process.wait)
        self._ends.callback(process.kill)
        return process

    def collector(self) -> subprocess.Popen[bytes]:
        """A collector of the whole site."""
        command = [sys.executable, "-m", "newscrawl", "--archive", str(self.archive)]
        return self.run(*command, "collect", "bnews", *self._common, "--quiet")

    def worker(self) -> subprocess.Popen[bytes]:
        """A polite worker."""
        settings = [
            "--set",
            f"DOWNLOAD_DELAY={self._delay}",
            "--set",
            f"NEWSCRAWL_LEASE_SECONDS={LEASE_SECONDS}",
        ]
        command = [
            sys.executable,
            "-m",
            "newscrawl",
            "--archive",
            str(self._folder / "none"),
            "crawl",
        ]
        return self.run(*command, *self._common, *settings)

    def requests(self) -> list[float]:
        """When each page was asked for."""
        return [float(line.split()[0]) for line in self._times.read_text("utf-8").splitlines()]


def until(holds: Callable[[], bool], otherwise: str, seconds: float = START_SECONDS) -> None:
    """Waits; RuntimeError where it does not come true in time."""
    end = monotonic() + seconds
    while not holds():
        if monotonic() > end:
            raise RuntimeError(otherwise)
        Event().wait(0.1)


def killings(stage: Stage, articles: int, delay: float) -> None:
    """The run: a worker is killed after a third of the pages, the collector after two thirds."""
    longest = articles * delay * 5 + START_SECONDS
    workers = [stage.worker(), stage.worker()]
    collector = stage.collector()
    until(lambda: len(stage.requests()) > articles / 3, "no pages were asked for", longest)
    holder = _holder(stage)
    busy = next(worker for worker in workers if f"-{worker.pid}-" in holder)
    busy.kill()
    print(f"killed the worker that had the site after {len(stage.requests())} requests")
    until(lambda: len(stage.requests()) > articles * 2 / 3, "nobody took the site over", longest)
    collector.kill()
    collector.wait()
    print(f"killed the collector after {len(stage.requests())} requests")
    code = stage.collector().wait(longest)
    print(f"a new collector went on to the end: exit code {code}")


def report(found: Found, stage: Stage, shared: Path, delay: float) -> None:
    """The figures of the run."""
    known = [json.loads(line)["id"] for line in stage.truth.read_text("utf-8").splitlines()]
    db = open_reader(stage.archive)
    stored = db.execute("SELECT count(*) FROM articles WHERE state = 'stored'").fetchone()[0]
    revisions = db.execute("SELECT count(*) FROM revisions").fetchone()[0]
    db.close()
    found.add(
        Figure("killed workers: articles stored", 100 * stored / len(known), "%", at_least=100)
    )
    found.add(
        Figure("killed workers: revisions for each article", revisions / len(known), "", at_most=1)
    )
    at = stage.requests()
    fastest = min(later - first for first, later in zip(at, at[IN_A_ROW:], strict=False))
    closest = min(later - first for first, later in pairwise(at))
    found.add(Figure("killed workers: requests", len(at), f"in {at[-1] - at[0]:.0f} s"))
    name, limit = f"killed workers: highest rate over {IN_A_ROW} requests", (1 + JITTER) / delay
    found.add(Figure(name, IN_A_ROW / fastest, "a second", at_most=limit))
    found.add(Figure("killed workers: shortest gap between two requests", closest, "s"))
    judge = [
        sys.executable,
        str(shared / "site" / "judge.py"),
        str(stage.archive / "newscrawl.db"),
        str(stage.truth),
    ]
    judged = subprocess.run(judge, capture_output=True, text=True)
    print(judged.stdout.rstrip())
    found.add(Figure("killed workers: judge.py's exit code", judged.returncode, "", at_most=0))


def costs(found: Found, stage: Stage) -> None:
    """One worker and one collector at full speed, and what each of their pages cost."""
    running = {"worker": stage.worker(), "collector": stage.collector()}
    cpu: dict[str, float] = {}
    for name in ("collector", "worker"):
        _, status, usage = os.wait4(running[name].pid, 0)
        running[name].returncode = os.waitstatus_to_exitcode(status)
        cpu[name] = usage.ru_utime + usage.ru_stime
    at = stage.requests()
    found.add(Figure("workers at full speed: pages a second", len(at) / (at[-1] - at[0]), ""))
    for name, seconds in cpu.items():
        found.add(Figure(f"{name}: CPU per page with its start", seconds / len(at) * 1000, "ms"))
    warc = sum(path.stat().st_size for path in (stage.archive / "warc").iterdir())
    size = (stage.archive / "newscrawl.db").stat().st_size
    found.add(Figure("archive: database per page", size / len(at) / 1000, "kB"))
    found.add(Figure("archive: WARC files per page", warc / len(at) / 1000, "kB"))


def _holder(stage: Stage) -> str:
    import redis

    with redis.Redis.from_url(stage._common[1]) as client:
        key = next(client.scan_iter(match="newscrawl:*:lease:bnews"))
        return bytes(client.get(key)).decode()


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urlopen(url):
            return True
    except URLError:
        return False


def main() -> None:
    """One run."""
    words = arguments(__doc__)
    words.add_argument("--articles", type=int, default=300)
    words.add_argument(
        "--delay", type=float, default=0.2, help="seconds between two requests to the host"
    )
    words.add_argument("--shared", type=Path, default=SHARED, help="where site/ is")
    words.add_argument("--costs", action="store_true", help="CPU and bytes a page; kills nobody")
    asked = words.parse_args()
    delay = 0.0 if asked.costs else asked.delay
    with measuring(asked) as found:
        if not (asked.shared / "site" / "newsite.py").is_file():
            found.nothing(f"no site/newsite.py in {asked.shared.name}")
        elif which("redis-server") is None:
            found.nothing("redis-server is not here (apt install redis-server)")
        else:
            with (
                tempfile.TemporaryDirectory() as name,
                Stage(Path(name), asked.shared, asked.articles, delay) as stage,
            ):
                if asked.costs:
                    costs(found, stage)
                    return
                killings(stage, asked.articles, delay)
                report(found, stage, asked.shared, delay)


if __name__ == "__main__":
    main()
