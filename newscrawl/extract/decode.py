"""Bytes to text: what the bytes themselves prove comes before what anybody claims."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes
from lxml.etree import ParserError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from ..errors import PageRejected
from ..records import Page

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# UTF-16 without a mark (bnews.vn's feeds): every other byte of the first letters is zero.
_UNMARKED = (
    (re.compile(rb"[\t\n\r <]\x00[^\x00]\x00"), "utf-16-le"),
    (re.compile(rb"\x00[\t\n\r <]\x00[^\x00]"), "utf-16-be"),
)
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]+encoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE)
_HEAD_BYTES = 4096
# Python's own codecs, which no page means and which fail in their own ways.
_NOT_FOR_PAGES = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "unicode-escape"})
# libxml2 drops what is nested deeper than about 2,040 elements, in silence.
_SUSPICIOUS_BYTES = 20_000


def decode(body: bytes, charset: str | None = None) -> str:
    """A byte order mark decides, then zeros between the letters (UTF-16 without a mark), then valid UTF-8 that is not
    plain ASCII, then the header, the page, a guess.

    Undecodable bytes become U+FFFD: the page stays readable, and the flaw stays visible.
    """
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, "replace")
    for start, encoding in _UNMARKED:
        if start.match(body):
            return body.decode(encoding, "replace")
    if not body.isascii():
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    for claimed in (charset, _claimed(body)):
        text = _decode_as(body, claimed)
        if text is not None:
            return text
    if body.isascii():
        return body.decode("ascii")
    best = from_bytes(body).best()
    return str(best) if best is not None else body.decode("utf-8", "replace")


def parse(page: Page) -> HtmlElement:
    """The page's root element, comments left out. PageRejected: `not_html`, `empty_page`, `too_deep`."""
    text = decode(page.body, page.charset).replace("\x00", "")
    if not text.strip():
        raise PageRejected("empty_page", f"{page.url}: the page is empty")
    if "<" not in text[:100_000]:
        raise PageRejected("not_html", f"{page.url}: expected HTML, found {text[:40]!r}")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root: HtmlElement = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (ParserError, ValueError) as error:
        raise PageRejected("not_html", f"{page.url}: cannot be read as HTML: {error}") from error
    if len(page.body) > _SUSPICIOUS_BYTES and not root.xpath(
        "boolean(//text()[normalize-space()][not(parent::script)])"
    ):
        raise PageRejected("too_deep", f"{page.url}: {len(page.body)} bytes, but no text could be read")
    return root


def _claimed(body: bytes) -> str | None:
    found = _XML.search(body[:_HEAD_BYTES]) or _META.search(body[:_HEAD_BYTES])
    return found.group(1).decode("ascii") if found else None


def _decode_as(body: bytes, charset: str | None) -> str | None:
    if charset is None:
        return None
    try:
        codec = codecs.lookup(charset)
    except (LookupError, ValueError):  # ValueError: a NUL or a surrogate in the name
        return None
    if codec.name in _NOT_FOR_PAGES:
        return None
    name = codec.name
    if name.startswith("utf-16") and b"\x00" not in body[:200]:
        return None  # says utf-16, has not a single NUL: seen in feeds that are UTF-8
    # Browsers read iso-8859-1 as windows-1252 (WHATWG Encoding, 4.2).
    name = "cp1252" if name in ("iso8859-1", "ascii") else name
    try:
        return body.decode(name)
    except LookupError:  # a codec of bytes, such as base64
        return None
    except UnicodeDecodeError:
        return body.decode(name, "replace") if name != "utf-8" else None
