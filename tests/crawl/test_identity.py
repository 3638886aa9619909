"""What is to be fetched belongs to an article of a site, whatever addresses it has had."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.clocked_crawls import after, crawl_at
from tests.support.crawling import newscrawl, query
from tests.support.living_site import NAME, LivingSite, write_site_file
from tests.support.normalised import differences

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


# ---- One address for each article: the last that answered ----


@pytest.mark.parametrize("options", [{}, {"refetch": True, "full": True}])
def test_article_with_another_canonical_address_is_read_again(
    archive: Path, site: LivingSite, options: dict[str, Any]
) -> None:
    story = site.add(1, canonical="b")
    visit(archive, site, 0)
    for day in range(1, 4):
        story.text = f"The text of day {day}."
        assert visit(archive, site, day, **options)["changed"] == 1
    assert texts(archive, "1")[1:] == [f"The text of day {day}." for day in range(1, 4)]
    assert set(site.requests) >= {"/list/news", story.path}
    assert not any(path.startswith("/b/") for path in site.requests)


def test_edited_headline_that_moves_the_canonical_address_does_not_end_the_visits(
    archive: Path, site: LivingSite
) -> None:
    site.any_slug = True
    story = site.add(1)
    visit(archive, site, 0)
    story.canonical = "b"
    story.title = "Another headline"
    visit(archive, site, 1)
    story.text = "Edited after the headline."
    assert visit(archive, site, 2)["changed"] == 1
    assert len(texts(archive, "1")) == 3


@pytest.mark.parametrize("status", [301, 302])
def test_changed_slug_moves_the_address_that_is_requested(
    archive: Path, site: LivingSite, status: int
) -> None:
    site.old_slugs = status
    story = site.add(1)
    old = story.path
    visit(archive, site, 0)
    site.move(story, "newer")
    visit(archive, site, 1)
    story.text = "Edited under the new address."
    site.requests.clear()
    assert visit(archive, site, 2)["changed"] == 1
    assert (site.requests[old], site.requests[story.path]) == (0, 1)
    assert query(archive, "SELECT url, state FROM frontier WHERE kind = 'article' ORDER BY 2") == [
        (site.url(story.path), "done"),
        (site.url(old), "spare"),
    ]
    assert query(archive, "SELECT url FROM aliases") == [(site.url(old),)]


def test_crawl_of_a_category_reads_a_moved_article_again(archive: Path, site: LivingSite) -> None:
    site.old_slugs = 301
    story = site.add(1)
    visit(archive, site, 0)
    site.move(story, "newer", listed=False)
    visit(archive, site, 1)
    story.text = "Edited."
    assert visit(archive, site, 2, categories=("news",))["changed"] == 1


# ---- Redirects to other articles ----


def redirected(site: LivingSite, status: int) -> tuple[str, str]:
    """Article 1 leads to article 2; their addresses."""
    second = site.add(2)
    first = site.add(1, leads_to=second.path, status=status)
    return site.url(first.path), site.url(second.path)


def test_article_behind_a_redirect_is_read_when_the_redirect_ends(
    archive: Path, site: LivingSite
) -> None:
    first, _ = redirected(site, 302)
    visit(archive, site, 0)
    assert query(archive, f"SELECT state, reason FROM frontier WHERE url = '{first}'") == [
        ("pending", "redirected")
    ]
    assert query(archive, "SELECT code, raw IS NOT NULL FROM problems") == [("redirected", 1)]
    visit(archive, site, 3)
    assert (state(archive, "1"), query(archive, "SELECT * FROM aliases")) == ("stub", [])
    site.stories[1].leads_to, site.stories[1].status = None, 200
    assert visit(archive, site, 5)["new"] == 1
    assert texts(archive, "1") == ["The text of article 1."]
    site.stories[1].text = "Edited."
    assert visit(archive, site, 6)["changed"] == 1


def test_permanent_redirect_that_is_seen_twice_makes_an_alias(
    archive: Path, site: LivingSite
) -> None:
    first, second = redirected(site, 301)
    visit(archive, site, 0)
    assert query(archive, "SELECT * FROM aliases") == []
    visit(archive, site, 1)
    aliases = "SELECT l.url, a.url, l.reason FROM aliases l JOIN articles a ON a.id = l.article_id"
    assert query(archive, aliases) == [(first, second, "redirect")]
    assert query(archive, "SELECT count(*) FROM frontier WHERE state = 'pending'") == [(0,)]


def test_permanent_redirect_to_changing_articles_makes_no_alias(
    archive: Path, site: LivingSite
) -> None:
    redirected(site, 301)
    third = site.add(3)
    visit(archive, site, 0)
    site.stories[1].leads_to = third.path
    visit(archive, site, 1)
    assert query(archive, "SELECT * FROM aliases") == []


def test_alias_whose_address_has_its_own_article_is_retired(
    archive: Path, site: LivingSite
) -> None:
    first, _ = redirected(site, 301)
    visit(archive, site, 0)
    visit(archive, site, 1)
    site.stories[1].leads_to, site.stories[1].status = None, 200
    assert visit(archive, site, 2, urls=(first,))["new"] == 1
    assert query(archive, "SELECT * FROM aliases") == []
    assert state(archive, "1") == "stored"


def test_alias_is_checked_once_a_month(archive: Path, site: LivingSite) -> None:
    redirected(site, 301)
    visit(archive, site, 0)
    visit(archive, site, 1)
    site.stories[1].leads_to, site.stories[1].status = None, 200
    assert visit(archive, site, 29)["new"] == 0
    assert visit(archive, site, 32)["new"] == 1
    assert query(archive, "SELECT * FROM aliases") == []


# ---- Addresses that are no longer there ----


@pytest.mark.parametrize("shown_in", ["listed", "in_feed", "link"])
def test_article_whose_old_address_is_not_found_lives_under_the_one_that_is_shown(
    archive: Path, site: LivingSite, shown_in: str
) -> None:
    story = site.add(1)
    other = site.add(2)
    old = story.path
    visit(archive, site, 0, discover=("category", "feed"))
    site.move(story, "newer", listed=shown_in == "listed")
    story.text = "Edited with the slug."
    if shown_in == "in_feed":
        site.in_feed = [story.path]
    if shown_in == "link":
        other.related = (story.path,)
    if shown_in != "listed":
        site.listed.remove(old)
    for day in (1, 2, 3):
        visit(archive, site, day, discover=("category", "feed"))
    assert state(archive, "1") == "stored"
    assert newscrawl("problems", archive=archive).stdout.count("http_404") == 0
    assert texts(archive, "1")[1:] == ["Edited with the slug."]
    story.text = "Edited once more."
    assert visit(archive, site, 4)["changed"] == 1


def test_other_address_is_requested_in_the_crawl_that_finds_the_old_one_gone(
    archive: Path, site: LivingSite
) -> None:
    story = site.add(1)
    visit(archive, site, 0)
    site.move(story, "newer")
    story.text = "Edited with the slug."
    stats = visit(archive, site, 1)
    assert (stats["changed"], stats["failed"]) == (1, {"http_404": 1})


def test_gone_article_that_is_shown_under_a_new_address_is_read(
    archive: Path, site: LivingSite
) -> None:
    story = site.add(1)
    visit(archive, site, 0)
    site.listed.clear()
    story.slug = "newer"
    for day in (1, 2, 3):
        visit(archive, site, day)
    assert state(archive, "1") == "gone"
    site.listed = [story.path]
    visit(archive, site, 4)
    assert state(archive, "1") == "stored"


def test_slug_that_comes_back_is_found(archive: Path, site: LivingSite) -> None:
    story = site.add(1)
    visit(archive, site, 0)
    for day, slug in enumerate(["newer", "news", "newer"], 1):
        site.move(story, slug)
        story.text = f"The text of day {day}."
        assert visit(archive, site, day)["changed"] == 1
    assert state(archive, "1") == "stored"


def test_removed_article_is_gone_under_all_its_addresses(archive: Path, site: LivingSite) -> None:
    story = site.add(1)
    visit(archive, site, 0)
    site.move(story, "newer")
    visit(archive, site, 1)
    story.status = 404
    site.listed.clear()
    for day in (2, 3, 4, 5):
        visit(archive, site, day)
    assert state(archive, "1") == "gone"
    site.requests.clear()
    visit(archive, site, 6)
    assert set(site.requests) <= {"/list/news", "/robots.txt"}


# ---- 304 without validators ----


def test_304_to_a_first_request_leaves_the_page_open(archive: Path, site: LivingSite) -> None:
    site.add(1)
    site.always_304 = True
    visit(archive, site, 0)
    assert query(archive, "SELECT state, reason FROM frontier WHERE kind = 'article'") == [
        ("pending", "unrequested_304")
    ]
    assert query(archive, "SELECT code FROM problems") == [("unrequested_304",)]
    site.always_304 = False
    assert visit(archive, site, 1)["new"] == 1
    assert query(
        archive, "SELECT count(*) FROM captures WHERE status = 304 AND kind = 'article'"
    ) == [(1,)]


# ---- Clocks that were ahead ----


def test_visits_of_the_far_future_are_brought_back(archive: Path, site: LivingSite) -> None:
    story = site.add(1)
    failing = site.add(2, status=500)
    visit(archive, site, 5_000)  # in 2040
    story.text = "Edited."
    failing.status = 200
    stats = visit(archive, site, 0)
    assert (stats["changed"], stats["new"]) == (1, 1)
    farthest = query(archive, "SELECT max(not_before) FROM frontier")[0][0]
    assert farthest < "2026-11-01"


def test_doctor_reports_visits_of_the_far_future_until_a_crawl_has_brought_them_back(
    archive: Path, site: LivingSite
) -> None:
    site.add(1)
    visit(archive, site, 5_000)
    assert doctor(archive)["clock"] == (
        "warn",
        "1 page scheduled while the clock was ahead; the next crawl of the site corrects this",
    )
    visit(archive, site, 0)
    assert doctor(archive)["clock"][0] == "ok"


def doctor(archive: Path) -> dict[str, tuple[str, str]]:
    """Result and detail of each of doctor's checks."""
    done = newscrawl("doctor", "--json", archive=archive)
    return {check["name"]: (check["result"], check["detail"]) for check in json.loads(done.stdout)}


