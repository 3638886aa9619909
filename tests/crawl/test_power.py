"""A power cut loses what was not synced, and the archive still holds: no row points at a raw page that is not there.

`make test` samples. NEWSCRAWL_KILLS=full (make torture) cuts the power at 200 boundaries of one crawl, each
in three ways, and as often on a disk that reports as written what it has only in its cache; 40 crawls are
stopped and resumed to the same end. Every failure shows its seed.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from newscrawl.archive.verify import verify
from newscrawl.core.lock import archive_lock
from newscrawl.crawl.opening import opened
from newscrawl.demo.server import DemoServer
from tests.support import forked
from tests.support.crawling import QUICK, newscrawl, query
from tests.support.normalised import differences
from tests.support.powercut import Synced, cut
from tests.support.torture import FULL

SEED = 20261130
COPIES = 200 if FULL else 6
CUTS = 40 if FULL else 2
LIES = 20 if FULL else 1
WITHOUT_RAW_PAGE = (
    "SELECT a.key FROM articles a JOIN frontier f ON f.article_id = a.id"
    " LEFT JOIN captures c ON c.id = f.capture_id"
    " WHERE a.state = 'stored' AND f.state = 'done' AND c.warc_file IS NULL"
)


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer() as running:
        yield running


def crawl(
    server: DemoServer, archive: Path, journal: Path, **env: str
) -> subprocess.CompletedProcess[str]:
    args = ("--archive", str(archive), "crawl", "demo", "--base-url", server.base_url, *QUICK)
    journal_env = {"NEWSCRAWL_TEST_SYNCED": str(journal)}
    return forked.run("tests.support.powercut", *args, env=journal_env | env)


@pytest.fixture(scope="module")
def whole(server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The archive of a crawl that nothing interrupted, and how many boundaries it passed."""
    folder = tmp_path_factory.mktemp("whole")
    archive, count = folder / "archive", folder / "count"
    done = crawl(server, archive, folder / "synced", NEWSCRAWL_TEST_COUNT=str(count))
    assert done.returncode == 0, done.stderr
    return archive, int(count.read_text("utf-8"))


def dangling(archive: Path) -> list[str]:
    """The rows that point at a raw page that is not there."""
    if not query(archive, "SELECT 1 FROM sqlite_master WHERE name = 'articles'"):
        return []
    return [str(flaw) for flaw in verify(archive) if flaw.code == "pointer"]


def power_fails(
    server: DemoServer, archive: Path, rng: random.Random, boundaries: int, *, honest: bool = True
) -> str:
    """A crawl that ends at some boundary, and what became of its files."""
    before = Synced.of(archive)
    journal = archive.with_name("synced")
    journal.unlink(missing_ok=True)
    at = str(rng.randint(1, boundaries))
    stopped = crawl(server, archive, journal, NEWSCRAWL_TEST_CUT=at)
    assert stopped.returncode in (-9, 0), stopped.stderr
    return f"boundary {at}: {cut(archive, before.add(journal), rng, honest=honest)}"


@pytest.mark.parametrize("number", range(CUTS))
def test_no_row_survives_a_power_cut_without_its_raw_page(
    server: DemoServer, whole: tuple[Path, int], tmp_path: Path, number: int
) -> None:
    rng = random.Random(SEED + number)
    archive = tmp_path / "archive"
    done = []
    for _ in range(rng.choice((1, 1, 1, 2))):
        done.append(power_fails(server, archive, rng, whole[1]))
        if (archive / "newscrawl.db").exists():
            assert dangling(archive) == [], (SEED + number, done)
    resumed = crawl(server, archive, tmp_path / "later")
    assert resumed.returncode == 0, (resumed.stderr, done)
    # Blocks that were not written leave a stretch without a record, which verify reports for ever.
    expected = {"warc_garbage", "warc_damaged"} if "zeroed" in str(done) else set()
    assert {flaw.code for flaw in verify(archive)} <= expected, (SEED + number, done)
    assert differences(whole[0], archive) == [], (SEED + number, done)


