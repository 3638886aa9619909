"""Work on both cores: a pure function applied to batches in worker processes, its results in the order of the batches.

Whoever takes the results is the only one that writes, so that a run with workers leaves what one without leaves.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from types import TracebackType
from typing import Self, TypeVar

from .errors import NewscrawlError

Batch = TypeVar("Batch")
Result = TypeVar("Result")
AHEAD = 2  # batches that wait for each worker: enough to keep it busy, few enough to stay small in memory


def cores() -> int:
    """How many processes can work at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """`jobs` processes; with one job everything is done in this process."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        # Started afresh, not forked: a fork would take along this process's database, locks and reactor.
        self._pool = (
            ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_leave_interrupts) if jobs > 1 else None
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(self, call: Callable[[Batch], Result], batches: Iterable[Batch]) -> Iterator[tuple[Batch, Result]]:
        """Each batch with its result, in order; batches are taken only a little ahead of the results."""
        if self._pool is None:
            for batch in batches:
                yield batch, call(batch)
            return
        waiting: deque[tuple[Batch, Future[Result]]] = deque()
        for batch in batches:
            waiting.append((batch, self._pool.submit(call, batch)))
            if len(waiting) > AHEAD * self._jobs:
                yield _done(*waiting.popleft())
        while waiting:
            yield _done(*waiting.popleft())


def _done(batch: Batch, future: Future[Result]) -> tuple[Batch, Result]:
    try:
        return batch, future.result()
    except BrokenProcessPool as error:
        raise NewscrawlError("a worker process was killed; what was written before is safe", "try --jobs 1") from error


def _leave_interrupts() -> None:
    """Ctrl-C reaches the whole group of processes: the one that writes decides what becomes of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
