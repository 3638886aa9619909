"""Quarantines the articles of a crawl whose pages lack fields that the site usually has.

Raw pages, stubs and earlier articles do not change. One page of the new design is saved as a
fixture beside the archive's site files, with the known values of its article. `newscrawl sites
check SITE` then reports which fields the site file does not read. Once it reads them, `newscrawl
reextract SITE` releases the articles.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from newscrawl.core.coverage import UNREAD, fallen, usual_shares
from newscrawl.core.errors import ArchiveDamaged, NewscrawlError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.records import LIST_FIELDS
from newscrawl.sites.fixtures import put_fixture
from newscrawl.sites.site import Site
from newscrawl.store.write.quarantine import Specimen
from newscrawl.store.write.store import Store
from newscrawl.warc import read_at

# The fields that a fixture expects, named as by `newscrawl extract`. Unknown values are omitted.
EXPECTED = (
    "site", "key", "title", "summary", "body", "published_at", "published_local", "authors",
    "category", "tags", "image_url",
)  # fmt: skip
TEASED = ("site", "key", "title")


def hold_back(
    store: Store, crawl_id: int, coverage: Mapping[str, int], now: datetime
) -> tuple[tuple[str, ...], int]:
    """Quarantines the articles of a crawl with lost fields.

    Returns the fields whose share of pages fell below half of the usual share, and the number of
    quarantined articles.
    """
    lost = fallen(usual_shares(store.crawls.good_stats(crawl_id)), coverage)
    held = store.quarantine.add(crawl_id, lost, now) if lost else 0
    return lost, held


def judge_killed(store: Store, crawl_id: int, now: datetime) -> int:
    """Like `hold_back`, for a killed crawl, from the rows that it left.

    Returns the number of quarantined articles.
    """
    return hold_back(store, crawl_id, store.quarantine.coverage_of(crawl_id, UNREAD), now)[1]


def write_specimen(folder: Path, store: Store, site: Site, crawl_id: int) -> Path | None:
    """The new fixture of a page that was not read as usual.

    None if no such page was kept, or if its fixture exists already.
    """
    store.flush()  # an article's text may still wait for its commit
    for page in store.quarantine.specimens(crawl_id, UNREAD):
        case = ArchiveFolder(folder).fixtures(site.name) / f"drift-{page.fetched_at[:10]}"
        if case.exists():
            return None
        try:
            record = read_at(ArchiveFolder(folder).warc, page.warc_file, page.offset, page.length)
            body = record.body
        except NewscrawlError:
            continue
        # A page of a mirror gets the address that it has on the site itself.
        url = record.url.replace(site.origin, site.model.origin, 1)
        expected = json.dumps(_expected(page), ensure_ascii=False, indent=2)
        try:
            put_fixture(case, body, _facts(page, url, record.charset), expected)
        except ArchiveDamaged:  # a link leads out of the archive: nothing is written there
            return None
        return case
    return None


def _facts(page: Specimen, url: str, declared: str | None) -> str:
    source = (
        "from an earlier reading of the article" if page.read_before else "from a category page"
    )
    charset = f"charset = {json.dumps(declared)}\n" if declared else ""
    return (
        f"# A page that the site file did not read as usual; expected.json comes {source}.\n"
        f'url = {json.dumps(url)}\nkind = "article"\n{charset}fetched_at = {page.fetched_at}\n'
    )


def _expected(page: Specimen) -> dict[str, Any]:
    names = EXPECTED if page.read_before else TEASED
    values = {
        name: json.loads(page.article[name]) if name in LIST_FIELDS else page.article[name]
        for name in names
    }
    known = {name: value for name, value in values.items() if value not in (None, [], "")}
    return known | {"unchecked": [name for name in known if name not in ("site", "key")]}
