"""Nothing that was acknowledged is lost, wherever the process dies: L1 to L5 of what "nothing lost" means.

`make test` samples; NEWSCRAWL_KILLS=full (make torture) runs 200 kills of the store and 40 of whole crawls,
and fails every write.
The seed is printed with -s, and by every failure.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newscrawl.archive.verify import verify
from newscrawl.demo.server import DemoServer
from tests.support import forked
from tests.support.crawling import QUICK, query
from tests.support.normalised import differences
from tests.support.torture import FULL

SEED = 20261124
STORE_KILLS = 200 if FULL else 5
CRAWL_KILLS = 40 if FULL else 1
SURE = 5  # commits of a whole crawl, however quick the machine
NAMED = ("after_warc", "mid_links", "before_commit", "after_commit")


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer() as running:
        yield running


def run(module: str, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return forked.run(f"tests.support.{module}", *args, env=env)


def crawl(server: DemoServer, archive: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return run(
        "crashing",
        "--archive",
        str(archive),
        "crawl",
        "demo",
        "--base-url",
        server.base_url,
        *QUICK,
        **env,
    )


def has_tables(archive: Path) -> bool:
    """Whether the archive got as far as a database with its tables."""
    return (archive / "newscrawl.db").exists() and query(
        archive, "SELECT count(*) FROM sqlite_master WHERE name = 'articles'"
    ) == [(1,)]


def stored_keys(archive: Path) -> set[str]:
    """The articles that were acknowledged."""
    if not has_tables(archive):
        return set()
    return {key for (key,) in query(archive, "SELECT key FROM articles WHERE state = 'stored'")}


def flaws(archive: Path) -> list[str]:
    """What verify finds; a database that was never made has none."""
    if not has_tables(archive):
        return []
    return [str(flaw) for flaw in verify(archive)]


@pytest.fixture(scope="module")
def whole_store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A workload that nothing interrupted, and how many moments it passed."""
    folder = tmp_path_factory.mktemp("whole")
    counted = folder / "count"
    done = run("store_workload", str(folder), NEWSCRAWL_TEST_COUNT=str(counted))
    assert done.returncode == 0, done.stderr
    return folder, sum(json.loads(counted.read_text("utf-8")).values())


@pytest.fixture(scope="module")
def whole_crawl(
    server: DemoServer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, int]]:
    """A crawl that nothing interrupted, and how often every crawl of this paper reaches each moment.

    Pages share commits, as many as come within a fifth of a second: SURE of them there are on any machine.
    """
    folder = tmp_path_factory.mktemp("whole")
    counted = folder / "count"
    done = crawl(server, folder, NEWSCRAWL_TEST_COUNT=str(counted))
    assert done.returncode == 0, done.stderr
    counts = json.loads(counted.read_text("utf-8"))
    return folder, {moment: SURE if "commit" in moment else counts[moment] for moment in NAMED}


@pytest.mark.parametrize("number", range(STORE_KILLS))
def test_killed_store_goes_on_to_the_same_end(
    whole_store: tuple[Path, int], tmp_path: Path, number: int
) -> None:
    whole, moments = whole_store
    rng = random.Random(SEED + number)
    for _ in range(rng.randint(1, 2)):  # also killed twice
        run("store_workload", str(tmp_path), NEWSCRAWL_TEST_KILL=str(rng.randint(1, moments)))
        assert flaws(tmp_path) == []
    assert run("store_workload", str(tmp_path)).returncode == 0
    assert flaws(tmp_path) == []
    assert differences(whole, tmp_path) == [], f"seed {SEED + number}"


