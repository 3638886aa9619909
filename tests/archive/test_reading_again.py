"""Reading an archive's pages again with an unchanged site file changes nothing, whatever the crawls met."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newscrawl.demo.server import Answer, DemoServer
from newscrawl.store.write.store import Store
from tests.support.crawling import crawl, newscrawl, query
from tests.support.daily_paper import ARTICLES, DailyPaper, every_article, is_article, redesigned
from tests.support.living_site import NAME, LivingSite, write_site_file
from tests.support.normalised import differences

NOW = "--set", "NEWSCRAWL_RETRY_PAUSE=0"
SUMMARIES = r'<div class="(?:lr-summary-post|post-summary)">.*?</div>|"description": ".*?", '
TAGS = r'<div class="b-tags.*?</div>|<ul class="post-tags">.*?</ul>'
AUTHORS = r'<div class="lr-author.*?</div>|, "author": \{.*?\}|<span class="uk-flex">.*?</span>'
EDITED = r'"dateModified": ".*?", '
PUBLISHED = (
    r'"datePublished": ".*?", |<time>.*?</time>|<span class="post-time uk-text-muted">.*?</span>'
)
CATEGORIES = r'<ul class="uk-breadcrumb">.*?</ul>'
SOFT = (
    '<html lang="vi"><body><div class="b-top-details"><h1 class="font-42">Chuyên trang</h1></div>'
    '<div class="lr-ct"><p>Trang này đang được nâng cấp, mời quý vị quay lại sau.</p></div></body></html>'
)


def without(*patterns: str, of: Callable[[str], bool] = lambda path: True) -> Callable[..., Answer]:
    """What `DemoServer.alter` is if article pages lack what these patterns match."""

    def alter(path: str, found: Answer) -> Answer:
        text = found.text
        if is_article(path) and of(path):
            for pattern in patterns:
                text = re.sub(pattern, "", text, flags=re.DOTALL)
            text = text.replace("og:description", "og:nothing")
        return replace(found, text=text)

    return alter


def is_even(path: str) -> bool:
    """Every other article, by the number in its address."""
    return int(re.findall(r"\d+", path)[-1]) % 2 == 0


def request_other_slugs(folder: Path) -> None:
    """Queues some articles a second time, each under another address of it."""
    urls = query(folder, "SELECT url FROM articles WHERE state = 'stored' ORDER BY id LIMIT 5")
    with Store(folder) as store:
        for (url,) in urls:
            start, _, name = url.rpartition("/")
            other = f"{start.rpartition('/')[0]}/duong-dan-cu/{name}"
            store.frontier.request("demo", other, "article")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crawls of a site that is edited, lacks fields now and then, changes its design and refuses."""
    folder = tmp_path_factory.mktemp("met")
    with DemoServer() as server:
        server.paper = DailyPaper(64)
        server.alter = without(SUMMARIES)
        # Some articles before any list; the summaries of the others are in lists alone.
        crawl(server, folder, "--discover", "sitemap", "--since", "2026-01", "--limit", "9")
        crawl(server, folder, "--discover", "category,feed")
        request_other_slugs(folder)
        server.alter = without(TAGS, AUTHORS, of=is_even)
        server.paper = DailyPaper(68)
        crawl(server, folder, "--discover", "category", "--refetch")
        server.alter = without(EDITED, SUMMARIES, CATEGORIES)
        server.paper = DailyPaper(74, 2)
        crawl(server, folder, "--refetch", "--discover", "category,feed")
        for refused in (
            without(PUBLISHED, of=is_even),
            redesigned(ARTICLES),
            every_article(SOFT),
            every_article(SOFT),
        ):
            server.alter = refused
            crawl(server, folder, "--refetch", *NOW, code=3)
        server.alter = without(AUTHORS, TAGS, of=lambda path: not is_even(path))
        crawl(server, folder, *NOW, "--refetch", "--full")
    return folder


def reread(archive: Path, *more: str) -> dict[str, Any]:
    done = newscrawl("reextract", "demo", "--json", *more, archive=archive)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)[0]
    return report


def assert_no_difference(report: dict[str, Any]) -> None:
    assert report["fields"] == []
    assert (report["changed_pages"], report["released"]) == (0, 0)


def everything(archive: Path) -> list[tuple[Any, ...]]:
    """All rows that reading again could write to."""
    tables = (
        "articles bodies revisions links categories aliases frontier problems listings captures"
    )
    return [row for name in tables.split() for row in query(archive, f"SELECT * FROM {name}")]


def test_archive_of_many_crawls_is_read_again_without_a_difference(archive: Path) -> None:
    refused = "SELECT DISTINCT refused FROM captures WHERE status = 200 AND kind = 'article'"
    met = {code for (code,) in query(archive, refused)}
    assert met == {None, "worse_page", "no_template", "soft_404"}
    assert query(archive, "SELECT count(*) >= 5 FROM aliases WHERE reason = 'slug'") == [(1,)]
    assert query(archive, "SELECT count(*) >= 5 FROM revisions WHERE revision > 1") == [(1,)]
    before = everything(archive)
    assert_no_difference(reread(archive, "--dry-run"))
    assert_no_difference(reread(archive))
    assert everything(archive) == before


