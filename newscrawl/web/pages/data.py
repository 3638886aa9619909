"""Two pages about the archive as data: what can be exported, and what programs can ask for."""

from __future__ import annotations

from newscrawl.store.read.reader import Reader
from newscrawl.web.responses import Answer, Page, Query


def export_page(query: Query, reader: Reader) -> Answer:
    """Where each kind of file is."""
    return Page("export.html")


def api_page(query: Query, reader: Reader) -> Answer:
    """The addresses that answer in CSV or JSON."""
    return Page("api.html")
