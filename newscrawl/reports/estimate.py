"""Estimates how many articles exist from two independent searches: capture and recapture.

Two searches that find n1 and n2 articles, m of them both, saw n1 + n2 - m. If the second search
finds the same share of all articles as of the first search's articles, about n1 * n2 / m exist.

Chapman, D. G. (1951), Some properties of the hypergeometric distribution with applications to
zoological sample censuses, University of California Publications in Statistics 1, 131-160: the
estimator, which is nearly unbiased.
Seber, G. A. F. (1970), The effects of trap response on tag recapture estimates, Biometrics 26,
13-22: its variance.
Chao, A. (1987), Estimating the population size for capture-recapture data with unequal
catchability, Biometrics 43, 783-791: the log-normal interval, which is never below the number seen.
Sekar, C. C. and Deming, W. E. (1949), On a method of estimating birth and death rates and the
extent of registration, Journal of the American Statistical Association 44, 101-115: the sum of the
estimates of strata, which are days here.
Robson, D. S. and Regier, H. A. (1964), Sample size in Petersen mark-recapture experiments,
Transactions of the American Fisheries Society 93, 215-226: an estimate needs seven that both found.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

ENOUGH_IN_BOTH = 7  # Robson and Regier 1964
NORMAL_95 = 1.959964  # the 97.5th percentile of the normal distribution


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many articles of the same days each of two searches found, and how many both found."""

    first: int
    second: int
    both: int

    @property
    def seen(self) -> int:
        """How many articles at least one search found."""
        return self.first + self.second - self.both


@dataclass(frozen=True, slots=True)
class Estimate:
    """The number of articles, its variance and 95 % interval; `both` is the size of the overlap."""

    total: float
    variance: float
    low: float
    high: float
    both: int

    @property
    def weak(self) -> bool:
        """Whether the overlap is too small for a reliable estimate."""
        return self.both < ENOUGH_IN_BOTH


def chapman(overlap: Overlap) -> Estimate | None:
    """The estimate of one stratum; None if a search found nothing in it."""
    return stratified([overlap])


def stratified(overlaps: Iterable[Overlap]) -> Estimate | None:
    """The sum of the estimates of strata.

    A stratum in which a search found nothing is left out; None if no stratum remains.
    """
    strata = [overlap for overlap in overlaps if overlap.first and overlap.second]
    if not strata:
        return None
    seen = sum(overlap.seen for overlap in strata)
    unseen = sum(_unseen(overlap) for overlap in strata)
    variance = sum(_variance(overlap) for overlap in strata)
    factor = _interval_factor(unseen, variance)
    return Estimate(
        total=seen + unseen,
        variance=variance,
        low=seen + unseen / factor,
        high=seen + unseen * factor,
        both=sum(overlap.both for overlap in strata),
    )


def _unseen(overlap: Overlap) -> float:
    """Chapman's (n1 + 1)(n2 + 1) / (m + 1) - 1, minus the number seen."""
    only_first = overlap.first - overlap.both
    only_second = overlap.second - overlap.both
    return only_first * only_second / (overlap.both + 1)


def _variance(overlap: Overlap) -> float:
    n1, n2, m = overlap.first, overlap.second, overlap.both
    return (n1 + 1) * (n2 + 1) * (n1 - m) * (n2 - m) / ((m + 1) ** 2 * (m + 2))


def _interval_factor(unseen: float, variance: float) -> float:
    """The factor by which the unseen are divided and multiplied at the ends of the interval."""
    if not unseen:
        return 1.0
    return math.exp(NORMAL_95 * math.sqrt(math.log1p(variance / unseen**2)))
