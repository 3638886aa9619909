"""`export wacz` and `export cdxj`: what is in the files, and what `wacz validate` says."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from newscrawl.warc import warc_files
from tests.support.crawling import newscrawl, printed
from tests.support.replay_tools import replay_tool
from tests.support.three_crawls import Shown, living_crawls

THIRD_DAY = ("--since", "2026-09-03", "--until", "2026-09-03")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Shown]]:
    """An archive of three crawls with 304 answers, and what its captures showed."""
    folder = tmp_path_factory.mktemp("archive")
    return folder, living_crawls(folder, validators=True)


def exported(folder: Path, target: Path, *options: str) -> zipfile.ZipFile:
    """The WACZ file that a command writes."""
    printed(folder, "export", "wacz", "-o", str(target), *options)
    return zipfile.ZipFile(target)


def index_of(package: zipfile.ZipFile) -> list[tuple[str, str, dict[str, str]]]:
    """The lines of the index: key, time and values."""
    return lines_of(gzip.decompress(package.read("indexes/index.cdx.gz")).decode())


def lines_of(text: str) -> list[tuple[str, str, dict[str, str]]]:
    found = []
    for line in text.splitlines():
        key, timestamp, values = line.split(" ", 2)
        found.append((key, timestamp, json.loads(values)))
    return found


def pages_of(package: zipfile.ZipFile) -> list[dict[str, Any]]:
    """The pages of the package, without the header of the list."""
    header, *pages = map(json.loads, package.read("pages/pages.jsonl").splitlines())
    assert header["format"] == "json-pages-1.0"
    return pages


def test_every_part_is_listed_with_its_size_and_digest(
    archive: tuple[Path, list[Shown]], tmp_path: Path
) -> None:
    package = exported(archive[0], tmp_path / "all.wacz")
    description = json.loads(package.read("datapackage.json"))
    parts = {part["path"]: part for part in description["resources"]}
    assert {*parts, "datapackage.json", "datapackage-digest.json"} == set(package.namelist())
    for path, part in parts.items():
        data = package.read(path)
        assert (part["bytes"], part["hash"]) == (len(data), sha256(data))
    digest = json.loads(package.read("datapackage-digest.json"))
    assert digest["hash"] == sha256(package.read("datapackage.json"))
    assert description["title"] == "The Living Paper"


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_whole_archive_has_the_same_warc_files(
    archive: tuple[Path, list[Shown]], tmp_path: Path
) -> None:
    package = exported(archive[0], tmp_path / "all.wacz")
    for path in warc_files(archive[0] / "warc"):
        assert package.read(f"archive/{path.name}") == path.read_bytes()


@pytest.mark.parametrize("options", [(), THIRD_DAY], ids=["all", "third_day"])
def test_index_leads_to_every_capture(
    archive: tuple[Path, list[Shown]], tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Of the third day alone, too: the pages that its revisits refer to are in the package."""
    folder, shown = archive
    package = exported(folder, tmp_path / "some.wacz", *options)
    index = index_of(package)
    assert index == sorted(index, key=lambda line: line[:2])
    bodies: dict[tuple[str, str], bytes] = {}
    revisits: dict[tuple[str, str], tuple[str, str]] = {}
    for _, timestamp, values in index:
        record = record_in(package, values)
        place = values["url"], timestamp
        if values["mime"] == "warc/revisit":
            date = record.rec_headers["WARC-Refers-To-Date"].translate(
                {ord(c): None for c in "-:TZ"}
            )
            revisits[place] = record.rec_headers["WARC-Refers-To-Target-URI"], date
        else:
            bodies[place] = record.content_stream().read()
    for place, referred in revisits.items():
        bodies[place] = bodies[referred]
    expected = [page for page in shown if not options or page.timestamp.startswith("20260903")]
    assert {page.status for page in expected} == {200, 304}
    for page in expected:
        assert bodies[page.url, page.timestamp] == page.body
    if options:
        assert len(index) < len(shown)


def record_in(package: zipfile.ZipFile, values: dict[str, str]) -> Any:
    data = package.read(f"archive/{values['filename']}")
    start = int(values["offset"])
    member = io.BytesIO(data[start : start + int(values["length"])])
    return next(iter(ArchiveIterator(member)))


