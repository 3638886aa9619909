"""Archives of earlier schemas: today's rows in the tables that the first migrations make."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from newscrawl.core.folder import DATABASE
from newscrawl.store.schema.migrations import MIGRATION_SET, MIGRATIONS


def old_archive(folder: Path, rows_of: Path, migrations: int = 1) -> Path:
    """An archive after so many migrations, with the rows of another archive that fit."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        early = Migrations(MIGRATION_SET)
        for migration in MIGRATIONS[:migrations]:
            early()(migration)
        early.apply(Database(db))
        db.execute("ATTACH ? AS today", (str(rows_of / DATABASE),))
        for table in ours(db):
            columns = ", ".join(common(db, table))
            db.execute(
                f"INSERT OR IGNORE INTO main.{table} ({columns}) SELECT {columns} FROM today.{table}"
            )
        db.commit()
    return folder


def ours(db: sqlite3.Connection) -> list[str]:
    """The tables in the order in which they refer to each other."""
    rows = db.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"
        " AND name NOT GLOB '[_]*' AND name NOT GLOB 'articles_fts*' ORDER BY rowid"
    )
    return [row[0] for row in rows]


def common(db: sqlite3.Connection, table: str) -> list[str]:
    """The columns that a table has in both schemas."""
    rows = db.execute(
        "SELECT old.name FROM pragma_table_info(?1, 'main') old"
        " JOIN pragma_table_info(?1, 'today') new USING (name)",
        (table,),
    )
    return [row[0] for row in rows]
