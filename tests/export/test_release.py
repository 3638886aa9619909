"""A release is complete, verifiable and reproducible. Without texts, raw pages fill them in again."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
import yaml

from newscrawl.core.errors import UsageError
from newscrawl.demo.server import DemoServer
from newscrawl.export.release.build import release
from newscrawl.export.release.citation import Citation, citation_cff
from newscrawl.export.release.rehydrate import rehydrate
from newscrawl.sites.config import load_config
from newscrawl.store.filters import Filter
from newscrawl.store.schema.migrations import MIGRATIONS
from tests.support.crawling import crawl, crawl_both_editions, newscrawl, query
from tests.support.normalised import differences
from tests.support.old_schema import old_archive

CITATION = (
    "--title",
    "Đường sắt: tin",
    "--author",
    "Lê, An",
    "--author",
    "A: Group",
    "--date",
    "2026-11-01",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two editions of the newspaper, found through category pages, feeds and sitemaps."""
    folder = tmp_path_factory.mktemp("archive")
    crawl_both_editions(folder, "--discover", "category,feed,sitemap")
    return folder


@pytest.fixture(scope="module")
def whole(archive: Path) -> Path:
    return made(archive, archive.parent / "whole")


@pytest.fixture(scope="module")
def textless(archive: Path) -> Path:
    return made(archive, archive.parent / "textless", "--no-text")


def test_release_as_an_archive_reports_what_it_lacks(
    archive: Path, whole: Path, textless: Path
) -> None:
    checked = newscrawl("verify", archive=whole)
    assert (checked.returncode, "no errors found" in checked.stderr) == (0, True), checked.stderr
    key = table(whole / "csv" / "articles.csv")[0]["key"]
    shown = newscrawl("show", key, "--html", archive=whole)
    assert (shown.returncode, "contains no raw pages" in shown.stderr) == (2, True)
    assert (
        "this release contains no texts; to restore them: newscrawl rehydrate"
        in newscrawl("search", "duong", archive=textless).stderr
    )
    assert (
        "this release contains no texts" not in newscrawl("search", "duong", archive=whole).stderr
    )


def made(archive: Path, target: Path, *more: str) -> Path:
    done = newscrawl("release", str(target), *CITATION, *more, archive=archive)
    assert done.returncode == 0, done.stderr
    return target


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_file_has_a_hash(whole: Path, textless: Path) -> None:
    for folder in (whole, textless):
        subprocess.run(
            ["sha256sum", "-c", "--quiet", "--strict", "SHA256SUMS"], cwd=folder, check=True
        )
        listed = {
            line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines()
        }
        there = {
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        }
        assert there - listed == {"SHA256SUMS"}


def test_same_archive_gives_the_same_bytes(archive: Path, whole: Path, tmp_path: Path) -> None:
    again = made(archive, tmp_path / "again")
    assert (again / "SHA256SUMS").read_text("utf-8") == (whole / "SHA256SUMS").read_text("utf-8")


def test_release_contains_what_the_archive_contains(archive: Path, whole: Path) -> None:
    assert differences(archive, whole, leave_out=frozenset({"frontier"})) == []
    assert query(whole, "SELECT count(*) FROM frontier") == [(0,)]
    assert query(whole, "PRAGMA journal_mode") == [("delete",)]
    found = newscrawl("search", "duong sat", "--json", archive=whole)
    assert (found.returncode, "235425" in found.stdout) == (0, True)


