"""Printed times, read: never a guess, never the moment of crawling, and never an exception for a string.

`parse_time` gives a Timestamp whose `problem` says why there is no instant:

- empty            nothing was printed
- too_long         more than 200 characters: this is not a timestamp
- unknown_format   no known form
- impossible       a known form, but no such day, hour or offset (`31/02/2022`)
- ambiguous        more than one reading: month and day could be exchanged, a year of two digits, a clock without a
                   date, an hour that the end of summer time repeats
- nonexistent      an hour that the start of summer time skips
- relative         counts from the moment of reading (`2 giờ trước`) and that moment is not known, or gives no sure day
- no_zone          a wall clock, but neither an offset nor the site's zone is known; `local` has it without offset
- future           more than a day after `now`: the value is kept

Modules: words (names of days, months, zones), resolve (numbers -> Timestamp), site_formats (a site's own formats),
common_forms (what every site may print), relative, any_language (dateparser, strict).
"""

from newscrawl.core.times.parse import parse_time
from newscrawl.core.times.site_formats import NO_FORMATS, CompiledFormats, compile_formats
from newscrawl.core.times.utc_text import from_utc_text, texts_of, to_utc_text

__all__ = [
    "NO_FORMATS",
    "CompiledFormats",
    "compile_formats",
    "from_utc_text",
    "parse_time",
    "texts_of",
    "to_utc_text",
]
