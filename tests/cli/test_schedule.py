"""`newscrawl schedule`: what it prints runs where cron and systemd run it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from newscrawl import demo
from newscrawl.demo.server import DemoServer
from tests.support.crawling import crawl_both_editions, newscrawl, query

SCRIPT = Path(sysconfig.get_path("scripts"), "newscrawl")
DEMO_SITE = Path(demo.__file__).with_name("demo.toml")


@pytest.fixture
def paper() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home directory with a checkout named newscrawl, as `git clone` leaves it."""
    checkout = tmp_path / "home" / "newscrawl"
    (checkout / "newscrawl").mkdir(parents=True)
    (checkout / "newscrawl" / "__init__.py").write_text("", "utf-8")
    (checkout / "scrapy.cfg").write_text("", "utf-8")
    return checkout.parent


@pytest.fixture
def archive(home: Path, paper: DemoServer) -> Path:
    """An archive whose newscrawl.toml names a site on this machine."""
    folder = home / "newscrawl" / "data"
    (folder / "sites").mkdir(parents=True)
    (folder / "newscrawl.toml").write_text('sites = ["paper"]\n', "utf-8")
    site = DEMO_SITE.read_text("utf-8").replace('name = "demo"', 'name = "paper"')
    site = site.replace("https://benmay.example", paper.base_url)
    (folder / "sites" / "paper.toml").write_text(site, "utf-8")
    return folder


