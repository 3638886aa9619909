"""Printed times: all forms that sites use, and texts whose meaning must not be guessed."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.core.records import Timestamp
from newscrawl.core.times import (
    NO_FORMATS,
    CompiledFormats,
    compile_formats,
    from_utc_text,
    parse_time,
    texts_of,
    to_utc_text,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2025, 3, 9, 4, 0, tzinfo=UTC)  # 11:00 in Hanoi, a Sunday


def local(
    raw: str, *formats: str, zone: ZoneInfo | None = HANOI, now: datetime | None = None
) -> str | None:
    return parse_time(raw, formats=compile_formats(formats), zone=zone, now=now).local


def problem(raw: str, *formats: str, zone: ZoneInfo | None = HANOI) -> str | None:
    return parse_time(raw, formats=compile_formats(formats), zone=zone).problem


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # clock first
        ("07:15' - 03/02/2025", "2025-02-03T07:15:00+07:00"),
        ("07:15&#39; - 03/02/2025", "2025-02-03T07:15:00+07:00"),
        ("07:15\u2019 \u2013 03/02/2025", "2025-02-03T07:15:00+07:00"),
        ("07:15\u2032 - 03/02/2025", "2025-02-03T07:15:00+07:00"),
        ("7:15` - 3/2/2025", "2025-02-03T07:15:00+07:00"),
        ("07:15 , 03/02/2025", "2025-02-03T07:15:00+07:00"),
        ("07:15, 03/02/2025", "2025-02-03T07:15:00+07:00"),
        ("07:15 | 03/02/2025", "2025-02-03T07:15:00+07:00"),
        ("- 07:15 03/02/2025", "2025-02-03T07:15:00+07:00"),
        ("Thứ Hai, 07:15, 03/02/2025", "2025-02-03T07:15:00+07:00"),
        ("07:15 Thứ Hai ngày 03/02/2025", "2025-02-03T07:15:00+07:00"),
        ("9h05 ngày 3/2/2025", "2025-02-03T09:05:00+07:00"),
        ("9 giờ 05 phút ngày 3 tháng 2 năm 2025", "2025-02-03T09:05:00+07:00"),
        ("07:15 03/02/2025 +09:00", "2025-02-03T05:15:00+07:00"),
        ("07:15 (GMT+9) 03/02/2025", "2025-02-03T05:15:00+07:00"),
        # date first
        ("03/02/2025 07:15", "2025-02-03T07:15:00+07:00"),
        ("03-02-2025 07:15", "2025-02-03T07:15:00+07:00"),
        ("03.02.2025 07:15", "2025-02-03T07:15:00+07:00"),
        ("03/02/2025 - 07:15", "2025-02-03T07:15:00+07:00"),
        ("- 03/02/2025 07:15", "2025-02-03T07:15:00+07:00"),
        ("Thứ 2, 03/02/2025, 07:15", "2025-02-03T07:15:00+07:00"),
        ("Thứ hai, 3/2/2025, 07:15 (GMT+7)", "2025-02-03T07:15:00+07:00"),
        ("Thứ Hai, ngày 03/02/2025 - 07:15", "2025-02-03T07:15:00+07:00"),
        ("Thứ hai, 03/02/2025, 07:15 GMT+7", "2025-02-03T07:15:00+07:00"),
        ("Thư\u0301 Hai-03/02/2025 07:15", "2025-02-03T07:15:00+07:00"),
        ("Chủ Nhật, 02/02/2025 07:15'", "2025-02-02T07:15:00+07:00"),
        ("Thứ Hai, 03/02/2025 07:15\u00a0|\u00a0Đời sống", "2025-02-03T07:15:00+07:00"),
        ("Cập nhật lúc: 07:15, 03/02/2025", "2025-02-03T07:15:00+07:00"),
        ("03/02/2025 07:15 GMT+7", "2025-02-03T07:15:00+07:00"),
        ("03/02/2025 07:15 (GMT+07:00)", "2025-02-03T07:15:00+07:00"),
        ("03-02-2025 07:15:09+07:00", "2025-02-03T07:15:09+07:00"),
        ("03/02/2025 07:15:09", "2025-02-03T07:15:09+07:00"),
        ("2025/02/03 07:15", "2025-02-03T07:15:00+07:00"),
        ("\u00a0\n 03/02/2025 \t 07:15\ufeff", "2025-02-03T07:15:00+07:00"),
        # twelve hours, and twenty-four with a needless PM
        ("03-02-2025 - 19:15 PM", "2025-02-03T19:15:00+07:00"),
        ("03-02-2025 - 00:15 AM", "2025-02-03T00:15:00+07:00"),
        ("03-02-2025 - 12:15 AM", "2025-02-03T00:15:00+07:00"),
        ("Thứ Hai, 03/02/2025, 03:04 AM (GMT+7)", "2025-02-03T03:04:00+07:00"),
        ("03/02/2025 7:15 CH", "2025-02-03T19:15:00+07:00"),
        ("03/02/2025 7:15 tối", "2025-02-03T19:15:00+07:00"),
        ("03/02/2025 12:15 trưa", "2025-02-03T12:15:00+07:00"),
        ("03/02/2025 11:15 đêm", "2025-02-03T23:15:00+07:00"),
        ("2/25/2025 1:30:00 PM", "2025-02-25T13:30:00+07:00"),
        # ISO 8601 and its relatives
        ("2025-02-03T07:15:09+07:00", "2025-02-03T07:15:09+07:00"),
        ("2025-02-03T07:15:09", "2025-02-03T07:15:09+07:00"),
        ("2025-02-03 07:15", "2025-02-03T07:15:00+07:00"),
        ("2025-02-02T22:15:09Z", "2025-02-03T05:15:09+07:00"),
        ("2025-02-03T07:15:09+0700", "2025-02-03T07:15:09+07:00"),
        ("2025-02-03T07:15:09&#x2B;07:00", "2025-02-03T07:15:09+07:00"),
        ("2025-02-03T07:15:09.987 +07:00", "2025-02-03T07:15:09+07:00"),
        ("2025-02-03T07:15:09.123456789Z", "2025-02-03T14:15:09+07:00"),
        ("2025-02-03T07:15:00-05", "2025-02-03T19:15:00+07:00"),
        ("20250203T071509Z", "2025-02-03T14:15:09+07:00"),
        # RFC 2822, English, JavaScript
        ("Mon, 03 Feb 2025 07:15:09 +0700", "2025-02-03T07:15:09+07:00"),
        ("Mon, 03 Feb 25 07:15:09 +0700", "2025-02-03T07:15:09+07:00"),
        ("Mon, 03 Feb 2025 07:15:09 GMT+7", "2025-02-03T07:15:09+07:00"),
        ("Mon, 03 Feb 2025 07:15:09 GMT", "2025-02-03T14:15:09+07:00"),
        ("Mon, 03 Feb 2025 07:15:09 EST", "2025-02-03T19:15:09+07:00"),
        ("February 3, 2025 7:15 PM", "2025-02-03T19:15:00+07:00"),
        ("Mon Feb 03 2025 07:15:09 GMT+0700 (Indochina Time)", "2025-02-03T07:15:09+07:00"),
        # seconds since 1970
        ("1738541709", "2025-02-03T07:15:09+07:00"),
        ("1738541709000", "2025-02-03T07:15:09+07:00"),
        # days, months, years
        ("03-02-2025", "2025-02-03"),
        ("| 03/02/2025", "2025-02-03"),
        ("Thứ Hai, Ngày 03 tháng 02 năm 2025, ", "2025-02-03"),
        ("3 tháng Hai, 2025", "2025-02-03"),
        ("Tháng Hai 3, 2025", "2025-02-03"),
        ("03 Feb 2025", "2025-02-03"),
        ("2025-02-03", "2025-02-03"),
        ("tháng 2/2025", "2025-02"),
        ("2025-02", "2025-02"),
        ("2025", "2025"),
        # only dateparser knows these
        ("2025 February 3", "2025-02-03"),
        ("năm 2025 tháng 2 ngày 3", "2025-02-03"),
        ("on the 3rd February 2025 at 7:15 pm", "2025-02-03T19:15:00+07:00"),
    ],
)
def test_common_forms_are_read_without_a_format(raw: str, expected: str) -> None:
    stamp = parse_time(raw, zone=HANOI)
    assert (stamp.local, stamp.problem) == (expected, None)
    assert stamp.utc == (datetime.fromisoformat(expected) if "T" in expected else None)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "empty"),
        (" \u00a0\u200b\n", "empty"),
        ("25:61' - 31/02/2022", "impossible"),
        ("31/02/2025", "impossible"),
        ("29/02/2025 10:00", "impossible"),
        ("00/00/0000 00:00", "impossible"),
        ("2025-13-01", "impossible"),
        ("03/02/2025 24:00", "impossible"),
        ("03/02/2025 10:60", "impossible"),
        ("2025-02-03T10:00:60", "impossible"),
        ("17:09 AM 03/02/2025", "impossible"),
        ("2025-02-03T10:00:00+15:00", "impossible"),
        ("2025-02-03T10:00:00+07:20", "impossible"),
        ("Mon, 03 Feb 2025 10:00:00 GMT+77", "impossible"),
        ("13/13/2025 10:00:00 PM", "impossible"),
        ("0001-01-01T00:00:00", "impossible"),
        ("9999-12-31T23:59:59Z", "impossible"),
        ("1970-01-01T00:00:00Z", "impossible"),
        ("9/5/2025 10:17:01 PM", "ambiguous"),
        ("03/02/25 10:00", "ambiguous"),
        ("05/09 08:25", "ambiguous"),
        ("08:25 05/09", "ambiguous"),
        ("16:22", "ambiguous"),
        ("12:05 tối 03/02/2025", "ambiguous"),
        ("2 giờ trước", "relative"),
        ("hôm qua", "relative"),
        ("an hour ago", "relative"),
        ("tuần trước", "relative"),
        ("vừa xong", "relative"),
        ("HH:mm", "unknown_format"),
        ("Đang cập nhật", "unknown_format"),
        ("Thứ năm", "unknown_format"),
        ("ngày mai", "unknown_format"),
        ("Giá gạo ngày 03/02/2025 tăng 20%", "unknown_format"),
        ("Từ 01/01/2025", "unknown_format"),
        ("03/02/2025 (Âm lịch)", "unknown_format"),
        ("01/02/2025 - 03/02/2025", "unknown_format"),
        ("03/02/2025 08:00-10:00", "unknown_format"),
        ("2025-02-03T07:15-05", "unknown_format"),
        ("2025-02-03T07:15:09,0700", "unknown_format"),
        ("03/02/2025 8:5", "unknown_format"),
        ("about 3 February 2025", "unknown_format"),
        ("3 February 2025 10:30 IST today", "unknown_format"),
        ("3 February 2025 or 4 March 2025", "unknown_format"),
        ("2025 February 3 +07:00", "unknown_format"),
        ("2025 February 3 -07:00", "unknown_format"),
        ("at 10:30:15 February 2025", "unknown_format"),
        ("2025-02-03 AM tháng 2", "unknown_format"),
        ("Invalid Date", "unknown_format"),
        ("0912345678", "unknown_format"),
        ("2712345678", "unknown_format"),
        ("18826030622484142", "unknown_format"),
        ("20250203", "unknown_format"),
        ("٠٣/٠٢/٢٠٢٥", "unknown_format"),
        ("03/02/2025 10:00 " + "x" * 200, "too_long"),
        (" " * 3000, "too_long"),
    ],
)
def test_an_uncertain_time_has_a_problem_and_no_value(raw: str, code: str) -> None:
    assert parse_time(raw, zone=HANOI) == Timestamp(raw, problem=code)


def test_raw_text_is_kept_as_printed_and_seconds_are_whole() -> None:
    raw = " 2025-02-03T07:15:09.987&#x2B;07:00\u00a0"
    expected = datetime(2025, 2, 3, 0, 15, 9, tzinfo=UTC)
    assert parse_time(raw, zone=HANOI) == Timestamp(
        raw, expected, "2025-02-03T07:15:09+07:00", "second"
    )


@pytest.mark.parametrize(
    ("raw", "precision"),
    [
        ("2025-02-03T07:15:00", "second"),
        ("03/02/2025 07:15", "minute"),
        ("03/02/2025", "day"),
        ("02/2025", "month"),
        ("2025", "year"),
        ("1738541709", "second"),
        ("07:15 trưa", None),
    ],
)
def test_precision_is_what_was_printed(raw: str, precision: str | None) -> None:
    assert parse_time(raw, zone=HANOI).precision == precision


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Tuesday, 9/2/2025 10:17 PM", "2025-09-02T22:17:00+07:00"),  # 9 February was a Sunday
        ("Sunday, 9/2/2025 10:17 PM", "2025-02-09T22:17:00+07:00"),
        ("Chủ nhật, 9/2/2025 10:17 PM", "2025-02-09T22:17:00+07:00"),
        ("5/5/2025 10:17 PM", "2025-05-05T22:17:00+07:00"),
    ],
)
def test_american_order_is_decided_by_weekday_language_or_equal_numbers(
    raw: str, expected: str
) -> None:
    assert local(raw) == expected


def test_numeric_dates_are_ambiguous_in_an_american_zone() -> None:
    assert problem("03/02/2025 10:00", zone=NEW_YORK) == "ambiguous"
    assert local("02/25/2025 10:00", zone=NEW_YORK) == "2025-02-25T10:00:00-05:00"
    assert local("03/02/2025 10:00", "%m/%d/%Y %H:%M", zone=NEW_YORK) == "2025-03-02T10:00:00-05:00"


def test_numeric_dates_are_ambiguous_if_a_format_is_american() -> None:
    assert problem("9/5/2025 22:17", "%m/%d/%Y %I:%M:%S %p") == "ambiguous"
    assert local("9/5/2025 22:17", "%d-%m-%Y %H:%M") == "2025-05-09T22:17:00+07:00"


def test_without_zone_only_an_offset_gives_an_instant() -> None:
    raw = "07:15' - 03/02/2025"
    assert parse_time(raw, zone=None) == Timestamp(
        raw, None, "2025-02-03T07:15:00", "minute", "no_zone"
    )
    assert local("2025-02-03T07:15:09Z", zone=None) == "2025-02-03T07:15:09+00:00"
    assert local("1738541709", zone=None) == "2025-02-03T00:15:09+00:00"
    assert parse_time("03/02/2025", zone=None) == Timestamp("03/02/2025", None, "2025-02-03", "day")


def test_summer_time_skips_and_repeats_an_hour() -> None:
    assert parse_time("30/03/2025 02:30", zone=BERLIN) == Timestamp(
        "30/03/2025 02:30", None, "2025-03-30T02:30:00", "minute", "nonexistent"
    )
    assert problem("26/10/2025 02:30", zone=BERLIN) == "ambiguous"
    assert local("26/10/2025 02:30 +02:00", zone=BERLIN) == "2025-10-26T02:30:00+02:00"
    assert local("26/10/2025 03:00", zone=BERLIN) == "2025-10-26T03:00:00+01:00"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("10/03/2025 10:59", None),
        ("10/03/2025 11:01", "future"),
        ("10/03/2025", None),
        ("11/03/2025", "future"),
        ("03/2025", None),
        ("04/2025", "future"),
        ("2026", "future"),
    ],
)
def test_more_than_a_day_ahead_is_marked_and_kept(raw: str, expected: str | None) -> None:
    stamp = parse_time(raw, zone=HANOI, now=NOW)
    assert stamp.problem == expected
    assert stamp.local == local(raw)


def test_a_text_read_before_is_in_the_future_of_one_page_and_in_the_past_of_another() -> None:
    raw = "2025-03-10T11:01:00+07:00"
    later = NOW + timedelta(minutes=5)
    stamps = [parse_time(raw, zone=HANOI, now=now) for now in (NOW, later, NOW, None)]
    assert [stamp.problem for stamp in stamps] == ["future", None, "future", None]
    assert parse_time(raw, zone=BERLIN, now=later).local == "2025-03-10T05:01:00+01:00"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2 giờ trước", "2025-03-09"),
        ("Cập nhật 5 phút trước", "2025-03-09"),
        ("9 giờ trước", "2025-03-09"),
        ("vừa xong", "2025-03-09"),
        ("an hour ago", "2025-03-09"),
        ("hôm qua", "2025-03-08"),
        ("Hôm qua, 10:15", "2025-03-08T10:15:00+07:00"),
        ("08:30 hôm nay", "2025-03-09T08:30:00+07:00"),
        ("10 giờ trước", "2025-03-09"),
        ("13 giờ trước", "2025-03-08"),
    ],
)
def test_relative_times_count_from_the_fetch(raw: str, expected: str) -> None:
    assert local(raw, now=NOW) == expected


@pytest.mark.parametrize(
    "raw", ["11 giờ trước", "12 giờ trước", "2 ngày trước", "vài giờ trước", "tuần trước"]
)
def test_relative_times_that_may_be_either_day_have_no_value(raw: str) -> None:
    assert parse_time(raw, zone=HANOI, now=NOW) == Timestamp(raw, problem="relative")


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        parse_time("2025", zone=HANOI, now=datetime(2025, 1, 1))


FORMATS = compile_formats(
    [
        "* %d/%m/%Y * %H:%M",
        "%A, ngày %d/%m/%y %I:%M %p",
        "%s",
        "%d/%m %H:%M",
        "%H:%M",
        "%d %B %Y %z%H:%M",
    ]
)
WORDS = """0 1 7 12 13 29 31 60 99 1899 2024 2025 9999 1738541709 03/02/2025 10:30 / - : . , ' | ( ) + T Z GMT+7 +07:00
am PM CH tối đêm thứ năm ba chủ nhật tháng ngày giờ phút h trước ago hôm qua today Feb february Mon sat st of lúc at
&#39; &nbsp;"""
DATE_WORDS = st.sampled_from(WORDS.split())
ANY_RAW = st.one_of(
    st.text(st.characters(), max_size=250),
    st.text(string.digits + "/:- TZ+'", max_size=30),
    st.lists(st.one_of(DATE_WORDS, st.just(" ")), max_size=14).map("".join),
    st.lists(DATE_WORDS, max_size=10).map(" ".join),
)


