"""The short way of a format gives what the long way gives, in whatever order texts come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from newscrawl.core.times import compile_formats, parse_time
from newscrawl.sites.site import available_sites, load_site
from tests.support.time_mutations import mutations

NOW = datetime(2026, 9, 6, tzinfo=UTC)
# Summer time begins or ends at midnight, by half an hour, with the date line; offsets that change often.
ZONES = "Asia/Ho_Chi_Minh America/New_York Asia/Beirut Australia/Lord_Howe Africa/Casablanca Pacific/Apia UTC".split()
FORMATS = (
    "%H:%M' - %d/%m/%Y",
    "%d-%m-%Y %H:%M:%S%z",
    "%A, %d/%m/%Y, %I:%M %p",
    "%Y%m%d %H:%M:%S",
    "%B %d, %Y %H:%M %z",
)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("source", FORMATS)
def test_what_was_learnt_changes_no_answer(source: str, zone: str) -> None:
    """Days around the zone's changes of clock, each many times, against a format that has learnt nothing yet."""
    learning, place, rng = compile_formats([source]), ZoneInfo(zone), Random(1)
    for text in printed(source, rng):
        quick = parse_time(text, formats=learning, zone=place, now=NOW)
        assert quick == parse_time(text, formats=compile_formats([source]), zone=place, now=NOW), (
            text
        )


def printed(source: str, rng: Random) -> list[str]:
    """Texts of the form, impossible ones among them."""
    days = [datetime(1970, 1, 1), datetime(2011, 12, 29), datetime(2026, 9, 6)]
    days += [datetime(year, month, 1) + timedelta(days=day) for year in (2024, 2026) for month in (3, 4, 10, 11)
             for day in rng.sample(range(31), 6)]  # fmt: skip
    clocks = [
        timedelta(hours=hour, minutes=rng.choice((0, 15, 30, 59)), seconds=rng.choice((0, 7)))
        for hour in range(24)
    ]
    texts = [(day + clock).strftime(source.replace("%z", rng.choice(("+07:00", "+0000", "-04:00"))))
             for day in days for clock in rng.sample(clocks, 8)]  # fmt: skip
    broken = [
        text.replace(
            *rng.choice((("0", "9"), (":", "::"), ("/0", "/"), ("2", "²"), (" ", "\u00a0 ")))
        )
        for text in texts
    ]
    return [*texts, *broken, *texts]


def test_every_site_s_formats_answer_alike_for_damaged_times() -> None:
    sites = {name: load_site(name) for name in available_sites()}
    fresh = {name: site.model.formats for name, site in sites.items()}
    for case in mutations(1_000, 7):
        site = sites[case.site]
        first = parse_time(
            case.text, formats=compile_formats(fresh[case.site]), zone=site.zone, now=NOW
        )
        for _ in range(2):
            assert parse_time(case.text, formats=site.formats, zone=site.zone, now=NOW) == first, (
                case.text
            )


def test_it_forgets_rather_than_grows() -> None:
    formats = compile_formats(["%d/%m/%Y %H:%M"])
    zone, start = ZoneInfo("Asia/Ho_Chi_Minh"), datetime(1980, 1, 1)
    for day in range(5_000):
        parse_time(f"{start + timedelta(days=day):%d/%m/%Y %H:%M}", formats=formats, zone=zone)
    assert formats.quick is not None
    assert len(formats.quick._days) <= 4_096
