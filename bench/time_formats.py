"""Times that a site file lists a format for: CPU against dateparser.parse and datetime.strptime on the same strings.

    python bench/time_formats.py [--strings 3000] [--rounds 5] [--json FILE]

Each round makes new strings of every kind, none twice, as a paper with a hundred articles a day prints them. newscrawl
gives the instant, the local time and its precision, and compares it with the time of fetching; strptime gives a naive
datetime, and is left out where it cannot read the kind (names of days). dateparser is told language, order and zone,
and reads a hundred strings of each kind, without the apostrophe that it cannot read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import process_time

import dateparser
from parts.results import Found, arguments, in_median, measuring

from newscrawl.core.times import parse_time
from newscrawl.sites.loading import load_site
from newscrawl.sites.sources import source_formats

FIRST, NOW, A_DAY = datetime(2020, 1, 1, 5), datetime(2030, 1, 1, tzinfo=UTC), 100
DAYS = "Thứ hai|Thứ ba|Thứ tư|Thứ năm|Thứ sáu|Thứ bảy|Chủ nhật".split("|")
OF_DATEPARSER = 100


@dataclass(frozen=True, slots=True)
class Kind:
    """What a site prints, for strftime; DAY stands for the Vietnamese name of the day."""

    site: str
    printed: str
    for_strptime: bool = True
    order: str = "DMY"
    in_feed: bool = False

    def strings(self, number: int, since: datetime) -> list[str]:
        """So many, one after the other."""
        step = timedelta(
            seconds=18 * 60 * 60 // A_DAY - 1
        )  # nothing is published in the six hours after midnight
        moments = (since + timedelta(days=n // A_DAY) + n % A_DAY * step for n in range(number))
        return [f"{at:{self.printed}}".replace("DAY", DAYS[at.weekday()]) for at in moments]


KINDS = (
    Kind("bnews", "%H:%M' - %d/%m/%Y"),
    Kind("vietnambiz", "%H:%M | %d/%m/%Y"),
    Kind("cafef", "%d-%m-%Y - %H:%M %p"),
    Kind("nguoiquansat", "%d/%m/%Y - %H:%M"),
    Kind("tinnhanhchungkhoan", "%d/%m/%Y %H:%M"),
    Kind("tuoitre", "%d/%m/%Y %H:%M GMT+7"),
    Kind("vietstock", "%d-%m-%Y %H:%M:%S+07:00"),
    Kind("vneconomy", "%H:%M, %d/%m/%Y"),
    Kind("baochinhphu", "%m/%d/%Y %I:%M:%S %p", order="MDY", in_feed=True),
    Kind("dantri", "DAY, %d/%m/%Y - %H:%M", for_strptime=False),
    Kind("vnexpress", "DAY, %d/%m/%Y, %H:%M (GMT+7)", for_strptime=False),
    Kind("vov", "DAY, %H:%M, %d/%m/%Y", for_strptime=False),
)


def microseconds(read: Callable[[str], object], texts: Sequence[str]) -> float:
    """CPU of reading one."""
    began = process_time()
    for text in texts:
        assert read(text) is not None, text
    return (process_time() - began) / len(texts) * 1e6


@dataclass(frozen=True, slots=True)
class Took:
    """Microseconds of CPU for one string; `strptime` is None where it cannot read the kind."""

    newscrawl: float
    dateparser: float
    strptime: float | None


def round_of(kind: Kind, texts: Sequence[str]) -> Took:
    """All three on the same strings."""
    site = load_site(kind.site)
    formats, zone = source_formats(site, "feed") if kind.in_feed else site.formats, site.zone
    settings = {"DATE_ORDER": kind.order, "TIMEZONE": str(zone), "RETURN_AS_TIMEZONE_AWARE": True}
    return Took(
        microseconds(lambda text: parse_time(text, formats=formats, zone=zone, now=NOW).utc, texts),
        microseconds(
            lambda text: dateparser.parse(
                text.replace("'", ""), languages=["vi"], settings=settings
            ),
            texts[:OF_DATEPARSER],
        ),
        microseconds(lambda text: datetime.strptime(text, kind.printed), texts)
        if kind.for_strptime
        else None,
    )


def measure(found: Found, number: int, rounds: int) -> None:
    """Finds the ratios of each kind, and those over all kinds."""
    took: dict[Kind, list[Took]] = {kind: [] for kind in KINDS}
    for turn in range(rounds):
        since = FIRST + turn * timedelta(days=number // A_DAY + 1)
        for kind in KINDS:
            took[kind].append(round_of(kind, kind.strings(number, since)))
    for kind, each in took.items():
        said(found, f"{kind.site}, {kind.printed}", [[one] for one in each])
    said(
        found,
        "times by listed format",
        list(zip(*took.values(), strict=True)),
        at_least=50,
    )


def said(
    found: Found,
    name: str,
    rounds: Sequence[Sequence[Took]],
    at_least: float | None = None,
) -> None:
    """The two ratios of some kinds, round by round."""
    faster = [
        sum(one.dateparser for one in each) / sum(one.newscrawl for one in each) for each in rounds
    ]
    found.add(
        in_median(f"{name}: times faster than", faster, "x", "dateparser.parse", at_least=at_least)
    )
    both = [[(one.newscrawl, one.strptime) for one in each if one.strptime] for each in rounds]
    if all(both):
        share = [sum(ours for ours, _ in each) / sum(theirs for _, theirs in each) for each in both]
        found.add(in_median(f"{name}: CPU of", share, "x", "strptime"))


def main() -> None:
    """Measures."""
    words = arguments(__doc__)
    words.add_argument("--strings", type=int, default=3000, help="of each kind, in each round")
    words.add_argument("--rounds", type=int, default=5)
    asked = words.parse_args()
    with measuring(asked) as found:
        measure(found, asked.strings, asked.rounds)


if __name__ == "__main__":
    main()
