"""How often a site is worth requesting: its rates of publication and edits, and what follows.

Pure: what was requested and found goes in, times to request come out. docs/scheduling.md explains
the rules and names their sources.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from newscrawl.sites.site import ListLimits

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
# Chosen so that runs of what is due take at most half of the requests of crawls of whole sites
# every six hours, in the simulation of bench/rhythms.py.
REQUESTS_PER_ROOT = 0.9
# A new list counts as one with this rate, which is requested every six hours. That weighs as much
# as a quarter of a day of requests: it is soon outweighed by what was found.
FIRST_RATE = (4 / REQUESTS_PER_ROOT) ** 2
FIRST_RATE_DAYS = 0.25
# What a list announced a week ago counts half as much as today: days of the week even out, and a
# site that falls silent or wakes is followed within days.
HALF_LIFE = timedelta(days=7)
# Fewer articles say too little about the hours of a day.
ENOUGH_ARTICLES = 48
# What is assumed of edits before visits show it: one article in ten is edited, half of them within
# four hours. That weighs as much as fifty visits.
FIRST_EDITS = 0.1
FIRST_MEDIAN = timedelta(hours=4)
FIRST_VISITS = 50
# Of edits after the first day it weighs as much as 200: only watched articles show them, and a few
# of these say too little to give up the visits of the first day.
FIRST_LATE_VISITS = 200
# Fewer visits at an age say too little about the edits before it.
ENOUGH_VISITS = 20
# If fewer articles are edited, only the watched ones are visited.
HARDLY_EDITED = 0.02
# The last visit but one comes when at most 15 of 100 edits are still to come.
LATE_EDITS = 0.15
# Of several edits before one visit, only the last is found: at least this share is to be found.
EDITS_FOUND = 0.6
# Edits up to this age are learned from every article, later ones only from watched articles.
LEARNED_FROM_ALL = DAY
# One article in 25 is watched: visited at every age, so that a change of habits is noticed.
WATCHED = 25

Profile = tuple[float, ...]
FLAT: Profile = (1.0,) * 24


@dataclass(frozen=True, slots=True)
class ListRequest:
    """One request of a list, and how many articles it was the first to announce."""

    at: datetime
    discovered: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One more fetch of an article: its age, its age at the fetch before, and whether it differs.

    Ages are counted from the first fetch.
    """

    previous_age: timedelta
    age: timedelta
    changed: bool


@dataclass(frozen=True, slots=True)
class AgeEdits:
    """What visits at an age have shown: the edits of an article since the age before."""

    age: timedelta
    visits: int
    edits: float


def articles_a_day(requests: Sequence[ListRequest], now: datetime) -> float:
    """The rate at which a list announces articles. `requests` are in order of time.

    The Poisson estimate: articles per time, where older times count less (see HALF_LIFE). The first
    request says nothing, since nobody knows over which time its articles came together.
    """
    articles = FIRST_RATE * FIRST_RATE_DAYS
    days = FIRST_RATE_DAYS
    for earlier, later in pairwise(requests):
        weight = 0.5 ** ((now - later.at) / HALF_LIFE)
        articles += weight * later.discovered
        days += weight * ((later.at - earlier.at) / DAY)
    return articles / days


def profile_of(hours: Iterable[int]) -> Profile:
    """For each hour of the day, its rate relative to the mean of the day, from publication hours.

    Flat if there are fewer than ENOUGH_ARTICLES. Half an article is added to each hour: an hour
    without articles so far is not one in which none can appear.
    """
    counts = Counter(hours)
    total = counts.total()
    if total < ENOUGH_ARTICLES:
        return FLAT
    return tuple(24 * (counts[hour] + 0.5) / (total + 12) for hour in range(24))


def requests_a_day(rate: float) -> float:
    """How often to request a list that announces `rate` articles a day: 0.9 times its square root.

    With n requests a day, an article waits for half of 1/n days on average. For a given number of
    requests of all lists, the sum of all waiting is least if each list has a share in proportion to
    the square root of its rate.
    """
    return REQUESTS_PER_ROOT * math.sqrt(rate)


def next_request(
    now: datetime, rate: float, profile: Profile, zone: tzinfo, limits: ListLimits
) -> datetime:
    """When to request a list again that was requested `now`, to the second.

    Each hour has its own rate of publication, and so its own share of requests: the next one is due
    when these shares add up to one.
    """
    latest = now + limits.longest
    due = now
    missing = 1.0  # of the shares
    while due < latest:
        local = due.astimezone(zone)
        per_day = requests_a_day(rate * profile[local.hour])
        rest_of_hour = HOUR - timedelta(minutes=local.minute, seconds=local.second)
        share = per_day * (rest_of_hour / DAY)
        if share >= missing:
            due += rest_of_hour * (missing / share)
            break
        missing -= share
        due += rest_of_hour
    due = min(max(due, now + limits.shortest), latest)
    return due.replace(microsecond=0)


