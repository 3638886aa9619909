"""What is published is complete: built here from the tracked files alone, as a release is."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from newscrawl.core.version import VERSION
from tests.support.checkout import ROOT, tracked_files

BUILD = "from setuptools import build_meta; build_meta.{}({!r})"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files in a folder of their own: nothing that lies beside them gets into a build."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in tracked_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def built(checkout: Path, step: str, folder: Path) -> Path:
    """The file that one step of the build makes in `folder`."""
    code = BUILD.format(step, str(folder))
    subprocess.run([sys.executable, "-c", code], cwd=checkout, check=True, capture_output=True)
    [path] = folder.iterdir()
    return path


def test_source_distribution_has_every_tracked_file(checkout: Path, tmp_path: Path) -> None:
    with tarfile.open(built(checkout, "build_sdist", tmp_path)) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    assert sorted(set(tracked_files()) - names) == [], "name them in MANIFEST.in"


def test_wheel_has_every_file_of_the_package_and_nothing_else(
    checkout: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(built(checkout, "build_wheel", tmp_path)) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    manual = f"newscrawl-{VERSION}.data/data/share/man/man1/newscrawl.1"
    package = [name for name in tracked_files() if name.startswith("newscrawl/")]
    assert sorted(names) == sorted([manual, *package])
