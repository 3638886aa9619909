"""The last resort: dateparser, strict, in Vietnamese and English, believed only where every number is explained.

It costs more than a millisecond a call, so only texts with a year and a month by name reach it, and answers
are kept. Weekday names are removed first: it takes the `năm` of `Thứ năm` for a year.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.core.times.resolve import Printed
from newscrawl.core.times.words import (
    ENGLISH_MONTH,
    ENGLISH_MONTHS,
    VIETNAMESE_MONTH,
    VIETNAMESE_MONTHS,
    WEEKDAY,
    month_number,
)

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

_MAX_LENGTH = 80
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_WEEKDAY = re.compile(WEEKDAY)
_NUMBER = re.compile(r"[0-9]+")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_WORD = re.compile(r"[^\W\d_]+")
_SIGNS = re.compile(
    r"(?:[\w\s,.:/']|-(?![0-9]+:))+"
)  # no offset: dateparser takes `+07:00` for a clock
_MONTH = re.compile(rf"tháng\s(?:[0-9]{{1,2}}|{VIETNAMESE_MONTH})|\b{ENGLISH_MONTH}")
# dateparser skips words it takes for unimportant (`about`) and guesses at zones (`ist`): no other word may stand.
_CLOCK_WORDS = {"giờ", "phút", "giây", "lúc", "h", "am", "pm", "sáng", "chiều", "tối", "utc", "gmt"}
_DATE_WORDS = {"năm", "tháng", "ngày", "of", "the", "on", "at", "st", "nd", "rd", "th"}
_MONTH_WORDS = {word for name in (*ENGLISH_MONTHS, *VIETNAMESE_MONTHS) for word in name.split()}
_KNOWN_WORDS = _CLOCK_WORDS | _DATE_WORDS | _MONTH_WORDS


@lru_cache(maxsize=4096)
def read_with_dateparser(text: str) -> Printed | None:
    """What plain text says according to dateparser; None if it is not sure, or if a number stays unexplained."""
    bare = " ".join(_WEEKDAY.sub(" ", text).strip(" ,|-").split())
    if not _is_plausible(bare):
        return None
    found = _parser().get_date_data(bare)
    moment = found.date_obj if found else None
    if moment is None or not _explains(moment, bare):
        return None
    clock = ":" in bare and found.period == "time"
    return Printed(
        year=moment.year,
        month=moment.month,
        day=moment.day,
        hour=moment.hour if clock else None,
        minute=moment.minute if clock else None,
        second=moment.second if clock and bare.count(":") > 1 else None,
        offset=moment.utcoffset(),
    )


@lru_cache(maxsize=1)
def _parser() -> DateDataParser:
    from dateparser.date import DateDataParser  # a third of a second, and most runs never need it

    return DateDataParser(
        languages=["vi", "en"],
        use_given_order=True,
        settings={
            "STRICT_PARSING": True,
            "PARSERS": ["absolute-time"],
            "DATE_ORDER": "DMY",
            "RETURN_TIME_AS_PERIOD": True,
            "PREFER_LOCALE_DATE_ORDER": False,
            "NORMALIZE": True,
        },
    )


def _is_plausible(text: str) -> bool:
    """Whether it is short, has one year and one month by name, and no word that is not a date's."""
    if len(text) > _MAX_LENGTH or not _SIGNS.fullmatch(text) or len(_YEAR.findall(text)) != 1:
        return False
    return len(_MONTH.findall(text)) == 1 and _KNOWN_WORDS.issuperset(_WORD.findall(text))


def _explains(moment: datetime, text: str) -> bool:
    """Whether the text prints this month, this clock if any, and besides them only the year and the day, once."""
    month = _MONTH.search(text)
    dated = _MONTH.sub(" ", text)
    clocks = [tuple(map(int, clock.split(":"))) for clock in _CLOCK.findall(dated)]
    rest = sorted(int(number) for number in _NUMBER.findall(_CLOCK.sub(" ", dated)))
    if (
        rest != [moment.day, moment.year]
        or month is None
        or month_number(month.group()) != moment.month
    ):
        return False
    full = (moment.hour, moment.minute, moment.second)
    twelve = (moment.hour % 12 or 12, moment.minute, moment.second)
    return not clocks or (
        len(clocks) == 1 and clocks[0] in {full[: len(clocks[0])], twelve[: len(clocks[0])]}
    )
