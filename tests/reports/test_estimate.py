"""The estimate from two searches, compared with hand-computed figures and simulated searches."""

from __future__ import annotations

import random

import pytest

from newscrawl.reports.estimate import Overlap, chapman, stratified


@pytest.mark.parametrize(
    ("overlap", "total", "variance"),
    [
        (Overlap(50, 40, 20), 51 * 41 / 21 - 1, 51 * 41 * 30 * 20 / (21**2 * 22)),
        (Overlap(30, 30, 30), 30, 0),
        (Overlap(30, 12, 12), 30, 0),
        (Overlap(5, 4, 0), 5 + 4 + 20, 6 * 5 * 5 * 4 / 2),
    ],
)
def test_estimate_is_chapmans_with_sebers_variance(
    overlap: Overlap, total: float, variance: float
) -> None:
    found = chapman(overlap)
    assert found is not None
    assert [found.total, found.variance] == pytest.approx([total, variance])
    assert overlap.seen <= found.low <= found.total <= found.high


def test_interval_is_the_log_normal_one_of_chao() -> None:
    found = chapman(Overlap(50, 40, 20))
    assert found is not None
    # 70 seen; 28.571 unseen with variance 129.31: factor exp(1.96 * sqrt(ln(1 + 129.31 / 28.571^2))) = 2.1204
    assert (round(found.low, 2), round(found.high, 2)) == (83.47, 130.58)


def test_search_that_found_nothing_gives_no_estimate() -> None:
    assert chapman(Overlap(0, 12, 0)) is None
    assert stratified([Overlap(0, 12, 0), Overlap(3, 0, 0)]) is None
    assert stratified([Overlap(0, 12, 0), Overlap(9, 9, 9)]) == chapman(Overlap(9, 9, 9))


def test_overlap_below_seven_is_weak() -> None:
    assert [found.weak for both in (6, 7) if (found := chapman(Overlap(20, 20, both)))] == [
        True,
        False,
    ]


def test_interval_contains_the_truth_in_about_95_percent() -> None:
    draw = random.Random(1)
    held = 0
    for _ in range(1000):
        days = [_searched(draw, articles=60, first=0.8, second=0.7) for _ in range(7)]
        found = stratified(days)
        assert found is not None
        held += found.low <= 7 * 60 <= found.high
    assert 910 <= held <= 970  # a sum of small days is a little narrow: 925 of 1000 with this seed


def _searched(draw: random.Random, *, articles: int, first: float, second: float) -> Overlap:
    finds = [(draw.random() < first, draw.random() < second) for _ in range(articles)]
    return Overlap(
        sum(a for a, _ in finds), sum(b for _, b in finds), sum(a and b for a, b in finds)
    )