@settings(deadline=None)  # the first call may import dateparser
@given(
    ANY_RAW,
    st.sampled_from([NO_FORMATS, FORMATS]),
    st.sampled_from([HANOI, BERLIN, NEW_YORK, None]),
)
def test_any_string_gives_a_value_or_a_reason(
    raw: str, formats: CompiledFormats, zone: ZoneInfo | None
) -> None:
    for now in (None, NOW):
        stamp = parse_time(raw, formats=formats, zone=zone, now=now)
        assert stamp.raw == raw
        assert stamp.local is not None or stamp.problem is not None
        assert (stamp.local is None) == (stamp.precision is None)
        if stamp.utc is not None:
            assert stamp.problem in {None, "future"}
            assert stamp.local is not None
            assert datetime.fromisoformat(stamp.local) == stamp.utc
            assert from_utc_text(to_utc_text(stamp.utc)) == stamp.utc


MOMENTS = st.datetimes(datetime(1996, 1, 1), datetime(2100, 1, 1))


@given(MOMENTS, st.integers(-12 * 4, 14 * 4).map(lambda quarters: quarters * 15))
def test_iso_text_with_offset_is_read_back(wall: datetime, minutes: int) -> None:
    moment = wall.replace(microsecond=0, tzinfo=UTC) - timedelta(minutes=minutes)
    sign, rest = "-" if minutes < 0 else "+", abs(minutes)
    raw = f"{wall:%Y-%m-%dT%H:%M:%S}{sign}{rest // 60:02}:{rest % 60:02}"
    assert parse_time(raw, zone=HANOI).utc == moment


