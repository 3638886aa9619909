"""The migration for backfills, as statements.

It never changes: later changes are migrations.
"""

from __future__ import annotations

BACKFILLS = (
    # What was asked of an index, and where its answer continues (`resume_at`).
    """
    CREATE TABLE backfill_questions (
        site TEXT NOT NULL REFERENCES sites(site),
        source TEXT NOT NULL,
        question TEXT NOT NULL,
        resume_at TEXT,
        is_done INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (site, source, question)
    )
    """,
    # A capture that an index lists, or a file that may hold captures (kind `file`). `answer` is
    # what was fetched and not yet stored as a page.
    """
    CREATE TABLE backfill_captures (
        id INTEGER PRIMARY KEY,
        site TEXT NOT NULL REFERENCES sites(site),
        source TEXT NOT NULL,
        url TEXT NOT NULL,
        captured_at TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('article', 'listing', 'file')),
        key TEXT NOT NULL,
        page INTEGER NOT NULL,
        status INTEGER,
        digest TEXT,
        address TEXT NOT NULL,
        offset INTEGER NOT NULL,
        length INTEGER,
        state TEXT NOT NULL CHECK (state IN ('planned', 'fetched', 'done')),
        outcome TEXT,
        same_as INTEGER REFERENCES captures(id),
        answer BLOB,
        UNIQUE (site, source, address, offset)
    )
    """,
    "CREATE INDEX backfill_digest ON backfill_captures(digest) WHERE digest IS NOT NULL",
    "CREATE INDEX backfill_open ON backfill_captures(site, source) WHERE state <> 'done'",
    # Until when a server has asked not to be asked again.
    "CREATE TABLE backfill_rests (host TEXT PRIMARY KEY, until TEXT NOT NULL)",
)

# What an index resumes at is no time, as the name of the column said.
BACKFILL_KEYS = ("ALTER TABLE backfill_questions RENAME COLUMN resume_at TO resume_key",)
