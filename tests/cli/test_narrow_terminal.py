"""Tables on a terminal that is too narrow for all their columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.archive_builder import build
from tests.support.terminal import on_a_terminal


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("archive"))


def test_narrow_terminal_breaks_no_word_id_or_time(folder: Path) -> None:
    status = on_a_terminal("--archive", str(folder), "status", columns=80)
    assert "newest local    2026-09-03 23:30\r\n" in status
    links = on_a_terminal("--archive", str(folder), "links", "paper/1", "--out", columns=80)
    assert "paper/2  2026-09-03 23:30\r\n    Duong sat metro" in links
    assert "from" not in links
    problems = on_a_terminal("--archive", str(folder), "problems", columns=80)
    assert "url      https://paper.example/tin/8.html\r\n" in problems
    assert "the server reports that" in problems
    sites = on_a_terminal("sites", "list", columns=80).replace("\x1b[1m", "").replace("\x1b[0m", "")
    lines = sites.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("site ") for line in lines[:3])
    (vtv,) = [line for line in lines if line.startswith("vtv ")]
    assert vtv.split()[:3] == ["vtv", "vtv.vn", "2026-07"]


def test_narrow_front_has_categories_as_headings(folder: Path) -> None:
    lines = on_a_terminal("--archive", str(folder), "front", "paper", columns=66).splitlines()
    assert lines[2:5] == [
        "",
        "Kinh tế, 2026-09-01 13:00",
        "    1                1        2026-09-01 10:00",
    ]
    assert lines[5] == "    Title 1"
    assert sum("Kinh tế" in line for line in lines) == 1
