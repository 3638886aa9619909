"""CPU of reading times in the formats of a site, compared with dateparser and strptime.

    python bench/time_formats.py [--strings 3000] [--rounds 5] [--json FILE]

Each round makes new strings of every kind, as a newspaper with a hundred articles a day prints
them; none occurs twice. newscrawl gives the instant, the local time and its precision. strptime
gives a naive datetime, and is left out for kinds that it cannot read (names of days). dateparser
knows language, order and zone. It reads a hundred strings of each kind, without the apostrophe that
it cannot read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import process_time

import dateparser
from parts.results import Results, argument_parser, measuring, median_of

from newscrawl.core.times import parse_time
from newscrawl.sites.loading import load_site
from newscrawl.sites.sources import source_formats

FIRST = datetime(2020, 1, 1, 5)
NOW = datetime(2030, 1, 1, tzinfo=UTC)
ARTICLES_PER_DAY = 100
# Nothing is published in the six hours after midnight.
INTERVAL = timedelta(seconds=18 * 60 * 60 // ARTICLES_PER_DAY - 1)
DAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
DATEPARSER_STRINGS = 100


@dataclass(frozen=True, slots=True)
class Kind:
    """What a site prints, as a format of strftime; DAY is the Vietnamese name of the day."""

    site: str
    printed: str
    for_strptime: bool = True
    order: str = "DMY"
    in_feed: bool = False

    def strings(self, count: int, since: datetime) -> list[str]:
        """The printed times of so many articles."""
        strings = []
        for number in range(count):
            day, article = divmod(number, ARTICLES_PER_DAY)
            at = since + timedelta(days=day) + article * INTERVAL
            strings.append(f"{at:{self.printed}}".replace("DAY", DAYS[at.weekday()]))
        return strings


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


@dataclass(frozen=True, slots=True)
class Microseconds:
    """CPU of each reader for one string; `strptime` is None for a kind that it cannot read."""

    newscrawl: float
    dateparser: float
    strptime: float | None


def measure_kind(kind: Kind, texts: Sequence[str]) -> Microseconds:
    """The CPU of all readers for the same strings."""
    site = load_site(kind.site)
    zone = site.zone
    formats = source_formats(site, "feed") if kind.in_feed else site.formats
    settings = {"DATE_ORDER": kind.order, "TIMEZONE": str(zone), "RETURN_AS_TIMEZONE_AWARE": True}

    def read(text: str) -> object:
        return parse_time(text, formats=formats, zone=zone, now=NOW).utc

    def read_with_dateparser(text: str) -> object:
        return dateparser.parse(text.replace("'", ""), languages=["vi"], settings=settings)

    def read_with_strptime(text: str) -> object:
        return datetime.strptime(text, kind.printed)

    return Microseconds(
        newscrawl=cpu_per_string(read, texts),
        dateparser=cpu_per_string(read_with_dateparser, texts[:DATEPARSER_STRINGS]),
        strptime=cpu_per_string(read_with_strptime, texts) if kind.for_strptime else None,
    )


def cpu_per_string(read: Callable[[str], object], texts: Sequence[str]) -> float:
    """Microseconds."""
    began = process_time()
    for text in texts:
        assert read(text) is not None, text
    return (process_time() - began) / len(texts) * 1e6


def measure(results: Results, strings: int, rounds: int) -> None:
    """Adds the ratios for each kind, and for all kinds together."""
    by_kind: dict[Kind, list[Microseconds]] = {kind: [] for kind in KINDS}
    for number in range(rounds):
        since = FIRST + number * timedelta(days=strings // ARTICLES_PER_DAY + 1)
        for kind in KINDS:
            by_kind[kind].append(measure_kind(kind, kind.strings(strings, since)))
    for kind, kind_rounds in by_kind.items():
        name = f"{kind.site}, {kind.printed}"
        report(results, name, [[microseconds] for microseconds in kind_rounds])
    report(results, "times by listed format", list(zip(*by_kind.values(), strict=True)))


def report(results: Results, name: str, rounds: Sequence[Sequence[Microseconds]]) -> None:
    """Adds the two ratios of some kinds; a round has one value for each kind."""
    speedups = []
    shares = []
    for kinds in rounds:
        ours = sum(kind.newscrawl for kind in kinds)
        speedups.append(sum(kind.dateparser for kind in kinds) / ours)
        with_strptime = [kind for kind in kinds if kind.strptime is not None]
        if with_strptime:
            ours = sum(kind.newscrawl for kind in with_strptime)
            shares.append(ours / sum(kind.strptime or 0.0 for kind in with_strptime))
    results.add(median_of(f"{name}: times as fast as", speedups, "x", "dateparser.parse"))
    if shares:
        results.add(median_of(f"{name}: CPU", shares, "x", "datetime.strptime"))


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--strings", type=int, default=3000, help="of each kind, in each round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with measuring(options) as results:
        measure(results, options.strings, options.rounds)


if __name__ == "__main__":
    main()
