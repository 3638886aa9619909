"""Where a process spends its CPU: the functions at work, sampled every millisecond."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERVAL_SECONDS = 0.001


@contextmanager
def sampling() -> Iterator[Counter[str]]:
    """Counts, for each function, the samples in which it or a function that it called was at work.

    The empty name has all samples.
    """
    samples: Counter[str] = Counter()

    def take_sample(_: int, frame: FrameType | None) -> None:
        names = {""}
        while frame is not None:
            names.add(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}")
            frame = frame.f_back
        samples.update(names)

    previous = signal.signal(signal.SIGPROF, take_sample)
    signal.setitimer(signal.ITIMER_PROF, INTERVAL_SECONDS, INTERVAL_SECONDS)
    try:
        yield samples
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)
