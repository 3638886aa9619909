"""Days as users write them, the same for every command and form."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from newscrawl.core.days import day_range, days, read_day, read_period
from newscrawl.core.errors import UsageError

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2026-11-30", "2026-11-30"),
        (" Yesterday ", "2026-11-29", "2026-11-29"),
        ("0d", "2026-11-30", "2026-11-30"),
        ("7d", "2026-11-23", "2026-11-23"),
        ("2w", "2026-11-16", "2026-11-16"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-09", "2026-09-01", "2026-09-30"),
        ("2024-2", "2024-02-01", "2024-02-29"),
        ("2026-9-1", "2026-09-01", "2026-09-01"),
        ("2026-09-01", "2026-09-01", "2026-09-01"),
        ("22/11/2022", "2022-11-22", "2022-11-22"),
        ("1/2/2026", "2026-02-01", "2026-02-01"),
    ],
)
def test_a_day_has_several_forms(text: str, first: str, last: str) -> None:
    period = read_period(text, "--since", TODAY)
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-02-30", "2026-02 has 28 days"),
        ("31/4/2026", "2026-04 has 30 days"),
        ("2026-00", "there is no month 0"),
        ("2026-13-01", "there is no month 13"),
        ("2026-01-00", "2026-01 has 31 days"),
        ("0999", "expected a year from 1000 to 9998"),
        ("99999w", "expected a year from 1000 to 9998"),
        ("soon", "expected a day, a month or a year"),
        ("", "expected a day, a month or a year"),
        ("1/2/26", "expected a day, a month or a year"),
        ("2026-9-1T00:00", "expected a day, a month or a year"),
        ("-7d", "expected a day, a month or a year"),
        ("٢٠٢٦", "expected a day, a month or a year"),
    ],
)
def test_what_is_no_day_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_period(text, "--since", TODAY)
    assert caught.value.message == f"--since {text!r}: {reason}"


def test_until_a_month_includes_its_last_day() -> None:
    assert days("2026-09", "2026-09", TODAY) == (date(2026, 9, 1), date(2026, 9, 30))
    assert days(None, "2025", TODAY) == (None, date(2025, 12, 31))


def test_until_before_since_is_refused() -> None:
    with pytest.raises(UsageError, match="--until 2026-11-23 is before --since 2026-11-29"):
        days("yesterday", "7d", TODAY)


def test_a_month_is_not_one_day() -> None:
    assert read_day("today", "--on", TODAY) == TODAY
    with pytest.raises(UsageError, match="--on '2026-09': expected one day, got 30 days"):
        read_day("2026-09", "--on", TODAY)


def test_today_is_the_day_of_the_zone() -> None:
    late = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)
    since, until = day_range("today", "today", ZoneInfo("Asia/Ho_Chi_Minh"), late)
    assert since == datetime(2026, 11, 29, 17, 0, tzinfo=UTC)
    assert until == datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
