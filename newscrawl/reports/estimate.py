"""How many there are in all, from what two independent searches found: capture and recapture.

Two searches that find n1 and n2 articles, m of them both, saw n1 + n2 - m. If the second search finds the same share
of all articles as it finds of the first search's, then about n1 * n2 / m exist.

Chapman, D. G. (1951), Some properties of the hypergeometric distribution with applications to zoological sample
censuses, University of California Publications in Statistics 1, 131-160: the estimator, nearly free of bias.
Seber, G. A. F. (1970), The effects of trap response on tag recapture estimates, Biometrics 26, 13-22: its variance.
Chao, A. (1987), Estimating the population size for capture-recapture data with unequal catchability, Biometrics 43,
783-791: the log-normal interval, which never goes below what was seen.
Sekar, C. C. and Deming, W. E. (1949), On a method of estimating birth and death rates and the extent of registration,
Journal of the American Statistical Association 44, 101-115: the estimate by strata (here days), added up.
Robson, D. S. and Regier, H. A. (1964), Sample size in Petersen mark-recapture experiments, Transactions of the
American Fisheries Society 93, 215-226: seven found by both are needed to trust an estimate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

ENOUGH_IN_BOTH = 7  # Robson and Regier 1964
NORMAL_95 = 1.959964  # the normal distribution's 97.5th percentile


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two searches of the same days found: how many by each, and by both."""

    first: int
    second: int
    both: int

    @property
    def seen(self) -> int:
        """Found by either."""
        return self.first + self.second - self.both


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many exist in all, its variance, and the 95 % interval; `both` is what the searches share."""

    total: float
    variance: float
    low: float
    high: float
    both: int

    @property
    def weak(self) -> bool:
        """Whether the searches share too little for the figure to mean much."""
        return self.both < ENOUGH_IN_BOTH


def chapman(overlap: Overlap) -> Estimate | None:
    """The estimate of one stratum; None where either search found nothing, and so says nothing about it."""
    return stratified([overlap])


def stratified(overlaps: Iterable[Overlap]) -> Estimate | None:
    """The estimates of the strata added up; those in which either search found nothing are left out, None if all."""
    strata = [overlap for overlap in overlaps if overlap.first and overlap.second]
    if not strata:
        return None
    seen = sum(overlap.seen for overlap in strata)
    unseen = sum(_unseen(overlap) for overlap in strata)
    variance = sum(_variance(overlap) for overlap in strata)
    factor = _spread(unseen, variance)
    both = sum(overlap.both for overlap in strata)
    return Estimate(seen + unseen, variance, seen + unseen / factor, seen + unseen * factor, both)


def _unseen(overlap: Overlap) -> float:
    """Chapman's (n1 + 1)(n2 + 1) / (m + 1) - 1, less what was seen."""
    return (overlap.first - overlap.both) * (overlap.second - overlap.both) / (overlap.both + 1)


def _variance(overlap: Overlap) -> float:
    n1, n2, m = overlap.first, overlap.second, overlap.both
    return (n1 + 1) * (n2 + 1) * (n1 - m) * (n2 - m) / ((m + 1) ** 2 * (m + 2))


def _spread(unseen: float, variance: float) -> float:
    """By what the unseen are divided and multiplied at the ends of the interval."""
    return math.exp(NORMAL_95 * math.sqrt(math.log1p(variance / unseen**2))) if unseen else 1.0