def run_as_cron(command: str, home: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """A shell command with the environment that cron gives it."""
    variables = [f"HOME={home}", "LOGNAME=user", "PATH=/usr/bin:/bin", "SHELL=/bin/sh"]
    return subprocess.run(
        ["env", "-i", *variables, "/bin/sh", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def crontab_command(line: str) -> str:
    """The command of a crontab line, as cron hands it to the shell."""
    return line.split(maxsplit=5)[5].strip().replace("\\%", "%")


def test_crontab_line_runs_from_a_home_with_a_checkout_named_newscrawl(
    home: Path, archive: Path
) -> None:
    line = newscrawl("schedule", archive=archive).stdout
    for folder in (home, Path("/"), archive.parent.parent):
        done = run_as_cron(crontab_command(line), home, folder)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_commands_run_from_a_home_with_a_checkout_named_newscrawl(
    home: Path, archive: Path
) -> None:
    units = newscrawl("schedule", "--systemd", archive=archive).stdout
    commands = [line.partition("=")[2] for line in units.splitlines() if line.startswith("ExecSt")]
    assert len(commands) == 2
    for command in commands:
        done = run_as_cron(command, home, home)
        assert (done.returncode, done.stderr) == (0, "")


def test_worker_processes_import_nothing_from_the_current_folder(
    home: Path, tmp_path: Path
) -> None:
    crawl_both_editions(tmp_path / "archive")
    command = [str(SCRIPT), "--archive", str(tmp_path / "archive"), "verify", "--jobs", "2"]
    done = run_as_cron(shlex.join(command), home, home)
    assert done.returncode == 0, done.stderr
    assert "no errors found" in done.stderr


def test_demo_runs_from_a_folder_with_a_checkout_named_newscrawl(
    home: Path, tmp_path: Path
) -> None:
    command = f"{shlex.quote(str(SCRIPT))} --archive {shlex.quote(str(tmp_path / 'a'))} demo"
    done = run_as_cron(command, home, home)
    assert done.returncode == 0, done.stderr
    assert "3 new, 4 changed" in done.stdout


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs Debian's systemd")
def test_systemd_accepts_the_units(archive: Path, tmp_path: Path) -> None:
    text = newscrawl("schedule", "--systemd", archive=archive).stdout
    first, second = [part for part in text.split("# ") if part]
    files = []
    for part in (first, second):
        name, _, unit = part.partition("\n")
        file = tmp_path / name
        file.write_text(unit, "utf-8")
        files.append(file)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", *files],
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_unit_names_differ_between_archives(tmp_path: Path) -> None:
    names = set()
    for parent in ("one", "two"):
        done = newscrawl("schedule", "bnews", "--systemd", archive=tmp_path / parent / "data")
        names.add(done.stdout.splitlines()[0])
    assert len(names) == 2
    assert all(name.startswith("# newscrawl-data-") for name in names)


@pytest.mark.parametrize(
    ("every", "pattern"),
    [("6h", "-23/6 * * *"), ("1h", " * * * *"), ("30m", "-59/30 * * * *"), ("1d", " * * *")],
)
def test_crontab_line_has_absolute_paths(tmp_path: Path, every: str, pattern: str) -> None:
    done = newscrawl("schedule", "bnews", "--every", every, archive=tmp_path)
    assert done.returncode == 0, done.stderr
    assert pattern in done.stdout
    assert f"({SCRIPT} --archive {tmp_path} crawl --quiet bnews;" in done.stdout


def test_systemd_units_have_absolute_paths(tmp_path: Path) -> None:
    done = newscrawl("schedule", "bnews", "--systemd", archive=tmp_path)
    assert "OnCalendar=" in done.stdout
    assert f"ExecStart={SCRIPT} --archive {tmp_path} crawl --quiet bnews\n" in done.stdout
    assert f"ExecStopPost={SCRIPT} --archive {tmp_path} health --notify bnews\n" in done.stdout
    assert "SuccessExitStatus=6 75\n" in done.stdout
    assert "loginctl enable-linger" in done.stderr


@pytest.mark.parametrize(
    ("name", "cron", "systemd"),
    [("a b", "'{}/a b'", '"{}/a b"'), ("5%", "{}/5\\%", "{}/5%%"), ("$x", "'{}/$x'", "{}/$$x")],
)
def test_odd_paths_are_quoted_for_cron_and_systemd(
    tmp_path: Path, name: str, cron: str, systemd: str
) -> None:
    archive = tmp_path / name
    line = newscrawl("schedule", "bnews", archive=archive).stdout
    assert f" --archive {cron.format(tmp_path)} crawl" in line
    units = newscrawl("schedule", "bnews", "--systemd", archive=archive).stdout
    assert f" --archive {systemd.format(tmp_path)} crawl" in units


@pytest.mark.parametrize("options", [(), ("--due",), ("--every", "1h"), ("--systemd",)])
def test_a_line_that_would_have_no_site_to_crawl_is_refused(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    done = newscrawl("schedule", *options, archive=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"error: no site given, and no site was crawled into {tmp_path} before\nhint: name one"
    )


def test_interval_that_does_not_divide_a_day_is_refused(tmp_path: Path) -> None:
    assert newscrawl("schedule", "--every", "7h", archive=tmp_path).returncode == 2


def test_a_limited_first_crawl_is_not_scheduled_without_its_limits(
    archive: Path,
) -> None:
    limits = ("--max-pages", "1", "--since", "2026-01-05", "--category", "thi-truong")
    assert newscrawl("crawl", "paper", *limits, archive=archive).returncode == 0
    refused = newscrawl("schedule", archive=archive)
    assert (refused.returncode, refused.stdout) == (2, "")
    line = 'range.paper = { since = "2026-01-05", categories = ["thi-truong"], max_pages = 1 }'
    assert line in refused.stderr
    assert str(archive / "newscrawl.toml") in refused.stderr
    config = archive / "newscrawl.toml"
    config.write_text(line + "\n" + config.read_text("utf-8"), "utf-8")
    assert newscrawl("schedule", archive=archive).returncode == 0


def test_a_site_that_was_read_whole_is_scheduled(archive: Path) -> None:
    newscrawl("crawl", "paper", "--max-pages", "1", archive=archive)
    assert newscrawl("crawl", "paper", archive=archive).returncode == 0
    assert newscrawl("schedule", archive=archive).returncode == 0


def test_a_crawl_keeps_to_the_range_of_the_settings_unless_an_option_is_given(
    archive: Path,
) -> None:
    config = archive / "newscrawl.toml"
    kept = 'since = "2026-01-05", categories = ["thi-truong"], discover = ["category", "feed"]'
    config.write_text(f"range.paper = {{ max_pages = 1, {kept} }}\n", "utf-8")
    newscrawl("crawl", "paper", archive=archive)
    newscrawl("crawl", "paper", "--max-pages", "3", "--since", "2026-02", archive=archive)
    first, second = query(archive, "SELECT options FROM crawls ORDER BY id")
    assert json.loads(first[0]) == {
        "categories": ["thi-truong"],
        "discover": ["category", "feed"],
        "max_pages": 1,
        "since": "2026-01-04T17:00:00Z",
    }
    assert json.loads(second[0])["max_pages"] == 3
    assert json.loads(second[0])["since"] == "2026-01-31T17:00:00Z"
    assert json.loads(second[0])["categories"] == ["thi-truong"]
