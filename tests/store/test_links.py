"""`newscrawl links` without an article: the most linked articles by kind, site and day."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from newscrawl.core.records import Link
from newscrawl.store.write.store import Store
from tests.support.archive_builder import newscrawl
from tests.support.store_cases import SITE, article, at, capture, links, teaser

SOME_HOURS_LATER = 11.5  # 00:30 on the next day in Vietnam


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Articles 1 to 4: 1 and 2 link to 9 and 8 on the first day, 3 and 4 to 8 and 7 after midnight."""
    folder = tmp_path_factory.mktemp("linked")
    pages = {
        1: (0.0, links("related", 9, 8)),
        2: (1.0, (*links("related", 9), *links("same_category", 9))),
        3: (SOME_HOURS_LATER, (Link("inline", 1, teaser(8)), Link("same_category", 1, teaser(9)))),
        4: (SOME_HOURS_LATER, links("related", 7)),
    }
    with Store(folder) as store:
        store.categories.put_site(SITE)
        crawl = store.crawls.begin("paper", {}, version="0.1.0", now=at())
        for key, (hours, linked) in pages.items():
            page = article(key, links=linked)
            store.articles.save(
                page, capture(page.url, hours), crawl, asked_url=page.url, extractor="test"
            )
    return folder


def counts(folder: Path, *options: str) -> dict[str, int]:
    found: list[dict[str, Any]] = json.loads(newscrawl(folder, "links", *options, "--json").stdout)
    return {row["key"]: row["linked_by"] for row in found}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], {"9": 3, "8": 2, "7": 1}),  # 2 links to 9 twice and counts once
        (["--kind", "related"], {"9": 2, "8": 1, "7": 1}),
        (["--kind", "inline"], {"8": 1}),
        (["--limit", "1"], {"9": 3}),
        (["--site", "paper", "--limit", "2"], {"9": 3, "8": 2}),
        (["--until", "2026-09-01"], {"9": 2, "8": 1}),
        (["--since", "2026-09-02"], {"9": 1, "8": 1, "7": 1}),
        (["--since", "2026-09-02", "--kind", "related"], {"7": 1}),
        (["--since", "2026-09-01", "--until", "2026-09-02"], {"9": 3, "8": 2, "7": 1}),
        (["--since", "2026-09-03"], {}),
    ],
)
def test_most_linked(folder: Path, options: list[str], expected: dict[str, int]) -> None:
    found = counts(folder, *options)
    assert (found, list(found.values())) == (expected, sorted(expected.values(), reverse=True))


def test_links_are_counted_by_kind_with_their_days(folder: Path) -> None:
    first = json.loads(newscrawl(folder, "links", "--json").stdout)[0]
    assert {name: first[name] for name in ("related", "same_category", "inline")} == {
        "related": 2, "same_category": 2, "inline": 0,
    }  # fmt: skip
    assert (first["first_seen_at"], first["last_seen_at"]) == (
        "2026-09-01T06:00:00Z",
        "2026-09-01T17:30:00Z",
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--in"], "--in, --out and --depth need an article"),
        (["--depth", "2"], "--in, --out and --depth need an article"),
        (["1", "--site", "paper"], "--site applies only to the list"),
        (["--site", "nosuch"], "nosuch"),
        (["--since", "2026-09-03", "--until", "2026-09-01"], "2026-09-0"),
    ],
)
def test_incompatible_options_are_refused(folder: Path, options: list[str], said: str) -> None:
    done = newscrawl(folder, "links", *options)
    assert (done.exit_code, said in done.stderr, done.stdout) == (2, True, "")


@pytest.mark.parametrize(
    ("way", "days", "expected"), [("--in", [], 4), ("--in", ["--until", "2026-09-01"], 3)]
)
def test_links_of_one_article_are_filtered_by_day(
    folder: Path, way: str, days: list[str], expected: int
) -> None:
    found = json.loads(newscrawl(folder, "links", "9", way, *days, "--json").stdout)
    assert len(found["in"]) == expected
