"""Made-up pages for the tests of the store: builders with sensible defaults."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from newscrawl.core.fingerprints import body_hash, word_count
from newscrawl.core.records import (
    Article,
    Capture,
    CategoryRow,
    Crumb,
    Entry,
    Link,
    LinkKind,
    Listing,
    PageKind,
    SiteRow,
    Teaser,
    Timestamp,
)

START = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
SITE = SiteRow(
    site="paper",
    name="A Paper",
    domain="paper.example",
    language="vi",
    timezone="Asia/Ho_Chi_Minh",
    categories=(
        CategoryRow("1", "kinh-te", None, "https://paper.example/kinh-te/1/trang-1.html"),
        CategoryRow("2", "thi-truong", None, "https://paper.example/thi-truong/2/trang-1.html"),
    ),
)


def url(key: int | str, slug: str = "tin") -> str:
    """The address of an article."""
    return f"https://paper.example/{slug}/{key}.html"


def at(hours: float = 0) -> datetime:
    """A moment, in hours after the first."""
    return START + timedelta(hours=hours)


def stamp(local: str, precision: str = "minute") -> Timestamp:
    """A read time in Vietnam: `2026-09-01T10:00:00+07:00`."""
    return Timestamp(local, datetime.fromisoformat(local).astimezone(UTC), local, precision)  # type: ignore[arg-type]


def teaser(key: int | str, title: str | None = "A title", **fields: Any) -> Teaser:
    """What a list says about an article."""
    return Teaser(url=url(key), key=str(key), title=title, **fields)


def links(kind: LinkKind, *keys: int) -> tuple[Link, ...]:
    """A block of links, in order."""
    return tuple(Link(kind, n, teaser(key, f"Title {key}")) for n, key in enumerate(keys, 1))


def article(key: int | str = 10, body: str | None = "First.\n\nSecond.", **fields: Any) -> Article:
    """An article page, ready for the store."""
    values: dict[str, Any] = {
        "site": "paper",
        "key": str(key),
        "url": url(key),
        "template": "2026",
        "title": f"Title {key}",
        "summary": "A summary",
        "body": body,
        "body_hash": body_hash(body) if body else None,
        "word_count": word_count(body) if body else 0,
        "category": Crumb("Kinh tế", None, "1"),
        "published": stamp("2026-09-01T10:00:00+07:00"),
        "published_source": "page",
    }
    return Article(**(values | fields))


def capture(
    of: str, hours: float = 0, kind: PageKind = "article", status: int = 200, **fields: Any
) -> Capture:
    """One fetch."""
    return Capture(url=of, kind=kind, status=status, fetched_at=at(hours), **fields)


def listing(keys: Iterable[int], page: int = 1, *, more: bool = True, **fields: Any) -> Listing:
    """A page of category 1."""
    address = "https://paper.example/kinh-te/1/trang-{}.html"
    entries = tuple(
        Entry("list", n, teaser(key, f"Title {key}", **fields)) for n, key in enumerate(keys, 1)
    )
    return Listing(
        site="paper",
        url=address.format(page),
        template="2026",
        entries=entries,
        next_url=address.format(page + 1) if more else None,
    )