def test_summary_of_a_teaser_survives_another_reading(tmp_path: Path) -> None:
    with DemoServer() as server:
        server.paper = DailyPaper(56)
        server.alter = without(SUMMARIES)
        crawl(server, tmp_path)
    kept = "SELECT key, summary, provenance FROM articles WHERE revision > 0 ORDER BY key"
    before = query(tmp_path, kept)
    assert all(summary and '"summary"' not in provenance for _, summary, provenance in before)
    assert_no_difference(reread(tmp_path))
    assert query(tmp_path, kept) == before
    revised = query(tmp_path, "SELECT count(*) FROM revisions WHERE summary IS NULL")
    assert revised == [(0,)]


def test_merged_archive_is_read_again_without_a_difference(archive: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(archive, tmp_path / "other"))
    with DemoServer() as server:
        server.paper = DailyPaper(80, 2)
        server.alter = without(SUMMARIES, of=is_even)
        crawl(server, other, *NOW, "--refetch")
    merged = tmp_path / "merged"
    done = newscrawl("merge", str(other), str(archive), "-o", str(merged), archive=tmp_path)
    assert done.returncode == 0, done.stderr
    assert_no_difference(reread(merged))


def test_rebuilt_archive_is_read_again_without_a_difference(archive: Path, tmp_path: Path) -> None:
    done = newscrawl("rebuild", "--from-warc", str(archive / "warc"), archive=tmp_path / "new")
    assert done.returncode == 0, done.stderr
    assert_no_difference(reread(tmp_path / "new"))


def test_what_a_changed_site_file_writes_is_no_difference_the_next_time(
    archive: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(archive, tmp_path / "changed"))
    package = Path(__file__).parents[2] / "newscrawl"
    known = (package / "sites" / "bnews.toml").read_text("utf-8")
    changed = known.replace('tags = ".b-tags a"\n', "").replace(
        '[".lr-summary-post b", ".lr-summary-post", "json-ld:description"]', '[".no-such"]'
    )
    assert changed != known
    (folder / "sites").mkdir(exist_ok=True)
    (folder / "sites" / "bnews.toml").write_text(changed, "utf-8")
    demo = (package / "demo" / "demo.toml").read_text("utf-8")
    (folder / "sites" / "demo.toml").write_text(demo, "utf-8")
    assert reread(folder)["changed_pages"] > 0
    assert_no_difference(reread(folder))
    (folder / "sites" / "bnews.toml").write_text(known, "utf-8")
    assert reread(folder)["changed_pages"] > 0
    assert_no_difference(reread(folder))


def test_missing_raw_page_is_no_reason_to_lose_a_field(archive: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(archive, tmp_path / "cut"))
    db = sqlite3.connect(folder / "newscrawl.db")
    db.execute("UPDATE captures SET warc_file = NULL WHERE kind = 'article' AND id % 3 = 0")
    db.commit()
    db.close()
    assert_no_difference(reread(folder, "--dry-run"))
    assert differences(archive, folder) == []


def test_articles_that_move_are_read_again_without_a_difference(tmp_path: Path) -> None:
    """Redirects that begin and end, slugs and canonical addresses that change, edits between."""
    write_site_file(tmp_path)
    with LivingSite(validators=False, any_slug=True) as site:
        stories = [site.add(number) for number in range(1, 9)]

        def crawl_again() -> None:
            done = newscrawl(
                "crawl", NAME, "--base-url", site.base_url, "--discover", "category", *NOW,
                "--refetch", "--set", "DOWNLOAD_DELAY=0", archive=tmp_path,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr

        crawl_again()
        stories[0].canonical = "b"
        site.move(stories[2], "other")
        stories[3].status, stories[3].leads_to = 301, stories[4].path
        stories[5].text = "Edited."
        crawl_again()
        stories[3].status, stories[3].leads_to = 200, None
        stories[0].canonical, stories[0].text = None, "Edited too."
        stories[2].related = (stories[5].path, stories[6].path)
        redirected = site.add(9, status=302, leads_to=stories[7].path)
        crawl_again()
        redirected.status, redirected.leads_to = 200, None
        site.any_slug, site.old_slugs = False, 301
        site.move(stories[5], "moved")
        crawl_again()
        crawl_again()
    assert query(tmp_path, "SELECT count(*) FROM articles WHERE revision > 1") == [(2,)]
    before = everything(tmp_path)
    report = json.loads(newscrawl("reextract", NAME, "--json", archive=tmp_path).stdout)[0]
    assert_no_difference(report)
    assert everything(tmp_path) == before
