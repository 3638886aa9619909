"""From a draft to the stored article: times, identity, text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Draft, RawTime, Timestamp
from newscrawl.extract.as_json import article_to_dict
from newscrawl.extract.refine import refine
from newscrawl.sites.loading import load_site

URL = "https://bnews.vn/tin-moi/123.html"
FETCHED = datetime(2026, 9, 5, 3, 0, tzinfo=UTC)


def draft(*published: str, **fields: Any) -> Draft:
    times = tuple(RawTime(raw, "page", f"place {n}") for n, raw in enumerate(published))
    values: dict[str, Any] = {"title": "A", "paragraphs": ("One.", "Two.")} | fields
    return Draft(site="bnews", url=URL, template="2017", published=times, **values)


def test_first_readable_time_wins_and_the_others_are_problems() -> None:
    article = refine(
        draft("25:61' - 31/02/2022", "11:34' - 22/11/2022"), load_site("bnews"), FETCHED
    )
    assert article.published == Timestamp(
        "11:34' - 22/11/2022",
        datetime(2022, 11, 22, 4, 34, tzinfo=UTC),
        "2022-11-22T11:34:00+07:00",
        "minute",
    )
    assert [(problem.code, problem.raw) for problem in article.problems] == [
        ("impossible", "25:61' - 31/02/2022")
    ]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("25:61' - 31/02/2022", "impossible"),
        ("2 giờ trước", "relative"),
        ("Cập nhật", "unknown_format"),
        ("x" * 5000, "too_long"),
    ],
)
def test_unreadable_time_is_none_with_its_text_and_a_problem(raw: str, code: str) -> None:
    article = refine(draft(raw), load_site("bnews"), None)
    assert article.published is not None
    assert (article.published.utc, article.published.local) == (None, None)
    assert article.published.raw == raw[:200]
    assert [problem.code for problem in article.problems] == [code]


def test_future_time_is_kept_and_flagged() -> None:
    article = refine(draft("11:34' - 22/11/2036"), load_site("bnews"), FETCHED)
    assert article.published is not None
    assert article.published.local == "2036-11-22T11:34:00+07:00"
    assert [problem.code for problem in article.problems] == ["future"]


def test_page_without_time_has_none() -> None:
    assert refine(draft(), load_site("bnews"), FETCHED).published is None


def test_other_slug_is_an_alias_of_the_canonical_address() -> None:
    article = refine(
        draft(canonical_url="https://bnews.vn/dung/123.html"), load_site("bnews"), FETCHED
    )
    assert (article.url, article.key) == ("https://bnews.vn/dung/123.html", "123")
    assert article.aliases == ((URL, "slug"),)


def test_address_that_is_no_article_is_rejected() -> None:
    with pytest.raises(PageRejected, match="not the address of an article"):
        refine(
            Draft(site="bnews", url="https://bnews.vn/x", template="2017"),
            load_site("bnews"),
            FETCHED,
        )


def test_printed_object_has_the_documented_keys() -> None:
    printed = article_to_dict(
        refine(draft("11:34' - 22/11/2022", summary="S"), load_site("bnews"), FETCHED)
    )
    assert (
        list(printed)
        == (
            "url site key template title summary body text published_at published_local published_raw"
            " published_precision"
            " published_source modified_at authors category breadcrumb tags image_url language links problems"
        ).split()
    )
    assert (printed["body"], printed["text"]) == ("One.\n\nTwo.", "S\n\nOne.\n\nTwo.")