def test_release_without_texts_has_none_in_any_file(archive: Path, textless: Path) -> None:
    texts = {
        text
        for (text,) in query(
            archive, "SELECT summary FROM articles UNION SELECT summary FROM listings"
        )
    }
    for (body,) in query(archive, "SELECT body FROM revisions UNION SELECT body FROM bodies"):
        texts |= set((body or "").split("\n\n"))
    titles = "\n".join(title for (title,) in query(archive, "SELECT title FROM articles"))
    long = {text.encode() for text in texts if text and len(text) > 30 and text not in titles}
    assert len(long) > 300
    for path in sorted(textless.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        assert [text for text in long if text in content] == [], path.name
    assert query(textless, "SELECT count(*) FROM articles WHERE body_hash IS NOT NULL") == query(
        archive, "SELECT count(*) FROM articles WHERE body_hash IS NOT NULL"
    )


def test_raw_pages_fill_in_the_texts(
    archive: Path, whole: Path, textless: Path, tmp_path: Path
) -> None:
    filled = tmp_path / "filled"
    done = newscrawl(
        "rehydrate",
        str(textless),
        "--from-warc",
        str(archive / "warc"),
        "-o",
        str(filled),
        archive=filled,
    )
    assert done.returncode == 0, done.stderr
    assert differences(whole, filled) == []
    assert newscrawl("verify", "--no-warc", archive=filled).returncode == 0
    assert not (filled / "removed-texts.csv").exists()


def test_text_with_another_hash_is_not_filled_in(
    archive: Path, textless: Path, tmp_path: Path
) -> None:
    subprocess.run(["cp", "-r", str(textless), str(tmp_path / "release")], check=True)
    listed = tmp_path / "release" / "csv" / "removed-texts.csv"
    lines = listed.read_text("utf-8").splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("bodies,"))
    lines[place] = lines[place][:-64] + "0" * 64
    listed.write_text("\n".join(lines) + "\n", "utf-8")
    done = rehydrate(tmp_path / "release", archive / "warc", tmp_path / "filled")
    article = int(lines[place].split(",")[2])
    assert [(one.table, one.row) for one in done.missing] == [("bodies", str(article))]
    assert query(
        tmp_path / "filled", f"SELECT count(*) FROM bodies WHERE article_id = {article}"
    ) == [(0,)]
    assert [row["row"] for row in table(tmp_path / "filled" / "removed-texts.csv")] == [
        str(article)
    ]


def test_raw_pages_of_another_crawl_fill_in_texts(
    textless: Path, whole: Path, tmp_path: Path
) -> None:
    ((base_url,),) = query(textless, "SELECT DISTINCT options ->> '$.base_url' FROM crawls")
    with DemoServer(int(base_url.rpartition(":")[2])) as server:
        crawl(server, tmp_path / "mine")
    done = rehydrate(textless, tmp_path / "mine" / "warc", tmp_path / "filled")
    assert (done.filled > 300, len(done.missing) > 0) == (
        True,
        True,
    )  # the crawl lacks the texts of the second edition
    wrong = [row for row in query(tmp_path / "filled", "SELECT * FROM bodies")
             if row not in query(whole, "SELECT * FROM bodies")]  # fmt: skip
    assert wrong == []


def test_filter_selects_articles_and_keeps_linked_ones_as_stubs(
    archive: Path, tmp_path: Path
) -> None:
    part = made(
        archive, tmp_path / "part", "--site", "demo", "--since", "2026-05", "--until", "2026-06"
    )
    chosen = "substr(published_local, 1, 7) IN ('2026-05', '2026-06')"
    assert query(part, f"SELECT count(*) FROM articles WHERE revision > 0 AND {chosen}") == query(
        archive, f"SELECT count(*) FROM articles WHERE revision > 0 AND {chosen}"
    )
    assert query(part, f"SELECT count(*) FROM articles WHERE revision > 0 AND NOT {chosen}") == [
        (0,)
    ]
    assert query(part, "SELECT count(*) > 0 FROM articles WHERE state = 'stub'") == [(1,)]
    assert query(part, "PRAGMA foreign_key_check") == []
    assert newscrawl("verify", "--no-warc", archive=part).returncode == 0


