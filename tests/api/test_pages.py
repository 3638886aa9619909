"""Single pages and printed times, read without an archive."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

import newscrawl
from tests.support.crawling import printed

KEY = "231726"


def test_extract_is_that_of_the_command_line(archive: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    article = newscrawl.open(archive).article(KEY)
    page.write_bytes(article.html())
    shown = json.loads(printed(archive, "extract", "--url", article.url, str(page)))
    extracted = newscrawl.extract(page.read_bytes(), url=article.url)
    assert extracted.to_dict() == shown
    assert newscrawl.extract(page.read_text("utf-8"), url=article.url) == extracted
    site = newscrawl.Site.load("demo").rebased(article.url.rpartition("/")[0].rpartition("/")[0])
    read = newscrawl.extract(page.read_bytes(), url=article.url, site=site)
    assert (read.title, read.body, read.published_at) == (
        article.title,
        article.body,
        article.published_at,
    )
    assert [link.title for link in read.links if link.kind == "related"] == [
        link.anchor for link in article.links_out("related")
    ]


@pytest.mark.parametrize(
    ("html", "options", "error"),
    [
        ("", {"url": "https://paper.example/a/1.html"}, newscrawl.PageRejected),
        ("<p>x", {}, newscrawl.PageRejected),
        ("<p>x", {"url": "nonsense"}, newscrawl.PageRejected),
        ("<p>x", {"url": "http://["}, newscrawl.PageRejected),
        ("<p>x", {"site": "nosuch"}, newscrawl.UsageError),
    ],
)
def test_a_page_without_an_article_is_rejected(
    html: str, options: dict[str, str], error: type[newscrawl.NewscrawlError]
) -> None:
    with pytest.raises(error):
        newscrawl.extract(html, **options)


def test_times_are_read_as_on_the_command_line() -> None:
    stamp = newscrawl.parse_time("11:34' - 22/11/2022", site="bnews")
    assert stamp == newscrawl.parse_time("11:34' - 22/11/2022", site=newscrawl.Site.load("bnews"))
    assert stamp.utc == datetime(2022, 11, 22, 4, 34, tzinfo=UTC)
    assert (
        newscrawl.parse_time("22/11/2022 11:34", zone="Europe/Berlin").local
        == "2022-11-22T11:34:00+01:00"
    )
    assert newscrawl.parse_time("no time").problem == "unknown_format"
    for options in ({"site": "nosuch"}, {"zone": "Atlantis/City"}):
        with pytest.raises(newscrawl.UsageError):
            newscrawl.parse_time("22/11/2022", **options)


def test_a_site_of_the_archive_s_folder_can_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "mine.toml").write_text('name = "mine"\n', "utf-8")
    with pytest.raises(newscrawl.SiteFileError, match=r"mine\.toml") as raised:
        newscrawl.Site.load("mine", tmp_path)
    assert len(raised.value.problems) > 1
    assert newscrawl.Site.load("bnews").domain == "bnews.vn"
