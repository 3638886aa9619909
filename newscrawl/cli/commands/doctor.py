"""`newscrawl doctor`: whether this machine and this archive are ready for a crawl."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import say, show_json, show_table
from newscrawl.cli.rows import Output, output_options, show_rows
from newscrawl.core.errors import ArchiveDamaged, NewscrawlError, StorageError
from newscrawl.core.extras import PURPOSES, install_command, missing_packages
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.version import VERSION

if TYPE_CHECKING:
    from newscrawl.sites.config import Config

EPILOG = """\b
Examples:
  newscrawl doctor
  newscrawl doctor --json
"""

PACKAGES = ("scrapy", "lxml", "sqlite-utils", "pydantic", "dateparser", "trafilatura")
LITTLE_DISK = 500_000_000  # bytes: about 5,000 articles with their raw pages
# newscrawl uses JSON functions, FTS5, RETURNING and iif; 3.38 has all of them built in.
OLDEST_SQLITE = (3, 38, 0)
SQLITE_FEATURES = {
    "SQLite FTS5": "CREATE VIRTUAL TABLE t USING fts5(a, tokenize='unicode61 remove_diacritics 2')",
    "SQLite JSON": "SELECT value FROM json_each('[1]')",
}
COLUMNS = ("name", "result", "detail")  # of --jsonl, --csv and --tsv
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check: `fail` prevents a crawl, `warn` does not."""

    name: str
    result: Literal["ok", "warn", "fail"]
    detail: str
    error: NewscrawlError | None = None  # with which a crawl would end


@click.command(epilog=EPILOG)
@output_options()
@click.pass_context
def doctor(ctx: click.Context, output: Output) -> None:
    """Check whether this machine and this archive are ready to crawl.

    Checks versions, SQLite, the disk, permissions, the lock and network settings. It does not use
    the network and writes nothing. The exit code is 5 if the database is damaged, and 4 if another
    check fails.
    """
    app: App = ctx.obj
    checks = list(all_checks(app))
    if output.as_rows:
        show_rows(output, COLUMNS, map(_as_json, checks))
    elif output.as_json:
        show_json([_as_json(check) for check in checks])
    else:
        rows = [(check.name, check.result, check.detail) for check in checks]
        show_table(["check", "result", "detail"], rows)
    errors = [check.error for check in checks if check.error]
    for error in errors:
        if error.hint:
            say(f"hint: {error.hint}")
    if any(isinstance(error, ArchiveDamaged) for error in errors):
        ctx.exit(ArchiveDamaged.exit_code)
    if any(check.result == "fail" for check in checks):
        ctx.exit(StorageError.exit_code)


def _as_json(check: Check) -> dict[str, str]:
    return {"name": check.name, "result": check.result, "detail": check.detail}


def all_checks(app: App) -> Iterator[Check]:
    """All checks, in the order in which a crawl would fail."""
    system = f"{platform.system()} {platform.release()}"
    yield Check("newscrawl", "ok", f"{VERSION}, Python {platform.python_version()}, {system}")
    yield from _packages()
    yield from _extras()
    yield _sqlite_version()
    yield from _sqlite_features()
    yield from _folder(app.archive)
    yield _database(app)
    yield from _waiting(app)
    yield _lock(app.archive)
    yield _left_over(app.archive)
    try:
        config = app.config
    except NewscrawlError as error:
        yield Check("settings", "fail", error.message.replace("\n", "; "), error)
        return
    yield from _network(config)
    yield _encoding()


def _packages() -> Iterator[Check]:
    for name in PACKAGES:
        try:
            yield Check(name, "ok", version(name))
        except PackageNotFoundError:
            yield Check(name, "fail", "not installed; reinstall newscrawl")


def _extras() -> Iterator[Check]:
    """Optional packages: a crawl needs none of them."""
    for extra, purpose in PURPOSES.items():
        packages = missing_packages(extra)
        name = f"extra {extra}"
        if packages:
            yield Check(name, "warn", f"for {purpose}: {install_command(packages)}")
        else:
            yield Check(name, "ok", "installed")


def _sqlite_version() -> Check:
    if sqlite3.sqlite_version_info >= OLDEST_SQLITE:
        return Check("SQLite", "ok", sqlite3.sqlite_version)
    needed = ".".join(map(str, OLDEST_SQLITE))
    return Check(
        "SQLite", "fail", f"{sqlite3.sqlite_version}, but newscrawl needs {needed} or later"
    )


def _sqlite_features() -> Iterator[Check]:
    for name, statement in SQLITE_FEATURES.items():
        with closing(sqlite3.connect(":memory:")) as db:
            try:
                db.execute(statement)
                yield Check(name, "ok", "available")
            except sqlite3.Error as error:
                yield Check(name, "fail", str(error))


def _folder(folder: Path) -> Iterator[Check]:
    """Checks the archive's folder or, if it does not exist, the one in which it would be made."""
    existing = folder.absolute()
    while not existing.exists():
        existing = existing.parent
    writable = existing.is_dir() and os.access(existing, os.R_OK | os.W_OK | os.X_OK)
    detail = f"{existing} is {'' if writable else 'not '}writable"
    if existing != folder.absolute():
        detail += f"; {folder} does not exist yet"
    yield Check("folder", "ok" if writable else "fail", detail)
    free = shutil.disk_usage(existing).free
    result: Literal["ok", "warn", "fail"] = "ok"
    if free <= LITTLE_DISK:
        result = "warn" if free else "fail"
    yield Check("disk", result, f"{free / 1e9:,.1f} GB free")


