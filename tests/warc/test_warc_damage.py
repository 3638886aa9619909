"""WARC files after a crash, on a bad disk or a full one: every acknowledged page is readable."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from newscrawl.core.errors import ArchiveDamaged, StorageError
from newscrawl.core.records import Capture
from newscrawl.warc import (
    Finding,
    Record,
    Repair,
    WarcWriter,
    check,
    pages,
    read_at,
    repair,
    warc_files,
)
from tests.support.archive_cases import PAGE, Disk, article, pointer, write_pages, writer
from tests.support.archive_damage import FOLDER, place

NAME = "news-20261124083000-7-00000.warc.gz"


@pytest.mark.parametrize(
    ("name", "codes", "articles"),
    [
        ("whole", [], [1, 2, 3]),
        ("empty", ["empty"], []),
        ("not_gzip", ["not_gzip"], []),
        ("only_zeros", ["zero_filled"], []),
        ("one_member", ["bad_length"], []),
        ("torn", ["torn"], [1, 2]),
        ("torn_zero_tail", ["torn"], [1, 2]),
        ("zero_tail", ["zero_filled"], [1, 2, 3]),
        ("zeros_between", ["zero_filled"], [1, 2, 3]),
        ("garbage_between", ["garbage"], [1, 2, 3]),
        ("no_warcinfo", ["no_warcinfo"], [1, 2, 3]),
        ("torn_then_appended", ["damaged"], [1, 3]),
        ("flipped_bit", ["damaged"], [1, 3]),
        ("flipped_checksum", ["damaged"], [1, 3]),
        ("page_with_a_forged_record", ["damaged"], [1, 3]),
        ("wrong_digest", ["digest"], [1, 3]),
        ("wrong_payload_digest", ["digest"], [1, 3]),
        ("wrong_length", ["bad_length"], [1, 3]),
        ("wrong_meta", ["bad_meta"], [1, 3]),
        ("wrong_date", ["bad_date"], [1, 3]),
    ],
)
def test_damage_is_reported_and_the_rest_of_the_file_read(
    name: str, codes: list[str], articles: list[int]
) -> None:
    path = FOLDER / f"{name}.warc.gz"
    assert [finding.code for finding in check(path)] == codes
    read, damage = read_on(path)
    assert [record.url for record in read] == [article(number).url for number in articles]
    assert [finding.code for finding in damage] == [code for code in codes if code != "no_warcinfo"]


def test_every_broken_file_is_tested() -> None:
    (table,) = test_damage_is_reported_and_the_rest_of_the_file_read.pytestmark  # type: ignore[attr-defined]
    assert {path.name for path in warc_files(FOLDER)} == {
        f"{case[0]}.warc.gz" for case in table.args[1]
    }


def test_reading_ends_at_damage_without_a_callback() -> None:
    reading = pages(FOLDER / "flipped_bit.warc.gz")
    assert next(reading).url == article(1).url
    with pytest.raises(
        ArchiveDamaged, match=r"flipped_bit\.warc\.gz, offset \d+: a record does not decompress"
    ):
        next(reading)


def test_missing_and_unreadable_files_are_findings(tmp_path: Path) -> None:
    assert [finding.code for finding in check(tmp_path / "x.warc.gz")] == ["missing"]
    assert [finding.code for finding in check(tmp_path)] == ["unreadable"]
    with pytest.raises(StorageError, match="cannot read"):
        list(pages(tmp_path))


def test_flipped_bit_never_changes_a_page_unnoticed(tmp_path: Path) -> None:
    path, _ = write_pages(tmp_path, article(1), article(2))
    whole, data = list(pages(path)), path.read_bytes()
    for at, byte in enumerate(data):
        path.write_bytes(data[:at] + bytes([byte ^ 1 << at % 8]) + data[at + 1 :])
        read, damage = read_on(path)
        given = [(record.url, record.payload, record.headers) for record in read]
        assert set(given) <= {(record.url, record.payload, record.headers) for record in whole}, at
        # Some bits in the header of a gzip member have no meaning. Any other damages at most its record.
        assert len(read) >= (len(whole) - 1 if damage else len(whole)), at


def test_file_cut_at_any_byte_is_repaired_with_all_whole_records(tmp_path: Path) -> None:
    path, captures = write_pages(tmp_path, article(1), article(2))
    data = path.read_bytes()
    path.unlink()
    ends = [*record_ends(data), len(data)]
    for cut in range(len(data) + 1):
        kept = max(end for end in ends if end <= cut)
        (tmp_path / f"{NAME}.open").write_bytes(data[:cut])
        (repaired,) = repair(tmp_path)
        torn = f"{NAME}.torn" if kept < cut else None
        assert (repaired.warc_file, repaired.kept_bytes, repaired.torn_bytes) == (
            NAME,
            kept,
            cut - kept,
        )
        assert repaired.torn_file == torn
        left = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()}
        expected = {NAME: data[:kept], f"{NAME}.torn": data[kept:cut]}
        assert left == {name: content for name, content in expected.items() if content}, cut
        if kept:
            assert list(check(tmp_path / NAME)) == []
        readable = [capture for capture in captures if place(capture)[1] <= cut]
        assert [read_at(tmp_path, *pointer(capture)).url for capture in readable] == [
            c.url for c in readable
        ]
        for entry in tmp_path.iterdir():
            entry.unlink()


def test_repair_cuts_after_the_last_whole_record_not_at_the_first_damage(tmp_path: Path) -> None:
    damaged = (FOLDER / "flipped_bit.warc.gz").read_bytes()
    tail = damaged[:100]
    (tmp_path / f"{NAME}.open").write_bytes(damaged + tail)
    (repaired,) = repair(tmp_path)
    assert [finding.code for finding in repaired.findings] == ["damaged", "torn"]
    assert (tmp_path / NAME).read_bytes() == damaged
    assert (tmp_path / f"{NAME}.torn").read_bytes() == tail


def test_repair_skips_closed_files_and_repaired_ones(tmp_path: Path) -> None:
    path, _ = write_pages(tmp_path, PAGE)
    before = path.read_bytes()
    path.rename(path.with_name(f"{NAME}.open"))
    assert repair(tmp_path) == [Repair(NAME, len(before), 0, None, ())]
    assert repair(tmp_path) == []
    assert repair(tmp_path / "none") == []
    assert path.read_bytes() == before


def test_repair_does_not_overwrite_closed_files(tmp_path: Path) -> None:
    path, _ = write_pages(tmp_path, PAGE)
    path.with_name(f"{NAME}.open").write_bytes(b"")
    with pytest.raises(ArchiveDamaged, match="exists twice"):
        repair(tmp_path)
    assert list(check(path)) == []


@pytest.fixture(scope="module")
def size(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Bytes of a file with three articles."""
    path, _ = write_pages(tmp_path_factory.mktemp("size"), *map(article, (1, 2, 3)))
    return path.stat().st_size