def usual_interval(rate: float, profile: Profile, limits: ListLimits) -> timedelta:
    """The mean time between two requests of a list."""
    per_day = sum(requests_a_day(rate * share) for share in profile) / len(profile)
    return min(max(DAY / per_day, limits.shortest), limits.longest)


def edits_before(visits: Iterable[Visit], ages: Sequence[timedelta]) -> list[AgeEdits]:
    """For each age, what visits show of the edits since the age before.

    A visit only shows whether an article differs, and not how often it was edited. This is the
    estimator of Cho and Garcia-Molina for this case: -log((n - X + 0.5) / (n + 0.5)), for X of n
    visits that found another text. A visit that left out one age counts for both of them, and an
    edit that it found half for each. Visits that left out more say too little.
    """
    visited = [0] * len(ages)
    changed = [0.0] * len(ages)
    for visit in visits:
        first = _ages_until(visit.previous_age, ages)
        places = range(first, _ages_until(visit.age, ages))
        if len(places) > 2:
            continue
        for place in places:
            visited[place] += 1
            changed[place] += visit.changed / len(places)
    return [
        AgeEdits(age, n, -math.log((n - x + 0.5) / (n + 0.5)))
        for age, n, x in zip(ages, visited, changed, strict=True)
    ]


def worthwhile_ages(found: Sequence[AgeEdits]) -> tuple[timedelta, ...]:
    """The ages at which to visit an article, given what visits have shown.

    The first age after which few edits are to come (LATE_EDITS), and as many more as it takes to
    find EDITS_FOUND of the edits. Also the last age, at which it is noticed that an article was
    removed. Every early age of which too little is known is kept.
    """
    if not found:
        return ()
    kept = [one.age <= LEARNED_FROM_ALL and one.visits < ENOUGH_VISITS for one in found]
    kept[-1] = True
    edits = _expected(found)
    total = sum(edits)
    if total >= HARDLY_EDITED:
        kept[_first_place(edits, (1 - LATE_EDITS) * total)] = True
        while _found(edits, kept) < EDITS_FOUND * total and not all(kept):
            kept[_best_place(edits, kept)] = True
    return tuple(one.age for one, is_kept in zip(found, kept, strict=True) if is_kept)


def _expected(found: Sequence[AgeEdits]) -> list[float]:
    """The edits to expect before each age: the mean of what is shown and what is assumed."""
    shares = _assumed_shares([one.age for one in found])
    known = [place for place, one in enumerate(found) if one.visits >= ENOUGH_VISITS]
    total = FIRST_EDITS
    if known:
        shown = sum(found[place].edits for place in known) / sum(shares[place] for place in known)
        total = _weighed(shown, min(found[place].visits for place in known), FIRST_EDITS)
    expected: list[float] = []
    for one, share in zip(found, shares, strict=True):
        is_late = one.age > LEARNED_FROM_ALL
        weight = FIRST_LATE_VISITS if is_late else FIRST_VISITS
        expected.append(_weighed(one.edits, one.visits, total * share, weight))
    return expected


def _weighed(shown: float, visits: int, assumed: float, weight: int = FIRST_VISITS) -> float:
    return (visits * shown + weight * assumed) / (visits + weight)


def _assumed_shares(ages: Sequence[timedelta]) -> list[float]:
    """Which part of the edits is assumed between each age and the one before."""
    until = [0.0]
    for age in ages:
        odds = (age / FIRST_MEDIAN) ** 1.5
        until.append(odds / (1 + odds))
    return [later - earlier for earlier, later in pairwise(until)]


def _first_place(edits: Sequence[float], number: float) -> int:
    """The first place up to which there are so many edits."""
    until = 0.0
    for place, expected in enumerate(edits):
        until += expected
        if until >= number:
            return place
    return len(edits) - 1


def _best_place(edits: Sequence[float], kept: Sequence[bool]) -> int:
    """Which visit to add, of those that are not kept, to find the most edits."""

    def found_with(place: int) -> float:
        return _found(edits, [*kept[:place], True, *kept[place + 1 :]])

    left_out = [place for place, is_kept in enumerate(kept) if not is_kept]
    return max(left_out, key=found_with)


def _found(edits: Sequence[float], kept: Sequence[bool]) -> float:
    """How many edits of an article the visits find."""
    found = 0.0
    expected = 0.0
    for number, is_visited in zip(edits, kept, strict=True):
        expected += number
        if is_visited:
            found += 1 - math.exp(-expected)
            expected = 0.0
    return found


def _ages_until(age: timedelta, ages: Sequence[timedelta]) -> int:
    return sum(known <= age for known in ages)