def _database(app: App) -> Check:
    path = ArchiveFolder(app.archive).database
    if not path.exists():
        return Check("database", "ok", "none yet")
    if not os.access(path, os.R_OK):
        return Check("database", "fail", f"{path} is not readable")
    try:
        with app.reader() as reader:
            mode = reader.db.execute("PRAGMA journal_mode").fetchone()[0]
            count = reader.db.execute("SELECT max(id) FROM articles").fetchone()[0] or 0
    except NewscrawlError as error:
        return Check("database", "fail", error.message, error)
    detail = f"{path}, journal {mode}, {count:,} articles and stubs"
    if not os.access(path, os.W_OK):
        return Check("database", "fail", f"{detail}; it can be read, but is not writable")
    return Check("database", "ok", detail)


def _waiting(app: App) -> Iterator[Check]:
    """Articles that an earlier version overlooked, and pages that wait too long."""
    from newscrawl.core.text import counted
    from newscrawl.core.times import to_utc_text
    from newscrawl.store.read.waiting import count_far_ahead, count_overlooked

    if not ArchiveFolder(app.archive).database.exists():
        return
    try:
        with app.reader() as reader:
            overlooked = count_overlooked(reader.db)
            far_ahead = sum(
                count_far_ahead(reader.db, site, after)
                for site, after in _farthest_visits(app, reader.db)
            )
    except NewscrawlError:
        return  # the check of the database reports it
    if overlooked:
        detail = f"{counted(overlooked, 'article')} overlooked by an earlier version"
        yield Check("revisits", "warn", f"{detail}; the next crawl requests them")
    else:
        yield Check("revisits", "ok", "no article is overlooked")
    if far_ahead:
        detail = f"{counted(far_ahead, 'page')} scheduled while the clock was ahead"
        yield Check("clock", "warn", f"{detail}; the next crawl of the site corrects this")
    else:
        yield Check("clock", "ok", f"{to_utc_text(datetime.now(UTC))}; no page waits too long")


def _farthest_visits(app: App, db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Each site of the archive, and the time until which one of its pages may have to wait."""
    from newscrawl.core.times import to_utc_text
    from newscrawl.sites.generic import site_named
    from newscrawl.store.known_names import site_names
    from newscrawl.store.rows import LONGEST_WAIT, farthest_visit

    for name in site_names(db):
        try:
            farthest = farthest_visit(site_named(name, app.archive).revisit)
        except NewscrawlError:  # its site file is gone
            farthest = LONGEST_WAIT
        yield name, to_utc_text(datetime.now(UTC) + farthest)


def _lock(folder: Path) -> Check:
    from newscrawl.core.lock import holder, is_locked

    if is_locked(folder):
        return Check("lock", "warn", f"held by {holder(folder)}")
    return Check("lock", "ok", "free")


def _left_over(folder: Path) -> Check:
    """Files that killed exports, backups, releases and merges left in the archive or beside it."""
    from newscrawl.core.files import left_over

    paths: list[str] = []
    for parent in (folder.absolute().parent, folder, ArchiveFolder(folder).exports):
        paths += map(str, left_over(parent))
    if paths:
        return Check("left over", "warn", f"can be deleted: {', '.join(paths)}")
    return Check("left over", "ok", "nothing")


def _network(config: Config) -> Iterator[Check]:
    from newscrawl import settings

    delay = config.politeness.delay_seconds
    if delay is None:
        delay = settings.DOWNLOAD_DELAY
    pace = f"{delay:g} s between requests to a host, unless the site file has another delay"
    if config.politeness.concurrency:
        pace += f"; at most {config.politeness.concurrency} requests at a time"
    yield Check("pace", "ok", pace)
    if settings.ROBOTSTXT_OBEY:
        yield Check("robots.txt", "ok", "obeyed")
    else:
        yield Check("robots.txt", "warn", "ignored")
    yield Check(
        "addresses", "ok", "only http and https, to public addresses and the origins in site files"
    )
    if config.contact:
        yield Check("contact", "ok", config.contact)
    else:
        yield Check(
            "contact", "warn", "none; set `contact` in newscrawl.toml, so that sites can reach you"
        )
    yield Check("proxy", "ok", ", ".join(_proxies()) or "none")


def _proxies() -> Iterator[str]:
    for name in PROXIES:
        proxy = os.environ.get(name) or os.environ.get(name.upper())
        if proxy:
            yield f"{name}={_masked(proxy)}"


def _masked(proxy: str) -> str:
    """A proxy's address without its user and password."""
    host = urlsplit(proxy).netloc if "://" in proxy else proxy
    return host.rpartition("@")[2] or proxy


def _encoding() -> Check:
    is_utf8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    return Check("encoding", "ok" if is_utf8 else "warn", sys.stdout.encoding)