# ---- The same from the raw pages ----


def test_rebuild_from_the_raw_pages_decides_in_the_same_way(
    archive: Path, site: LivingSite, tmp_path_factory: pytest.TempPathFactory
) -> None:
    moved, removed = site.add(1, old_slugs=301), site.add(2)
    renamed = site.add(3)
    site.add(4, leads_to=moved.path, status=302)
    sixth = site.add(6, canonical="b")
    site.add(5, leads_to=sixth.path, status=301)
    for day in range(4):
        visit(archive, site, day)
        site.stories[6].text = f"The text after day {day}."
        if day == 0:
            site.move(moved, "moved")
            site.move(renamed, "renamed")
            removed.status = 404
        if day == 2:
            site.stories[4].leads_to, site.stories[4].status = None, 200
    rebuilt = tmp_path_factory.mktemp("rebuilt")
    write_site_file(rebuilt)
    done = newscrawl("rebuild", "--from-warc", str(archive / "warc"), archive=rebuilt)
    assert done.returncode == 0, done.stderr
    assert differences(archive, rebuilt) == []
    addresses = (
        "SELECT url, state, reason, not_before FROM frontier WHERE kind = 'article' ORDER BY 1"
    )
    assert query(rebuilt, addresses) == query(archive, addresses)
    assert [state(archive, key) for key in "123456"] == [
        "stored",
        "gone",
        "stored",
        "stored",
        "stub",
        "stored",
    ]
