"""`import --link`: pages stay in the files of others, are read there, and are checked by their digest."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from newscrawl.archive.rebuild import rebuild
from tests.history.test_import import CHUNKED, OLD, ONE, SECOND, chunks, revisions, rows, run, times
from tests.support.archive_builder import newscrawl
from tests.support.foreign_archives import FORMATS, Stored, archive, write
from tests.support.normalised import differences

PAGES = (*OLD, Stored(url=ONE, at="2020-02-01T00:00:00Z", body=chunks(SECOND), headers=CHUNKED))
READABLE = {"members.warc.gz", "plain.warc"}


@pytest.fixture
def linked(tmp_path: Path) -> tuple[Path, Path]:
    """An archive with linked pages, and the file that they are in."""
    file = write(tmp_path, "members.warc.gz", PAGES)
    folder = archive(tmp_path / "data")
    done = run(folder, "--link", file)
    assert (done.exit_code, done.stderr) == (0, "")
    assert (
        "3 article pages, 1 category page and 0 missing pages from 1 file (4 linked); "
        in done.stdout
    )
    return folder, file


@pytest.mark.parametrize("name", FORMATS)
def test_linked_pages_are_as_if_they_were_copied(tmp_path: Path, name: str) -> None:
    file = write(tmp_path, name, PAGES)
    copied, linked = archive(tmp_path / "copied"), archive(tmp_path / "linked")
    assert run(copied, file).exit_code == 0
    done = run(linked, "--link", "--json", file)
    assert json.loads(done.stdout)["linked"] == (4 if name in READABLE else 0)
    assert done.stderr == (
        ""
        if name in READABLE
        else "4 pages copied: pages in ARC, WACZ, Zstandard and whole-file gzip files cannot be"
        " linked\n"
    )
    assert differences(copied, linked) == []
    assert times(copied) == times(linked)
    digests = "SELECT url, fetched_at, payload_digest, source_address FROM captures ORDER BY url, fetched_at"
    assert rows(copied, digests) == rows(linked, digests)
    assert run(linked, "--link", file).stdout.count(" 4 known, ") == 1
    assert newscrawl(linked, "verify").exit_code == 0


def test_raw_page_is_read_from_the_other_file(linked: tuple[Path, Path]) -> None:
    folder, _ = linked
    assert newscrawl(folder, "show", "1", "--html").stdout_bytes == SECOND
    assert SECOND not in b"".join(path.read_bytes() for path in (folder / "warc").iterdir())


def test_rebuild_and_reextract_follow_links(linked: tuple[Path, Path], tmp_path: Path) -> None:
    folder, _ = linked
    again = archive(tmp_path / "again")
    rebuild(again, folder / "warc", jobs=1)
    assert differences(folder, again) == []
    assert " 0 differ, 0 released" in newscrawl(folder, "reextract", "--dry-run").stdout


def test_missing_file_is_named_and_nothing_is_lost(linked: tuple[Path, Path]) -> None:
    folder, file = linked
    before = revisions(folder)
    moved = file.rename(file.with_name("elsewhere"))
    done = newscrawl(folder, "show", "1", "--html")
    assert done.exit_code == 5
    assert done.stderr == (
        f"error: the linked file {file} is missing\n"
        f"hint: put that file back, or put it into {folder / 'linked'}/\n"
    )
    done = newscrawl(folder, "verify", "--json")
    assert done.exit_code == 5
    flaws = json.loads(done.stdout)
    assert {flaw["message"] for flaw in flaws} == {f"the linked file {file} is missing"}
    assert [flaw["code"] for flaw in flaws] == ["warc_linked_missing"] * 4
    done = newscrawl(folder, "verify")
    assert done.stdout.count("warc_linked_missing") == 1
    assert "4 pages" in done.stdout
    assert done.stderr == (
        f"4 errors in {folder}\n"
        f"hint: put the linked files back, or put them into {folder / 'linked'}/\n"
    )
    assert revisions(folder) == before
    (folder / "linked").mkdir()
    moved.rename(folder / "linked" / file.name)
    assert newscrawl(folder, "verify").exit_code == 0
    assert newscrawl(folder, "show", "1", "--html").stdout_bytes == SECOND


def test_other_bytes_are_never_taken_for_the_page(linked: tuple[Path, Path]) -> None:
    folder, file = linked
    other = Stored(url=ONE, at="2020-02-01T00:00:00Z", body=chunks(SECOND[::-1]), headers=CHUNKED)
    write(file.parent, file.name, (*OLD, other))
    done = newscrawl(folder, "show", "1", "--html")
    assert done.exit_code == 5
    assert f"the linked file {file} has another page at " in done.stderr
    assert newscrawl(folder, "verify").exit_code == 5


def test_export_leaves_linked_pages_out_and_says_so(
    linked: tuple[Path, Path], tmp_path: Path
) -> None:
    target = tmp_path / "x.wacz"
    done = newscrawl(linked[0], "export", "wacz", "-o", str(target))
    assert done.exit_code == 0
    assert done.stderr == (
        f"0 raw pages written to {target}\n"
        "4 linked pages left out: their bytes are in other files:\n"
        f"  {linked[1]}\n"
        "hint: the file has no pages; give the linked files to the replay tool\n"
    )
    done = newscrawl(linked[0], "export", "cdxj")
    assert done.stderr == (
        "4 raw pages written\n"
        "4 linked pages among them: a replay tool needs these files too:\n"
        f"  {linked[1]}\n"
    )
    assert zipfile.ZipFile(target).testzip() is None


def test_standard_input_cannot_be_linked(tmp_path: Path) -> None:
    done = newscrawl(archive(tmp_path / "data"), "import", "--link", "-", stdin=b"")
    assert done.exit_code == 2
    assert "--link: standard input cannot be read again" in done.stderr


def test_a_pipe_in_place_of_the_file_is_not_opened(linked: tuple[Path, Path]) -> None:
    folder, file = linked
    file.unlink()
    os.mkfifo(file)
    done = newscrawl(folder, "show", "1", "--html")
    assert f"error: the linked file {file} is missing\n" in done.stderr


def test_repair_queues_the_pages_of_a_missing_file(linked: tuple[Path, Path]) -> None:
    folder, file = linked
    moved = file.rename(file.with_name("elsewhere"))
    done = newscrawl(folder, "verify", "--repair")
    assert done.exit_code == 5
    assert "4 lost raw pages recorded" in done.stderr
    assert "; 4 errors left\n" in done.stderr
    assert newscrawl(folder, "verify").stderr.startswith("4 errors in ")
    moved.rename(file)
    assert newscrawl(folder, "verify").exit_code == 0


def test_an_export_without_pages_has_a_hint(linked: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "x.wacz"
    done = newscrawl(linked[0], "export", "wacz", "--since", "2030", "-o", str(target))
    assert done.stderr == (
        f"0 raw pages written to {target}\n"
        "hint: no raw pages fit these options; choose other days or another site\n"
    )
