"""What is to be fetched belongs to an article of a site, whatever addresses it has had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.clocked_crawls import after, crawl_at
from tests.support.crawling import query
from tests.support.living_site import NAME, LivingSite, write_site_file

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def site() -> Iterator[LivingSite]:
    with LivingSite() as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    write_site_file(tmp_path)
    return tmp_path


def visit(archive: Path, site: LivingSite, days: float, **options: Any) -> dict[str, Any]:
    """A crawl so many days after the first; its stats."""
    return crawl_at(after(days), archive, site.base_url, NAME, **options)[NAME]


def texts(archive: Path, key: str) -> list[str]:
    """The texts of an article's revisions."""
    rows = query(
        archive,
        "SELECT r.body FROM revisions r JOIN articles a ON a.id = r.article_id"
        f" WHERE a.key = '{key}' ORDER BY r.revision",
    )
    return [row[0] for row in rows]


def state(archive: Path, key: str) -> str:
    return str(query(archive, f"SELECT state FROM articles WHERE key = '{key}'")[0][0])


def test_one_address_is_fetched_for_each_site_that_lists_it(
    archive: Path, site: LivingSite
) -> None:
    write_site_file(archive, "other")
    site.add(1)
    for name in (NAME, "other"):
        stats = crawl_at(after(0), archive, site.base_url, name)[name]
        assert (stats["new"], stats["pending"], stats["exit_code"]) == (1, 0, 0)
    assert query(archive, "SELECT site, state FROM articles ORDER BY site") == [
        (NAME, "stored"),
        ("other", "stored"),
    ]
    assert (
        query(archive, "SELECT url, count(*) FROM frontier GROUP BY url HAVING count(*) < 2") == []
    )
