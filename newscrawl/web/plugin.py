"""The Datasette plugin: its hooks, and the way from a request to a page function and back."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from datasette import hookimpl
from datasette.utils.asgi import Request, Response
from markupsafe import Markup

from newscrawl.core.errors import NewscrawlError, UsageError
from newscrawl.store.connection import Interrupted
from newscrawl.store.read.limits import bound, stop_after
from newscrawl.store.read.reader import Reader
from newscrawl.web import article_names, formatting
from newscrawl.web.pages import article_pages, pages, survey_pages, watch_pages
from newscrawl.web.responses import Answer, BadValue, Csv, Json, Page, Query, Redirect
from newscrawl.web.security import Application, Guard
from newscrawl.web.sql_limits import explained

PAGE_SECONDS = 10.0
FILES = r"(\.(?P<format>csv|json))?$"
View = Callable[[Query, Reader], Answer]
ROUTES: Mapping[str, View] = {
    r"^/$": pages.home,
    rf"^/search{FILES}": pages.search_page,
    r"^/front$": pages.fronts,
    rf"^/front/(?P<site>[^/]+?){FILES}": pages.front,
    r"^/charts$": pages.charts,
    r"^/charts/(?P<chart>volume|outcomes|coverage)\.(?P<format>csv|json)$": pages.chart_data,
    rf"^/changes{FILES}": watch_pages.changes,
    rf"^/health{FILES}": watch_pages.health,
    r"^/completeness$": survey_pages.completeness_of_sites,
    rf"^/completeness/(?P<site>[^/]+?){FILES}": survey_pages.completeness,
    rf"^/duplicates{FILES}": survey_pages.duplicates,
    r"^/questions$": pages.questions,
    r"^/article/(?P<id>\d{1,19})(?P<below>(\.(?P<format>json))?)$": article_pages.article,
    r"^/article/(?P<id>\d{1,19})(?P<below>/changes(\.(?P<format>json))?)$": article_pages.changes,
    r"^/article/(?P<id>\d{1,19})(?P<below>/links(\.(?P<format>csv|json))?)$": article_pages.links,
    r"^/article/(?P<name>.+?)(?P<below>(/changes)?(\.json)?|/links(\.csv|\.json)?)$": article_names.named,
}
FILTERS = ("moment", "count", "web_address", "kind", "state", "marked", "sentence", "short")
# Columns of tables and questions that lead to an article's page.
ARTICLE_COLUMNS = frozenset({"article_id", "source_id", "target_id", "other_id"})


class Plugin:
    """Hooks bound to one archive. `hosts`: the names it is served under; `open_to_network`: beyond this machine."""

    __name__ = "newscrawl.web"  # by which Datasette finds templates/ and static/

    def __init__(self, folder: Path, hosts: frozenset[str], open_to_network: bool) -> None:
        self.folder = folder
        self.hosts = hosts
        self.open_to_network = open_to_network
        self._workers = ThreadPoolExecutor(4, "page")

    @hookimpl
    def register_routes(self) -> Iterable[tuple[str, Callable[..., Any]]]:
        """Our pages; they come before Datasette's own."""
        return [(pattern, self._view(view)) for pattern, view in ROUTES.items()]

    @hookimpl(trylast=True)
    def asgi_wrapper(self) -> Callable[[Application], Application]:
        """The guard around everything."""
        return lambda application: Guard(application, self.hosts, self.open_to_network)

    @hookimpl
    def prepare_connection(self, conn: sqlite3.Connection) -> None:
        """Limits for the SQL of visitors; Datasette stops the clock."""
        bound(conn)

    @hookimpl
    def prepare_jinja2_environment(self, env: Any) -> None:
        """What templates write values with."""
        for name in FILTERS:
            env.filters[name] = getattr(formatting, name)
        env.filters["kinds"] = watch_pages.kinds_in_words

    @hookimpl
    def handle_exception(
        self, datasette: Any, request: Request, exception: Exception
    ) -> Callable[..., Any]:
        """What went wrong, as a page of ours or as JSON."""
        fault = explained(exception)

        async def answer() -> Response:
            if request.path.endswith(".json"):
                told = {
                    "ok": False,
                    "error": fault.said,
                    "hint": fault.hint,
                    "status": fault.status,
                }
                return Response.json(told, status=fault.status)
            values = {"said": fault.said, "hint": fault.hint, "query": _query_of(request)}
            body = await datasette.render_template(["error_page.html"], values, request=request)
            return Response.html(body, fault.status)

        return answer

    @hookimpl
    def render_cell(self, value: Any, column: str) -> Markup | None:
        """Cells of tables: articles lead to their page, web addresses out, everything else stays text."""
        if column in ARTICLE_COLUMNS and isinstance(value, int):
            return Markup('<a href="/article/{0}">{0}</a>').format(value)
        if (
            isinstance(value, str)
            and (address := formatting.web_address(value))
            and not re.search(r"\s", address)
        ):
            return Markup('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>').format(
                address
            )
        return None

    def _view(self, view: View) -> Callable[..., Any]:
        async def answered(request: Request, datasette: Any) -> Response:
            query = _query_of(request)
            answer = await asyncio.get_running_loop().run_in_executor(
                self._workers, self._run, view, query
            )
            if isinstance(answer, Page):
                values = dict(answer.values) | {"query": query}
                body = await datasette.render_template([answer.template], values, request=request)
                return Response.html(body, answer.status, {"cache-control": "no-cache"})
            return _sent(answer)

        return answered

    def _run(self, view: View, query: Query) -> Answer:
        """The page; our own errors become a page that says what was wrong."""
        try:
            with Reader(self.folder) as reader:
                stop_after(reader.db, PAGE_SECONDS)
                return view(query, reader)
        except UsageError as error:
            status = 400 if isinstance(error, BadValue) else 404
            return Page("error_page.html", {"said": error.message, "hint": error.hint}, status)
        except Interrupted:
            return Page(
                "error_page.html",
                {"said": "this took too long", "hint": "ask for less at a time"},
                503,
            )
        except NewscrawlError as error:
            return self._broken(error)

    def _broken(self, error: NewscrawlError) -> Page:
        return Page("error_page.html", {"said": error.message, "hint": error.hint}, 500)


def _query_of(request: Request) -> Query:
    query = parse_qs(request.query_string, keep_blank_values=True, max_num_fields=50, separator="&")
    arguments = {name: values[-1] for name, values in query.items()}
    return Query(request.path, dict(request.url_vars), arguments, datetime.now(UTC))


def _sent(answer: Csv | Json | Redirect) -> Response:
    if isinstance(answer, Redirect):
        return Response.redirect(answer.path)
    if isinstance(answer, Json):
        return Response(answer.json(), content_type="application/json; charset=utf-8")
    name = re.sub(r"[^a-z0-9-]+", "-", answer.name.lower())
    return Response(
        answer.csv(),
        headers={"content-disposition": f'attachment; filename="{name}.csv"'},
        content_type="text/csv; charset=utf-8",
    )
