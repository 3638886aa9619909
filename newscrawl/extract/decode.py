"""Bytes to text, and text to a tree, in bounded time.

What the bytes prove counts before what header and page claim.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from charset_normalizer import from_bytes
from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Page, Problem

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
MARK = "\ufffd"  # what stands for a letter that could not be read
_MARKS = tuple(bom for bom, _ in _BOMS)
# UTF-16 without a mark (bnews.vn's feeds): every other byte of the first letters is zero.
_UNMARKED = (
    (re.compile(rb"[\t\n\r <]\x00[^\x00]\x00"), "utf-16-le"),
    (re.compile(rb"\x00[\t\n\r <]\x00[^\x00]"), "utf-16-be"),
)
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]+encoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE)
_HEAD_BYTES = 4096
# Python's own codecs, which no page means and which fail in their own ways; browsers refuse utf-7.
_NOT_FOR_PAGES = frozenset(
    {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7"}
)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
# charset-normalizer tries each encoding on the whole input: 10 MB would take minutes.
_GUESS_BYTES = 64_000
# One broken letter in this many is a cut or mixed page; with more the page is not UTF-8 at all.
_MOST_DAMAGED = 50

_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\v\f\r")
_SPACES = bytes.maketrans(b"\v\f", b"  ")
# Searching for one byte after the other takes half the time of checking every byte.
_UNWRITABLE = (*_CONTROLS, *b"\v\f")
_NOT_XML = ("\ufffe".encode(), "\uffff".encode())

# libxml2 merges the matches of some selectors, and compares the attributes of one element, in
# quadratic time. The largest news pages seen have 10,000 elements; at these limits the slowest
# selector takes half a second.
MAX_ELEMENTS = 30_000
_MAX_TAGS = 20 * MAX_ELEMENTS  # opening and closing tags in the source, before anything is parsed
_LONG = 50_000
_LONG_TAG = re.compile(rb"<[a-zA-Z][^<>]{%d,}" % _LONG)
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
_MAX_ATTRIBUTES = 10_000
# A page of this size without any text is not an article without words: it was not understood.
_SUSPICIOUS_BYTES = 20_000
# Since 2.14 libxml2 reports invalid UTF-8 wherever it stands (except at the end of a DOCTYPE, which
# is not read).
_PARSER_CHECKS = etree.LIBXML_VERSION >= (2, 14)
_MOST_ERRORS = 100  # that libxml2 reports (XML_MAX_ERRORS); it keeps later ones to itself
# Without this lxml.html would call a Python function for the class of each element, for the sake of
# forms.
_ELEMENTS = etree.ElementDefaultClassLookup(element=HtmlElement)
_COUNT = etree.XPath("count(descendant-or-self::*)")


def decode(body: bytes, charset: str | None = None) -> str:
    """The text of a page.

    A byte order mark decides; then zeros between the letters (UTF-16 without a mark); then UTF-8,
    if the bytes beyond ASCII are UTF-8, or if nothing but UTF-8 is declared; then the header, the
    page itself, and a guess. Undecodable bytes become U+FFFD: the page stays readable, and the flaw
    stays visible.
    """
    return _decoded(body, charset)[0]


def parse(page: Page) -> HtmlElement:
    """The page's root element, comments left out.

    PageRejected: `not_html`, `empty_page`, `too_big`, `too_deep`, `no_text`.
    """
    return parse_with_flaws(page)[0]


def parse_with_flaws(page: Page) -> tuple[HtmlElement, tuple[Problem, ...]]:
    """The same, and the problems of decoding: `bad_letters` and `guessed_charset`."""
    body = page.body
    is_marked = b"\x00" in body or body.startswith(_MARKS)
    if b"<" in body and not body.isascii() and not is_marked:
        with suppress(UnicodeError):  # UTF-8 in most cases, and decoding takes a third of a parse
            return _tree(page.url, body), ()
    text, problem = _decoded(body, page.charset)
    root = _tree(page.url, text.encode("utf-8", "replace"))
    return root, (problem,) if problem else ()


def _tree(url: str, text: bytes) -> HtmlElement:
    """The root element of text in UTF-8; UnicodeError if it is not UTF-8."""
    source = _without_unwritable(text)
    if not source or source.isspace():
        raise PageRejected("empty_page", f"{url}: the page is empty")
    if b"<" not in source[:100_000]:
        raise PageRejected("not_html", f"{url}: expected HTML, found {_start(source)!r}")
    if len(source) < len(text) or not _PARSER_CHECKS:
        text.decode("utf-8")
    _reject_monster(url, source)
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, collect_ids=False
    )
    parser.set_element_class_lookup(_ELEMENTS)
    try:
        root: HtmlElement = document_fromstring(source, parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise PageRejected("not_html", f"{url}: cannot be read as HTML: {error}") from error
    _reject_half_read(url, source, parser, root)
    return root


def _start(source: bytes) -> str:
    return source[:160].decode("utf-8", "ignore")[:40]


def _without_unwritable(source: bytes) -> bytes:
    """The source without characters that XML cannot hold.

    libxml2 reads them, but the text could not be written again.
    """
    if (
        b"\xef" in source
    ):  # the first byte of both, and rare: one byte is found much faster than three
        for damage in _NOT_XML:
            source = source.replace(damage, b"")
    if any(map(source.__contains__, _UNWRITABLE)):
        return source.translate(_SPACES, _CONTROLS)
    return source


def _reject_monster(url: str, source: bytes) -> None:
    """Rejects, before parsing, what would take minutes to parse."""
    if len(source) > _MAX_TAGS and (tags := source.count(b"<")) > _MAX_TAGS:
        message = f"{url}: about {tags // 2} elements, expected at most {MAX_ELEMENTS}"
        raise PageRejected("too_big", message)
    if not _has_gap(source):
        return
    for tag in _LONG_TAG.finditer(source):
        attributes = _QUOTED.sub(b"", tag.group()).count(b"=")
        if attributes > _MAX_ATTRIBUTES:
            raise PageRejected("too_big", f"{url}: an element with {attributes} attributes")


def _has_gap(source: bytes) -> bool:
    """Whether anything longer than _LONG stands between two tags.

    Looks at few positions of an ordinary page.
    """
    position = 0
    while position + _LONG < len(source):
        tag = source.rfind(b"<", position + 1, position + _LONG)
        if tag < 0:
            return True
        position = tag
    return False


def _reject_half_read(url: str, source: bytes, parser: etree.HTMLParser, root: HtmlElement) -> None:
    """Rejects a page that was not read as a whole.

    libxml2 leaves out, without an exception, what is nested deeper than 2,048 elements, and all
    that follows. UnicodeError if it met bytes that are not UTF-8: it reads them in another way than
    `decode`.
    """
    log = parser.error_log
    if len(log) >= _MOST_ERRORS or log.filter_types(etree.ErrorTypes.ERR_INVALID_ENCODING):
        source.decode("utf-8")
    last = log.last_error
    if last is not None and last.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        raise PageRejected("too_deep", f"{url}: the end of the page cannot be read: {last.message}")
    elements = int(cast(float, _COUNT(root)))
    if elements > MAX_ELEMENTS:
        message = f"{url}: {elements} elements, expected at most {MAX_ELEMENTS}"
        raise PageRejected("too_big", message)
    if len(source) > _SUSPICIOUS_BYTES and not _has_text(root):
        raise PageRejected("no_text", f"{url}: {len(source)} bytes, but no text")


def _has_text(root: HtmlElement) -> bool:
    for element in root.iter():
        is_script = element.tag in ("script", "style")
        if element.text and not is_script and not element.text.isspace():
            return True
        if element.tail and not element.tail.isspace():
            return True
    return False


def _decoded(body: bytes, charset: str | None) -> tuple[str, Problem | None]:
    """The text of a page, and what is wrong with its letters."""
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return _with_marks(body[len(bom) :], encoding)
    for start, encoding in _UNMARKED:
        if start.match(body):
            return _with_marks(body, encoding)
    claims = [_codec(name) for name in (charset, _claimed(body)) if name is not None]
    if not body.isascii() and _is_utf8(body, claims):
        return _with_marks(body, "utf-8")
    usable = [name for name in claims if name is not None and _may_be(name, body)]
    for name in usable:
        with suppress(LookupError, ValueError):
            return body.decode(name), None
    for name in usable:
        with suppress(LookupError, ValueError):  # LookupError: a codec of bytes, such as base64
            return _with_marks(body, name)
    if body.isascii():
        return body.decode("ascii"), None
    return _guessed(body)


def _with_marks(body: bytes, encoding: str) -> tuple[str, Problem | None]:
    """The text, with U+FFFD for bytes that are not in this encoding, and the problem of these."""
    try:
        return body.decode(encoding), None
    except UnicodeDecodeError:
        text = body.decode(encoding, "replace")
    message = f"{text.count(MARK)} letters are not {encoding} and became U+FFFD"
    return text, Problem("extract", "bad_letters", message)


def _is_utf8(body: bytes, claims: Sequence[str | None]) -> bool:
    """Whether to read a page as UTF-8.

    All of it is, or all but a few broken letters (a cut, a quote). If header and page both declare
    UTF-8, the number of broken letters does not matter; if only one of them says anything, at
    least half of the letters must be whole.
    """
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    else:
        return True
    broken = text.count(MARK)
    whole = len(text) - len(text.encode("ascii", "ignore")) - broken
    if broken * _MOST_DAMAGED <= whole:
        return True
    if set(claims) != {"utf-8"}:
        return False
    return len(claims) > 1 or whole >= broken


def _claimed(body: bytes) -> str | None:
    """The charset that the page itself names."""
    head = body[:_HEAD_BYTES]
    claim = _XML.search(head) or _META.search(head)
    return claim.group(1).decode("ascii") if claim else None


def _codec(charset: str) -> str | None:
    """The codec that a claim names; None if it names none that a page can be in."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):  # ValueError: a NUL or a surrogate in the name
        return None
    if name in _NOT_FOR_PAGES:
        return None
    # Browsers read iso-8859-1 as windows-1252 (WHATWG Encoding, 4.2).
    return "cp1252" if name in ("iso8859-1", "ascii") else name


def _may_be(name: str, body: bytes) -> bool:
    """Whether these bytes, which are no UTF-8 beyond ASCII, can be in the encoding."""
    if name == "utf-8":
        return body.isascii()
    # Named utf-16 without a single NUL: seen in feeds that are UTF-8.
    return not name.startswith(("utf-16", "utf-32")) or b"\x00" in body[:200]


def _guessed(body: bytes) -> tuple[str, Problem]:
    """The text by a guess from a piece of the page that has letters beyond ASCII.

    The piece is cut at the beginning of a tag.
    """
    first = _NOT_ASCII.search(body)
    start = max(0, first.start() - 1000) if first else 0
    piece = body[start : start + _GUESS_BYTES]
    if start + _GUESS_BYTES < len(body):
        piece = piece.rpartition(b"<")[0] or piece
    best = from_bytes(piece).best()
    encoding = best.encoding if best is not None else "cp1252"  # the fallback of browsers
    message = f"no declared charset fits the bytes; read as {encoding}, which is a guess"
    return body.decode(encoding, "replace"), Problem("extract", "guessed_charset", message)
