"""The Datasette plugin: its hooks, and how a request becomes the call of a page function."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from datasette import hookimpl
from datasette.utils.asgi import Request, Response
from markupsafe import Markup

from newscrawl.core.errors import NewscrawlError, UsageError
from newscrawl.store.connection import Interrupted
from newscrawl.store.read.damage import damage_behind
from newscrawl.store.read.limits import bound, stop_after
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.sites import named_sites_text
from newscrawl.web import datasette_pages, formatting
from newscrawl.web.atom import Feed
from newscrawl.web.encoding import Encoder
from newscrawl.web.frame import looks_of, menu, script_sources, static_files, static_url
from newscrawl.web.pages.article import article, cite, named_article
from newscrawl.web.pages.article_changes import article_changes
from newscrawl.web.pages.article_links import article_links
from newscrawl.web.pages.changes import changes
from newscrawl.web.pages.charts import chart_data, charts
from newscrawl.web.pages.completeness import completeness, completeness_sites
from newscrawl.web.pages.crawls import crawls
from newscrawl.web.pages.data import api_page, export_page
from newscrawl.web.pages.duplicates import duplicates
from newscrawl.web.pages.fronts import front, front_sites
from newscrawl.web.pages.health import health
from newscrawl.web.pages.home import home, questions
from newscrawl.web.pages.links import links_page
from newscrawl.web.pages.problems import problems
from newscrawl.web.pages.profiles import author_page, category_page, site_page, tag_page
from newscrawl.web.pages.replay import raw_page, replay
from newscrawl.web.pages.search import search_page
from newscrawl.web.responses import (
    PAGE_SECONDS,
    Answer,
    BadValue,
    Csv,
    Document,
    File,
    Json,
    Page,
    Query,
    Redirect,
)
from newscrawl.web.security import NONCE, Application, Guard, is_datasette_page
from newscrawl.web.sql_limits import BROKEN, ESTIMATED_ROWS, Fault, explain
from newscrawl.web.streaming import FileResponse
from newscrawl.web.turns import Turns

PAGE_THREADS = 4
# Files may take minutes; pages are answered meanwhile.
FILE_THREADS = 2
# For pages that compare texts, or count many articles: all others are answered meanwhile.
COMPARING_THREADS = 2
COUNTING_THREADS = 1
FORMAT = r"(\.(?P<format>csv|json))?"
ID = r"(?P<id>\d{1,19})"
View = Callable[[Query, Reader], Answer]
ROUTES: Mapping[str, View] = {
    r"^/$": home,
    r"^/search(\.(?P<format>csv|json|jsonl|parquet|atom))?$": search_page,
    r"^/front$": front_sites,
    rf"^/front/(?P<site>[^/]+?){FORMAT}$": front,
    r"^/charts$": charts,
    r"^/charts/(?P<chart>queries|volume|outcomes|coverage)\.(?P<format>csv|json)$": chart_data,
    r"^/changes(\.(?P<format>csv|json|atom))?$": changes,
    rf"^/health{FORMAT}$": health,
    r"^/completeness$": completeness_sites,
    rf"^/completeness/(?P<site>[^/]+?){FORMAT}$": completeness,
    rf"^/duplicates{FORMAT}$": duplicates,
    r"^/questions$": questions,
    r"^/links$": links_page,
    r"^/site/(?P<site>[^/]+)$": site_page,
    r"^/category/(?P<site>[^/]+)/(?P<key>.+)$": category_page,
    r"^/author/(?P<name>.+)$": author_page,
    r"^/tag/(?P<name>.+)$": tag_page,
    rf"^/crawls{FORMAT}$": crawls,
    rf"^/problems{FORMAT}$": problems,
    r"^/export$": export_page,
    r"^/api$": api_page,
    rf"^/article/{ID}(?P<below>(\.(?P<format>json))?)$": article,
    rf"^/article/{ID}(?P<below>/changes(\.(?P<format>json))?)$": article_changes,
    rf"^/article/{ID}(?P<below>/links(\.(?P<format>csv|json|gexf))?)$": article_links,
    rf"^/article/{ID}(?P<below>/cite\.(?P<form>bib|ris|csl\.json))$": cite,
    rf"^/article/{ID}(?P<below>/replay(/(?P<capture>\d{{1,19}}))?)$": replay,
    rf"^/article/{ID}(?P<below>/raw/(?P<capture>\d{{1,19}}))$": raw_page,
    r"^/article/(?P<name>.+?)(?P<below>(/changes)?(\.json)?|/links(\.csv|\.json|\.gexf)?"
    r"|/cite\.(bib|ris|csl\.json)|/replay)$": named_article,
}
COMPARING: frozenset[View] = frozenset({home, changes, article, article_changes})
COUNTING: frozenset[View] = frozenset({charts, chart_data})
FILTERS = (
    formatting.moment,
    formatting.second,
    formatting.count,
    formatting.short,
    formatting.sentence,
    formatting.web_address,
    formatting.name_path,
    formatting.alias,
    formatting.kind,
    formatting.kinds,
    formatting.labels,
    formatting.state,
    formatting.verdict,
    formatting.site_verdict,
    formatting.check_name,
    formatting.expected,
    formatting.found,
    formatting.marked,
    datasette_pages.accessible,
    datasette_pages.with_nonce,
)
# Columns of tables and questions whose cells become links to an article's page.
ARTICLE_COLUMNS = frozenset({"article_id", "source_id", "target_id", "other_id"})


class Plugin:
    """Hooks for one archive.

    `hosts` are the names under which it is served. `open_to_network`: also to other machines.
    """

    __name__ = "newscrawl.web"  # Datasette looks for templates/ and static/ in this package

    def __init__(self, folder: Path, hosts: frozenset[str], open_to_network: bool) -> None:
        self.folder = folder
        self.hosts = hosts
        self.open_to_network = open_to_network
        self._threads = ThreadPoolExecutor(PAGE_THREADS, "page")
        self._comparing_threads = ThreadPoolExecutor(COMPARING_THREADS, "comparing")
        self._counting_threads = ThreadPoolExecutor(COUNTING_THREADS, "counting")
        self._file_threads = ThreadPoolExecutor(FILE_THREADS, "file")

    @hookimpl
    def register_routes(self) -> Iterable[tuple[str, Callable[..., Any]]]:
        """Our pages. They take precedence over Datasette's own."""
        return [(pattern, self._handler(view)) for pattern, view in ROUTES.items()]

    @hookimpl(trylast=True)
    def asgi_wrapper(self) -> Callable[[Application], Application]:
        """Puts the guard around the whole application, and the encoder around the guard."""

        def wrapped(application: Application) -> Application:
            guard = Guard(Turns(application), self.hosts, self.open_to_network, script_sources())
            return Encoder(guard)

        return wrapped

    @hookimpl
    def prepare_connection(self, conn: sqlite3.Connection) -> None:
        """Limits what visitors' SQL can do. Datasette itself limits its time."""
        bound(conn)

    @hookimpl
    def prepare_jinja2_environment(self, env: Any) -> None:
        """The filters that templates write values with."""
        for function in FILTERS:
            env.filters[function.__name__] = function

    @hookimpl
    def extra_template_vars(self, request: Request | None) -> dict[str, Any]:
        """What the frame of every page needs, those of Datasette included."""
        return {
            "menu": menu(with_sql=not self.open_to_network),
            "nonce": _nonce(request),
            "static_files": static_files(),
            "static_url": static_url,
            "estimated_rows": ESTIMATED_ROWS.get,
        }

    @hookimpl
    def handle_exception(
        self, datasette: Any, request: Request, exception: Exception
    ) -> Callable[..., Any]:
        """An error as one of our pages, or as JSON."""
        fault = explain(exception)

        async def respond() -> Response:
            nonlocal fault
            if fault is BROKEN:
                fault = await self._damage_behind(exception) or fault
            if request.path.endswith(".json"):
                return _response(_error_json(fault.message, fault.hint, fault.status))
            page = _error_page(fault.message, fault.hint, fault.status)
            return await _render(datasette, request, page, _query(request))

        return respond

    async def _damage_behind(self, exception: Exception) -> Fault | None:
        loop = asyncio.get_running_loop()
        arguments = (exception, self.folder, PAGE_SECONDS)
        damage = await loop.run_in_executor(self._threads, damage_behind, *arguments)
        return None if damage is None else Fault(500, damage.message, damage.hint)

    @hookimpl
    def render_cell(self, value: Any, column: str) -> Markup | None:
        """Links articles to their page and web addresses to the web; all other values stay text."""
        if column in ARTICLE_COLUMNS and isinstance(value, int):
            return Markup('<a href="/article/{0}">{0}</a>').format(value)
        if not isinstance(value, str) or re.search(r"\s", value):
            return None
        address = formatting.web_address(value)
        if address is None:
            return None
        link = Markup('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>')
        return link.format(address)

    def _handler(self, view: View) -> Callable[..., Any]:
        """A page function as Datasette calls it. It runs in a thread, because SQLite blocks."""

        threads = self._threads
        if view in COMPARING:
            threads = self._comparing_threads
        elif view in COUNTING:
            threads = self._counting_threads

        async def handle(request: Request, datasette: Any) -> Response | FileResponse:
            query = _query(request)
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(threads, self._run, view, query)
            if isinstance(answer, Page):
                return await _render(datasette, request, answer, query)
            if isinstance(answer, File):
                return FileResponse(answer, self.folder, request.receive, self._file_threads)
            return _response(answer)

        return handle

    def _run(self, view: View, query: Query) -> Answer:
        """The view's answer. Our own errors become a page with their message, or JSON."""
        try:
            with Reader(self.folder) as reader:
                stop_after(reader.db, PAGE_SECONDS)
                answer = view(query, reader)
                if isinstance(answer, Page):
                    looks = looks_of(named_sites_text(reader.db))
                    answer = replace(answer, values={"site_of": looks, **answer.values})
                return answer
        except UsageError as error:
            status = 400 if isinstance(error, BadValue) else 404
            return _refusal(query, error.message, error.hint, status)
        except Interrupted:
            return _refusal(query, "this took too long", "request less at a time", 503)
        except NewscrawlError as error:
            shown = damage_behind(error, self.folder, PAGE_SECONDS) or error
            return _refusal(query, shown.message, shown.hint, 500)


