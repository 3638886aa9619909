"""Writes fixtures of site files: a saved page, its URL and time, and the expected result."""

from __future__ import annotations

from pathlib import Path

from newscrawl.core.boundaries import check_plain


def put_fixture(folder: Path, body: bytes, facts: str, expected: str) -> None:
    """Writes page.html, facts.toml and expected.json.

    ArchiveDamaged if a link leads out of the folder of fixtures.
    """
    for path in (folder, *list(folder.parents)[:3]):  # sites/fixtures/SITE/CASE
        check_plain(path)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.html").write_bytes(body)
    (folder / "facts.toml").write_text(facts, "utf-8")
    (folder / "expected.json").write_text(expected + "\n", "utf-8")
