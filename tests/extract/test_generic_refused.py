"""Pages with status 200 that are not articles are rejected, with and without a site file."""

from __future__ import annotations

import pytest

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Page
from newscrawl.extract import extract_article
from newscrawl.sites.generic import generic_site
from newscrawl.sites.loading import load_site
from tests.support.generic_pages import URL
from tests.support.generic_refused import READ, REFUSED


@pytest.mark.parametrize("name", REFUSED)
def test_page_that_is_not_an_article_is_rejected_without_a_site_file(name: str) -> None:
    code, body = REFUSED[name]
    with pytest.raises(PageRejected) as caught:
        extract_article(generic_site(URL), Page(URL, body))
    assert caught.value.code == code


@pytest.mark.parametrize("name", REFUSED)
def test_page_that_is_not_an_article_is_rejected_with_a_site_file(name: str) -> None:
    with pytest.raises(PageRejected) as caught:
        extract_article(
            load_site("bnews"), Page("https://bnews.vn/mot-bai-bao/435525.html", REFUSED[name][1])
        )
    assert caught.value.code in ("not_found_page", "blocked_page", "no_template")


@pytest.mark.parametrize("name", READ)
def test_articles_about_such_pages_are_read(name: str) -> None:
    draft = extract_article(generic_site(URL), Page(URL, READ[name]))
    assert draft.paragraphs
