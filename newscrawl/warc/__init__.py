"""The raw pages in WARC files: what was received, in a format that other tools read too.

All WARC code of newscrawl is here. It does not know sites, Scrapy or the database.
"""

from __future__ import annotations

from newscrawl.warc.check import check
from newscrawl.warc.files import warc_files
from newscrawl.warc.gzip_members import Finding
from newscrawl.warc.heads import Head, Place, head_at
from newscrawl.warc.reader import Record, count_pages, pages, read_at
from newscrawl.warc.repair import Repair, repair
from newscrawl.warc.writer import WarcWriter

__all__ = [
    "Finding",
    "Head",
    "Place",
    "Record",
    "Repair",
    "WarcWriter",
    "check",
    "count_pages",
    "head_at",
    "pages",
    "read_at",
    "repair",
    "warc_files",
]