@pytest.mark.parametrize("nth", [1, 2, 3])  # a quick crawl has only four
def test_failed_fsync_ends_with_code_four_and_leaves_no_row_without_its_raw_page(
    server: DemoServer, whole: tuple[Path, int], tmp_path: Path, nth: int
) -> None:
    archive, journal = tmp_path / "archive", tmp_path / "synced"
    failed = crawl(server, archive, journal, NEWSCRAWL_TEST_LOST=str(nth))
    assert failed.returncode == 4, failed.stderr
    assert "Input/output error" in failed.stderr
    synced = Synced().add(journal)
    for path in (archive / "warc").iterdir():
        os.truncate(path, synced.sizes.get(path.stat().st_ino, 0))
    assert dangling(archive) == []
    assert crawl(server, archive, tmp_path / "later").returncode == 0
    assert list(verify(archive)) == []
    assert differences(whole[0], archive) == []


def lose_end_of_pages(archive: Path, bytes_lost: int) -> None:
    """Cuts the closed WARC file of an archive, as an older newscrawl left it after a power failure."""
    (path,) = (archive / "warc").iterdir()
    os.truncate(path, path.stat().st_size - bytes_lost)


@pytest.mark.parametrize("number", range(LIES))
def test_next_crawl_heals_what_a_disk_lost_after_it_reported_it_as_written(
    server: DemoServer, whole: tuple[Path, int], tmp_path: Path, number: int
) -> None:
    rng = random.Random(SEED - number)
    archive = tmp_path / "archive"
    done = power_fails(server, archive, rng, whole[1], honest=False)
    lost = dangling(archive) if (archive / "newscrawl.db").exists() else []
    known = stored(archive)
    resumed = crawl(server, archive, tmp_path / "later")
    assert resumed.returncode == 0, (resumed.stderr, done)
    assert ("did not survive" in resumed.stderr) == bool(lost), (SEED - number, done)
    assert dangling(archive) == [], (SEED - number, done)
    assert known <= stored(archive), (SEED - number, done)
    left_out = frozenset({"page problems"})
    assert differences(whole[0], archive, leave_out=left_out) == [], (SEED - number, done)
    told = query(archive, "SELECT count(*) FROM problems WHERE code = 'raw_page_lost'")
    assert told == [(len(lost),)], (SEED - number, done)
    assert query(archive, WITHOUT_RAW_PAGE) == [], "the raw page of every article was fetched again"


def stored(archive: Path) -> set[tuple[str, str]]:
    """The articles that have a text, and its hash."""
    if not (archive / "newscrawl.db").exists():
        return set()
    if not query(archive, "SELECT 1 FROM sqlite_master WHERE name = 'articles'"):
        return set()
    return set(query(archive, "SELECT key, body_hash FROM articles WHERE state = 'stored'"))


