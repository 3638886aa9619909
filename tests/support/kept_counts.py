"""Changes of articles that tables of counts, which triggers keep, have to follow."""

from __future__ import annotations

from pathlib import Path

from newscrawl.store.write.store import Store
from tests.support.crawling import query

# The last but one makes a stub, as a release does with articles that its filter leaves out.
CHANGES = (
    "UPDATE articles SET state = 'degraded' WHERE id = 3",
    "UPDATE articles SET state = 'stored' WHERE id = 3",
    "UPDATE articles SET state = 'blocked' WHERE id = 5",
    "UPDATE articles SET published_local = '2026-03' WHERE id IN (6, 7, 8)",
    "UPDATE articles SET published_local = NULL WHERE id IN (7, 8)",
    "INSERT INTO articles (site, key, url, state, first_seen_at, last_seen_at, revision)"
    " SELECT site, 'read', 'https://paper.example/read', 'stored', '', '', 1 FROM sites LIMIT 1",
    "DELETE FROM articles WHERE key = 'read'",
    "UPDATE articles SET revision = 0, state = 'stub' WHERE id = 1",
    "UPDATE articles SET revision = 1, state = 'stored' WHERE id = 1",
)


def follows_articles(folder: Path, kept: str, counted: str) -> None:
    """Asserts that each change changes the rows of `kept`, which then are those of `counted`."""
    with Store(folder) as store:
        for change in CHANGES:
            before = query(folder, kept)
            assert store.db.execute(change).rowcount > 0
            assert query(folder, kept) != before, change
            assert query(folder, kept) == query(folder, counted), change
