"""The examples of docs/ print what the pages say they print."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.transcripts import DOCS, PAGES, played


@pytest.mark.needs("sqlite3")
@pytest.mark.parametrize("name", PAGES)
def test_examples_print_what_the_page_says(name: str, archive: Path) -> None:
    assert (DOCS / name).read_text("utf-8") == played(name, archive), (
        f"python -m tests.support.transcripts {name} writes it again"
    )
