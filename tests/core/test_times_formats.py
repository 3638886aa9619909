"""The timestamp formats of site files."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from newscrawl.core.times import compile_formats, parse_time

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2025, 3, 9, 4, 0, tzinfo=UTC)  # 11:00 in Hanoi


def local(raw: str, *formats: str, now: datetime | None = None) -> str | None:
    return parse_time(raw, formats=compile_formats(formats), zone=HANOI, now=now).local


def problem(raw: str, *formats: str, now: datetime | None = None) -> str | None:
    return parse_time(raw, formats=compile_formats(formats), zone=HANOI, now=now).problem


@pytest.mark.parametrize(
    ("form", "raw", "expected"),
    [
        ("%H:%M' - %d/%m/%Y", "7:15&#39; - 3/2/2025", "2025-02-03T07:15:00+07:00"),
        ("%H:%M' - %d/%m/%Y", " |  07:15 \u2019 \u2013 03/02/2025 | ", "2025-02-03T07:15:00+07:00"),
        ("%m/%d/%Y %I:%M:%S %p", "9/5/2025 10:17:01 PM", "2025-09-05T22:17:01+07:00"),
        ("%m/%d/%Y %I:%M:%S %p", "9/5/2025 12:00:00 AM", "2025-09-05T00:00:00+07:00"),
        ("%Y-%m-%dT%H:%M:%SZ", "2025-02-03T22:17:01Z", "2025-02-03T22:17:01+07:00"),
        ("%Y-%m-%dT%H:%M:%S%z", "2025-02-03T22:17:01Z", "2025-02-04T05:17:01+07:00"),
        ("%d-%m-%Y - %H:%M %p", "03-02-2025 - 17:09 PM", "2025-02-03T17:09:00+07:00"),
        ("%d/%m/%y", "03/02/25", "2025-02-03"),
        ("%d/%m/%y", "03/02/99", "1999-02-03"),
        (
            "Lúc %A, ngày %d/%m/%y %I:%M %p",
            "| Lúc thứ hai, ngày 3/2/25 11:05 tối",
            "2025-02-03T23:05:00+07:00",
        ),
        ("%A, Ngày %d tháng %m năm %Y", "Thứ Hai, Ngày 03 tháng 02 năm 2025, ", "2025-02-03"),
        ("%d %B %Y", "3 tháng mười hai 2025", "2025-12-03"),
        ("%d %b, %Y", "3 Sept., 2025", "2025-09-03"),
        ("%H:%M%d/%m/%Y", "16:2016/7/2025", "2025-07-16T16:20:00+07:00"),
        ("188%y%m%d%H%M%S%f", "18825020307150942", "2025-02-03T07:15:09+07:00"),
        ("%Y%m%d%H%M%S%f", "20250203071509046", "2025-02-03T07:15:09+07:00"),
        ("%s", "999999999", "2001-09-09T08:46:39+07:00"),
        ("%s%f", "1738541709123", "2025-02-03T07:15:09+07:00"),
        ("%d %H:%M*%m %Y", "3 07:15 của tháng 12 2025", "2025-12-03T07:15:00+07:00"),
        ("* %d/%m/%Y %H:%M *", "Nguồn 24 | 13/02/2025 07:15 (3 ảnh)", "2025-02-13T07:15:00+07:00"),
        ("%H:%M (%z) %d/%m/%Y", "07:15 (GMT+9) 03/02/2025", "2025-02-03T05:15:00+07:00"),
        ("100%% %d/%m/%Y", "100% 03/02/2025", "2025-02-03"),
        ("%m/%Y", "2/2025", "2025-02"),
    ],
)
def test_site_formats(form: str, raw: str, expected: str) -> None:
    assert local(raw, form) == expected


def test_the_first_format_that_gives_a_value_wins() -> None:
    assert local("9/5/2025", "%d/%m/%Y", "%m/%d/%Y") == "2025-05-09"
    assert local("9/25/2025", "%d/%m/%Y", "%m/%d/%Y") == "2025-09-25"
    assert problem("31/31/2025", "%d/%m/%Y", "%m/%d/%Y") == "impossible"


def test_a_matching_format_is_final() -> None:
    assert problem("25/2/2025 1:30 PM", "%m/%d/%Y %I:%M %p") == "impossible"
    assert problem("03-02-2025 - 05:09 PM", "%d-%m-%Y - %H:%M %p") == "ambiguous"
    assert problem("13:09 PM 3/2/2025", "%I:%M %p %d/%m/%Y") == "impossible"
    assert problem("3/13/2025 10:00 +15:00", "%m/%d/%Y %H:%M %z") == "impossible"


def test_other_forms_are_read_if_no_format_matches() -> None:
    assert local("2025-02-03T07:15:09+07:00", "%H:%M' - %d/%m/%Y") == "2025-02-03T07:15:09+07:00"


@pytest.mark.parametrize(
    ("form", "raw", "expected"),
    [
        ("%d/%m %H:%M", "09/03 08:25", "2025-03-09T08:25:00+07:00"),
        ("%d/%m %H:%M", "31/12 08:25", "2024-12-31T08:25:00+07:00"),
        (
            "%d/%m %H:%M",
            "10/03 08:25",
            "2025-03-10T08:25:00+07:00",
        ),  # a day of grace: clocks are wrong
        ("%d/%m", "29/02", "2024-02-29"),
        ("%H:%M", "10:59", "2025-03-09T10:59:00+07:00"),
        ("%H:%M", "11:16", "2025-03-08T11:16:00+07:00"),
    ],
)
def test_a_time_without_year_or_date_is_the_latest_before_the_fetch(
    form: str, raw: str, expected: str
) -> None:
    assert local(raw, form, now=NOW) == expected
    assert problem(raw, form) == "relative"


def test_a_day_that_exists_in_no_year_is_impossible() -> None:
    assert problem("31/02 10:00", "%d/%m %H:%M", now=NOW) == "impossible"


@pytest.mark.parametrize(
    ("form", "what"),
    [
        ("", "expected a date"),
        ("no directive", "expected a date"),
        ("%Q", "%Q is not known"),
        ("%-d/%m/%Y", "%- is not known"),
        ("%d/%m/%Y %", "% is not known"),
        ("%d/%d/%Y", "%d occurs twice"),
        ("%d/%m/%Y %y", "%Y and %y exclude each other"),
        ("%d %Y", "day and month together"),
        ("%m %H:%M", "day and month together"),
        ("%Y %H:%M", "day and month together"),
        ("%d/%m/%Y %H", "hour and minute together"),
        ("%d/%m/%Y %S", "hour and minute together"),
        ("%d/%m/%Y %I:%M", "expected %p with %I"),
        ("%d/%m/%Y %H:%M.%f", "expected %S before %f"),
        ("%s %d/%m", "%s is the whole time"),
        ("***%d/%m/%Y", "at most 2 stars"),
    ],
)
def test_a_wrong_format_is_refused_by_name(form: str, what: str) -> None:
    with pytest.raises(ValueError, match=re.escape(what)) as refusal:
        compile_formats(["%d/%m/%Y", form])
    assert str(refusal.value).startswith(repr(form))
