"""Times in the languages of pages without a site file, whole and damaged."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from newscrawl.core.records import TimeLocale
from newscrawl.core.times import parse_time, phrases
from newscrawl.core.times.calendars import gregorian_of_jalali
from newscrawl.core.times.month_names import month_of
from tests.support.time_languages import COUNT, Case, is_right, mutations
from tests.support.torture import FULL

DAY_FIRST = {"pt", "fr", "ru", "vi", "fi", "es", "it", "de"}


def locale(language: str | None) -> TimeLocale:
    return TimeLocale(language, True if language in DAY_FIRST else None)


@pytest.mark.parametrize(
    ("language", "text", "local"),
    [
        ("ar", "الأربعاء، 07 أكتوبر 2020 - 12:09 م", "2020-10-07T12:09:00"),
        (None, "تم نشره الجمعة 24 نيسان / أبريل 2020 09:22 مساءً", "2020-04-24T21:22:00"),
        ("ar", "١٢ مارس ٢٠٢٠", "2020-03-12"),
        ("fa", "۲۲ فروردین ۱۳۹۹ - ۱۲:۳۰", "2020-04-10T12:30:00"),
        ("fa", "پنج\u200cشنبه ۲۱ فروردین ۱۳۹۹ - ۱۲:۳۰", "2020-04-09T12:30:00"),
        ("fa", "1399/01/22 12:30", "2020-04-10T12:30:00"),
        ("fa", "دوشنبه ۱۲ تیر ۱۴۰۲ ساعت ۱۰:۳۰", "2023-07-03T10:30:00"),
        ("fa", "1402/04/12 ساعت 10:30 شب", None),
        ("th", "22 พ.ย. 2563 12:30 น.", "2020-11-22T12:30:00"),
        ("th", "22/11/2563", "2020-11-22"),
        ("zh", "2020年3月5日 下午3:15", "2020-03-05T15:15:00"),
        ("ja", "2020年3月5日（木）15時07分", "2020-03-05T15:07:00"),
        ("ko", "입력 2020.03.05 오후 3:15", "2020-03-05T15:15:00"),
        ("hi", "22 नवंबर 2020, 12:30 PM", "2020-11-22T12:30:00"),
        ("bn", "২২ নভেম্বর ২০২০, ৯:৩০ পিএম", "2020-11-22T21:30:00"),
        ("bn", "২২ নভেম্বর ২০২০, ১২:৩০", "2020-11-22T12:30:00"),
        ("hu", "2020. március 5., 12:30", "2020-03-05T12:30:00"),
        ("lt", "2020 m. kovo 5 d. 12:30", "2020-03-05T12:30:00"),
        ("lv", "2020. gada 5. marts, 12:30", "2020-03-05T12:30:00"),
        ("uk", "12 березня 2020 року, 12:30", "2020-03-12T12:30:00"),
        ("fi", "5.3.2020 klo 12.45", "2020-03-05T12:45:00"),
        ("pt", "Publicado em 22 de novembro de 2020, às 13h59", "2020-11-22T13:59:00"),
        ("fr", "1er mars 2020 à 9h05", "2020-03-01T09:05:00"),
        ("tr", "9 Mart 2020 Pazartesi 9:22", "2020-03-09T09:22:00"),
        ("el", "5 Μαρτίου 2020, 10:15 μ.μ.", "2020-03-05T22:15:00"),
        ("id", "Kamis, 5 Maret 2020 | 12:30 WIB", "2020-03-05T12:30:00+07:00"),
        ("en", "Thu Mar 05 2020 10:15:00 GMT+0000", "2020-03-05T10:15:00+00:00"),
        ("en", "March 5, 2020 9:22 p.m. IST", "2020-03-05T21:22:00"),
        ("ga", "5 Márta 2020", "2020-03-05"),
        ("ar", "الجمعة 24 نوفمبر 2023 م", "2023-11-24"),
        ("he", "24 בנובמבר 2023, 14:35", "2023-11-24T14:35:00"),
        ("th", "วันศุกร์ที่ 24 พฤศจิกายน พ.ศ. 2566", "2023-11-24"),
        ("ja", "令和元年5月7日", "2019-05-07"),
        ("ja", "2023年(令和5年)11月24日 14時35分", "2023-11-24T14:35:00"),
        ("en", "Fri 24 Nov 2023 14.35 GMT", "2023-11-24T14:35:00+00:00"),
        # a year of two digits may be a damaged one: a day, never an instant
        ("de", "27.04.24", "2024-04-27"),
        ("fr", "27 mars 20", "2020-03-27"),
        ("de", "27.04.24, 07:39", None),
        ("hu", "27.04.24", None),
        ("en", "27/04/24", None),
        # the language decides, and nobody else does
        ("pl", "5 listopada 2020", "2020-11-05"),
        ("hr", "5. listopada 2020", "2020-10-05"),
        (None, "5 listopada 2020", None),
        ("de", "5 listopada 2020", None),
        # the order of day and month is never guessed
        ("en", "03/05/2020", None),
        ("fr", "03/05/2020", "2020-05-03"),
        ("en", "13/05/2020", "2020-05-13"),
        ("en", "03.05.2020", "2020-05-03"),
        ("ne", "2077/08/07", None),
        # an unknown word may mean the afternoon, so only the day is certain
        ("pt", "9:22 da noite", None),
        ("en", "3-5 March 2020", None),
        ("en", "5 March 2020, updated 6 March 2020", None),
    ],
)
def test_times_of_pages_without_a_site_file(
    language: str | None, text: str, local: str | None
) -> None:
    assert parse_time(text, zone=None, locale=locale(language)).local == local


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Von Ada Quill | 5. März 2020, 12:30 Uhr | Hafen", ["5. März 2020, 12:30 Uhr"]),
        ("9:22 da noite de 5 de março de 2020", ["5 de março de 2020"]),
        ("Mar 5, 2020 | Updated: Mar 6, 2020", ["Mar 5, 2020", "Mar 6, 2020"]),
        ("from 3 - 5 March 2020", []),
        ("14:35, 5 March 2020 | Updated: 16:00", ["14:35, 5 March 2020"]),
        ("5 March 2020 Thursday | Harbour", ["5 March 2020 Thursday"]),
        ("Room 12/2020, floor 3", []),
        ("1.234.2020 visitors", []),
        ("x" * 301 + " 5 March 2020", []),
    ],
)
def test_dates_within_a_text(text: str, printed: list[str]) -> None:
    found = phrases(text, TimeLocale("en"))
    assert [text[phrase.start : phrase.end] for phrase in found] == printed


@pytest.mark.parametrize(
    ("jalali", "gregorian"),
    [
        ((1399, 12, 30), "2021-03-20"),  # a leap year
        ((1403, 12, 30), "2025-03-20"),
        ((1404, 1, 1), "2025-03-21"),
        ((1357, 11, 22), "1979-02-11"),
        ((1400, 12, 30), "None"),
        ((1400, 13, 1), "None"),
        ((1250, 1, 1), "None"),
    ],
)
def test_iranian_days(jalali: tuple[int, int, int], gregorian: str) -> None:
    assert str(gregorian_of_jalali(*jalali)) == gregorian


def test_a_month_that_languages_dispute_needs_one_of_them() -> None:
    assert [month_of("srp", language) for language in (None, "en", "cs", "hr")] == [
        None,
        None,
        8,
        7,
    ]


def test_no_damaged_time_of_twenty_languages_gives_a_wrong_instant() -> None:
    wrong: list[tuple[Case, str | None]] = []
    whole: Counter[bool] = Counter()
    for case in mutations(COUNT if FULL else COUNT // 10):
        stamp = parse_time(case.text, zone=ZoneInfo("UTC"), locale=case.locale)
        if not is_right(case, stamp):
            wrong.append((case, stamp.local))
        if case.family == "unchanged":
            whole[stamp.utc == case.moment] += 1
    assert wrong == []
    assert whole[True] > 50
    assert whole[False] == 0
