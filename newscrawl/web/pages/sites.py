"""The page of a site."""

from __future__ import annotations

from urllib.parse import quote

from newscrawl.store.known_names import check_site
from newscrawl.store.read.reader import Reader
from newscrawl.web.responses import Answer, Query, Redirect


def site_page(query: Query, reader: Reader) -> Answer:
    """The articles of a site."""
    site = query.parts["site"] or ""
    check_site(reader.db, site)
    return Redirect(f"/search?site={quote(site)}")
