"""A small news site on loopback whose addresses live: slugs change, redirects begin and end, articles go.

Each article is a Story, which a test changes between two crawls. `requests` counts what the site was asked for.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

NAME = "living"
SITE_FILE = """
name = "{name}"
title = "The Living Paper"
domain = "living.example"
origin = "https://living.example"
language = "en"
timezone = "UTC"
article_url = '^/(?:[a-z]+/)?[a-z0-9-]*-(?P<id>\\d+)\\.html$'
category_url = '^/list/(?P<slug>[a-z]+)$'
category_start = "/list/{{slug}}"
revisit = [{revisit}]
politeness = {{ delay_seconds = 0, concurrency = 8 }}
category = [{{ key = "news", slug = "news" }}]
feeds = {{ site = "/feed.xml" }}

[[template]]
name = "one"
marker = "article"
fields = {{ title = "h1", body = "div.text", published = "time" }}
links = [{{ kind = "related", heading = "More", card = "li", link = "a", title = "a" }}]

[[listing]]
name = "one"
block = [{{ block = "list", card = "li", link = "a", title = "a" }}]
"""


@dataclass(slots=True)
class Story:
    """An article of the site. `slug` is a part of its address, `path` a folder before it."""

    number: int
    slug: str = "news"
    title: str = ""
    text: str = ""
    published: str = "2026-09-01T06:00:00Z"
    canonical: str | None = None  # the folder of the address that the page names as its own
    status: int = 200
    leads_to: str | None = None  # a redirect to this path, with `status`
    related: tuple[str, ...] = ()
    old_slugs: int | None = None  # as LivingSite.old_slugs, for this article
    always_304: bool = False  # as LivingSite.always_304, for this article

    @property
    def path(self) -> str:
        """The address under which the lists show the article."""
        return f"/{self.slug}-{self.number}.html"


@dataclass(slots=True)
class Reply:
    status: int
    text: str = ""
    location: str | None = None
    kind: str = "text/html; charset=utf-8"


@dataclass(slots=True)
class LivingSite:
    """The site, served during a `with` block."""

    stories: dict[int, Story] = field(default_factory=dict)
    listed: list[str] = field(default_factory=list)  # paths in the order of the list
    in_feed: list[str] = field(default_factory=list)
    any_slug: bool = False  # an article answers under every slug, as on many sites
    old_slugs: int | None = 404  # the status of a slug that has changed; 301, 302: to the new one
    validators: bool = True
    always_304: bool = False  # to requests for articles without validators too
    requests: Counter[str] = field(default_factory=Counter)
    log: list[tuple[str, int]] = field(default_factory=list)  # path and status, in order
    replies: dict[str, Reply] = field(default_factory=dict)  # a test's own answers, by path
    _http: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    def add(self, number: int, **fields: object) -> Story:
        """A new article, first on the list."""
        story = Story(number)
        story.title, story.text = f"Headline {number}", f"The text of article {number}."
        for name, value in fields.items():
            setattr(story, name, value)
        self.stories[number] = story
        self.listed.insert(0, story.path)
        return story

    def move(self, story: Story, slug: str, *, listed: bool = True) -> None:
        """Changes the slug of an article, on the list too."""
        old = story.path
        story.slug = slug
        if listed:
            self.listed = [story.path if path == old else path for path in self.listed]

    @property
    def base_url(self) -> str:
        assert self._http is not None
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def url(self, path: str) -> str:
        """The whole address of a path."""
        return self.base_url + path

    def reply(self, path: str, *, conditional: bool) -> Reply:
        """The answer to a request."""
        if path in self.replies:
            return self.replies[path]
        if path == "/list/news":
            return Reply(200, _list(self.listed))
        if path == "/feed.xml":
            return Reply(200, _feed(self.base_url, self.in_feed), kind="text/xml; charset=utf-8")
        match = re.fullmatch(r"/(?:[a-z]+/)?([a-z0-9-]*)-(\d+)\.html", path)
        story = self.stories.get(int(match[2])) if match else None
        if match is None or story is None:
            return Reply(404)
        return self._page_of(story, match[1], conditional=conditional)

    def _page_of(self, story: Story, slug: str, *, conditional: bool) -> Reply:
        old_slugs = story.old_slugs or self.old_slugs
        if slug != story.slug and not self.any_slug and old_slugs != 200:
            moved = old_slugs in (301, 302, 307, 308)
            return Reply(old_slugs or 404, location=story.path if moved else None)
        if story.leads_to is not None:
            return Reply(story.status, location=story.leads_to)
        if story.status != 200:
            return Reply(story.status)
        if (self.always_304 or story.always_304) and not conditional:
            return Reply(304)
        return Reply(200, _page(story, self.base_url))

    def __enter__(self) -> Self:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._http is not None
        assert self._thread is not None
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def write_site_file(folder: Path, name: str = NAME, revisit: tuple[str, ...] = ()) -> None:
    """Puts the site's file into an archive; `revisit`: ages, one day for forty days if not given."""
    ages = revisit or tuple(f"{day}d" for day in range(1, 41))
    text = SITE_FILE.format(name=name, revisit=", ".join(f'"{age}"' for age in ages))
    path = folder / "sites" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def stamp(moment: datetime) -> str:
    """A time as the site prints it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _page(story: Story, origin: str) -> str:
    canonical = ""
    if story.canonical is not None:
        address = f"{origin}/{story.canonical}{story.path}"
        canonical = f'<link rel="canonical" href="{address}">'
    related = "".join(f'<li><a href="{path}">Another one</a></li>' for path in story.related)
    more = f"<h2>More</h2><ul>{related}</ul>" if related else ""
    return (
        f"<html><head><title>{story.title}</title>{canonical}</head><body><article>"
        f"<h1>{story.title}</h1><time>{story.published}</time>"
        f'<div class="text"><p>{story.text}</p></div></article>'
        f"<aside>{more}</aside></body></html>"
    )


def _list(paths: list[str]) -> str:
    cards = "".join(f'<li><a href="{path}">Teaser of {path}</a></li>' for path in paths)
    return f"<html><body><ul>{cards}</ul></body></html>"


def _feed(origin: str, paths: list[str]) -> str:
    items = "".join(
        f"<item><title>Entry {path}</title><link>{origin}{path}</link></item>" for path in paths
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{items}</channel></rss>'
    )


def _handler(site: LivingSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            sent = self.headers.get("If-None-Match")
            reply = site.reply(self.path, conditional=sent is not None)
            body = reply.text.encode()
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if reply.status == 200 and site.validators and sent == etag:
                reply, body = Reply(304), b""
            site.requests[self.path] += 1
            site.log.append((self.path, reply.status))
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            if reply.location is not None:
                self.send_header("Location", reply.location)
            if reply.status == 200 and site.validators:
                self.send_header("ETag", etag)
            if reply.status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    return Handler
