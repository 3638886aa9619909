"""The text of a feed or sitemap, decoded and safe to parse: nothing to expand or to fetch."""

from __future__ import annotations

import re
import zlib

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Page
from newscrawl.extract.decode import decode

_GZIP = b"\x1f\x8b"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # XML 1.0, 2.2
_BEFORE_ROOT = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->)", re.DOTALL)
_DOCTYPE = re.compile(r"\s*<!DOCTYPE[^<>\[]*>", re.IGNORECASE)
_ANY_DOCTYPE = re.compile(r"\s*<!DOCTYPE", re.IGNORECASE)


def xml_text(page: Page, most_bytes: int) -> str:
    """The document from its first element. PageRejected:

    `empty_page`, `too_large`, `bad_gzip`, `entities`.

    A document that declares its own entities is rejected as a whole: neither RSS nor sitemaps need
    any.
    """
    body = page.body
    if body.startswith(_GZIP):
        body = _unzipped(page, most_bytes)
    if len(body) > most_bytes:
        raise PageRejected("too_large", f"{page.url}: more than {most_bytes:,} bytes")
    text = _ILLEGAL.sub("", decode(body, page.charset)).lstrip("\ufeff \t\r\n")
    text = _without_prolog(text)
    if doctype := _DOCTYPE.match(text):
        text = text[doctype.end() :]
    elif _ANY_DOCTYPE.match(text):
        message = f"{page.url}: the document declares its own entities; it is not read"
        raise PageRejected("entities", message)
    text = _without_prolog(text).strip()
    if not text:
        raise PageRejected("empty_page", f"{page.url}: the document is empty")
    return text


def _without_prolog(text: str) -> str:
    """The text after the XML declaration, processing instructions and comments at its beginning."""
    start = 0
    while before := _BEFORE_ROOT.match(text, start):
        start = before.end()
    return text[start:]


def _unzipped(page: Page, most_bytes: int) -> bytes:
    """The content of a gzip file (`sitemap.xml.gz`), at most one byte over the limit."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        body = unpacker.decompress(page.body, most_bytes + 1)
    except zlib.error as error:
        raise PageRejected("bad_gzip", f"{page.url}: cannot be unpacked: {error}") from error
    if not unpacker.eof and len(body) <= most_bytes:
        raise PageRejected("bad_gzip", f"{page.url}: the gzip file ends too early")
    return body