@pytest.mark.parametrize("number", range(CRAWL_KILLS))
def test_killed_crawl_goes_on_to_the_same_end(
    server: DemoServer, whole_crawl: tuple[Path, dict[str, int]], tmp_path: Path, number: int
) -> None:
    whole, counts = whole_crawl
    rng = random.Random(SEED + number)
    moment = rng.choice(NAMED)
    killed = crawl(
        server, tmp_path, NEWSCRAWL_TEST_KILL=f"{moment}:{rng.randint(1, counts[moment])}"
    )
    assert killed.returncode == -9, killed.stderr
    before = stored_keys(tmp_path)
    assert flaws(tmp_path) == []
    resumed = crawl(server, tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    if query(tmp_path, "SELECT 1 FROM crawls WHERE reason = 'killed'"):
        assert "was killed" in resumed.stderr
    assert before <= stored_keys(tmp_path)
    assert flaws(tmp_path) == []
    assert differences(whole, tmp_path) == [], f"seed {SEED + number}"


@pytest.mark.parametrize("moment", NAMED)
def test_crash_at_a_named_moment(
    server: DemoServer, whole_crawl: tuple[Path, dict[str, int]], tmp_path: Path, moment: str
) -> None:
    killed = crawl(
        server, tmp_path, NEWSCRAWL_TEST_KILL=f"{moment}:{min(20, whole_crawl[1][moment])}"
    )
    assert killed.returncode == -9, killed.stderr
    assert flaws(tmp_path) == []
    assert crawl(server, tmp_path).returncode == 0
    assert differences(whole_crawl[0], tmp_path) == []


def test_crash_in_a_migration_leaves_no_half_schema(server: DemoServer, tmp_path: Path) -> None:
    killed = crawl(server, tmp_path, NEWSCRAWL_TEST_KILL="mid_migration:1")
    assert killed.returncode == -9
    assert query(tmp_path, "SELECT count(*) FROM sqlite_master WHERE name = 'articles'") == [(0,)]
    assert crawl(server, tmp_path).returncode == 0


def test_crash_in_an_export_leaves_the_old_file(
    whole_crawl: tuple[Path, dict[str, int]], tmp_path: Path
) -> None:
    target = tmp_path / "articles.csv"
    target.write_text("old", "utf-8")
    args = ("--archive", str(whole_crawl[0]), "export", "articles", "-o", str(target))
    assert run("crashing", *args, NEWSCRAWL_TEST_KILL="mid_export:1").returncode == -9
    assert target.read_text("utf-8") == "old"
    assert run("crashing", *args).returncode == 0
    assert target.read_text("utf-8").startswith("id,site,key")


@pytest.mark.parametrize("moment", [1, 2])
def test_crash_in_a_partitioned_export_loses_neither_folder(
    whole_crawl: tuple[Path, dict[str, int]], tmp_path: Path, moment: int
) -> None:
    """Before the exchange, and between its two renames, after which the next export brings the old one back."""
    target = tmp_path / "articles"
    args = (
        "--archive",
        str(whole_crawl[0]),
        "export",
        "articles",
        "--format",
        "parquet",
        "--partition",
    )
    assert run("crashing", *args, "-o", str(target)).returncode == 0
    before = {path.name for path in target.rglob("*.parquet")}
    assert (
        run(
            "crashing", *args, "-o", str(target), NEWSCRAWL_TEST_KILL=f"mid_export:{moment}"
        ).returncode
        == -9
    )
    kept = target if moment == 1 else tmp_path / ".articles.old"
    assert {path.name for path in kept.rglob("*.parquet")} == before
    assert run("crashing", *args, "--site", "nowhere", "-o", str(target)).returncode == 2
    assert run("crashing", *args, "-o", str(target)).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["articles"]
    assert {path.name for path in target.rglob("*.parquet")} == before


def test_any_failing_write_ends_with_code_four_and_the_next_run_completes(
    server: DemoServer, whole_crawl: tuple[Path, dict[str, int]], tmp_path: Path
) -> None:
    whole, counts = whole_crawl
    writes = counts["after_warc"]
    chosen = range(1, writes + 1) if FULL else sorted({2, random.Random(SEED).randrange(6, writes)})
    for nth in chosen:
        archive = tmp_path / str(nth)
        failed = crawl(server, archive, NEWSCRAWL_TEST_FAIL=str(nth))
        assert failed.returncode == 4, (nth, failed.stderr)
        assert [line[:6] for line in failed.stderr.splitlines()] == ["error:", "hint: "], (
            failed.stderr
        )
        assert flaws(archive) == [], nth
        assert crawl(server, archive).returncode == 0, nth
        assert differences(whole, archive) == [], nth


@pytest.mark.parametrize("kilobytes", [50, 100, 200, 400] if FULL else [60, 300])
def test_file_size_limit_ends_with_code_four(
    server: DemoServer, whole_crawl: tuple[Path, dict[str, int]], tmp_path: Path, kilobytes: int
) -> None:
    """A real limit of the system: the database or the WARC cannot grow beyond it."""
    args = ["crawl", "demo", "--base-url", server.base_url, *QUICK]
    script = f'ulimit -f {kilobytes * 2}; exec "$0" -m newscrawl --archive "$@"'
    limited = subprocess.run(
        ["sh", "-c", script, sys.executable, str(tmp_path), *args],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert limited.returncode == 4, limited.stderr
    assert "error: " in limited.stderr
    assert "Traceback" not in limited.stderr
    assert flaws(tmp_path) == []
    assert crawl(server, tmp_path).returncode == 0
    assert differences(whole_crawl[0], tmp_path) == []
