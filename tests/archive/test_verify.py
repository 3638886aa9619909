"""`verify` names every flaw by its place, ends with 5, and reads what cannot be written."""

from __future__ import annotations

import ctypes
import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from newscrawl.archive.verify import verify
from newscrawl.core.folder import DATABASE
from newscrawl.store.admin.check import Flaw
from tests.support.archive_builder import build, newscrawl
from tests.support.web_site import ask

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1  # of Linux
BAD_BYTE = 0xC3  # begins a letter of two bytes; no ASCII letter can follow it


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose texts are plain to find in its file, with its log written into it."""
    folder = build(tmp_path_factory.mktemp("archive"))
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "archive"))


def flaws_of(folder: Path) -> list[Flaw]:
    return list(verify(folder, warc=False))


def spoil(folder: Path, text: str) -> int:
    """Makes every stored copy of a text invalid UTF-8, as a flipped bit does; how many there were."""
    path = folder / DATABASE
    data = path.read_bytes()
    good = text.encode()
    path.write_bytes(data.replace(good, bytes([BAD_BYTE]) + good[1:]))
    return data.count(good)


def test_sound_archive_has_no_flaw(folder: Path) -> None:
    assert flaws_of(folder) == []


def test_flipped_bit_is_named_by_table_row_and_column(folder: Path) -> None:
    assert spoil(folder, "Tau dien tu ben thanh.") > 0
    places = {flaw.where: flaw.message for flaw in flaws_of(folder) if flaw.code == "value"}
    assert set(places) == {"bodies row 2, column body", "revisions row 2, column body"}
    assert places["bodies row 2, column body"] == "expected UTF-8, found byte 0xc3 at 0"


def test_one_flaw_does_not_hide_the_others(folder: Path) -> None:
    for text in ("Tau dien tu", "A Paper", "json-ld:datePublished", "Another Paper", "/kinh-te/1/"):
        assert spoil(folder, text) > 0, text
    done = newscrawl(folder, "verify", "--no-warc", "--json")
    assert done.exit_code == 5
    places = {flaw["where"] for flaw in json.loads(done.stdout) if flaw["code"] == "value"}
    assert places == {
        "articles row 1, column provenance",
        "bodies row 2, column body",
        "captures row 1, column url",
        "categories row 1, column url",
        "frontier row 1, column url",
        "revisions row 2, column body",
        "sites row 2, column name",
        "sites row 1, column name",
    }


def test_command_that_meets_the_flaw_names_it_too(folder: Path) -> None:
    spoil(folder, "Tau dien tu ben thanh.")
    done = newscrawl(folder, "show", "paper/2")
    assert done.exit_code == 5
    assert "bodies, row 2, column body: expected UTF-8, found byte 0xc3 at 0" in done.stderr
    assert "hint: list every flaw with newscrawl verify" in done.stderr


def test_file_that_is_no_database_is_one_flaw_and_the_raw_pages_are_checked(folder: Path) -> None:
    (folder / DATABASE).write_bytes(b"no database" * 1000)
    (folder / "warc").mkdir()
    (folder / "warc" / "a.warc.gz").write_bytes(b"no WARC file")
    assert [flaw.code for flaw in verify(folder)] == ["corrupt", "warc_not_gzip"]


def test_any_flipped_byte_ends_in_a_list_and_never_in_an_error(whole: Path, tmp_path: Path) -> None:
    """Two hundred damaged copies: a flaw is named, or the flipped byte is of no value at all."""
    data = (whole / DATABASE).read_bytes()
    dice = random.Random(14)
    for number in range(200):
        folder = tmp_path / str(number)
        folder.mkdir()
        spoilt = bytearray(data)
        spoilt[dice.randrange(100, len(data))] ^= 1 << dice.randrange(8)
        (folder / DATABASE).write_bytes(spoilt)
        done = newscrawl(folder, "verify", "--no-warc", "--json")
        assert done.exit_code in (0, 5), done.stderr
        assert bool(json.loads(done.stdout)) == (done.exit_code == 5)


def obey_modes() -> None:
    """Takes away root's right to write what its mode forbids."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Makes the archive as it is on read-only media, for processes that `obey_modes`."""
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        folder.chmod(0o755)


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "newscrawl", "--archive", str(folder), *arguments]


def without_rights(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that can write neither the archive nor its folder."""
    with read_only(folder):
        return subprocess.run(
            command(folder, *arguments),
            capture_output=True,
            text=True,
            timeout=60,
            preexec_fn=obey_modes,
        )


def test_read_only_media_are_read(folder: Path) -> None:
    done = without_rights(folder, "verify", "--no-warc")
    assert done.returncode == 0, done.stderr
    assert (
        "the full-text index is not checked, because the archive cannot be written" in done.stderr
    )
    assert without_rights(folder, "search", "metro").stdout.count("\n") > 0
    assert sorted(path.name for path in folder.iterdir()) == [DATABASE]


def test_flaw_on_read_only_media_is_named(folder: Path) -> None:
    spoil(folder, "Tau dien tu ben thanh.")
    done = without_rights(folder, "verify", "--no-warc", "--json")
    assert done.returncode == 5, done.stderr
    assert "bodies row 2, column body" in {flaw["where"] for flaw in json.loads(done.stdout)}


def test_pages_of_an_archive_on_read_only_media_are_served(folder: Path) -> None:
    with read_only(folder):
        server = subprocess.Popen(
            command(folder, "serve", "--port", "0"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=obey_modes,
        )
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            answers = [ask(address, path)[0] for path in ("", "search?q=metro", "newscrawl/sites")]
        finally:
            server.terminate()
            server.communicate(timeout=20)
    assert answers == [200, 200, 200]
