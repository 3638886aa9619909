"""The rates of a site, and when they make its lists and articles due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from newscrawl.crawl.rhythm import (
    DAY,
    ENOUGH_ARTICLES,
    FIRST_RATE,
    FLAT,
    HOUR,
    AgeEdits,
    ListRequest,
    Visit,
    articles_a_day,
    edits_before,
    next_request,
    profile_of,
    requests_a_day,
    usual_interval,
    worthwhile_ages,
)
from newscrawl.sites.site import ListLimits

NOW = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
LIMITS = ListLimits(timedelta(minutes=10), DAY)
AGES = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 7 * 24, 30 * 24))


def every(step: timedelta, found: int, days: float) -> list[ListRequest]:
    """Requests at equal distances until now, each with so many articles."""
    count = round(timedelta(days=days) / step)
    return [ListRequest(NOW - step * place, found) for place in reversed(range(count + 1))]


def test_a_new_list_is_requested_every_six_hours() -> None:
    rate = articles_a_day([], NOW)
    assert rate == FIRST_RATE
    assert next_request(NOW, rate, FLAT, UTC, LIMITS) == NOW + 6 * HOUR


def test_the_articles_of_the_first_request_say_nothing() -> None:
    assert articles_a_day([ListRequest(NOW, 500)], NOW) == FIRST_RATE


@pytest.mark.parametrize("step_hours", [1, 6, 24])
def test_a_rate_does_not_depend_on_how_often_it_was_measured(step_hours: int) -> None:
    requests = every(timedelta(hours=step_hours), step_hours, days=60)
    assert articles_a_day(requests, NOW) == pytest.approx(24, rel=0.1)


def test_a_silent_list_is_requested_less_and_less_and_never_later_than_the_longest_time() -> None:
    intervals = []
    for days in (0, 1, 3, 60):
        rate = articles_a_day(every(6 * HOUR, 0, days), NOW)
        intervals.append(next_request(NOW, rate, FLAT, UTC, LIMITS) - NOW)
    assert intervals == sorted(set(intervals))
    assert intervals[-1] <= LIMITS.longest


def test_a_list_that_wakes_is_requested_more_often_within_days() -> None:
    silent = every(24 * HOUR, 0, days=60)
    awake = [ListRequest(request.at + 3 * DAY, request.discovered) for request in silent]
    awake[-3:] = [ListRequest(request.at, 20) for request in awake[-3:]]
    later = NOW + 3 * DAY
    assert articles_a_day(awake, later) > 5 * articles_a_day(silent, NOW)


def test_the_limits_of_the_site_file_hold() -> None:
    tight = ListLimits(timedelta(hours=2), timedelta(hours=3))
    assert next_request(NOW, 1000, FLAT, UTC, tight) == NOW + 2 * HOUR
    assert next_request(NOW, 0.001, FLAT, UTC, tight) == NOW + 3 * HOUR
    assert next_request(NOW, 0, FLAT, UTC, tight) == NOW + 3 * HOUR
    assert usual_interval(1000, FLAT, tight) == 2 * HOUR


def test_four_times_the_articles_are_twice_the_requests() -> None:
    assert requests_a_day(40) == pytest.approx(2 * requests_a_day(10))


def test_a_list_rests_at_night() -> None:
    profile = profile_of([6] * 300 + [7] * 300)
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    evening = datetime(2026, 9, 1, 20, 0, tzinfo=zone)
    morning = datetime(2026, 9, 2, 6, 0, tzinfo=zone)
    asleep = next_request(evening, 40, profile, zone, LIMITS)
    awake = next_request(morning, 40, profile, zone, LIMITS)
    assert asleep - evening > 9 * HOUR
    assert awake - morning < 2 * HOUR


def test_few_articles_say_nothing_about_the_hours() -> None:
    assert profile_of([6] * (ENOUGH_ARTICLES - 1)) == FLAT
    profile = profile_of([6] * ENOUGH_ARTICLES)
    assert sum(profile) == pytest.approx(24)
    assert min(profile) > 0


def visits(previous_hours: int, hours: int, *, changed: int, of: int) -> list[Visit]:
    ages = (timedelta(hours=previous_hours), timedelta(hours=hours))
    return [Visit(*ages, changed=place < changed) for place in range(of)]


def test_edits_are_estimated_from_visits_that_found_another_text() -> None:
    seen = visits(0, 1, changed=10, of=40) + visits(1, 6, changed=0, of=20)
    first, second, *others = edits_before(seen, AGES)
    assert first.visits == 40
    assert first.edits == pytest.approx(0.283, abs=0.001)  # -log(30.5 / 40.5)
    assert (second.visits, second.edits) == (20, 0)
    assert [other.visits for other in others] == [0, 0, 0]


def test_a_change_at_every_visit_is_a_finite_rate() -> None:
    (found,) = edits_before(visits(0, 1, changed=40, of=40), AGES[:1])
    assert found.edits == pytest.approx(4.39, abs=0.01)  # -log(0.5 / 40.5)


def test_a_visit_that_left_out_an_age_counts_for_both_and_one_that_left_out_more_for_none() -> None:
    first, second, *_ = edits_before(visits(0, 6, changed=20, of=40), AGES)
    assert first.edits == second.edits == pytest.approx(0.283, abs=0.001)
    left_out = edits_before(visits(0, 24, changed=20, of=40), AGES)
    assert [one.visits for one in left_out] == [0] * 5


def shown(*edits: float, visits: int = 1000) -> list[AgeEdits]:
    return [AgeEdits(age, visits, number) for age, number in zip(AGES, edits, strict=True)]


def test_every_early_age_is_visited_until_enough_is_known() -> None:
    assert worthwhile_ages(edits_before([], AGES)) == (*AGES[:3], AGES[-1])
    known = edits_before(visits(0, 1, changed=2, of=20), AGES)
    assert worthwhile_ages(known) == (*AGES[1:3], AGES[-1])


def test_few_visits_do_not_outweigh_what_is_usual() -> None:
    assert worthwhile_ages(shown(0.0, 0.0, 0.0, 0.0, 0.0, visits=20)) == (AGES[2], AGES[-1])


def test_a_few_late_edits_do_not_replace_the_visit_after_the_first_day() -> None:
    early = shown(0.2, 0.2, 0.15, 0.0, 0.0, visits=30)[:3]
    late = shown(0.0, 0.0, 0.0, 0.19, 0.0, visits=23)[3:]
    assert worthwhile_ages([*early, *late]) == (AGES[2], AGES[-1])
    late = shown(0.0, 0.0, 0.0, 0.19, 0.0, visits=1_000)[3:]
    assert worthwhile_ages([*early, *late]) == (AGES[3], AGES[-1])


def test_articles_that_are_never_edited_are_visited_once_to_see_whether_they_are_there() -> None:
    assert worthwhile_ages(shown(0.0, 0.0, 0.0, 0.0, 0.0)) == (AGES[-1],)


def test_articles_that_are_edited_on_their_first_day_are_visited_after_it() -> None:
    assert worthwhile_ages(shown(0.02, 0.05, 0.03, 0.0, 0.0)) == (AGES[2], AGES[-1])
    assert worthwhile_ages(shown(0.02, 0.05, 0.03, 0.005, 0.0)) == (AGES[2], AGES[-1])
    assert worthwhile_ages(shown(0.02, 0.05, 0.03, 0.05, 0.0)) == (AGES[3], AGES[-1])


def test_articles_that_are_edited_again_and_again_are_visited_more_often() -> None:
    assert worthwhile_ages(shown(0.5, 1.5, 1.0, 0.2, 0.1)) == (*AGES[:3], AGES[-1])
    assert worthwhile_ages(shown(3.0, 3.0, 3.0, 3.0, 3.0)) == AGES


def test_a_site_file_may_forbid_visits() -> None:
    assert worthwhile_ages([]) == ()
