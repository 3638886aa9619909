"""Feeds in the format of Atom (RFC 4287), for readers of feeds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from markupsafe import Markup, escape

from newscrawl.core.times import to_utc_text

# What XML 1.0 cannot contain, even escaped.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry; `updated` is UTC text, None where no time is known. `path` is a page of ours."""

    id: str
    path: str
    title: str
    updated: str | None
    text: str
    author: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Entries, the newest first. `path` is the feed's own address, `page` that of its page."""

    path: str
    page: str
    title: str
    entries: Iterable[Entry]
    now: datetime

    def xml(self) -> str:
        """The feed as a document."""
        return "".join(self._parts())

    def _parts(self) -> Iterator[str]:
        entries = list(self.entries)
        updated = max((entry.updated or "" for entry in entries), default="")
        yield HEAD
        yield _element("title", f"{self.title} – newscrawl")
        yield _element("id", f"urn:newscrawl:feed:{quote(self.path)}")
        yield Markup('<link rel="self" href="{}"/>\n').format(self.path)
        yield Markup('<link href="{}"/>\n').format(self.page)
        yield _element("updated", updated or to_utc_text(self.now))
        for entry in entries:
            yield "<entry>\n"
            yield _element("id", quote(entry.id, safe=":/"))
            yield _element("title", entry.title)
            yield Markup('<link href="{}"/>\n').format(entry.path)
            yield _element("updated", entry.updated or updated or to_utc_text(self.now))
            yield f"<author>{_element('name', entry.author)}</author>\n"
            yield _element("summary", entry.text)
            yield "</entry>\n"
        yield "</feed>\n"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(FORBIDDEN.sub('', text))}</{name}>\n"
