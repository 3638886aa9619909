"""Feed exports (`scrapy crawl bnews -O x.csv`) with the rows and columns of `newscrawl export`.

An item contains a whole page, which does not fit in one row. These classes replace each item with
its rows in the archive: one row per article, or with `-a items=listings` one row per place on a
category page.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from scrapy import Spider
from scrapy.exporters import CsvItemExporter
from scrapy.extensions.feedexport import FeedExporter

from newscrawl.crawl.session import Session

ITEMS = ("articles", "listings")


class RowFeedExporter(FeedExporter):
    """Scrapy's FeedExporter. Items of spiders without a session are exported unchanged."""

    def item_scraped(self, item: Any, spider: Spider) -> None:
        """Exports the rows of an item, which the last pipeline has already stored."""
        session = getattr(spider, "session", None)
        task = getattr(item, "task", None)
        if not isinstance(session, Session) or task is None:
            super().item_scraped(item, spider)
            return
        wanted = getattr(spider, "items", ITEMS[0])
        for row in _rows(session, item, wanted):
            super().item_scraped(row, spider)


class RowCsvExporter(CsvItemExporter):
    """CSV as `newscrawl export` writes it: lists are joined by "; ", lines end in LF."""

    def __init__(self, file: BytesIO, **options: Any) -> None:
        options.setdefault("join_multivalued", "; ")
        options.setdefault("lineterminator", "\n")
        super().__init__(file, **options)


def _rows(session: Session, item: Any, wanted: str) -> Iterator[dict[str, object]]:
    task = item.task
    if wanted == "articles" and task.kind == "article":
        row = session.store.exported.article(session.site.name, item.key)
        if row is not None:
            yield row
    if wanted == "listings" and task.kind == "listing":
        category = session.category_key(task)
        if category is not None:
            yield from session.store.exported.listing(
                session.crawl_id, session.site.name, category, task.page or 1
            )
