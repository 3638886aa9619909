"""`newscrawl doctor`: whether this machine and this archive are fit for a crawl. Uses no network."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import say, show_json, show_table
from newscrawl.core.errors import ArchiveDamaged, NewscrawlError, StorageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.version import VERSION

EPILOG = """\b
Examples:
  newscrawl doctor
  newscrawl doctor --json
"""

PACKAGES = ("scrapy", "lxml", "sqlite-utils", "pydantic", "dateparser", "trafilatura")
LITTLE_DISK = 500_000_000  # bytes: about 5,000 articles with their raw pages
# JSON functions, FTS5, RETURNING and iif are used; 3.38 has all of them built in.
OLDEST_SQLITE = (3, 38, 0)
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@dataclass(frozen=True, slots=True)
class Check:
    """`fail` stands in the way of a crawl, `warn` does not."""

    name: str
    result: Literal["ok", "warn", "fail"]
    detail: str
    error: NewscrawlError | None = None  # what a crawl would end with


@click.command(epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check this machine and this archive.

    Versions, SQLite, disk, permissions, the lock and the rules for the network. Nothing is fetched and nothing
    is written. Exit code 5 where the database is damaged, 4 where another check fails.
    """
    app: App = ctx.obj
    checks = list(all_checks(app))
    if as_json:
        show_json(
            [
                {"name": check.name, "result": check.result, "detail": check.detail}
                for check in checks
            ]
        )
    else:
        show_table(
            ["check", "result", "detail"],
            [(check.name, check.result, check.detail) for check in checks],
        )
    errors = [check.error for check in checks if check.error]
    for error in errors:
        if error.hint:
            say(f"hint: {error.hint}")
    if any(check.result == "fail" for check in checks):
        damaged = any(isinstance(error, ArchiveDamaged) for error in errors)
        ctx.exit((ArchiveDamaged if damaged else StorageError).exit_code)


def all_checks(app: App) -> Iterator[Check]:
    """Every check, in the order in which a crawl would meet them."""
    yield Check(
        "newscrawl",
        "ok",
        f"{VERSION}, Python {platform.python_version()}, {platform.system()} {platform.release()}",
    )
    yield from _packages()
    yield from _sqlite()
    yield from _folder(app.archive)
    yield _database(app)
    yield _lock(app.archive)
    yield _unfinished(app.archive)
    yield from _network(app)


def _packages() -> Iterator[Check]:
    for name in PACKAGES:
        try:
            yield Check(name, "ok", version(name))
        except PackageNotFoundError:
            yield Check(name, "fail", "not installed: install newscrawl again")


def _sqlite() -> Iterator[Check]:
    new = sqlite3.sqlite_version_info >= OLDEST_SQLITE
    needed = ".".join(map(str, OLDEST_SQLITE))
    yield Check(
        "SQLite",
        "ok" if new else "fail",
        sqlite3.sqlite_version + ("" if new else f", {needed} or later is needed"),
    )
    for name, statement in {
        "SQLite FTS5": "CREATE VIRTUAL TABLE t USING fts5(a, tokenize='unicode61 remove_diacritics 2')",
        "SQLite JSON": "SELECT value FROM json_each('[1]')",
    }.items():
        with closing(sqlite3.connect(":memory:")) as db:
            try:
                db.execute(statement)
                yield Check(name, "ok", "there")
            except sqlite3.Error as error:
                yield Check(name, "fail", str(error))


def _folder(folder: Path) -> Iterator[Check]:
    """The archive's folder, or the nearest one above it that exists: there it would be made."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    will = "" if place == folder.absolute() else f"; {folder} does not exist yet"
    writable = place.is_dir() and os.access(place, os.R_OK | os.W_OK | os.X_OK)
    yield Check(
        "folder",
        "ok" if writable else "fail",
        f"{place} {'can' if writable else 'cannot'} be written{will}",
    )
    free = shutil.disk_usage(place).free
    yield Check(
        "disk",
        "ok" if free > LITTLE_DISK else "warn" if free else "fail",
        f"{free / 1e9:,.1f} GB free",
    )


def _database(app: App) -> Check:

    path = ArchiveFolder(app.archive).database
    if not path.exists():
        return Check("database", "ok", "none yet")
    if not os.access(path, os.R_OK | os.W_OK):
        return Check("database", "fail", f"{path} cannot be written")
    try:
        with app.reader() as reader:
            mode = reader.db.execute("PRAGMA journal_mode").fetchone()[0]
            count = reader.db.execute("SELECT max(id) FROM articles").fetchone()[0] or 0
    except NewscrawlError as error:
        return Check("database", "fail", error.message, error)
    return Check("database", "ok", f"{path}, journal {mode}, {count:,} articles and stubs")


def _lock(folder: Path) -> Check:
    from newscrawl.core.lock import holder, is_locked

    locked = is_locked(folder)
    return Check(
        "lock", "warn" if locked else "ok", f"held: {holder(folder)}" if locked else "free"
    )


def _unfinished(folder: Path) -> Check:
    """What killed exports, backups, releases and merges have left beside the archive and in it."""
    from newscrawl.core.files import left_over

    places = (folder.absolute().parent, folder, ArchiveFolder(folder).exports)
    found = [str(path) for place in places for path in left_over(place)]
    return Check(
        "left over",
        "warn" if found else "ok",
        f"may be deleted: {', '.join(found)}" if found else "nothing",
    )


def _network(app: App) -> Iterator[Check]:
    try:
        config = app.config
    except NewscrawlError as error:
        yield Check("settings", "fail", error.message.replace("\n", "; "), error)
        return
    from newscrawl import settings

    delay, width = config.politeness.delay_seconds, config.politeness.concurrency
    seconds = settings.DOWNLOAD_DELAY if delay is None else delay
    pace = f"{seconds:g} s between two requests to a host, or as the site file says"
    yield Check("pace", "ok", pace + (f"; at most {width} at a time" if width else ""))
    yield Check(
        "robots.txt",
        "ok" if settings.ROBOTSTXT_OBEY else "warn",
        "obeyed" if settings.ROBOTSTXT_OBEY else "ignored",
    )
    yield Check(
        "addresses",
        "ok",
        "http and https to public addresses and the origins that site files name, nothing else",
    )
    contact = (
        config.contact
        or "none: set `contact` in newscrawl.toml, sites want to know whom to write to"
    )
    yield Check("contact", "ok" if config.contact else "warn", contact)
    proxies = [
        f"{name}={_masked(value)}"
        for name in PROXIES
        if (value := os.environ.get(name) or os.environ.get(name.upper()))
    ]
    yield Check("proxy", "ok", ", ".join(proxies) or "none")
    yield Check(
        "encoding",
        "ok" if sys.stdout.encoding.lower().replace("-", "") == "utf8" else "warn",
        sys.stdout.encoding,
    )


def _masked(proxy: str) -> str:
    """A proxy's address without its user and password."""
    host = urlsplit(proxy).netloc.rpartition("@")[2] if "://" in proxy else proxy.rpartition("@")[2]
    return host or proxy