@given(MOMENTS)
def test_house_format_is_read_back(wall: datetime) -> None:
    minute = wall.replace(second=0, microsecond=0, tzinfo=HANOI)
    for raw in (f"{wall:%H:%M' - %d/%m/%Y}", f"{wall.day}/{wall.month}/{wall:%Y %H:%M}"):
        assert parse_time(raw, zone=HANOI).local == minute.isoformat()


def test_instants_as_text() -> None:
    moment = datetime.fromisoformat("2022-11-22T11:34:00.999+07:00")
    assert to_utc_text(moment) == "2022-11-22T04:34:00Z"
    assert texts_of(moment, HANOI) == ("2022-11-22T04:34:00Z", "2022-11-22T11:34:00+07:00")
    assert texts_of(moment, NEW_YORK) == ("2022-11-22T04:34:00Z", "2022-11-21T23:34:00-05:00")
    assert from_utc_text("2022-11-22T04:34:00Z") == moment.replace(microsecond=0)


def test_instants_need_a_zone_and_the_exact_form() -> None:
    with pytest.raises(ValueError, match="zone"):
        to_utc_text(datetime(2022, 11, 22))
    for text in (
        "2022-11-22",
        "2022-11-22T04:34:00+00:00",
        "2022-11-22T04:34:00.5Z",
        "",
        "٢022-11-22T04:34:00Z",
    ):
        with pytest.raises(ValueError, match="expected UTC text"):
            from_utc_text(text)
