"""Commands that are killed, terminated or interrupted at any moment leave nothing half-made under a final name.

`make test` stops each command once; NEWSCRAWL_KILLS=full (make torture) stops them 100 times.
The seed is printed by every failure.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from newscrawl.archive.verify import verify
from newscrawl.demo.server import DemoServer
from newscrawl.export.release.sums import check_sums
from tests.support import forked
from tests.support.crawling import QUICK, query
from tests.support.normalised import differences
from tests.support.old_schema import old_archive
from tests.support.torture import FULL

SEED = 20261130
SIGNALS = ("KILL", "TERM", "INT")
SOONEST = 0.05  # seconds: before that, Python has not reached the code that handles signals
CODES: Mapping[str, set[int]] = {"KILL": {-9, 0}, "TERM": {6, 0}, "INT": {6, 0}}  # 0: it had ended


@dataclass(frozen=True)
class Job:
    """A command, the archive that it works on, and the check of what it makes under a final name."""

    line: str
    starts_with: str = "whole"  # the name of an archive; "" for none
    target: str = ""
    is_whole: Callable[[Path, Path], bool] = lambda target, made: True


def same_file(target: Path, made: Path) -> bool:
    return target.read_bytes() == made.read_bytes()


def same_rows(target: Path, made: Path) -> bool:
    return counts(target) == counts(made)


def same_archive(target: Path, made: Path) -> bool:
    return differences(made, target) == [] and list(verify(target)) == []


def is_release(target: Path, made: Path) -> bool:
    return list(check_sums(target)) == [] and list(verify(target, warc=False)) == []


def is_rebuilt(target: Path, made: Path) -> bool:
    return same_archive(target.parent, made.parent)


def counts(database: Path) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("PRAGMA quick_check").fetchone() == ("ok",)
        return list(db.execute("SELECT count(*), max(id), sum(revision) FROM articles"))


JOBS: Mapping[str, Job] = {
    "crawl": Job("crawl demo --base-url SERVER", starts_with=""),
    "reextract": Job("reextract --jobs 1"),
    "reextract with workers": Job("reextract --jobs 2"),
    "rebuild": Job(
        "rebuild --from-warc WHOLE/warc",
        starts_with="", target="archive/newscrawl.db", is_whole=is_rebuilt,
    ),
    "merge": Job("merge WHOLE PARTIAL -o OUT/merged", target="merged", is_whole=same_archive),
    "maintain": Job("maintain"),
    "release": Job(
        "release OUT/dataset --title A --author B --date 2026-11-01",
        target="dataset", is_whole=is_release,
    ),
    "export": Job("export articles -o OUT/a.csv", target="a.csv", is_whole=same_file),
    "backup": Job("backup OUT/backup.db", target="backup.db", is_whole=same_rows),
    "dupes": Job("dupes --update --jobs 1"),
    "fetch": Job("completeness demo --fetch", starts_with="partial"),
    "migration": Job("maintain", starts_with="old"),
}  # fmt: skip
STOPS = 100 if FULL else len(JOBS)


def run(
    job: Job, out: Path, server: DemoServer, archives: Mapping[str, Path], **env: str
) -> subprocess.CompletedProcess[str]:
    """The job as it ended. With a stop in `env`, or with its time measured, its process begins with the imports."""
    values = {
        "SERVER": server.base_url,
        "WHOLE": str(archives["whole"]),
        "PARTIAL": str(archives["partial"]),
        "OUT": str(out),
    }
    line = job.line
    for name, value in values.items():
        line = line.replace(name, value)
    fast = QUICK if job.line.startswith(("crawl", "completeness")) else ()
    words = ["--archive", str(out / "archive"), *line.split(), *fast]
    if not env:
        return forked.run("tests.support.crashing", *words, seconds=180)
    return subprocess.run(
        [sys.executable, "-m", "tests.support.crashing", *words],
        capture_output=True, text=True, timeout=180, env=os.environ | env,
    )  # fmt: skip


def prepared(job: Job, out: Path, archives: Mapping[str, Path]) -> None:
    """Puts the archive that the job starts with into the folder."""
    out.mkdir(exist_ok=True)
    if job.starts_with:
        shutil.copytree(archives[job.starts_with], out / "archive")


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer() as running:
        yield running


@pytest.fixture(scope="module")
def archives(server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A whole archive, one with gaps, and one of the first schema."""
    folder = tmp_path_factory.mktemp("archives")
    found = {name: folder / name / "archive" for name in ("whole", "partial", "old")}
    for name, more in (("whole", ""), ("partial", " --limit 30 --discover category,feed,sitemap")):
        done = run(Job(JOBS["crawl"].line + more), folder / name, server, found)
        assert done.returncode == 0, done.stderr
    old_archive(found["old"], found["whole"])
    shutil.copytree(found["whole"] / "warc", found["old"] / "warc")
    return found


