"""`--set KEY=VALUE`: which values Scrapy and newscrawl can use, and which error the others give."""

from __future__ import annotations

import pytest
from scrapy.settings import Settings

from newscrawl import settings
from newscrawl.cli.scrapy_settings import parse_settings
from newscrawl.core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DOWNLOAD_DELAY=abc", "a number of at least 0"),
        ("DOWNLOAD_DELAY=", "a number of at least 0"),
        ("DOWNLOAD_DELAY=-1", "a number of at least 0"),
        ("DOWNLOAD_DELAY=nan", "a number of at least 0"),
        ("DOWNLOAD_TIMEOUT=x", "a number of at least 0"),
        ("CLOSESPIDER_TIMEOUT=inf", "a number of at least 0"),
        ("NEWSCRAWL_RETRY_PAUSE=-1", "a number of at least 0"),
        ("RETRY_TIMES=x", "a whole number of at least 0"),
        ("RETRY_TIMES=1.5", "a whole number of at least 0"),
        ("RETRY_PRIORITY_ADJUST=x", "a whole number"),
        ("CLOSESPIDER_PAGECOUNT=many", "a whole number of at least 0"),
        ("CONCURRENT_REQUESTS=0", "a whole number of at least 1"),
        ("CONCURRENT_REQUESTS_PER_DOMAIN=-1", "a whole number of at least 1"),
        ("ROBOTSTXT_OBEY=maybe", "True or False"),
        ("REACTOR_THREADPOOL_MAXSIZE=0", "a whole number of at least 1"),
        ("DOWNLOAD_SLOTS=x", "a JSON object"),
        ("ITEM_PIPELINES=[1]", "a JSON object"),
        (
            'ITEM_PIPELINES={"no.such.Pipeline": 400}',
            "the full names of classes that are installed; cannot import no.such.Pipeline",
        ),
        (
            'ITEM_PIPELINES={"newscrawl.pipelines.clean.Clea": 400}',
            "the full names of classes that are installed;"
            " cannot import newscrawl.pipelines.clean.Clea",
        ),
        (
            'EXTENSIONS={"scrapy.extensions.logstats.LogStats": "x"}',
            "a whole number or null as the order of scrapy.extensions.logstats.LogStats",
        ),
        ("SCHEDULER=foo", "the full name of a class or function that is installed"),
        (
            "TWISTED_REACTOR=no.such.Reactor",
            "the full name of a class or function that is installed",
        ),
        ("LOG_LEVEL=FOO", "one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
    ],
)
def test_value_of_a_wrong_kind_is_refused(text: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_settings([text])
    assert caught.value.message == f"--set {text}: expected {expected}"
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "DOWNLOAD_DELAY=0", "DOWNLOAD_DELAY=.5", "DOWNLOAD_DELAY_JITTER=0.5", "AUTOTHROTTLE_START_DELAY=2.5",
        "DOWNLOAD_TIMEOUT=0.5", "DNS_TIMEOUT=2.5", "RETRY_TIMES=0", "RETRY_PRIORITY_ADJUST=-2", "LOG_LEVEL=DEBUG",
        "ROBOTSTXT_OBEY=false", "ROBOTSTXT_OBEY=0", "FEED_URI=", 'DOWNLOAD_SLOTS={"a.example": {"delay": 2}}',
        'ITEM_PIPELINES={"newscrawl.pipelines.clean.CleanPipeline": null, "gone.Pipeline": null}',
        "SCHEDULER=scrapy.core.scheduler.Scheduler", "USER_AGENT=a=b", "RETRY_HTTP_CODES=500,503",
    ],
)  # fmt: skip
def test_valid_value_is_passed_on_unchanged(text: str) -> None:
    name, _, value = text.partition("=")
    assert parse_settings([text]) == {name: value}


@pytest.mark.parametrize(
    "default", ["DOWNLOAD_DELAY=1.0", "RETRY_TIMES=2", "ROBOTSTXT_OBEY=True", "LOG_LEVEL=WARNING"]
)
def test_default_value_is_the_hint(default: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_settings([default.partition("=")[0] + "=abc"])
    assert caught.value.hint == f"the default is {default}"


@pytest.mark.parametrize(
    ("text", "hint"),
    [("DOWNLOAD_DELY=1", "did you mean DOWNLOAD_DELAY"), ("log_level=INFO", "did you mean LOG_LEVEL"),
     ("FOO=1", "docs.scrapy.org")],
)  # fmt: skip
def test_unknown_name_is_answered_with_similar_ones(text: str, hint: str) -> None:
    with pytest.raises(UsageError, match="Scrapy has no setting") as caught:
        parse_settings([text])
    assert hint in (caught.value.hint or "")


def test_every_setting_accepts_its_default() -> None:
    default = [
        f"{name}={value}"
        for name, value in Settings().items()
        if isinstance(value, str | int | float)
    ]
    own = [
        f"{name}={value}"
        for name, value in vars(settings).items()
        if isinstance(value, str | int | float)
    ]
    own = [text for text in own if text[0].isupper()]
    assert len(parse_settings(default)) == len(default) > 100
    assert len(parse_settings(own)) == len(own) > 20