def test_pages_have_title_text_and_time(archive: tuple[Path, list[Shown]], tmp_path: Path) -> None:
    pages = pages_of(exported(archive[0], tmp_path / "all.wacz"))
    versions = [(page["ts"], page["text"]) for page in pages if page["title"] == "Headline 3"]
    assert versions == [(f"2026-09-0{day + 1}T06:00:00Z", f"As on day {day}.") for day in range(3)]
    assert [page["title"] for page in pages if "text" not in page] == ["news"]


def test_first_lines_of_index_blocks_lead_to_the_blocks(
    archive: tuple[Path, list[Shown]], tmp_path: Path
) -> None:
    package = exported(archive[0], tmp_path / "all.wacz")
    data = package.read("indexes/index.cdx.gz")
    (meta, *blocks) = package.read("indexes/index.idx").decode().splitlines()
    assert json.loads(meta.removeprefix("!meta 0 "))["format"] == "cdxj-gzip-1.0"
    ((key, timestamp, place),) = lines_of("\n".join(blocks))
    block = data[int(place["offset"]) : int(place["offset"]) + int(place["length"])]
    assert sha256(block) == place["digest"]
    assert gzip.decompress(block).decode().startswith(f"{key} {timestamp} ")


def test_cdxj_points_into_the_archive(archive: tuple[Path, list[Shown]]) -> None:
    folder, shown = archive
    lines = lines_of(printed(folder, "export", "cdxj"))
    assert len(lines) == len(shown) + 3  # a robots.txt, which is missing, in each crawl
    for _, _, values in lines:
        data = (folder / "warc" / values["filename"]).read_bytes()[int(values["offset"]) :]
        record = next(iter(ArchiveIterator(io.BytesIO(data))))
        assert record.rec_headers["WARC-Target-URI"] == values["url"]
        assert record.rec_headers["WARC-Payload-Digest"] == values.get("digest")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--category", "news"), "--category does not choose raw pages"),
        (("--search", "word"), "--search does not choose raw pages"),
        (("--min-words", "3"), "--min-words does not choose raw pages"),
        (("--excel",), "--stubs, --excel and --partition do not apply to wacz"),
        (("--format", "csv"), "wacz has no other format"),
        (("--site", "nowhere"), "nowhere"),
        (("-o", "x.csv"), "the extension .csv does not fit wacz"),
    ],
)
def test_options_that_do_not_apply_are_refused(
    archive: tuple[Path, list[Shown]], tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    done = newscrawl("export", "wacz", "-o", str(tmp_path / "x.wacz"), *options, archive=archive[0])
    assert done.returncode == 2
    assert message in done.stderr
    assert not list(tmp_path.iterdir())


def test_damaged_record_is_left_out_and_named(
    archive: tuple[Path, list[Shown]], tmp_path: Path
) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(archive[0], folder)
    path = warc_files(folder / "warc")[0]
    data = bytearray(path.read_bytes())
    key, timestamp, place = next(
        line
        for line in lines_of(printed(folder, "export", "cdxj"))
        if line[2]["filename"] == path.name and line[2]["url"].endswith("-1.html")
    )
    data[int(place["offset"]) + int(place["length"]) - 6] ^= 1
    path.write_bytes(data)
    target = tmp_path / "some.wacz"
    done = newscrawl("export", "wacz", "-o", str(target), archive=folder)
    assert done.returncode == 5
    assert f"left out: damaged WARC file: {path}, offset {place['offset']}: " in done.stderr
    assert "error: 1 raw page cannot be read" in done.stderr
    left = [line[:2] for line in index_of(zipfile.ZipFile(target))]
    assert (key, timestamp) not in left
    titles = {page["title"] for page in pages_of(zipfile.ZipFile(target))}
    assert titles == {"Headline 2", "Headline 3", "news"}  # no page that is not there


def test_wacz_validate_accepts_the_file(archive: tuple[Path, list[Shown]], tmp_path: Path) -> None:
    program = replay_tool("wacz")
    for options in ((), THIRD_DAY):
        target = tmp_path / "x.wacz"
        exported(archive[0], target, *options)
        done = subprocess.run([program, "validate", "-f", target], capture_output=True, text=True)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (
            0, "Validation succeeded, the passed WACZ is valid",
        )  # fmt: skip
