"""The links between articles: where to begin."""

from __future__ import annotations

from newscrawl.store.read.reader import Reader
from newscrawl.web.responses import Answer, Page, Query


def links_page(query: Query, reader: Reader) -> Answer:
    """The questions about links that the archive answers."""
    return Page("links_start.html", {"sites": reader.sites()})
