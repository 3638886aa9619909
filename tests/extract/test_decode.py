"""Pages that are parsed as they are and pages that are decoded first give the same tree."""

from __future__ import annotations

import unicodedata
from itertools import product

import pytest
from lxml.etree import tostring

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Page
from newscrawl.extract.decode import decode, parse, parse_with_flaws

URL = "https://x.example/a"
NO_UTF8 = (
    b"\xff",
    b"\xc3",
    b"\x80",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe1\xbb",
    b"\xf0\x9f\x98",
)
WORDS = (
    "<html><body>" + "<p>một</p></q>" * 60
)  # with errors, of which libxml2 reports the first hundred
PLACES = """
    <p>%</p> | <p class="%">x</p> | <p class='%'>x</p> | <p class=%>x</p> | <p %=1>x</p> | <x%>y</x%> | </p%>
    <!-- % --> | <!-- %
    <!doctype %> | <script>%</script> | <style>%</style> | <title>%</title> | <textarea>%</textarea>
    <?php % ?> | <![CDATA[%]]> | <plaintext>% | % | <a href="&%;">x</a> | <svg><x %/></svg> | <p class="% | <p %
""".replace("\n", " | ").split(" | ")


def source(body: bytes) -> str:
    """The tree of a page's bytes, written out."""
    return tostring(parse(Page(URL, body)), encoding="unicode")


@pytest.mark.parametrize("place", [one.strip() for one in PLACES if one.strip()])
def test_invalid_utf8_is_decoded_wherever_it_stands(place: str) -> None:
    pages = [place.replace("%", "{}").encode().replace(b"{}", bad) for bad in NO_UTF8]
    for start, rest in product((WORDS.encode(), WORDS.encode() * 5), pages):
        body = start + rest
        assert source(body) == source(decode(body).encode()), body


def test_page_in_another_encoding_is_decoded_from_it() -> None:
    words = "<html><body><p>Đà Nẵng</p></body></html>"
    pages = [Page(URL, words.encode(name), name) for name in ("utf-16", "utf-16-le", "utf-8")]
    pages.append(
        Page(URL, words.replace("Nẵng", "N\u0102\u0303ng".lower()).encode("cp1258"), "windows-1258")
    )
    assert {
        unicodedata.normalize("NFC", parse(page).findtext(".//p") or "").lower() for page in pages
    } == {"đà nẵng"}


def test_broken_letter_becomes_a_replacement_character() -> None:
    body = b"<html><body><p>" + "Đường sắt ".encode() * 50 + b"\xc4</p></body></html>"
    assert (parse(Page(URL, body)).findtext(".//p") or "").endswith("sắt \ufffd")


def test_removed_control_does_not_join_two_halves_of_a_letter() -> None:
    root = parse(
        Page(URL, b"<html><body><p>\xc3\x01\xa9 " + "đ".encode() * 200 + b"</p></body></html>")
    )
    assert (root.findtext(".//p") or "").startswith("\ufffd\ufffd đ")


def test_input_that_is_not_html_is_rejected_in_any_encoding() -> None:
    for body in ("không".encode(), b"\xff\xfe", b"\x80\x81"):
        with pytest.raises(PageRejected):
            parse(Page(URL, body))


HEAD = b'<html><head><meta charset="utf-8"></head><body><p>'
BROKEN = "Nguy\xean, Th\xe0nh \xdft".encode("cp1252")  # a quotation in another encoding


@pytest.mark.parametrize(
    ("charset", "body", "text", "codes"),
    [
        # Header and page say UTF-8: with any number of broken letters.
        ("utf-8", HEAD + "Đà Nẵng ".encode() + BROKEN, "Đà Nẵng Nguy\ufffdn, Th\ufffdnh \ufffdt", ["bad_letters"]),
        ("UTF8", HEAD + BROKEN, "Nguy\ufffdn, Th\ufffdnh \ufffdt", ["bad_letters"]),
        ("utf-8", HEAD + "Đường sắt ".encode() * 60 + b"\xc4", "Đường sắt " * 60 + "\ufffd", ["bad_letters"]),
        # Only one of them says so: if at least half of the letters are UTF-8.
        (None, HEAD + "Đà Nẵng ".encode() + BROKEN, "Đà Nẵng Nguy\ufffdn, Th\ufffdnh \ufffdt", ["bad_letters"]),
        ("utf-8", HEAD + "Đà Nẵng".encode(), "Đà Nẵng", []),
        ("utf-8", HEAD + "\ufffd".encode(), "\ufffd", []),
        # What the page names itself is believed if the bytes are not UTF-8.
        ("utf-8", HEAD.replace(b"utf-8", b"windows-1252") + BROKEN, "Nguyên, Thành ßt", []),
        ("windows-1252", HEAD + BROKEN, "Nguyên, Thành ßt", []),
    ],
)  # fmt: skip
def test_broken_letters_of_a_page_that_declares_utf8_are_marked_and_recorded(
    charset: str | None, body: bytes, text: str, codes: list[str]
) -> None:
    root, problems = parse_with_flaws(Page(URL, body + b"</p></body></html>", charset))
    assert root.findtext(".//p") == text
    assert [problem.code for problem in problems] == codes


def test_guessed_charset_is_recorded() -> None:
    body = (
        b"<html><body><p>"
        + "Żółć, gęślą jaźń, zażółć. ".encode("cp1250") * 20
        + b"</p></body></html>"
    )
    _, problems = parse_with_flaws(Page(URL, body))
    assert [problem.code for problem in problems] == ["guessed_charset"]