def test_disk_full_at_any_byte_leaves_whole_records_and_writing_continues(
    tmp_path: Path, size: int
) -> None:
    for room in range(0, size, 7):
        folder = tmp_path / str(room)
        disk = Disk(room)
        with writer(folder, opener=disk.create) as warc:
            written, error = write_until_failure(warc)
            assert error.message.startswith("cannot write ")
            assert error.message.endswith("No space left on device")
            assert (error.exit_code, error.hint) == (4, "free some space and run again")
            disk.room = 10_000
            written.append(warc.write(article(9)))
        assert list(check(folder / NAME)) == []
        assert [record.url for record in pages(folder / NAME)] == [
            capture.url for capture in written
        ]
        assert [read_at(folder, *pointer(capture)).url for capture in written] == [
            c.url for c in written
        ]


def test_file_without_any_record_is_deleted(tmp_path: Path) -> None:
    with writer(tmp_path, opener=Disk(0).create) as warc, pytest.raises(StorageError):
        warc.write(PAGE)
    assert list(tmp_path.iterdir()) == []


def test_writer_refuses_pages_if_cutting_off_fails_too_and_repair_saves_the_rest(
    tmp_path: Path, size: int
) -> None:
    disk = Disk(size - 50)
    disk.broken.add("truncate")
    with writer(tmp_path, opener=disk.create) as warc:
        written, _ = write_until_failure(warc)
        disk.room = 10_000
        with pytest.raises(StorageError, match="an earlier write failed half-way"):
            warc.write(PAGE)
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.open"]
    (repaired,) = repair(tmp_path)
    assert repaired.torn_bytes > 0
    assert [record.url for record in pages(tmp_path / NAME)][: len(written)] == [
        capture.url for capture in written
    ]


