"""The links between articles: where to begin, and who cites whom."""

from __future__ import annotations

from newscrawl.store.known_names import check_site
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.site_links import count_site_links, site_links
from newscrawl.web.responses import Answer, Page, Query

PAIRS = 300  # of sites, on a page


def links_page(query: Query, reader: Reader) -> Answer:
    """The links between sites, and the questions about links that the archive answers.

    With `site`, the links of this one.
    """
    site = query.text("site")
    if site is not None:
        check_site(reader.db, site)
    offset = query.offset()
    total, most = count_site_links(reader.db, site)
    values = {
        "links": site_links(reader.db, site, PAIRS, offset),
        "site": site,
        "most": most,
        "total": total,
        "offset": offset,
        "limit": PAIRS,
    }
    return Page("links_start.html", values)
