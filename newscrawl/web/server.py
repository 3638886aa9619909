"""Datasette with our plugin and no other, on a socket of our own."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from newscrawl.core.errors import UsageError
from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.store.read.canned_queries import QUESTIONS
from newscrawl.store.read.reader import Reader
from newscrawl.web.security import LOOPBACK

SETTINGS = {
    "max_returned_rows": 2000,
    "allow_download": False,
    "default_cache_ttl": 0,
    "max_csv_mb": 500,
    "num_sql_threads": 3,
    "truncate_cells_html": 400,
}
NAME = Path(DATABASE).stem  # of the database in addresses
REPLACED = frozenset({"datasette.handle_exception"})  # by visitors.explained, which says why


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and nothing else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; UsageError where the address is taken or not of this machine."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"cannot listen on {host} port {port}: {getattr(error, 'strerror', None) or error}",
            "take another port: newscrawl serve --port 0 takes any free one",
        ) from error


def application(folder: Path, host: str, names: Iterable[str] = ()) -> Callable[..., Any]:
    """The ASGI application; UsageError where there is no archive, or Datasette is not installed.

    Beyond this machine nobody may write SQL.
    """
    Reader(folder).db.close()
    try:
        from datasette.app import Datasette
        from datasette.plugins import DEFAULT_PLUGINS, pm

        from newscrawl.web.plugin import Plugin
        from newscrawl.web.sql_limits import SQL_SECONDS, BoundedDatabase
    except ImportError as error:
        raise UsageError(
            f"serve needs Datasette, which is not installed ({error})",
            "pip install 'newscrawl[web]'",
        ) from error
    at_home = is_loopback(host)
    for name, plugin in pm.list_name_plugin():
        if plugin is not None and (name not in DEFAULT_PLUGINS or name in REPLACED):
            pm.unregister(plugin)  # whatever else is installed here knows nothing of our rules
    hosts = LOOPBACK | {host.lower(), *(name.lower() for name in names)}
    pm.register(Plugin(folder, hosts, open_to_network=not at_home), Plugin.__name__)
    settings = SETTINGS | {
        "sql_time_limit_ms": int(1000 * SQL_SECONDS),
        "default_allow_sql": at_home,
    }
    datasette = Datasette(
        [str(ArchiveFolder(folder).database)], settings=settings, metadata=metadata()
    )
    datasette.remove_database(NAME)
    datasette.add_database(
        BoundedDatabase(datasette, path=str(ArchiveFolder(folder).database)), name=NAME
    )
    made: Callable[..., Any] = datasette.app()
    return made


def metadata() -> dict[str, Any]:
    """Titles, questions and facets for Datasette's own pages."""
    queries = {
        each.name: {"sql": each.sql.strip(), "title": each.title, "description": each.about}
        for each in QUESTIONS
    }
    tables = {
        "articles": {
            "label_column": "title",
            "sort_desc": "published_at",
            "facets": ["site", "state", "category_id"],
        },
        "categories": {"label_column": "name"},
        "problems": {"sort_desc": "id", "facets": ["stage", "code"]},
        "crawls": {"sort_desc": "id"},
        "links": {"facets": ["kind"]},
        "_sqlite_migrations": {"hidden": True},
        "sqlite_stat1": {"hidden": True},
        "sqlite_stat4": {"hidden": True},
    }
    return {"title": "newscrawl", "databases": {NAME: {"queries": queries, "tables": tables}}}


def run(app: Callable[..., Any], sock: socket.socket) -> None:
    """Serves until SIGINT or SIGTERM; both are a normal end."""
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=3,
        )
    )
    # uvicorn raises a signal again when it has closed everything; then these take it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[sock])