def test_columns_are_described_with_their_types(whole: Path) -> None:
    package = json.loads((whole / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        with (whole / resource["path"]).open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == header
        assert [field["name"] for field in fields if not field.get("description")] == []
        for place, field in enumerate(fields):
            if field["type"] == "integer":
                assert all(row[place] == "" or int(row[place]) >= 0 for row in rows), field["name"]


def test_schema_creates_the_database(whole: Path) -> None:
    with sqlite3.connect(":memory:") as db:
        db.executescript((whole / "schema.sql").read_text("utf-8"))
        made_of = {
            row[0]
            for row in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        }
    assert {"articles", "revisions", "articles_fts", "front_pages"} <= made_of


def test_versions_site_files_and_robots_are_included(whole: Path) -> None:
    versions = json.loads((whole / "versions.json").read_text("utf-8"))
    assert set(versions["site_files"]) == {"demo.toml", "bnews.toml"}
    assert {path.name for path in (whole / "sites").iterdir()} == set(versions["site_files"])
    index = table(whole / "robots" / "index.csv")
    assert "Sitemap:" in (whole / "robots" / index[0]["file"]).read_text("utf-8")


def test_citation_is_yaml_with_the_given_values(whole: Path) -> None:
    citation = yaml.safe_load((whole / "CITATION.cff").read_text("utf-8"))
    assert (citation["cff-version"], citation["type"], citation["title"]) == (
        "1.2.0",
        "dataset",
        "Đường sắt: tin",
    )
    assert citation["authors"] == [
        {"family-names": "Lê", "given-names": "An"},
        {"name": "A: Group"},
    ]
    assert str(citation["date-released"]) == "2026-11-01"


@pytest.mark.parametrize(("title", "authors"), [("", ("A, B",)), ("T", ()), ("T", (" , ",))])
def test_release_without_title_or_author_is_refused(title: str, authors: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="title and at least one author"):
        citation_cff(Citation(title, authors, date(2026, 11, 1)), "")


def test_title_and_authors_may_be_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / "newscrawl.toml").write_text(
        '[release]\ntitle = "T"\nauthors = ["Lê, An"]\n', "utf-8"
    )
    assert load_config(tmp_path, {}).release.authors == ("Lê, An",)


def test_site_without_a_site_file_is_released_and_said_to_be_unmeasured(
    archive: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(archive, tmp_path / "archive")
    with closing(sqlite3.connect(other / "newscrawl.db")) as db, db:
        db.execute(
            "INSERT INTO sites (site, name, domain, language, timezone)"
            " VALUES ('closed', 'The Closed', 'closed.example', 'en', 'UTC')"
        )
    dataset = made(other, tmp_path / "dataset")
    coverage = json.loads((dataset / "coverage.json").read_text("utf-8"))
    assert coverage["completeness_not_measured"] == ["closed"]
    assert [report["site"] for report in coverage["completeness"]] == ["demo"]
    sentence = "The completeness of closed was not measured, because there is no site file."
    assert sentence in (dataset / "README.md").read_text("utf-8")


def test_folder_that_is_not_empty_is_not_changed(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="not an empty folder"):
        release(archive, tmp_path, Citation("T", ("A, B",), date(2026, 11, 1)), Filter())
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_failed_release_leaves_nothing(archive: Path, tmp_path: Path) -> None:
    done = newscrawl(
        "release", str(tmp_path / "out"), *CITATION, "--site", "nobody", archive=archive
    )
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])


@pytest.mark.parametrize(
    "line", ["articles,url,1,x", "articles; --,summary,1,x", "bodies,body,one,x", "bodies,body", ""]
)
def test_odd_list_of_texts_is_damage_and_never_an_internal_error(
    archive: Path, textless: Path, tmp_path: Path, line: str
) -> None:
    odd = Path(shutil.copytree(textless, tmp_path / "odd"))
    (odd / "csv" / "removed-texts.csv").write_text(f"table,column,row,hash\n{line}\n", "utf-8")
    warc = ("--from-warc", str(archive / "warc"))
    target = tmp_path / "target"
    done = newscrawl("rehydrate", str(odd), *warc, "-o", str(target), archive=tmp_path / "none")
    assert done.returncode == 5, done.stderr
    assert "removed-texts.csv, line 2: expected a text that was left out" in done.stderr
    assert not target.exists()


@pytest.mark.parametrize("migrations", range(1, len(MIGRATIONS)))
def test_archive_of_an_earlier_schema_is_released_from_an_upgraded_copy(
    archive: Path, tmp_path: Path, migrations: int
) -> None:
    old = old_archive(tmp_path / "old", archive, migrations)
    before = (old / "newscrawl.db").read_bytes()
    done = newscrawl("release", str(tmp_path / "released"), *CITATION, archive=old)
    assert done.returncode == 0, done.stderr
    assert (old / "newscrawl.db").read_bytes() == before
    released = "SELECT count(*) FROM articles WHERE state = 'stored'"
    assert query(tmp_path / "released", released) == query(archive, released)
    assert newscrawl("verify", archive=tmp_path / "released").returncode == 0


def test_archive_of_the_first_schema_is_whole_to_verify(archive: Path, tmp_path: Path) -> None:
    old = old_archive(tmp_path / "old", archive)
    done = newscrawl("verify", "--no-warc", archive=old)
    assert done.returncode == 0, done.stdout
