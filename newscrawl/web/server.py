"""Datasette with our plugin and no other, on our own socket."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from newscrawl.core.errors import UsageError
from newscrawl.core.extras import install_hint
from newscrawl.core.folder import DATABASE, ArchiveFolder
from newscrawl.store.read.canned_queries import CANNED_QUERIES, CannedQuery, queries_for
from newscrawl.store.read.reader import Reader
from newscrawl.web.security import (
    LOOPBACK,
    Application,
    Receive,
    Refusal,
    Send,
    refuse,
    with_headers,
)

SETTINGS = {
    "max_returned_rows": 2000,
    "allow_download": False,
    "default_cache_ttl": 0,
    "max_csv_mb": 500,
    "num_sql_threads": 3,
    "truncate_cells_html": 400,
    # Suggesting facets reads the table once for each column. Column menus offer all of them.
    "suggest_facets": False,
    "facet_time_limit_ms": 40,
}
VIEWS = ("article_links", "article_texts", "daily_counts", "export_articles", "front_pages")
DATABASE_NAME = Path(DATABASE).stem  # in the addresses of Datasette's pages
REPLACED = frozenset({"datasette.handle_exception"})  # by sql_limits.explain


def is_loopback(host: str) -> bool:
    """Whether the host is this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; UsageError if the address is in use or not an address of this machine."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"cannot listen on {host} port {port}: {reason}",
            "use another port; newscrawl serve --port 0 uses any free one",
        ) from error


def application(folder: Path, host: str, names: Iterable[str] = ()) -> Callable[..., Any]:
    """The ASGI application; UsageError if there is no archive or Datasette is not installed.

    On a host that other machines can reach, visitors cannot run their own SQL.
    """
    with Reader(folder) as reader:  # raises if there is no archive
        queries = queries_for(reader.db)
    try:
        from datasette.app import Datasette
        from datasette.plugins import pm

        from newscrawl.web.plugin import Plugin
        from newscrawl.web.sql_limits import SQL_SECONDS, BoundedDatabase
    except ImportError as error:
        raise UsageError(
            f"serve needs Datasette, which is not installed ({error})",
            install_hint("web"),
        ) from error
    local_only = is_loopback(host)
    hosts = LOOPBACK | {host.lower()} | {name.lower() for name in names}
    _unregister_other_plugins()
    pm.register(Plugin(folder, hosts, open_to_network=not local_only), Plugin.__name__)
    settings = SETTINGS | {
        "sql_time_limit_ms": int(1000 * SQL_SECONDS),
        "default_allow_sql": local_only,
    }
    path = str(ArchiveFolder(folder).database)
    datasette = Datasette([path], settings=settings, metadata=metadata(queries))
    datasette.remove_database(DATABASE_NAME)
    datasette.add_database(BoundedDatabase(datasette, path=path), name=DATABASE_NAME)
    app: Callable[..., Any] = datasette.app()
    return app


def _unregister_other_plugins() -> None:
    """Removes other installed plugins: they do not know our rules about who may do what."""
    from datasette.plugins import DEFAULT_PLUGINS, pm

    for name, plugin in pm.list_name_plugin():
        is_kept = name in DEFAULT_PLUGINS and name not in REPLACED
        if plugin is not None and not is_kept:
            pm.unregister(plugin)


def metadata(questions: Sequence[CannedQuery] = CANNED_QUERIES) -> dict[str, Any]:
    """Titles, canned queries and facets for Datasette's own pages."""
    queries = {
        question.name: {
            "sql": dedent(question.sql).strip(),
            "title": question.title,
            "description": question.about,
        }
        for question in questions
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
        # To sort a view, all of its rows are read.
        **{view: {"sortable_columns": []} for view in VIEWS},
        "_sqlite_migrations": {"hidden": True},
        "sqlite_stat1": {"hidden": True},
        "sqlite_stat4": {"hidden": True},
    }
    database = {"title": "Tables", "queries": queries, "tables": tables}
    return {"title": "newscrawl", "databases": {DATABASE_NAME: database}}


@dataclass(frozen=True, slots=True)
class WithAssistants:
    """The pages, and the assistants' tools at `path`, which check host and origin themselves."""

    pages: Application
    assistants: Application
    path: str

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            # Datasette has nothing to start or end.
            await self.assistants(scope, receive, send)
        elif scope["path"] != self.path:
            await self.pages(scope, receive, send)
        elif scope["method"] == "POST":
            await self.assistants(scope, receive, with_headers(send, scope))
        else:
            message = "This address is for assistants, which use POST. See newscrawl mcp --help."
            await refuse(with_headers(send, scope), Refusal(405, message, allow="POST"))


def run(app: Callable[..., Any], sock: socket.socket) -> None:
    """Serves until SIGINT or SIGTERM; both end it normally."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        lifespan="on" if isinstance(app, WithAssistants) else "off",
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)

    def stop(number: int, frame: object) -> None:
        server.should_exit = True

    # For a signal before uvicorn handles them itself. After closing everything, uvicorn raises the
    # signal again, which is then without effect.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.run(sockets=[sock])
