"""Makes the rows of an article again from all its captures, in the order of their times.

What an import adds may be older than what is stored. Storing it as a crawl does would make the
result depend on the order of import. So the whole history of each article that it touches is read
again from the raw pages, and stored in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from newscrawl.archive.pages import SiteShelf, read_record, site_of
from newscrawl.core.errors import ArchiveDamaged, PageRejected
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.records import Article
from newscrawl.core.version import VERSION
from newscrawl.store.write.history import HeldCapture, Sighting
from newscrawl.store.write.store import Store
from newscrawl.warc import read_at

EXTRACTOR = f"newscrawl {VERSION}"


def derive_article(
    store: Store,
    folder: Path,
    shelf: SiteShelf,
    article_id: int,
    read: Mapping[int, Article] | None = None,
) -> None:
    """Stores the article as its captures show it. `read` has articles of captures, by number.

    A capture whose raw page is lost, or was not kept, shows the revision that was stored then.
    """
    known = read or {}
    warc = ArchiveFolder(folder).warc
    sightings: list[Sighting] = []
    last_answer: Sighting | None = None
    complete = True
    for capture in store.history.captures_of(article_id):
        if capture.status == 304:
            if last_answer is not None:
                sightings.append(
                    replace(last_answer, seen_at=capture.seen_at, crawl_id=capture.crawl_id)
                )
            continue
        article = known.get(capture.capture_id)
        if article is None:
            article = _article_of(warc, shelf, capture)
        if article is None:
            complete = False
            article = store.history.revision_at(article_id, capture)
        if article is None:
            continue
        sighting = Sighting(
            capture_id=capture.capture_id,
            crawl_id=capture.crawl_id,
            seen_at=capture.seen_at,
            article=article,
        )
        sightings.append(sighting)
        if not capture.imported:  # only an answer to the crawl itself can be "not modified" later
            last_answer = sighting
    store.history.derive(article_id, sightings, extractor=EXTRACTOR, complete=complete)


def _article_of(warc: Path, shelf: SiteShelf, capture: HeldCapture) -> Article | None:
    """What the raw page of a capture shows; None if it is not there, or is no article any more."""
    if capture.warc_file is None:
        return None
    try:
        record = read_at(warc, capture.warc_file, capture.offset, capture.length)
        outcome = read_record(site_of(record, shelf), record)
    except (ArchiveDamaged, PageRejected):
        return None
    assert isinstance(outcome, Article)
    return outcome
