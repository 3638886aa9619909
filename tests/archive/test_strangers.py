"""An archive that comes from a stranger writes nothing outside itself, and takes over nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from newscrawl.archive.merge import merge
from newscrawl.core.boundaries import safe_part
from newscrawl.core.errors import ArchiveDamaged, UsageError
from newscrawl.demo.server import DemoServer
from tests.support.crawling import crawl, newscrawl, query

HOSTILE = 'notify = ["touch", "{}"]\n'
CITED = "--title", "News", "--author", "Lê, An"
SECRET = "a file of the user"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small archive with raw pages."""
    folder = tmp_path_factory.mktemp("strange") / "crawled"
    with DemoServer() as server:
        crawl(server, folder, "--limit", "4", "--max-pages", "1")
    return folder


@pytest.fixture
def archive(crawled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(crawled, tmp_path / "archive"))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside"
    path.write_text(SECRET)
    return path


# ---- Settings ----


def test_merge_takes_over_no_command_unless_asked(
    archive: Path, crawled: Path, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    (archive / "newscrawl.toml").write_text(HOSTILE.format(ran))
    (archive / "sites").mkdir()
    (archive / "sites" / "mine.toml").write_text("")
    for name, more in (("without", ()), ("with", ("--with-config",))):
        target = tmp_path / name
        done = newscrawl(
            "merge", str(crawled), str(archive), "-o", str(target), *more, archive=tmp_path
        )
        assert done.returncode == 0, done.stderr
        copied = [(target / "newscrawl.toml").exists(), (target / "sites" / "mine.toml").exists()]
        assert copied == [bool(more)] * 2
        assert ("was not copied; --with-config" in done.stderr) == (not more)
        db = sqlite3.connect(target / "newscrawl.db")
        db.execute("DELETE FROM crawls WHERE finished_at IS NULL")
        db.commit()
        db.close()
        newscrawl("health", "--notify", archive=target)
    assert not ran.exists()


def test_rebuild_takes_over_no_command(archive: Path, tmp_path: Path) -> None:
    (archive / "newscrawl.toml").write_text(HOSTILE.format(tmp_path / "ran"))
    (archive / "sites").mkdir()
    (archive / "sites" / "bnews.toml").write_text("not TOML")
    done = newscrawl("rebuild", "--from-warc", str(archive / "warc"), archive=tmp_path / "new")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "lock",
        "newscrawl.db",
        "warc",
    ]


# ---- Links ----


@pytest.mark.parametrize(
    "place",
    ["lock", "warc/x-20260101000000-1-00000.warc.gz.open", "logs/crawl.log", "newscrawl.db-wal"],
)
@pytest.mark.parametrize(
    "command", [("crawl", "demo"), ("reextract",), ("maintain",), ("dupes", "--update")]
)
def test_link_in_an_archive_is_refused_before_its_target_is_written(
    archive: Path, outside: Path, place: str, command: tuple[str, ...]
) -> None:
    path = archive / place
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(outside)
    done = newscrawl(*command, archive=archive)
    assert outside.read_text() == SECRET
    assert len(done.stderr.splitlines()) == 2, done.stderr
    if place.endswith("-wal") and command[0] != "crawl":
        assert done.returncode == 4, (
            "SQLite refuses it, since these commands read the archive first"
        )
        return
    assert done.returncode == 5, done.stderr
    assert f"{path} is a symbolic link" in done.stderr


