"""The documentation site: every page is in its menu, and every link of it leads to a place in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.docs.test_docs import CODE, LINK, leads_somewhere
from tests.support.checkout import ROOT
from tests.support.doc_site import with_site_links, write_pages


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "pages"
    write_pages(ROOT, folder)
    return folder


def menu_pages(entries: object) -> Iterator[str]:
    """The pages that the menu names, in its order."""
    if isinstance(entries, str):
        yield entries
    elif isinstance(entries, list):
        for entry in entries:
            yield from menu_pages(entry)
    elif isinstance(entries, dict):
        for entry in entries.values():
            yield from menu_pages(entry)


def test_menu_has_every_page_once(pages: Path) -> None:
    menu = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    names = [path.relative_to(pages).as_posix() for path in pages.rglob("*.md")]
    assert sorted(menu_pages(menu)) == sorted(names), "name every page in mkdocs.yml once"


def test_links_stay_within_the_site(pages: Path) -> None:
    wrong = [
        f"{page.name}: {target}"
        for page in sorted(pages.rglob("*.md"))
        for target in LINK.findall(CODE.sub("", page.read_text("utf-8")))
        if "://" not in target and not leads_somewhere(page, target)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        (
            "docs/serve.md",
            "[a](../tests/test_x.py) and [b](search.md#words)",
            "a and [b](search.md#words)",
        ),
        ("docs/serve.md", "[`x.py`](../newscrawl/x.py)", "`x.py`"),
        ("docs/serve.md", "[tour](../README.md#a-tour)", "[tour](index.md#a-tour)"),
        ("docs/part/page.md", "[tour](../../README.md)", "[tour](../index.md)"),
        ("README.md", "![shot](docs/images/a.png)", "![shot](images/a.png)"),
        ("README.md", "[licence](LICENSE)", "licence"),
        ("data/README.md", "[s](../docs/quickstart.md#settings)", "[s](quickstart.md#settings)"),
        ("README.md", "[x](https://paper.example/docs/a.md) [y](#here)", None),
        ("README.md", "`[x](docs/a.md)`", None),
        ("README.md", "```sh\n[x](docs/a.md)\n```", None),
    ],
)
def test_links_of_the_checkout_become_links_of_the_site(
    source: str, text: str, expected: str | None
) -> None:
    assert with_site_links(text, source) == (text if expected is None else expected)
