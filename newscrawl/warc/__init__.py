"""The raw pages, in WARC files: what was fetched, as it was received, in a form other tools read too.

The only WARC code of newscrawl; it knows neither sites nor Scrapy nor the database. Writing is ours rather than
warcio's, which percent-encodes header bytes, hashes twice and compresses at level 9. Reading is ours too: warcio
reads a torn record as a whole one and stops at the first damage, and a crash or a flipped bit must cost one record.
That both warcio and FastWARC read the files, and read the same, is tested.
"""

from __future__ import annotations

from newscrawl.core.records import Exchange
from newscrawl.warc.check import check
from newscrawl.warc.files import warc_files
from newscrawl.warc.gzip_members import Finding
from newscrawl.warc.reader import Record, pages, read_at
from newscrawl.warc.repair import Repair, repair
from newscrawl.warc.writer import WarcWriter

__all__ = [
    "Exchange",
    "Finding",
    "Record",
    "Repair",
    "WarcWriter",
    "check",
    "pages",
    "read_at",
    "repair",
    "warc_files",
]
