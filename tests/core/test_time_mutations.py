"""Ten thousand damaged times: none gives a wrong instant, and harmless changes are read."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import pytest

from newscrawl.core.times import parse_time
from newscrawl.sites.loading import load_site
from tests.support.time_mutations import COUNT, FAMILIES, Case, is_right, mutations

READ = {
    "other_separators",
    "no_leading_zeros",
    "weekday_added",
    "twelve_hours",
    "zone_added",
    "other_spaces",
}


@cache
def wrong_and_read() -> tuple[list[tuple[Case, str | None]], dict[str, tuple[int, int]]]:
    """The cases with a wrong result, and by family the numbers of texts and of instants."""
    wrong: list[tuple[Case, str | None]] = []
    counts: dict[str, list[bool]] = defaultdict(list)
    for case in mutations():
        site = load_site(case.site)
        stamp = parse_time(case.text, formats=site.formats, zone=site.zone)
        counts[case.family].append(stamp.utc is not None)
        if not is_right(case, stamp.utc):
            wrong.append((case, stamp.local))
    return wrong, {family: (len(marks), sum(marks)) for family, marks in counts.items()}


def test_no_damaged_time_gives_a_wrong_instant() -> None:
    wrong, counts = wrong_and_read()
    assert wrong == []
    assert sum(count for count, _ in counts.values()) == COUNT


@pytest.mark.parametrize("family", sorted({one.__name__ for one in FAMILIES}))
def test_only_harmless_changes_are_read(family: str) -> None:
    count, instants = wrong_and_read()[1][family]
    if family == "unchanged":
        assert instants == count
    elif family in READ:
        assert instants > count * 3 // 4
    assert count > 300
