"""A few hundred writes to a store, the same each time; what was written before is passed over, as a crawl does.

`python -m tests.support.store_workload FOLDER`, with the faults of tests.support.crashing.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from newscrawl.core.records import Article, Failure, Task
from newscrawl.store.write.store import Store
from tests.support.crashing import install
from tests.support.store_cases import SITE, article, capture, links, listing, url

PAGES = 6
PER_PAGE = 10
DOWN = Failure(code="http_503", message="the server answered 503", retry=True)


def page(key: int, edition: int = 1) -> Article:
    """An article that links to its neighbours; every seventh is edited in a second edition."""
    made = article(
        key,
        body=f"Text of {key}.\n\nEdition {edition if key % 7 == 0 else 1}.",
        tags=(f"tag {key % 5}",),
    )
    return replace(
        made,
        links=(
            *links("related", key - 1, key - 2),
            *links("same_category", key + 1, key + 2, key - 3),
        ),
    )


def work(folder: Path) -> None:
    """Walks six category pages, reads what they show, then reads it again; each step only where it is still to do."""
    with Store(folder) as store:
        store.categories.put_site(SITE)
        crawl = store.crawls.begin("paper", {}, version="test", now=capture(url(0)).fetched_at)
        for number in range(1, PAGES + 1):
            _listing(store, number, crawl)
        for edition in (1, 2):
            for key in range(1000, 1000 + PAGES * PER_PAGE):
                _article(store, key, edition, crawl)


def _listing(store: Store, number: int, crawl: int) -> None:
    first = 1000 + PAGES * PER_PAGE - (number - 1) * PER_PAGE
    shown = listing(range(first - 1, first - PER_PAGE - 1, -1), number, more=number < PAGES)
    if store.db.execute(
        "SELECT 1 FROM frontier WHERE url = ? AND state = 'done'", (shown.url,)
    ).fetchone():
        return
    if number == 1:
        store.frontier.start_categories("paper", {"1"}, crawl)
    row = store.db.execute(
        "SELECT category_id, page, crawl_id FROM frontier WHERE url = ?", (shown.url,)
    ).fetchone()
    task = Task(
        site="paper",
        url=shown.url,
        kind="listing",
        category_id=row["category_id"],
        page=row["page"],
        chain=row["crawl_id"],
    )
    store.listings.save(shown, capture(shown.url, number, "listing"), task, crawl)


def _article(store: Store, key: int, edition: int, crawl: int) -> None:
    hours = 10 * edition
    row = store.db.execute(
        "SELECT a.id, a.fetched_at FROM frontier f JOIN articles a ON a.id = f.article_id WHERE f.url = ?",
        (url(key),),
    ).fetchone()
    fetched = capture(url(key), hours)
    if row["fetched_at"] is not None and row["fetched_at"] >= fetched.fetched_at.strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    ):
        return
    if key % 10 == 3 and edition == 2:
        task = Task(site="paper", url=url(key), kind="article", article_id=row["id"])
        if not store.db.execute(
            "SELECT 1 FROM frontier WHERE url = ? AND attempts > 0", (task.url,)
        ).fetchone():
            store.pages.save_failure(DOWN, task, crawl, now=fetched.fetched_at)
        return
    store.articles.save(page(key, edition), fetched, crawl, asked_url=url(key), extractor="test")


if __name__ == "__main__":
    install()
    work(Path(sys.argv[1]))
