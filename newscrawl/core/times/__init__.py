"""Printed times, parsed without guessing. No text raises an exception.

`parse_time` returns a Timestamp. Its `problem` explains why there is no instant:

- empty            there is no text
- too_long         more than 200 characters, which is not a time
- unknown_format   no known form
- impossible       a known form, but there is no such day, hour or offset (`31/02/2022`)
- ambiguous        more than one meaning: day and month may be swapped, a year of two digits, a
clock time without a date, an hour that occurs twice when daylight saving time ends
- nonexistent      an hour that is skipped when daylight saving time begins
- relative         relative to the time of reading (`2 giờ trước`), which is unknown or gives no
certain day
offset
- future           more than a day after `now`; the value is kept

Modules: words (names of days, months and zones), resolve (numbers to Timestamp), site_formats (the
formats of a site), common_forms (forms that any site may print), relative, phrases (dates in any
language, for pages without a site file; with clock_phrases, month_names and calendars),
any_language (dateparser, strict) and utc_text (instants as text).
"""

from newscrawl.core.times.month_names import is_weekday
from newscrawl.core.times.parse import parse_time
from newscrawl.core.times.phrases import Phrase, phrases
from newscrawl.core.times.site_formats import NO_FORMATS, CompiledFormats, compile_formats
from newscrawl.core.times.utc_text import from_utc_text, texts_of, to_utc_text

__all__ = [
    "NO_FORMATS",
    "CompiledFormats",
    "Phrase",
    "compile_formats",
    "from_utc_text",
    "is_weekday",
    "parse_time",
    "phrases",
    "texts_of",
    "to_utc_text",
]
