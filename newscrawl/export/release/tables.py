"""The tables of a release for those who describe them: files, meanings of columns, and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newscrawl.store.schema.dictionary import column_about, dictionary

# The tables and views in which a file's columns are described, the most specific one first.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "articles": ("export_articles",),
    "links": ("article_links",),
    "listings": ("front_pages",),
    "revisions": ("revisions", "articles", "captures"),
    "problems": ("problems", "articles", "crawls"),
}
TITLES: Mapping[str, str] = {
    "articles": "Articles, and stubs of articles that others link to.",
    "links": "Links between articles.",
    "listings": "Positions on category pages as they were seen.",
    "revisions": "Every version of each article.",
    "problems": "What could not be fetched or read, and why.",
}
KEYS: Mapping[str, tuple[str, ...]] = {
    "articles": ("id",),
    "links": ("source_id", "target_id", "kind"),
    "listings": ("crawl_id", "site", "category_key", "page", "position"),
    "revisions": ("article_id", "revision"),
    "problems": ("id",),
}


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file with one table of a release; `path` is relative to its folder, with slashes."""

    path: str
    columns: Sequence[str]
    size: int
    sha256: str


def column_description(table: str, column: str) -> str:
    """The data dictionary's sentence on a column; empty if no source of the table has one."""
    words = dictionary()
    for source in SOURCES[table]:
        about = column_about(source, column, words)
        if about:
            return about
    return ""
