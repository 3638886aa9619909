"""A test whose program is missing says which Debian package to install, and is never skipped in CI."""

from __future__ import annotations

import pytest

from tests.conftest import missing


@pytest.mark.parametrize(
    ("value", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_missing_program_names_its_package(
    monkeypatch: pytest.MonkeyPatch, value: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", value)
    with pytest.raises(outcome, match="sqlite3 is not here: apt install sqlite3"):
        missing("sqlite3")
