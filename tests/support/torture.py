"""Whether tests run all of their cases, as with `make torture`, or each kind of case once, as with `make test`."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

FULL = os.environ.get("NEWSCRAWL_KILLS") == "full"


def some(cases: Iterable[str], sample: Collection[str]) -> list[str]:
    """All cases with `make torture`, else those of the sample; each of them has to be a case."""
    every = list(cases)
    assert set(sample) <= set(every), set(sample) - set(every)
    return every if FULL else list(sample)
