"""A rebuild of odd files, or one that is killed: its result is whole or absent, and nothing is cut."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from newscrawl.archive.rebuild import rebuild
from newscrawl.archive.verify import verify
from newscrawl.core.errors import UsageError
from newscrawl.core.folder import DATABASE
from tests.support import forked
from tests.support.crawling import newscrawl, query
from tests.support.odd_warcs import ODD, write
from tests.support.torture import some

UNFIT = [name for name, odd in ODD.items() if odd.unfit]
# The records that a rebuild of all files sets aside or names as damaged: those of unknown sites
# lose their good pages too.
FEW = 8
ONE_OF_EACH_KIND = (
    "page_huge", "surrogate_url", "nul_in_category", "listing_without_category", "year_9999", "year_1_ahead",
    "date_without_zone", "site_with_path", "base_url_broken", "crawl_huge", "version_odd", "url_broken",
    "url_long", "status_0", "status_304_unknown", "encoding_wrong", "charset_no_text", "body_empty", "body_deep",
    "ld_year_9999", "feed_is_html", "sitemap_laughs", "robots_binary", "url_of_two_kinds", "meta_nested",
)  # fmt: skip
LOST = sum(3 if {"site", "base_url"} & set(ODD[name].info) else 1 for name in UNFIT)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all odd files."""
    folder = tmp_path_factory.mktemp("source")
    for name in ODD:
        write(folder, name)
    return folder


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with eight of them."""
    folder = tmp_path_factory.mktemp("few")
    for name in list(ODD)[:FEW]:
        write(folder, name)
    return folder


def with_fault(source: Path, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A rebuild in a process that can be killed, or whose disk is full."""
    return forked.run("tests.support.crashing", *arguments(source, folder), env=env)


def arguments(source: Path, folder: Path) -> list[str]:
    return ["--archive", str(folder), "rebuild", "--from-warc", str(source), "--jobs", "1"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", some(ODD, ONE_OF_EACH_KIND))
def test_odd_record_is_stored_or_set_aside_and_the_rest_is_rebuilt(
    name: str, tmp_path: Path
) -> None:
    """One file of each kind; `make torture` runs all. The next test has all of them in one folder."""
    write(tmp_path / "source", name)
    folder = tmp_path / "archive"
    done = rebuild(folder, tmp_path / "source", jobs=1)
    is_about_site = {"site", "base_url"} & set(ODD[name].info)
    good = 0 if is_about_site and ODD[name].unfit else 2
    named = done.set_aside + done.damage
    assert len(named) == (3 - good if ODD[name].unfit else 0), named
    assert done.pages == 3 - len(named)
    assert query(folder, "SELECT count(*) FROM captures") == [(done.pages,)]
    titles = query(folder, "SELECT title FROM articles WHERE title LIKE 'A good story%'")
    assert len(titles) >= good
    flaws = list(verify(folder, jobs=1))
    assert [flaw for flaw in flaws if not flaw.code.startswith("warc_")] == []


def test_every_record_set_aside_is_listed_and_counted(source: Path, tmp_path: Path) -> None:
    done = newscrawl("rebuild", "--from-warc", str(source), archive=tmp_path / "a")
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith("set aside: ")]
    assert any("its site cannot be read: no site file for 'no-such-paper'" in line for line in told)
    assert told[-1].endswith("more (--json lists all)")
    several = ("rebuild", "--from-warc", str(source), "--json", "--jobs", "2")
    again = newscrawl(*several, archive=tmp_path / "b")
    result = json.loads(again.stdout)
    assert len(result["set_aside"]) + len(result["damage"]) == LOST
    assert f"  {len(result['set_aside'])} records set aside" in done.stdout
    assert result["pages"] == 3 * len(ODD) - LOST


