"""The archive for assistants: read-only tools over the Model Context Protocol (extra `ai`).

Whatever a page said is in a field named `quoted`: it was written by strangers, who may address the
assistant. Nothing that is answered has an archive's text anywhere else but in URLs, which are
encoded. Each reading is bounded in time and size, as for visitors of `newscrawl serve`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from newscrawl.api.answers import (
    RESOURCE,
    ArticleText,
    Change,
    Changes,
    Citation,
    Column,
    Count,
    Found,
    FrontPage,
    Hit,
    Link,
    Links,
    Place,
    Quoted,
    Schema,
    SqlRows,
    TableAbout,
    Volume,
    cell_of,
    citation_of,
    counted_of,
    instructions,
    moment_text,
    plain,
    quoted,
)
from newscrawl.api.archive import Archive
from newscrawl.api.article import Article
from newscrawl.api.frames import missing
from newscrawl.api.records import Revision
from newscrawl.core.edits import EditKind
from newscrawl.core.errors import NewscrawlError, UsageError, one_line
from newscrawl.core.records import LinkKind
from newscrawl.core.version import VERSION
from newscrawl.store.read.article_rows import cited
from newscrawl.store.read.limits import bound, stop_after
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.visitor_sql import run_select
from newscrawl.store.read.volume import By
from newscrawl.store.schema.dictionary import Table, described_tables

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from mcp.server.mcpserver.tools import Tool

P = ParamSpec("P")
R = TypeVar("R")
Direction = Literal["out", "in"]

SECONDS = 10.0  # of one reading, as for the pages of `serve`
SQL_SECONDS = 2.0
MOST_ROWS = 50  # of an answer, which an assistant has to read
MOST_SQL_ROWS = 200
LONGEST_PART = 6_000  # characters of a text in one answer
LONGEST_CHANGE = 2_000
LONGEST_REQUEST = 100_000  # bytes over HTTP
HTTP_PATH = "/mcp"


class BoundedArchive(Archive):
    """An archive whose readings end in time, and whose values are of bounded size."""

    row_hint = "by #N for row N"

    def reading(self) -> Reader:
        reader = super().reading()
        bound(reader.db)
        stop_after(reader.db, SECONDS)
        return reader


class Tools:
    """The tools, one method each; their docstrings are what an assistant reads."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def search(  # noqa: PLR0917 - an assistant names its arguments
        self,
        query: str,
        site: str | None = None,
        category: str | None = None,
        since: str | None = None,
        until: str | None = None,
        author: str | None = None,
        tag: str | None = None,
        newest_first: bool = False,
        limit: int = 10,
        offset: int = 0,
    ) -> Found:
        """Find articles by their words.

        The query may have words (all have to match), "phrases", -word or NOT, OR, parentheses,
        prefix*, title: summary: body: author: tag: category: site:, and NEAR/5. Vietnamese matches
        with or without marks. `since` and `until` are days of publication: 2026-09-01, 2026-09,
        yesterday, 7d. `author` and `tag` are names, or words in one. The best matches come first.
        """
        only = _given(
            site=site, category=category, since=since, until=until, author=author, tag=tag
        )
        results = self._archive.search(query, order="time" if newest_first else "rank", **only)
        total, is_exact = results.total(exact=False)
        hits, next_offset = _page(results, limit, offset)
        citations = self._citations(hit.id for hit in hits)
        return Found(
            understood=Quoted(plain(results.understood)),
            note=quoted(results.note),
            total=total,
            exact=is_exact,
            next_offset=next_offset,
            hits=[
                Hit(article=citations[hit.id], snippet=Quoted(plain(hit.snippet))) for hit in hits
            ],
        )

    def article(self, article: str, revision: int | None = None, offset: int = 0) -> ArticleText:
        """Read an article: its facts, and its text in parts of 6,000 characters.

        `article` is the id on its site, SITE/ID, its URL, or #N for row N. `revision` reads an
        earlier version of headline, standfirst and text; revision 1 is the first one.
        """
        found = self._archive.article(article)
        title, summary, body = found.title, found.summary, found.body
        number = found.revision
        if revision is not None:
            version = _revision(found, revision)
            title, summary, body = version.title, version.summary, version.body
            number = version.revision
        if offset < 0:
            raise UsageError(f"offset: expected 0 or more, got {offset}", "begin with 0")
        part = (body or "")[offset : offset + LONGEST_PART]
        end = offset + len(part)
        return ArticleText(
            article=citation_of(found, title=title, revision=number),
            summary=quoted(summary),
            authors=[Quoted(plain(name)) for name in found.authors],
            category=quoted(found.category),
            tags=[Quoted(plain(tag)) for tag in found.tags],
            published_at=moment_text(found.published_at),
            modified_at=moment_text(found.modified_at),
            first_seen_at=found.first_seen_at.isoformat(),
            gone_at=moment_text(found.gone_at),
            word_count=found.word_count,
            revisions=found.revision,
            links_out=len(found.links_out()),
            links_in=len(found.links_in()),
            text=quoted(part or None),
            next_offset=end if end < len(body or "") else None,
        )

    def changes(  # noqa: PLR0917 - an assistant names its arguments
        self,
        article: str | None = None,
        site: str | None = None,
        kind: EditKind | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> Changes:
        """List what publishers changed after publication, or what was changed in one article.

        Kinds: headline, summary, numbers (a number was replaced), added, taken_out, reworded,
        correction (a notice was added), byline, redated, date_bump (a newer date and nothing else),
        removed (the page is gone). `since` and `until` are days on which the change was seen.
        """
        _check(limit, offset)
        if article is not None:
            return self._changes_in(self._archive.article(article), limit, offset)
        only = _given(site=site, kind=kind, since=since, until=until)
        rows, next_offset = _page(
            self._archive.changes(**only, limit=offset + limit + 1), limit, offset
        )
        citations = self._citations(row.article_id for row in rows)
        changes = [
            Change(
                article=citations[row.article_id],
                revision=row.revision,
                seen_at=row.seen_at.isoformat(),
                kinds=list(row.kinds),
                numbers=[Quoted(plain(number)) for number in row.numbers],
                notice=quoted(row.notice),
                text=None,
            )
            for row in rows
        ]
        return Changes(next_offset=next_offset, changes=changes)

    def links(
        self,
        article: str,
        direction: Direction = "out",
        kind: LinkKind | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> Links:
        """List the links on an article's page (out), or the articles that link to it (in).

        Kinds: related (a box of related articles), same_category, inline (in the text).
        """
        found = self._archive.article(article)
        table = found.links_out(kind) if direction == "out" else found.links_in(kind)
        rows, next_offset = _page(table, limit, offset)
        ends = [row.target_id if direction == "out" else row.source_id for row in rows]
        citations = self._citations(ends)
        links = [
            Link(
                kind=row.kind,
                position=row.position,
                anchor=quoted(row.anchor),
                first_seen_at=row.first_seen_at.isoformat(),
                last_seen_at=row.last_seen_at.isoformat(),
                article=citations[end],
            )
            for row, end in zip(rows, ends, strict=True)
        ]
        return Links(
            article=citation_of(found), total=len(table), next_offset=next_offset, links=links
        )

    def front_page(
        self, site: str, on: str | None = None, limit: int = 20, offset: int = 0
    ) -> FrontPage:
        """Show what the category pages of a site had on a day, from the top.

        `on` is a day such as 2026-09-01; by default, the last one that was read. `move`: new, up,
        down, same, left (no longer there), first (nothing to compare with), deeper (not known).
        """
        table = self._archive.front(site, on)
        rows, next_offset = _page(table, limit, offset)
        citations = self._citations(row.article_id for row in rows)
        places = [
            Place(
                category=Quoted(plain(row.category)),
                place=row.place,
                before=row.before,
                move=row.move,
                seen_at=row.seen_at.isoformat(),
                teased=quoted(row.teased),
                article=citations[row.article_id],
            )
            for row in rows
        ]
        return FrontPage(total=len(table), next_offset=next_offset, places=places)

    def volume(  # noqa: PLR0917 - an assistant names its arguments
        self,
        queries: list[str],
        by: By = "month",
        share: bool = False,
        site: str | None = None,
        category: str | None = None,
        since: str | None = None,
        until: str | None = None,
        author: str | None = None,
        tag: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Volume:
        """Count the articles that each query finds, by period, site, category, author or tag.

        Periods are those of the site's own zone. `share` adds the part of all articles of the same
        period. Queries, days and names are those of the tool `search`.
        """
        only = _given(
            site=site, category=category, since=since, until=until, author=author, tag=tag
        )
        table = self._archive.volume(queries, by=by, share=share, **only)
        rows, next_offset = _page(table, limit, offset)
        counts = [
            Count(
                name=Quoted(plain(row.name)),
                query=plain(row.query),
                articles=row.articles,
                share=row.share,
            )
            for row in rows
        ]
        asked = list(map(counted_of, table.queries))
        return Volume(queries=asked, total=len(table), next_offset=next_offset, counts=counts)

    def schema(self, table: str | None = None) -> Schema:
        """List the tables and views for the tool `sql`, or the columns of one of them."""
        tables = []
        for each in self._tables:
            if table is not None and each.name != table:
                continue
            columns = [
                Column(name=column.name, type=column.kind, about=column.about or "")
                for column in each.columns
            ]
            tables.append(
                TableAbout(name=each.name, about=each.about or "", columns=columns if table else [])
            )
        if not tables:
            raise UsageError(f"there is no table {table!r}", "call schema without a table")
        return Schema(tables=tables)

    def sql(self, statement: str, limit: int = 50) -> SqlRows:
        """Run one SELECT of SQLite on the archive, for at most two seconds.

        For counts and comparisons that no other tool answers; `schema` lists the tables. Long
        texts are cut after 500 characters.
        """
        if not 1 <= limit <= MOST_SQL_ROWS:
            raise UsageError(
                f"limit: expected 1 to {MOST_SQL_ROWS}, got {limit}", "use LIMIT and OFFSET"
            )
        with self._archive.reading() as reader:
            columns, rows = run_select(
                reader.db, statement, most_rows=limit + 1, seconds=SQL_SECONDS
            )
        values = [[cell_of(value) for value in row] for row in rows[:limit]]
        return SqlRows(columns=list(columns), quoted=values, truncated=len(rows) > limit)

    def resource(self, article_id: str) -> str:
        """An article as JSON, with its whole text."""
        found = self.article(f"#{article_id}")
        parts = [found.text.quoted if found.text else ""]
        following = found
        while following.next_offset is not None:
            following = self.article(f"#{article_id}", offset=following.next_offset)
            parts.append(following.text.quoted if following.text else "")
        values = asdict(found) | {"text": {"quoted": "".join(parts)}}
        del values["next_offset"]
        return json.dumps(values, ensure_ascii=False, indent=1)

    @cached_property
    def _tables(self) -> list[Table]:
        return described_tables()

    def _citations(self, ids: Iterable[int]) -> dict[int, Citation]:
        """The citations of these articles, by id."""
        with self._archive.reading() as reader:
            articles = cited(reader.db, list(ids))
        return {article_id: citation_of(article) for article_id, article in articles.items()}

    def _changes_in(self, article: Article, limit: int, offset: int) -> Changes:
        """What each revision of an article changed."""
        revisions = [row for row in article.revisions if row.revision > 1]
        rows, next_offset = _page(revisions, limit, offset)
        changes = []
        for row in rows:
            diff = article.diff(row.revision - 1, row.revision)
            changes.append(
                Change(
                    article=citation_of(article, title=row.title, revision=row.revision),
                    revision=row.revision,
                    seen_at=row.fetched_at.isoformat(),
                    kinds=list(diff.kinds),
                    numbers=[Quoted(plain(str(number))) for number in diff.numbers],
                    notice=quoted(diff.notice),
                    text=Quoted(plain(str(diff))[:LONGEST_CHANGE]),
                )
            )
        return Changes(next_offset=next_offset, changes=changes)


def server(folder: Path) -> MCPServer[Any]:
    """The server of an archive. UsageError if there is no archive or the SDK is not installed."""
    archive = BoundedArchive(folder)
    try:
        from mcp.server import MCPServer
        from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
        from mcp.server.mcpserver.tools import Tool
        from mcp.types import ToolAnnotations
    except ImportError as error:
        raise missing("the SDK of the Model Context Protocol", "ai", error) from error
    tools = Tools(archive)
    hints = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    offered = []
    for name in TOOLS:
        method = _reporting(getattr(tools, name), ToolError)
        offered.append(_without_other_arguments(Tool.from_function(method, annotations=hints)))
    made: MCPServer[Any] = MCPServer(
        "newscrawl",
        version=VERSION,
        instructions=instructions(archive.sites),
        log_level="ERROR",
        tools=offered,
    )
    made.resource(
        RESOURCE + "{article_id}",
        name="article",
        description="An article with its whole text, which is quoted",
        mime_type="application/json",
    )(_reporting(tools.resource, ResourceNotFoundError))
    return made


def _without_other_arguments(tool: Tool) -> Tool:
    """The tool, which refuses arguments that it does not have; the SDK ignores them.

    A filter that is not applied would make a wrong answer.
    """
    arguments = tool.fn_metadata.arg_model
    arguments.model_config["extra"] = "forbid"
    arguments.model_rebuild(force=True)
    tool.parameters = arguments.model_json_schema(by_alias=True)
    return tool


def http_application(folder: Path, hosts: Iterable[str]) -> Callable[..., Any]:
    """The server as an ASGI application, at HTTP_PATH.

    `hosts` (`127.0.0.1:8001`) are the addresses that it has. Requests for any other host, and those
    of a page of another origin, are refused: a name that points to this machine would let a page
    anywhere read the archive. No request depends on an earlier one.
    """
    made = server(folder)
    from mcp.server.transport_security import TransportSecuritySettings

    names = list(hosts)
    security = TransportSecuritySettings(
        allowed_hosts=names, allowed_origins=[f"http://{name}" for name in names]
    )
    return made.streamable_http_app(
        streamable_http_path=HTTP_PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=LONGEST_REQUEST,
        transport_security=security,
    )


TOOLS = ("search", "article", "changes", "links", "front_page", "volume", "schema", "sql")


def _reporting(function: Callable[P, R], failure: type[Exception]) -> Callable[P, R]:
    """The function, whose errors become one line that the assistant can read."""

    @wraps(function)
    def call(*args: P.args, **options: P.kwargs) -> R:
        try:
            return function(*args, **options)
        except NewscrawlError as error:
            raise failure(plain(one_line(error))) from error

    return call


def _given(**options: Any) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def _check(limit: int, offset: int) -> None:
    if not 1 <= limit <= MOST_ROWS:
        raise UsageError(
            f"limit: expected 1 to {MOST_ROWS}, got {limit}", "read more pages with offset"
        )
    if offset < 0:
        raise UsageError(f"offset: expected 0 or more, got {offset}", "begin with 0")


def _page(rows: Sequence[R], limit: int, offset: int) -> tuple[list[R], int | None]:
    """The rows of a page, and the offset of the next one; None for the last page."""
    _check(limit, offset)
    some = list(rows[offset : offset + limit + 1])
    return some[:limit], (offset + limit if len(some) > limit else None)


def _revision(article: Article, number: int) -> Revision:
    for row in article.revisions:
        if row.revision == number:
            return row
    raise UsageError(
        f"{article.site}/{article.key} has no revision {number}",
        f"its newest one is {article.revision}",
    )