@pytest.mark.parametrize("part", ["warc", "logs"])
def test_linked_folder_of_an_archive_is_refused(archive: Path, tmp_path: Path, part: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.rmtree(archive / part, ignore_errors=True)
    (archive / part).symlink_to(elsewhere)
    assert newscrawl("crawl", "demo", archive=archive).returncode == 5
    assert list(elsewhere.iterdir()) == []


def test_pipe_in_the_place_of_the_log_is_refused(archive: Path) -> None:
    shutil.rmtree(archive / "logs")
    (archive / "logs").mkdir()
    os.mkfifo(archive / "logs" / "crawl.log")
    done = newscrawl("crawl", "demo", archive=archive)
    assert (done.returncode, "neither a file nor a folder" in done.stderr) == (5, True)


def test_archive_in_a_linked_folder_is_used(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(archive)
    assert newscrawl("maintain", archive=tmp_path / "link").returncode == 0


@pytest.mark.parametrize("place", ["warc/x.warc.gz", "newscrawl.toml", "sites/x.toml"])
def test_linked_files_are_not_copied(
    archive: Path, crawled: Path, outside: Path, tmp_path: Path, place: str
) -> None:
    path = archive / place
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(outside)
    commands = [
        ("merge", str(crawled), str(archive), "-o", str(tmp_path / "c"), "--with-config"),
        ("rebuild", "--from-warc", str(archive / "warc")),
    ]
    for command in commands[: 2 if place.startswith("warc") else 1]:
        done = newscrawl(*command, archive=tmp_path / "new")
        assert (done.returncode, "is a symbolic link" in done.stderr) == (5, True), done.stderr
    found = [path for path in tmp_path.rglob("*") if path.name == Path(place).name]
    assert found == [path]


def test_linked_files_of_a_release_are_not_copied(
    archive: Path, outside: Path, tmp_path: Path
) -> None:
    released = tmp_path / "released"
    assert newscrawl("release", str(released), *CITED, "--no-text", archive=archive).returncode == 0
    (released / "sites" / "secret.toml").symlink_to(outside)
    done = newscrawl(
        "rehydrate", str(released), "--from-warc", str(archive / "warc"), "-o", str(tmp_path / "full"),
        archive=archive,
    )  # fmt: skip
    assert (done.returncode, "is a symbolic link" in done.stderr) == (5, True), done.stderr
    assert not (tmp_path / "full").exists()


# ---- Names ----


@pytest.mark.parametrize(
    "name", ["../../x", "/x", "..", ".x", "", "a/b", "a\0b", "x" * 201, "a\nb"]
)
def test_name_that_leads_elsewhere_is_damage(name: str) -> None:
    with pytest.raises(ArchiveDamaged):
        safe_part(name)


@pytest.mark.parametrize(
    "name", ["bnews", "báo.example", "127.0.0.1:8000", "[::1]:80", "24h", "a_b-c"]
)
def test_name_of_a_site_is_a_part_of_a_file_name(name: str) -> None:
    assert safe_part(name) == name


@pytest.mark.parametrize("has_site", [False, True])
def test_release_writes_no_file_outside_its_folder(
    archive: Path, tmp_path: Path, has_site: bool
) -> None:
    assert query(archive, "SELECT count(*) > 0 FROM captures WHERE kind = 'robots'") == [(1,)]
    db = sqlite3.connect(archive / "newscrawl.db")
    if has_site:
        copied = "name, domain, language, timezone FROM sites"
        db.execute(f"INSERT INTO sites SELECT '../../x', {copied}")
    db.execute("UPDATE crawls SET site = '../../x'")
    db.commit()
    db.close()
    done = newscrawl("release", str(tmp_path / "in" / "released"), *CITED, archive=archive)
    assert done.returncode == 5, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) in (["archive"], ["archive", "in"])
    assert not (tmp_path / "in" / "released").exists()


# ---- Outputs ----


@pytest.mark.parametrize(
    "place",
    [
        "newscrawl.db",
        "newscrawl.db-wal",
        "lock",
        "newscrawl.toml",
        "logs/crawl.log",
        "warc/new",
        "sites/x.toml",
    ],
)
def test_output_never_replaces_a_part_of_an_archive(
    archive: Path, crawled: Path, tmp_path: Path, place: str
) -> None:
    target = archive / place
    before = contents(archive)
    commands = [
        ("export", "articles", "--format", "jsonl", "-o", str(target)),
        ("export", "graph", "-o", str(target)),
        ("backup", str(target)),
        ("release", str(target), *CITED),
        ("merge", str(crawled), str(archive), "-o", str(target)),
    ]
    for command in commands:
        done = newscrawl(*command, archive=archive)
        assert done.returncode == 2, (command, done.stderr)
    # Neither of the archive that is read, nor of another one, nor by another name.
    other = newscrawl("export", "articles", "-o", str(target), archive=crawled)
    assert other.returncode == 2, other.stderr
    link = tmp_path / "link.csv"
    link.symlink_to(target)
    assert newscrawl("export", "articles", "-o", str(link), archive=archive).returncode == 2
    assert contents(archive) == before


def contents(archive: Path) -> dict[Path, bytes]:
    """All files, but those that SQLite makes beside a database when it is read."""
    return {
        path: path.read_bytes()
        for path in archive.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def test_output_may_be_in_the_folder_for_exports(archive: Path) -> None:
    (archive / "exports").mkdir()
    for name in ("exports/articles.csv", "articles.csv"):
        done = newscrawl("export", "articles", "-o", str(archive / name), archive=archive)
        assert done.returncode == 0, done.stderr


def test_archive_is_not_merged_with_itself(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(archive)
    for other in (archive, tmp_path / "link"):
        with pytest.raises(UsageError, match="are the same archive"):
            merge((archive, other), tmp_path / "c")


# ---- Paths that are not UTF-8 ----


def test_commands_work_in_folders_whose_names_are_not_utf8(crawled: Path, tmp_path: Path) -> None:
    strange = tmp_path / os.fsdecode(b"b\xe1o-\xff")
    archive = Path(shutil.copytree(crawled, strange / "archive"))
    other = Path(shutil.copytree(crawled, strange / "other"))
    commands = [
        ("status",),
        ("search", "a"),
        ("export", "articles", "-o", str(strange / "articles.csv")),
        ("backup", str(strange / "copy.db")),
        ("backup", str(tmp_path / os.fsdecode(b"copy-\xff.db"))),
        ("merge", str(archive), str(other), "-o", str(strange / "merged")),
        ("merge", str(archive), str(other), "-o", str(strange / "again"), "--json"),
        ("release", str(strange / "released"), *CITED, "--no-text"),
        ("rehydrate", str(strange / "released"), "--from-warc", str(archive / "warc"), "-o", str(strange / "full")),
        ("rebuild", "--from-warc", str(archive / "warc"), "--archive", str(strange / "rebuilt")),
        ("verify",),
        ("doctor",),
        ("maintain",),
        ("reextract",),
        ("problems",),
        ("health",),
        ("completeness",),
    ]  # fmt: skip
    for command in commands:
        done = newscrawl(*command, archive=archive)
        assert (done.returncode, "internal" in done.stderr) == (0, False), (command, done.stderr)
    for name in ("copy.db", "merged/newscrawl.db", "released/newscrawl.db", "full/newscrawl.db"):
        db = sqlite3.connect(strange / name)
        assert db.execute("SELECT count(*) > 0 FROM articles").fetchone() == (1,), name
        db.close()
    for command in (("schedule", "demo"), ("schedule", "demo", "--systemd")):
        done = newscrawl(*command, archive=archive)
        assert "internal" not in done.stderr, done.stderr
        assert done.returncode == 2, done.stdout
        assert "not UTF-8" in done.stderr
