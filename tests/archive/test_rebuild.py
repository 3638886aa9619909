"""A rebuild and a re-extraction of raw pages give what the crawl stored."""

from __future__ import annotations

import json
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from newscrawl.archive.rebuild import count_records
from newscrawl.core.folder import DATABASE
from newscrawl.demo.server import DemoServer
from tests.support.crawling import crawl, crawl_both_editions, newscrawl, query
from tests.support.normalised import differences


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two editions of the newspaper, all pages of the second requested again."""
    folder = tmp_path_factory.mktemp("archive")
    crawl_both_editions(folder)
    return folder


def copy_of(archive: Path, target: Path) -> Path:
    return Path(shutil.copytree(archive, target))


def site_file(archive: Path, *changes: tuple[str, str]) -> None:
    """A site file in the archive: that of the demo, which extends bnews, with texts replaced."""
    package = Path(__file__).parents[2] / "newscrawl"
    bnews = (package / "sites" / "bnews.toml").read_text("utf-8")
    for old, new in changes:
        assert old in bnews
        bnews = bnews.replace(old, new)
    (archive / "sites").mkdir(exist_ok=True)
    (archive / "sites" / "bnews.toml").write_text(bnews, "utf-8")
    (archive / "sites" / "demo.toml").write_text(
        (package / "demo" / "demo.toml").read_text("utf-8"), "utf-8"
    )


def test_rebuilt_database_is_the_same(archive: Path, tmp_path: Path) -> None:
    rebuilt = tmp_path / "rebuilt"
    done = newscrawl("rebuild", "--from-warc", str(archive / "warc"), archive=rebuilt)
    assert done.returncode == 0, done.stderr
    assert differences(archive, rebuilt) == []
    assert newscrawl("verify", archive=rebuilt).returncode == 0
    for table in ("captures", "revisions", "listings"):
        assert query(archive, f"SELECT count(*) FROM {table}") == query(
            rebuilt, f"SELECT count(*) FROM {table}"
        )


def test_progress_names_the_total(archive: Path, tmp_path: Path) -> None:
    (count,) = query(archive, "SELECT count(*) FROM captures WHERE warc_file IS NOT NULL")[0]
    assert count_records(tmp_path, archive / "warc") == count
    leader, follower = pty.openpty()
    rebuilt = tmp_path / "rebuilt"
    command = [sys.executable, "-m", "newscrawl", "--archive", str(rebuilt), "rebuild"]
    done = subprocess.run(
        [*command, "--from-warc", str(archive / "warc")], stdout=subprocess.DEVNULL, stderr=follower
    )
    os.close(follower)
    shown = os.read(leader, 65536).decode()
    os.close(leader)
    assert done.returncode == 0
    assert f" of {count} pages" in shown


def test_feeds_and_sitemaps_are_rebuilt(tmp_path: Path) -> None:
    with DemoServer() as server:
        crawl(
            server,
            tmp_path / "crawled",
            "--discover",
            "category,feed,sitemap",
            "--since",
            "2026-01",
        )
    warc = str(tmp_path / "crawled" / "warc")
    assert newscrawl("rebuild", "--from-warc", warc, archive=tmp_path / "rebuilt").returncode == 0
    assert differences(tmp_path / "crawled", tmp_path / "rebuilt") == []
    shown = "SELECT count(*), count(DISTINCT source_url) FROM discoveries"
    assert query(tmp_path / "crawled", shown) == query(tmp_path / "rebuilt", shown)
    assert query(tmp_path / "rebuilt", shown)[0][0] > 0


def test_rebuild_never_overwrites_a_database(archive: Path) -> None:
    done = newscrawl("rebuild", "--from-warc", str(archive / "warc"), archive=archive)
    assert done.returncode == 2
    assert "move all its files away together: mkdir " in done.stderr


def test_database_moved_away_as_the_hint_advises_keeps_the_last_commit(
    archive: Path, tmp_path: Path
) -> None:
    """With a commit that is only in the -wal file, as after a kill."""
    folder = tmp_path / "an archive"
    folder.mkdir()
    shutil.copy(archive / DATABASE, folder)
    db = sqlite3.connect(folder / DATABASE)
    db.execute("PRAGMA journal_mode = wal")
    db.execute("UPDATE articles SET title = 'stored last' WHERE id = 1")
    db.commit()
    hint = newscrawl(
        "rebuild", "--from-warc", str(archive / "warc"), archive=folder
    ).stderr.partition("together: ")[2]
    subprocess.run(["sh", "-c", hint], check=True)
    db.close()
    assert not (folder / DATABASE).exists()
    assert query(folder / "old", "SELECT title FROM articles WHERE id = 1")[0][0] == "stored last"


def test_reextraction_with_the_same_site_file_changes_nothing(archive: Path) -> None:
    done = newscrawl("reextract", "demo", "--dry-run", "--json", archive=archive)
    report = json.loads(done.stdout)[0]
    assert (report["changed_pages"], report["released"], report["fields"]) == (0, 0, [])
    assert report["pages"] >= 79


def test_dry_run_reports_what_a_better_site_file_would_change(
    archive: Path, tmp_path: Path
) -> None:
    folder = copy_of(archive, tmp_path / "copy")
    before = copy_of(archive, tmp_path / "before")
    site_file(
        folder, ('tags = ".b-tags a"\n', ""), ('select = "div.lr-ct"\n', 'select = "div.lr-ct p"\n')
    )
    done = newscrawl("reextract", "demo", "--dry-run", "--json", archive=folder)
    report = json.loads(done.stdout)[0]
    kinds = {(row["template"], row["field"], row["kind"]) for row in report["fields"]}
    assert ("2026", "tags", "lost") in kinds
    assert ("2026", "body", "changed") in kinds
    assert {template for template, _, _ in kinds} == {"2026"}
    assert differences(before, folder) == []


def test_reextraction_replaces_rows_and_makes_no_revision(archive: Path, tmp_path: Path) -> None:
    folder = copy_of(archive, tmp_path / "copy")
    numbers = query(folder, "SELECT key, revision FROM articles ORDER BY key")
    site_file(folder, ('title = ["h1.font-42", ', 'title = ["json-ld:description", '))
    assert newscrawl("reextract", "demo", archive=folder).returncode == 0
    assert query(folder, "SELECT key, revision FROM articles ORDER BY key") == numbers
    changed = query(
        folder, "SELECT count(*) FROM articles WHERE template = '2026' AND revision > 0"
    )[0][0]
    assert changed > 0
    assert newscrawl("verify", archive=folder).returncode == 0
    site_file(folder)
    assert newscrawl("reextract", "demo", archive=folder).returncode == 0
    assert differences(archive, folder) == []


def test_corrected_site_file_releases_rejected_pages(tmp_path: Path) -> None:
    site_file(tmp_path, ('marker = ["h1.font-42", "div.lr-ct"]', 'marker = "h1.not-there"'))
    with DemoServer() as server:
        summary = crawl(server, tmp_path)
        assert summary["failed"]["no_template"] > 0
        site_file(tmp_path)
        report = json.loads(newscrawl("reextract", "demo", "--json", archive=tmp_path).stdout)[0]
        assert report["released"] == summary["failed"]["no_template"]
        whole = tmp_path / "whole"
        crawl(server, whole)
    # It makes no difference in the end whether a stub was first seen in a list or on its page.
    assert differences(whole, tmp_path) == []


def test_damage_affects_only_the_damaged_record(archive: Path, tmp_path: Path) -> None:
    folder = copy_of(archive, tmp_path / "copy")
    name, offset, length = query(
        folder,
        "SELECT warc_file, warc_offset, warc_length FROM captures WHERE kind = 'article' ORDER BY id LIMIT 1",
    )[0]
    data = bytearray((folder / "warc" / name).read_bytes())
    data[offset + length // 2] ^= 0xFF
    (folder / "warc" / name).write_bytes(data)
    done = newscrawl("verify", "--json", archive=folder)
    assert done.returncode == 5
    assert {flaw["code"] for flaw in json.loads(done.stdout)} >= {"pointer"}
    rebuilt = tmp_path / "rebuilt"
    again = newscrawl("rebuild", "--from-warc", str(folder / "warc"), "--json", archive=rebuilt)
    assert again.returncode == 0
    result = json.loads(again.stdout)
    assert len(result["damage"]) == 1
    assert query(rebuilt, "SELECT count(*) >= 78 FROM articles WHERE revision > 0") == [(1,)]


def test_flipped_letter_in_a_body_is_found(archive: Path, tmp_path: Path) -> None:
    folder = copy_of(archive, tmp_path / "copy")
    db = sqlite3.connect(folder / "newscrawl.db")
    db.execute("DROP TRIGGER bodies_fts_before")
    db.execute("DROP TRIGGER bodies_fts_after")
    db.execute(
        "UPDATE bodies SET body = 'x' || body WHERE article_id = (SELECT min(article_id) FROM bodies)"
    )
    db.commit()
    db.close()
    done = newscrawl("verify", "--no-warc", "--json", archive=folder)
    assert done.returncode == 5
    assert "body_hash" in {flaw["code"] for flaw in json.loads(done.stdout)}


def test_corrupt_database_is_refused_before_anything_is_written(
    archive: Path, tmp_path: Path
) -> None:
    folder = copy_of(archive, tmp_path / "copy")
    path = folder / "newscrawl.db"
    data = bytearray(path.read_bytes())
    data[3 * 4096 : 12 * 4096] = b"\xa5" * (9 * 4096)
    path.write_bytes(data)
    files = sorted(item.name for item in (folder / "warc").iterdir())
    done = newscrawl("crawl", "demo", archive=folder)
    assert done.returncode == 5, done.stderr
    assert "rebuild --from-warc" in done.stderr
    assert path.read_bytes() == data
    assert sorted(item.name for item in (folder / "warc").iterdir()) == files


def test_backup_is_a_whole_database(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup" / "newscrawl.db"
    target.parent.mkdir()
    assert newscrawl("backup", str(target), archive=archive).returncode == 0
    assert differences(archive, target.parent) == []
    assert [path.name for path in target.parent.iterdir()] == ["newscrawl.db"]


def test_backup_onto_the_database_itself_is_refused(archive: Path) -> None:
    done = newscrawl("backup", str(archive / "newscrawl.db"), archive=archive)
    assert done.returncode == 2


def test_diff_shows_the_words_that_changed(archive: Path) -> None:
    (key,) = query(archive, "SELECT key FROM articles WHERE revision = 2 ORDER BY key")[0]
    done = newscrawl("diff", key, archive=archive)
    assert done.returncode == 0, done.stderr
    assert "{+" in done.stdout
    pieces = json.loads(newscrawl("diff", key, "--json", archive=archive).stdout)
    assert (pieces["old"]["revision"], pieces["new"]["revision"]) == (1, 2)


def test_raw_page_is_what_the_server_sent(archive: Path) -> None:
    (key, url) = query(
        archive, "SELECT key, url FROM articles WHERE state = 'stored' ORDER BY key"
    )[0]
    done = newscrawl("show", key, "--html", archive=archive)
    assert done.stdout.lower().startswith("<!doctype html>")
    assert url in done.stdout