def test_writer_refuses_pages_after_a_failed_fsync(tmp_path: Path) -> None:
    disk = Disk(10_000)
    warc = writer(tmp_path, opener=disk.create)
    warc.write(PAGE)
    warc.sync()
    warc.write(PAGE)
    disk.broken.add("fsync")
    with pytest.raises(StorageError, match=r"cannot write .*: Input/output error"):
        warc.sync()
    with pytest.raises(StorageError, match="an earlier fsync failed"):
        warc.write(PAGE)
    disk.broken.clear()
    with pytest.raises(StorageError, match="an earlier fsync failed"):
        warc.sync()  # it would succeed, and what the first one lost would still be lost
    warc.close()
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.open"]


def test_failed_fsync_when_closing_leaves_the_file_open(tmp_path: Path) -> None:
    disk = Disk(10_000)
    warc = writer(tmp_path, opener=disk.create)
    warc.write(PAGE)
    disk.broken.add("fsync")
    with pytest.raises(StorageError, match="Input/output error"):
        warc.close()
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.open"]


def test_folder_that_cannot_be_created_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "warc").write_text("a file")
    with (
        writer(tmp_path / "warc") as warc,
        pytest.raises(StorageError, match="cannot create a WARC file in"),
    ):
        warc.write(PAGE)


WRITE_FOREVER = """
import resource, sys
from itertools import count
from pathlib import Path
from newscrawl.core.errors import StorageError
from tests.support.archive_cases import article, writer
if int(sys.argv[2]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    with writer(Path(sys.argv[1])) as warc:
        for number in count(1):
            done = warc.write(article(number, b"<p>" + bytes(range(256)) * (number % 50)))
            print(done.warc_offset, done.warc_length, done.url, flush=True)
except StorageError as error:
    print(error.message.rpartition(": ")[2])
"""


def write_forever(folder: Path, limit: int) -> subprocess.Popen[str]:
    """A process that writes up to the file size limit (0: none); one line per acknowledged page."""
    command = [sys.executable, "-c", WRITE_FOREVER, str(folder), str(limit)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )


def test_file_size_limit_of_the_system_keeps_every_acknowledged_page(tmp_path: Path) -> None:
    *lines, last = write_forever(tmp_path, 20_000).communicate(timeout=60)[0].splitlines()
    assert last == "File too large"
    assert len(lines) > 3
    assert list(check(tmp_path / NAME)) == []
    assert list(acknowledged(tmp_path, lines)) == [
        article(number).url for number in range(1, len(lines) + 1)
    ]


def test_killed_writer_loses_no_acknowledged_page(tmp_path: Path) -> None:
    process = write_forever(tmp_path, 0)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(200)]
    os.kill(process.pid, signal.SIGKILL)
    lines += process.communicate(timeout=60)[0].splitlines(keepends=True)
    lines = [line for line in lines if line.endswith("\n")]
    (repaired,) = repair(tmp_path)
    assert repaired.warc_file == NAME
    assert list(check(tmp_path / NAME)) == []
    assert list(acknowledged(tmp_path, lines)) == [
        article(number).url for number in range(1, len(lines) + 1)
    ]


def acknowledged(folder: Path, lines: list[str]) -> Iterator[str]:
    """The pages at the pointers that a process printed."""
    for line in lines:
        offset, length, url = line.split()
        record = read_at(folder, NAME, int(offset), int(length))
        assert record.url == url
        yield record.url


def read_on(path: Path) -> tuple[list[Record], list[Finding]]:
    """All readable pages, and the damage between them."""
    damage: list[Finding] = []
    return list(pages(path, lambda _, finding: damage.append(finding))), damage


def write_until_failure(warc: WarcWriter) -> tuple[list[Capture], StorageError]:
    written: list[Capture] = []
    for number in (1, 2, 3):
        try:
            written.append(warc.write(article(number)))
        except StorageError as error:
            return written, error
    raise AssertionError("the disk had room for everything")


def record_ends(data: bytes) -> list[int]:
    """The end of each record, found with gzip alone, after a 0."""
    ends = [0]
    while ends[-1] < len(data):
        unpacker = zlib.decompressobj(31)
        unpacker.decompress(data[ends[-1] :])
        ends.append(len(data) - len(unpacker.unused_data))
    return ends
