"""The migration that gives the index of changes the whole order of their list, as statements.

It never changes: later changes are migrations.
"""

from __future__ import annotations

CHANGES_IN_ORDER = (
    "DROP INDEX revisions_changed",
    "CREATE INDEX revisions_changed ON revisions(fetched_at, article_id, revision)"
    " WHERE revision > 1",
)
