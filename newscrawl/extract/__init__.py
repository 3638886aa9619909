"""Pure extraction: (site, page) -> Draft or Listing. No I/O, no clock.

A page from a crawl and the same page from a WARC file therefore give equal rows.
"""

from __future__ import annotations

from newscrawl.extract.article import extract_article
from newscrawl.extract.explain import explain_article
from newscrawl.extract.listing import extract_listing

__all__ = ["explain_article", "extract_article", "extract_listing"]
