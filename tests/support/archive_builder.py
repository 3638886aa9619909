"""A small made-up archive for the tests of what reads: two sites, accents, a circle of links, stubs, problems."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from newscrawl.cli.main import main
from newscrawl.core.records import (
    Capture,
    CategoryRow,
    Crumb,
    Failure,
    Link,
    Problem,
    SiteRow,
    Teaser,
    Timestamp,
)
from newscrawl.store.write.store import Store
from tests.support.store_cases import SITE, article, at, capture, listing, stamp, url

OTHER = SiteRow(
    site="other",
    name="Another Paper",
    domain="other.example",
    language="vi",
    timezone="Asia/Ho_Chi_Minh",
    categories=(CategoryRow("the-thao", "the-thao", "Thể thao", "https://other.example/the-thao"),),
)
RAILWAY = "Đường sắt cao tốc khởi công hôm qua.\n\nDự án dài 1.541 km, đi qua 20 tỉnh thành."
ESCAPE = "\x1b]0;owned\x07\x1b[2J"


def build(folder: Path) -> Path:
    """Fills the folder with the archive; the same rows each time."""
    with Store(folder) as store:
        for site in (SITE, OTHER):
            store.categories.put_site(site)
        first = store.crawls.begin("paper", {}, version="0.1.0", now=at())
        _front_page(store, first)
        _articles(store, first)
        store.crawls.end(
            first,
            reason="finished",
            exit_code=0,
            stats={"new": 5, "changed": 0, "failed": {"http_404": 1}},
            now=at(1),
        )
        second = store.crawls.begin("other", {}, version="0.1.0", now=at(2))
        _other_articles(store, second)
    return folder


def newscrawl(folder: Path, *arguments: str, stdin: str | bytes | None = None) -> Result:
    """Runs the command on an archive, as a shell would."""
    return CliRunner().invoke(
        main, ["--archive", str(folder), *arguments], input=stdin, catch_exceptions=False
    )


def _front_page(store: Store, crawl_id: int) -> None:
    page = listing([1, 2, 3, 4, 8], more=False, published_raw="10:00 01/09/2026")
    categories = store.frontier.start_categories("paper", {"1"}, crawl_id)
    assert len(categories) == 1
    task = store.frontier.request("paper", page.url, "listing")
    store.listings.save(page, capture(page.url, kind="listing"), task, crawl_id)
    failed = store.frontier.request("paper", url(8), "article")
    gone = Failure(
        code="http_404", message="the server reports that the page does not exist", gone=True
    )
    store.pages.save_failure(
        gone, failed, crawl_id, now=at(0.5), capture=capture(url(8), 0.5, status=404)
    )


def _articles(store: Store, crawl_id: int) -> None:
    links = (
        Link("related", 1, Teaser(url=url(2), key="2", title="Duong sat metro"), "metro"),
        Link(
            "related",
            2,
            Teaser(
                url=url(7),
                key="7",
                title="Chỉ là một lời dẫn",
                published=stamp("2026-08-30T08:00:00+07:00"),
            ),
        ),
        Link("same_category", 1, Teaser(url=url(4), key="4", title="Title 4")),
    )
    pages = (
        article(
            1, RAILWAY, title="Đường sắt cao tốc khởi công", summary="Khởi công, sau nhiều năm chờ đợi",
            authors=("Văn A", "Thị B"), tags=("đường sắt", "hạ tầng"), links=links,
            provenance={"title": "h1.font-42", "body": "div.lr-ct", "published": "json-ld:datePublished"},
            aliases=((url(1, "duong-cu"), "slug"),),
        ),
        article(
            2, "Tau dien tu ben thanh.", title="Duong sat metro so 1", summary=None,
            published=stamp("2026-09-03T23:30:00+07:00"), links=(Link("related", 1, Teaser(url=url(1), key="1")),),
        ),
        article(
            3, "Mưa lớn, đường sạt lở ở nhiều nơi.", title="Đường sạt lở",
            published=stamp("2026-09-02T00:10:00+07:00"),
        ),
        article(
            5, 'He said "no", then\n\n=1+1', title='=HYPERLINK("https://evil.example")', published=None,
            published_source=None, category=Crumb("Thị trường", None, "2"),
            problems=(Problem("times", "impossible", "no such day", "published", f"31/02/2026 {ESCAPE}"),),
        ),
        article(6, f"Một bài có mã {ESCAPE} trong nó.", title="Ngày không giờ", published=stamp_of_day("2026-08-07")),
    )  # fmt: skip
    for page in pages:
        store.articles.save(page, _warc(page.url), crawl_id, asked_url=page.url, extractor="test")


def _other_articles(store: Store, crawl_id: int) -> None:
    page = article(
        1, "Trận chung kết.", site="other", url="https://other.example/a/1", title="Chung kết",
        category=Crumb("Thể thao", None, "the-thao"), published=stamp("2026-09-04T08:00:00+07:00"),
    )  # fmt: skip
    store.articles.save(page, _warc(page.url), crawl_id, asked_url=page.url, extractor="test")


def _warc(of: str) -> Capture:
    return capture(
        of, warc_file="a.warc.gz", warc_offset=10, warc_length=20, payload_digest="sha256:00"
    )


def stamp_of_day(day: str) -> Timestamp:
    """A page that prints no time of day."""
    return Timestamp(day, None, day, "day")
