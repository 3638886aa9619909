"""The fictional newspaper: its pages have the values of `truth()` and no outside URLs."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from random import Random
from urllib.parse import unquote

import pytest

from newscrawl.demo import pages
from newscrawl.demo.paper import ORIGIN, Edition, Paper
from newscrawl.demo.server import answer
from newscrawl.demo.stories import (
    BUMPED,
    COPIED,
    COPY,
    CORRECTED,
    DECOMPOSED,
    LATE,
    MISSING,
    REMOVED,
    RESIGNED,
    RETITLED,
    UNDATED,
    categories,
    draw,
    slug,
)

BNEWS_CATEGORIES = {1, 2, 3, 4, 5, 6, 7, 17, 33, 38}


@pytest.fixture
def paper() -> Paper:
    return Paper()


def hrefs(html: str) -> set[str]:
    return {href.removeprefix(ORIGIN) for href in re.findall(r'(?:href|src)="([^"#]+)"', html)}


# ---- the plan ----


def test_eighty_articles_over_ten_categories_in_two_designs(paper: Paper) -> None:
    assert len(paper.stories) == 80
    assert {category.id for category in paper.categories} == BNEWS_CATEGORIES
    assert Counter(story.era for story in paper.stories) == {"2017": 46, "2026": 34}
    assert sum(paper.pages(category) > 1 for category in paper.categories) >= 5


def test_the_paper_is_the_same_on_every_machine(paper: Paper) -> None:
    oldest = paper.truth()[0]
    assert (oldest.key, oldest.title) == (
        "231041",
        "Dệt may Lam Kiều (mã DMLK) chốt danh sách chia cổ tức 20%",
    )
    assert oldest.published_at == "2022-03-07T08:41:00Z"


def test_text_is_complete_and_every_slot_is_filled() -> None:
    for edition in (1, 2):
        for expected in Paper(2 if edition == 2 else 1).truth():
            text = " ".join((expected.title, expected.summary, expected.body, *expected.tags))
            assert not re.search(r"[{}@|]|\.\.|  ", text), expected.key
            assert text == unicodedata.normalize("NFC", text)
            assert expected.body.count("\n\n") >= 5


def test_titles_and_ids_are_unique_and_one_text_appears_twice(paper: Paper) -> None:
    truth = paper.truth()
    assert (
        len({expected.title for expected in truth})
        == len({expected.key for expected in truth})
        == 79
    )
    bodies = Counter(expected.body for expected in truth)
    assert sorted(bodies.values())[-2:] == [1, 2]
    copied, copy = paper.at(COPIED), paper.at(COPY)
    assert copied.paragraphs == copy.paragraphs
    assert copied.category != copy.category


def test_exactly_one_article_has_an_impossible_date(paper: Paper) -> None:
    undated = [expected for expected in paper.truth() if expected.published_at is None]
    assert [expected.published_raw for expected in undated] == ["25:61' - 31/02/2023"]
    assert undated[0].key == paper.at(UNDATED).key
    assert undated[0].published_local is None
    assert undated[0].published_precision is None


def test_nothing_is_dated_after_the_first_release() -> None:
    times = [expected.published_at for expected in Paper(2).truth() if expected.published_at]
    assert min(times) >= "2022-01-01T00:00:00Z"
    assert max(times) < "2026-11-01T00:00:00Z"


@pytest.mark.parametrize("words", ["Đường sắt", "Thủ tướng"])
def test_titles_have_something_to_search_for(paper: Paper, words: str) -> None:
    assert sum(words.lower() in expected.title.lower() for expected in paper.truth()) >= 3


def test_the_missing_article_is_linked_once_and_listed_once(paper: Paper) -> None:
    missing = paper.at(MISSING)
    assert missing.key not in {expected.key for expected in paper.truth()}
    linking = [e.key for e in paper.truth() if ("related", 3, missing.key) in e.links]
    assert linking == [paper.at(DECOMPOSED).key]
    assert missing in paper.listed(missing.category)


def test_second_edition_has_each_kind_of_edit_three_new_articles_and_a_removed_one() -> None:
    before = {expected.key: expected for expected in Paper(1).truth()}
    after = {expected.key: expected for expected in Paper(2).truth()}
    both = before.keys() & after.keys()
    assert [k for k in both if before[k].body != after[k].body] == [Paper().at(CORRECTED).key]
    assert [k for k in both if before[k].title != after[k].title] == [Paper().at(RETITLED).key]
    assert [k for k in both if before[k].authors != after[k].authors] == [Paper().at(RESIGNED).key]
    assert {k for k in both if before[k].modified_at != after[k].modified_at} == {
        Paper().at(place).key for place in (CORRECTED, RESIGNED, BUMPED)
    }
    assert before.keys() - after.keys() == {Paper().at(REMOVED).key}
    assert len(after.keys() - before.keys()) == len(LATE) == 3


@pytest.mark.parametrize(
    ("spec", "allowed"),
    [
        ("a|b", {"a", "b"}),
        ("1200..1201", {"1.200", "1.201"}),
        ("9..9", {"9"}),
        ("0.1..0.2", {"0,1", "0,2"}),
        ("1.95..1.95", {"1,95"}),
    ],
)
def test_random_numbers_are_in_vietnamese_style(spec: str, allowed: set[str]) -> None:
    assert {draw(spec, Random(seed)) for seed in range(20)} == allowed


def test_slug_breaks_at_combining_marks() -> None:
    assert slug("Đường sắt: 12%") == "duong-sat-12"
    assert slug(unicodedata.normalize("NFD", "cổ")) == "co"
    assert slug("phiê\u0301u") == "phie-u"


# ---- the pages ----


@pytest.mark.parametrize("edition", [1, 2])
def test_every_link_but_one_leads_to_a_page(edition: Edition) -> None:
    paper = Paper(edition)
    todo, seen, dead = ["/"], {"/"}, set()
    while todo:
        found = answer(paper, unquote(path := todo.pop()))
        if found.status != 200:
            dead.add(path)
        elif found.content_type.startswith("text/html"):
            new = hrefs(found.text) - seen
            seen |= new
            todo += new
    gone = {paper.at(MISSING).path} | ({paper.at(REMOVED).path} if edition == 2 else set())
    assert dead == gone
    assert {expected.url.removeprefix(ORIGIN) for expected in paper.truth()} <= seen


def test_pages_have_no_urls_outside_the_paper(paper: Paper) -> None:
    names = {"http://schema.org", "http://www.w3.org/2000/svg"}  # vocabularies: nobody fetches them
    for story in paper.stories:
        for text in (pages.article_page(paper, story), pages.placeholder(story)):
            assert set(re.findall(r"https?://[^/\"]+[^\"]*", text.replace(ORIGIN, ""))) <= names
            assert 'src="//' not in text


def test_both_designs_have_their_markup(paper: Paper) -> None:
    for story in paper.stories:
        html = pages.article_page(paper, story)
        assert ('class="post-top-entry"' in html) == (story.era == "2017")
        assert ('class="font-42 font-bold"' in html) == (story.era == "2026")
        assert bool(re.search(r'"description": "[^"]*\n\n"', html)) == (story.era == "2026")


def test_bodies_have_three_forms(paper: Paper) -> None:
    shapes = set()
    for story in paper.stories:
        html = pages.body(paper, story).replace("<p>Quảng cáo</p>", "")
        shapes.add((story.era, "<p></p>" in html, bool(re.search(r"<p>[^<]", html))))
    assert shapes == {
        (era, *shape)
        for era in ("2017", "2026")
        for shape in [(True, True), (True, False), (False, True)]
    }


def test_one_title_is_printed_in_decomposed_letters(paper: Paper) -> None:
    printed = [story for story in paper.stories if story.printed_title != story.title]
    assert [story.place for story in printed] == [DECOMPOSED]
    assert unicodedata.normalize("NFC", printed[0].printed_title) == printed[0].title
    assert "-o-" in printed[0].path


def test_listing_pages_show_every_article_once_newest_first(paper: Paper) -> None:
    for category in paper.categories:
        shown = [s for n in range(1, paper.pages(category) + 1) for s in paper.page(category, n)]
        assert [s.key for s in shown] == [s.key for s in paper.listed(category)]
        assert [s.placed_at for s in shown] == sorted((s.placed_at for s in shown), reverse=True)


def test_the_last_link_of_the_last_old_listing_page_leads_back(paper: Paper) -> None:
    category = categories()[33]
    html = pages.listing_page(paper, category, paper.pages(category))
    links = re.findall(
        r'href="([^"]+)"', html.partition('<div class="pagination-main">')[2].partition("</ul>")[0]
    )
    assert links[-1] == category.path(paper.pages(category) - 1)