@pytest.fixture(scope="module")
def unstopped(
    server: DemoServer, archives: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[Path, float]]:
    """The folder in which a job was run without a stop, and how many seconds that took."""
    made: dict[str, tuple[Path, float]] = {}

    def get(name: str) -> tuple[Path, float]:
        if name not in made:
            out = tmp_path_factory.mktemp("unstopped")
            prepared(JOBS[name], out, archives)
            seconds = out / "seconds"
            done = run(JOBS[name], out, server, archives, NEWSCRAWL_TEST_SECONDS=str(seconds))
            assert done.returncode == 0, done.stderr
            made[name] = out, float(seconds.read_text("utf-8"))
        return made[name]

    return get


@pytest.mark.parametrize("number", range(STOPS))
def test_stopped_command_leaves_nothing_half_made(
    server: DemoServer,
    archives: dict[str, Path],
    unstopped: Callable[[str], tuple[Path, float]],
    tmp_path: Path,
    number: int,
) -> None:
    rng = random.Random(SEED + number)
    name = list(JOBS)[number % len(JOBS)]
    signal = SIGNALS[(number + number // len(JOBS)) % len(SIGNALS)]
    job = JOBS[name]
    made, seconds = unstopped(name)
    moment = rng.uniform(SOONEST, seconds)
    what = f"{name}, {signal} after {moment:.2f} of {seconds:.2f} s, seed {SEED + number}"
    prepared(job, tmp_path, archives)
    stop = {"NEWSCRAWL_TEST_STOP": str(moment), "NEWSCRAWL_TEST_SIGNAL": signal}
    stopped = run(job, tmp_path, server, archives, **stop)
    assert stopped.returncode in CODES[signal], (what, stopped.stderr)
    assert "Traceback" not in stopped.stderr, what
    if stopped.returncode == 6:
        assert "stopped" in (stopped.stdout + stopped.stderr).lower(), what
    if signal != "KILL":
        assert list(tmp_path.rglob(".*.part")) == [], what
    check(job, tmp_path, made, what)
    if not (tmp_path / job.target).exists() or not job.target:
        again = run(job, tmp_path, server, archives)
        assert again.returncode == 0, (what, again.stderr)
        check(job, tmp_path, made, what)
        if job.line.startswith("crawl"):
            assert differences(archives["whole"], tmp_path / "archive") == [], what


def check(job: Job, out: Path, made: Path, what: str) -> None:
    """The archive is without flaws, and what has its final name is whole."""
    archive = out / "archive"
    if has_tables(archive):
        assert [str(flaw) for flaw in verify(archive)] == [], what
    if job.target and (out / job.target).exists():
        assert job.is_whole(out / job.target, made / job.target), what


def has_tables(archive: Path) -> bool:
    return (archive / "newscrawl.db").exists() and query(
        archive, "SELECT count(*) FROM sqlite_master WHERE name = 'articles'"
    ) == [(1,)]
