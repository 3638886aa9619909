"""Hostile links are problems; links of a mirror to itself are not, even if its host is a number."""

from __future__ import annotations

from lxml.html import document_fromstring

from newscrawl.extract.hostile_links import hostile_links
from newscrawl.sites.loading import load_site

PAGE = document_fromstring(
    '<a href="http://127.0.0.1:8642/a/1.html">a</a><a href="http://127.0.0.1:22/">b</a>'
)


def test_links_of_a_mirror_to_itself_are_not_hostile() -> None:
    site = load_site("bnews")
    assert [one.code for one in hostile_links(PAGE, site)] == ["refused_number", "refused_number"]
    problems = hostile_links(PAGE, site.rebased("http://127.0.0.1:8642"))
    assert [(one.code, one.raw) for one in problems] == [("refused_number", "http://127.0.0.1:22/")]


def test_links_of_one_mirror_to_itself_are_hostile_on_the_pages_of_another() -> None:
    site = load_site("bnews")
    page = document_fromstring('<a href="http://127.0.0.1:8642/a/1.html">a</a><a href="/b">b</a>')
    mirror, other = site.rebased("http://127.0.0.1:8642"), site.rebased("http://127.0.0.1:8643")
    assert hostile_links(page, mirror) == ()
    assert [one.code for one in hostile_links(page, other)] == ["refused_number"]
    assert [one.code for one in hostile_links(page, site)] == ["refused_number"]
