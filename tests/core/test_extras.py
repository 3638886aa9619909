"""What is missing of an extra, and the command that installs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from newscrawl.core.extras import PURPOSES, install_command, missing_packages

METADATA = """\
Metadata-Version: 2.1
Name: newscrawl
Version: 9.9
Requires-Dist: click>=8
Requires-Dist: click>=8; extra == "web"
Requires-Dist: no-such-package<2,>=1; extra == "web"
Requires-Dist: no-such-package-either; extra == 'dupes'
"""


@pytest.mark.parametrize("extra", PURPOSES)
def test_tests_have_every_extra(extra: str) -> None:
    assert missing_packages(extra) == []


def test_missing_packages_are_those_of_the_extra_that_are_not_installed(tmp_path: Path) -> None:
    installed = tmp_path / "newscrawl-9.9.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(METADATA, "utf-8")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from newscrawl.core.extras import install_hint, missing_packages\n"
        "print(missing_packages('web'), missing_packages('dupes'), missing_packages('redis'))\n"
        "print(install_hint('web'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    packages, hint = done.stdout.splitlines()
    assert packages == "['no-such-package<2,>=1'] ['no-such-package-either'] []"
    command = f"{sys.executable} -m pip install 'no-such-package<2,>=1'"
    assert hint == f"install it with: {command}"


def test_pipx_gets_its_own_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", "/opt/pipx/venvs/newscrawl")
    assert install_command(["rensa<1,>=0.5"]) == "pipx inject newscrawl 'rensa<1,>=0.5'"
