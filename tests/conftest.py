"""What all tests share: the mark for tests that need a Debian package, and an environment without surprises.

Warnings are errors through pyproject.toml. A test marked `needs("sqlite3")` is skipped where that program is missing,
in words that name the package to install; under CI=true it fails instead, so that CI skips nothing.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import fast_folders

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Program -> the Debian package that has it.
PACKAGES: Mapping[str, str] = {
    "chromium": "chromium",
    "redis-server": "redis-server",
    "sqlite3": "sqlite3",
    "git": "git",
}

# ReplayWeb.page comes from no Debian package and not from PyPI: CONTRIBUTING.md.
collect_ignore = [] if "REPLAYWEB_DIR" in os.environ else ["warc/test_replay_in_browser.py"]


def pytest_configure(config: pytest.Config) -> None:
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    ):  # a shell's background job; the commands under test inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Each of the processes that tests start would compile the package again.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    fast_folders.use_memory()
    config.addinivalue_line(
        "markers", "needs(program): uses a program of a Debian package: chromium, sqlite3, …"
    )


@pytest.fixture(autouse=True)
def _needed_programs(request: pytest.FixtureRequest) -> None:
    for mark in request.node.iter_markers("needs"):
        for program in mark.args:
            if shutil.which(program) is None:
                missing(program)


def missing(program: str) -> None:
    """Skips the running test for want of a program, or fails it under CI=true."""
    said = f"{program} is not here: apt install {PACKAGES[program]}"
    if os.environ.get("CI") == "true":
        pytest.fail(said, pytrace=False)
    pytest.skip(said)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tester's own archive and settings are neither used nor touched."""
    for name in [name for name in os.environ if name.startswith(("NEWSCRAWL_", "SCRAPY_"))]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's archive; for reading only."""
    from tests.support.crawling import newscrawl

    folder = tmp_path_factory.mktemp("demo")
    done = newscrawl("demo", archive=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def address(archive: Path) -> Iterator[str]:
    """Where the demo's archive is served."""
    from tests.support.web_site import served

    with served(archive) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser. It keeps an event loop running, so that it is closed before other modules' tests."""
    from playwright.sync_api import sync_playwright

    from tests.support.web_site import ARGUMENTS

    program = shutil.which("chromium")
    if program is None:
        missing("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()