def _nonce(request: Request | None) -> str | None:
    """What allows scripts on a page of Datasette. Ours need none, so that their bytes are equal."""
    if request is None or not is_datasette_page(request.path.encode()):
        return None
    nonce: str = request.scope[NONCE]
    return nonce


def _query(request: Request) -> Query:
    parameters = parse_qs(request.query_string, keep_blank_values=True, separator="&")
    arguments = {name: values[-1] for name, values in parameters.items()}
    repeated = {name: tuple(values) for name, values in parameters.items() if len(values) > 1}
    return Query(
        path=request.path,
        parts=dict(request.url_vars),
        arguments=arguments,
        now=datetime.now(UTC),
        repeated=repeated,
        origin=f"{request.scheme}://{request.host}",
    )


def _refusal(query: Query, message: str, hint: str | None, status: int) -> Page | Json:
    make = _error_json if query.path.endswith(".json") else _error_page
    return make(message, hint, status)


def _error_json(message: str, hint: str | None, status: int) -> Json:
    return Json({"ok": False, "error": message, "hint": hint, "status": status}, status)


def _error_page(message: str, hint: str | None, status: int) -> Page:
    return Page("error_page.html", {"message": message, "hint": hint}, status)


async def _render(datasette: Any, request: Request, page: Page, query: Query) -> Response:
    values = {**page.values, "query": query}
    body = await datasette.render_template([page.template], values, request=request)
    return Response.html(body, page.status, {"cache-control": "no-cache"})


def _response(answer: Csv | Json | Redirect | Document | Feed) -> Response:
    if isinstance(answer, Feed):
        return Response(answer.xml(), content_type="application/atom+xml; charset=utf-8")
    if isinstance(answer, Document):
        return Response(answer.body, headers=answer.headers, content_type=answer.content_type)
    if isinstance(answer, Redirect):
        return Response.redirect(answer.path)
    if isinstance(answer, Json):
        content_type = "application/json; charset=utf-8"
        return Response(answer.json(), answer.status, content_type=content_type)
    name = re.sub(r"[^a-z0-9-]+", "-", answer.name.lower())
    return Response(
        answer.csv(),
        headers={"content-disposition": f'attachment; filename="{name}.csv"'},
        content_type="text/csv; charset=utf-8",
    )
