"""The page of a site as it was received, in a frame in which it can do nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from newscrawl.core.errors import UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.store.read.reader import Reader
from newscrawl.warc import read_at
from newscrawl.web.pages.article import ArticleValues, of_article
from newscrawl.web.responses import Answer, Document, Page, Query
from newscrawl.web.timeline import Capture, captures_of, is_kept

CHARSET = re.compile(r"[A-Za-z0-9._:-]{1,40}")
# Browsers connect to the hosts that these elements name before any policy is asked. Nothing of
# them may be loaded anyway. `<basefont>` may stand in the same places and does nothing. In UTF-16,
# a zero byte is between the letters.
CONNECTING = ("area", "link", "iframe", "frame", "object", "embed")
HARMLESS = "<basefont"
_NAMES = "|".join(r"\0?".join(name) for name in CONNECTING)
# `<meta name="referrer">` says what is sent to other hosts.
_REFERRER = r"(?=[^>]{0,500}" + r"\0?".join("referrer") + ")"
_META = r"\0?".join("meta") + r"(?=\0?[\s/])" + _REFERRER
ELEMENT = re.compile(rf"<(\0?)(?:(?:{_NAMES})(?=\0?[\s/>])|{_META})".encode(), re.IGNORECASE)
# A click on a link in the frame would be an error page of the browser. `<span>` leads nowhere.
ANCHOR = re.compile(rb"<(\0?)(/?)(\0?)a(?=\0?[\s/>])", re.IGNORECASE)
LISTED = 200  # captures to choose from


@of_article
def replay(query: Query, reader: Reader, article: ArticleValues) -> Answer:
    """A capture of an article with a frame around it, by default the one of the newest revision."""
    captures = captures_of(reader, article["id"])
    with_page = [row for row in captures if is_kept(row)]
    if not with_page:
        raise UsageError(
            f"the archive has no raw page of {article['site']}/{article['key']}",
            "the page was never read, or was crawled with --no-warc, or this is a release",
        )
    newest = max(with_page, key=lambda row: (row["revision"] or 0, row["id"]))
    chosen = _named(query, with_page) if query.parts["capture"] else newest
    place = with_page.index(chosen)
    values = {
        "article": article,
        "capture": chosen,
        "captures": with_page[-LISTED:],
        "capture_count": len(with_page),
        "earlier": with_page[place - 1] if place else None,
        "is_shown": chosen["revision"] == max(row["revision"] or 0 for row in captures),
        "later": with_page[place + 1] if place + 1 < len(with_page) else None,
    }
    return Page("replay.html", values)


@of_article
def raw_page(query: Query, reader: Reader, article: ArticleValues) -> Answer:
    """The bytes of a capture; security.RAW_POLICY is the policy for them."""
    capture = _named(query, captures_of(reader, article["id"]))
    folder = ArchiveFolder(reader.path.parent).warc
    page = read_at(folder, capture["warc_file"], capture["warc_offset"], capture["warc_length"])
    type_sent = (page.header("content-type") or "text/html").lower()
    kind = "text/html" if "html" in type_sent else "text/plain"
    charset = page.charset or ""
    if CHARSET.fullmatch(charset):
        kind += f"; charset={charset}"
    return Document(without_connections(page.body), kind)


def without_connections(source: bytes) -> bytes:
    """A page whose elements name no other file that a browser would connect for."""
    inert = ELEMENT.sub(lambda match: match[1].decode().join(HARMLESS).encode(), source)
    return ANCHOR.sub(_without_target, inert)


def _without_target(anchor: re.Match[bytes]) -> bytes:
    between = anchor[1].decode()  # a zero byte in UTF-16
    return between.join(f"<{anchor[2].decode()}span").encode()


def _named(query: Query, captures: Sequence[Capture]) -> Capture:
    for capture in captures:
        if str(capture["id"]) == query.parts["capture"] and is_kept(capture):
            return capture
    raise UsageError(
        f"the article has no capture {query.parts['capture']} with a page",
        "choose one of its captures on its page",
    )
