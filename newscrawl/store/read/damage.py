"""Whether an unexpected error comes from a damaged archive, and which value is to blame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from newscrawl.core.errors import ArchiveDamaged, NewscrawlError, UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.store.connection import (
    TO_LIST_FLAWS,
    BrokenValue,
    Connection,
    Interrupted,
    damaged,
    open_reader,
)
from newscrawl.store.read.limits import stop_after
from newscrawl.store.values import odd_values

# A user waits for this once, after an error. A damaged value is usually found long before.
SECONDS = 60.0
NAMED_BY_USERS = frozenset({"sites"})


def damage_behind(
    error: Exception, folder: Path, seconds: float = SECONDS
) -> ArchiveDamaged | None:
    """The damage that explains an error, with table, row and column.

    None if the error has its own exit code, or if no odd value is found within `seconds`. A
    UsageError is explained by a broken row of `sites`, which makes the archive forget a site.
    """
    tables = _to_blame(error)
    if tables is None or not ArchiveFolder(folder).database.is_file():
        return None
    try:
        with closing(open_reader(folder)) as db, closing(open_reader(folder)) as raw:
            for connection in (db, raw):
                stop_after(connection, seconds)
            place = next(_flaws(db, raw, tables), None)
    except Interrupted:
        return None
    except ArchiveDamaged as damage:
        return damage
    except NewscrawlError as refusal:
        is_over_schema = refusal.exit_code == 1
        return damaged(ArchiveFolder(folder).database, refusal.message) if is_over_schema else None
    if place is None:
        return None
    return ArchiveDamaged(f"{ArchiveFolder(folder).database} is damaged: {place}", TO_LIST_FLAWS)


def _to_blame(error: Exception) -> frozenset[str] | None:
    """The tables whose values may explain an error, none for all; None for an error of its own."""
    if isinstance(error, UsageError):
        return NAMED_BY_USERS
    has_own_code = isinstance(error, NewscrawlError) and error.exit_code != 1
    if has_own_code and not isinstance(error, BrokenValue):
        return None
    return frozenset()


def _flaws(db: Connection, raw: Connection, tables: frozenset[str]) -> Iterator[str]:
    """What `newscrawl verify` would list first."""
    yield from map(str, odd_values(db, raw, tables))
    if tables:
        return
    for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield f"{table}, row {rowid}: points at a row that is not in {parent}"
    result = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if result != "ok":
        yield str(result)