def test_verify_finds_lost_raw_pages_and_repair_queues_them_again(
    server: DemoServer, whole: tuple[Path, int], tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    shutil.copytree(whole[0], archive)
    lose_end_of_pages(archive, 30_000)
    known = stored(archive)
    found = newscrawl("verify", archive=archive)
    assert found.returncode == 5
    assert "pointer" in found.stdout
    lost = dangling(archive)
    assert lost
    repaired = newscrawl("verify", "--repair", archive=archive)
    assert f"{len(lost)} lost raw pages recorded" in repaired.stderr
    assert dangling(archive) == []
    assert stored(archive) == known, "the articles are kept"
    pending = query(archive, "SELECT count(*) FROM frontier WHERE state = 'pending'")
    assert pending != [(0,)]
    again = newscrawl("verify", "--repair", archive=archive)
    assert again.returncode == repaired.returncode
    before = query(archive, "SELECT count(*) FROM captures")[0][0]
    assert crawl(server, archive, tmp_path / "later").returncode == 0
    assert query(archive, "SELECT count(*) FROM frontier WHERE state = 'pending'") == [(0,)]
    assert query(archive, "SELECT count(*) FROM captures")[0][0] >= before + pending[0][0]
    assert stored(archive) == known
    assert query(archive, WITHOUT_RAW_PAGE) == []


def test_repair_is_refused_without_raw_pages_and_while_a_crawl_runs(
    whole: tuple[Path, int], tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    shutil.copytree(whole[0], archive)
    assert newscrawl("verify", "--repair", "--no-warc", archive=archive).returncode == 2
    assert newscrawl("verify", "--repair", archive=archive).returncode == 0
    lose_end_of_pages(archive, 30_000)
    with archive_lock(archive, "crawl"):
        assert newscrawl("verify", "--repair", archive=archive).returncode == 75
    assert query(archive, "SELECT count(*) FROM problems WHERE code = 'raw_page_lost'") == [(0,)]


def test_pages_of_a_killed_crawl_whose_file_is_gone_are_queued_again(
    server: DemoServer, whole: tuple[Path, int], tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    killed = crawl(server, archive, tmp_path / "synced", NEWSCRAWL_TEST_CUT=str(whole[1] // 2))
    assert killed.returncode == -9
    lost = query(archive, "SELECT count(*) FROM captures WHERE warc_file IS NOT NULL")[0][0]
    assert lost
    shutil.rmtree(archive / "warc")
    resumed = crawl(server, archive, tmp_path / "later")
    assert f"{lost} raw pages did not survive" in resumed.stderr
    assert list(verify(archive)) == []
    assert differences(whole[0], archive, leave_out=frozenset({"page problems"})) == []


@pytest.fixture(scope="module")
def copies(
    server: DemoServer, whole: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Copies of an archive at many boundaries of one crawl, and the archive."""
    folder = tmp_path_factory.mktemp("copied")
    chosen = sorted(random.Random(SEED).sample(range(1, whole[1]), COPIES))
    archive = folder / "archive"
    done = crawl(
        server, archive, folder / "synced",
        NEWSCRAWL_TEST_COPIES=str(folder / "copies"), NEWSCRAWL_TEST_COPIED=str(chosen),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "copies", archive


@pytest.mark.parametrize("honest", [True, False])
def test_every_lost_raw_page_is_found_and_queued_again(
    copies: tuple[Path, Path], tmp_path: Path, honest: bool
) -> None:
    """On an honest disk there is none, wherever the power fails."""
    folder, archive = copies
    rng = random.Random(SEED)
    cuts = losses = 0
    for copy in sorted(path for path in folder.iterdir() if path.is_dir()):
        for number in range(3):
            cut_one = tmp_path / f"{copy.name}-{number}"
            shutil.copytree(copy, cut_one)
            shutil.copy(copy.with_suffix(".json"), cut_one.with_suffix(".json"))
            synced = Synced().add(copy.with_suffix(".synced")).of_copy(cut_one, archive)
            what = (copy.name, cut(cut_one, synced, rng, honest=honest))
            cuts += 1
            if (cut_one / "newscrawl.db").exists():
                lost = dangling(cut_one)
                assert not (honest and lost), what
                losses += bool(lost)
                with opened(cut_one, lambda line: None) as store:
                    store.flush()
                assert dangling(cut_one) == [], what
                assert query(cut_one, WITHOUT_RAW_PAGE) == [], what
                told = query(cut_one, "SELECT count(*) FROM problems WHERE code = 'raw_page_lost'")
                assert told == [(len(lost),)], what
            shutil.rmtree(cut_one)
    logging.getLogger(__name__).info("%d cuts, %d of them lost raw pages", cuts, losses)
    assert cuts > 2 * COPIES, "the archive does not exist at the first boundaries"
    assert honest or losses > cuts / 2
