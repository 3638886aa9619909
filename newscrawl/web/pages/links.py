"""The links between articles: where to begin, and who cites whom."""

from __future__ import annotations

from newscrawl.store.read.reader import Reader
from newscrawl.store.read.site_links import site_links
from newscrawl.web.responses import Answer, Page, Query


def links_page(query: Query, reader: Reader) -> Answer:
    """The links between sites, and the questions about links that the archive answers."""
    return Page("links_start.html", {"links": site_links(reader.db)})