@pytest.mark.parametrize("moment", ["before_commit:1", "before_commit:15", "mid_rebuild:1"])
def test_killed_rebuild_leaves_no_database_and_can_be_run_again(
    few: Path, tmp_path: Path, moment: str
) -> None:
    folder = tmp_path / "archive"
    killed = with_fault(few, folder, NEWSCRAWL_TEST_KILL=moment)
    assert killed.returncode == -signal.SIGKILL
    assert not (folder / DATABASE).exists()
    assert newscrawl("verify", archive=folder).returncode == 2
    done = newscrawl("rebuild", "--from-warc", str(few), archive=folder)
    assert done.returncode == 0, done.stderr
    assert names(folder) == ["lock", DATABASE, "warc"]
    assert query(folder, "SELECT count(*) FROM captures") == [(3 * FEW - 6,)]


def small_files() -> None:
    """Writing beyond this size fails, as it does on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))


def no_fault() -> None:
    """A disk with enough space."""


@pytest.mark.parametrize(
    ("limit", "fail_at"), [(small_files, ""), (no_fault, "15")], ids=["real", "simulated"]
)
def test_full_disk_leaves_no_database_and_the_rebuild_can_be_run_again(
    few: Path, tmp_path: Path, limit: Callable[[], None], fail_at: str
) -> None:
    folder = tmp_path / "archive"
    full = subprocess.run(
        [sys.executable, "-m", "tests.support.crashing", *arguments(few, folder)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | ({"NEWSCRAWL_TEST_FAIL": fail_at} if fail_at else {}),
        preexec_fn=limit,
    )
    assert full.returncode == 4, full.stderr
    assert names(folder) == ["lock", "warc"]
    assert newscrawl("rebuild", "--from-warc", str(few), archive=folder).returncode == 0
    assert names(folder) == ["lock", DATABASE, "warc"]


def test_a_rebuild_in_its_own_folder_needs_no_second_copy(tmp_path: Path) -> None:
    for name in list(ODD)[:3]:
        write(tmp_path / "warc", name)
    before = names(tmp_path / "warc")
    rebuild(tmp_path, tmp_path / "warc", jobs=1)
    assert names(tmp_path) == [DATABASE, "warc"]
    assert names(tmp_path / "warc") == before


def test_another_file_of_the_same_name_is_never_taken_for_the_source(tmp_path: Path) -> None:
    path = write(tmp_path / "source", "year_9999")
    (tmp_path / "archive" / "warc").mkdir(parents=True)
    (tmp_path / "archive" / "warc" / path.name).write_bytes(b"half of an earlier copy")
    with pytest.raises(UsageError, match="differs from"):
        rebuild(tmp_path / "archive", tmp_path / "source", jobs=1)


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_log_of_a_database_that_was_moved_away_alone_is_never_applied(
    tmp_path: Path, suffix: str
) -> None:
    write(tmp_path / "warc", "year_9999")
    (tmp_path / f"{DATABASE}{suffix}").write_bytes(b"the last transactions of another database")
    with pytest.raises(UsageError, match=f"{suffix} exists"):
        rebuild(tmp_path, tmp_path / "warc", jobs=1)


def test_half_copy_of_a_killed_rebuild_is_removed(tmp_path: Path) -> None:
    path = write(tmp_path / "source", "year_9999")
    warc = tmp_path / "archive" / "warc"
    warc.mkdir(parents=True)
    gone = subprocess.Popen(["true"])
    gone.wait()
    (warc / f".{path.name}.{gone.pid}.part").write_bytes(b"half")
    rebuild(tmp_path / "archive", tmp_path / "source", jobs=1)
    assert names(warc) == [path.name]


def test_open_file_of_another_archive_is_copied_and_never_linked(tmp_path: Path) -> None:
    path = write(tmp_path / "source", "year_9999")
    opened = path.rename(f"{path}.open")
    rebuild(tmp_path / "archive", tmp_path / "source", jobs=1)
    copy = tmp_path / "archive" / "warc" / opened.name
    assert copy.read_bytes() == opened.read_bytes()
    assert not copy.samefile(opened)
