"""newscrawl keeps the news: what was published, when, and what it pointed to.

    import newscrawl

    archive = newscrawl.open("data")
    archive.articles(since="2026-09").to_pandas()

docs/python.md describes the names that are here. They are imported when they are used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from newscrawl.core import version

if TYPE_CHECKING:
    from newscrawl.api.archive import Archive, Filters, open  # noqa: A004 - as in gzip.open
    from newscrawl.api.article import Article, Diff
    from newscrawl.api.found import Hit, SearchResults
    from newscrawl.api.pages import ExtractedArticle, ExtractedLink, Site, extract, parse_time
    from newscrawl.api.records import (
        Capture,
        Change,
        FrontSlot,
        Link,
        Listing,
        Revision,
        VolumeCount,
    )
    from newscrawl.api.table import Table
    from newscrawl.core.errors import (
        ArchiveDamaged,
        ArchiveLocked,
        NewscrawlError,
        PageRejected,
        SiteFileError,
        StorageError,
        UsageError,
    )
    from newscrawl.core.records import Timestamp

__version__ = version.VERSION
__all__ = [
    "Archive",
    "ArchiveDamaged",
    "ArchiveLocked",
    "Article",
    "Capture",
    "Change",
    "Diff",
    "ExtractedArticle",
    "ExtractedLink",
    "Filters",
    "FrontSlot",
    "Hit",
    "Link",
    "Listing",
    "NewscrawlError",
    "PageRejected",
    "Revision",
    "SearchResults",
    "Site",
    "SiteFileError",
    "StorageError",
    "Table",
    "Timestamp",
    "UsageError",
    "VolumeCount",
    "__version__",
    "extract",
    "open",
    "parse_time",
]
_NAMES_OF = {
    "api.archive": ("Archive", "Filters", "open"),
    "api.article": ("Article", "Diff"),
    "api.found": ("Hit", "SearchResults"),
    "api.pages": ("ExtractedArticle", "ExtractedLink", "Site", "parse_time"),
    "api.records": (
        "Capture",
        "Change",
        "FrontSlot",
        "Link",
        "Listing",
        "Revision",
        "VolumeCount",
    ),
    "api.table": ("Table",),
    "core.errors": (
        "ArchiveDamaged",
        "ArchiveLocked",
        "NewscrawlError",
        "PageRejected",
        "SiteFileError",
        "StorageError",
        "UsageError",
    ),
    "core.records": ("Timestamp",),
}
_MODULE_OF: dict[str, str] = {}
for _module, _names in _NAMES_OF.items():
    _MODULE_OF |= dict.fromkeys(_names, _module)


if not TYPE_CHECKING:  # it would hide misspelt names

    def __getattr__(name: str) -> Any:
        if name == "extract":
            return import_module(f"{__name__}.extract")
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _ExtractPackage(ModuleType):
    """The package newscrawl.extract, which is a function of the API too."""

    def __call__(self, *args: Any, **options: Any) -> ExtractedArticle:
        """See newscrawl.api.pages.extract."""
        from newscrawl.api import pages

        return pages.extract(*args, **options)


class _Package(ModuleType):
    """This package. Python sets an attribute of it for each part that is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "extract" and isinstance(value, ModuleType):
            value.__class__ = _ExtractPackage
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
