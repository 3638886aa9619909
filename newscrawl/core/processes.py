"""Work on both cores: a pure function applied to batches in worker processes, its results in the order of the batches.

Whoever takes the results is the only one that writes, so that a run with workers leaves what one without leaves.
"""

from __future__ import annotations

import copyreg
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import fields
from functools import partial
from multiprocessing import get_context, parent_process
from types import TracebackType
from typing import Any, Self, TypeVar

from newscrawl.core.errors import NewscrawlError

Batch = TypeVar("Batch")
Result = TypeVar("Result")
Work = TypeVar("Work")
AHEAD = 2  # batches that wait for each worker: enough to keep it busy, few enough to stay small in memory


def cores() -> int:
    """How many processes can work at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def jobs_for(asked: int | None, work: int, worth: int) -> int:
    """As many as were asked for, else the cores; one where there is less work than starting others is `worth`."""
    return asked or (cores() if work >= worth else 1)


def batches(work: Sequence[Work], size: int) -> list[Sequence[Work]]:
    """The same in lots of `size`."""
    return [work[at : at + size] for at in range(0, len(work), size)]


class ProcessPool:
    """`jobs` processes; with one job everything is done in this process.

    `module` is the one whose functions they call. `records` are the frozen dataclasses that travel in number.
    """

    def __init__(self, jobs: int, module: str, records: Sequence[type] = ()) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        if jobs > 1:
            # Not forked from this process, which has a database, locks and perhaps a reactor, but from a fresh one
            # that has imported what they need, once for all.
            context = get_context("forkserver")
            context.set_forkserver_preload([module])
            self._pool = ProcessPoolExecutor(
                jobs, context, initializer=_begin, initargs=(tuple(records),)
            )
            _send_quickly(records)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(
        self, call: Callable[[Batch], Result], batches: Iterable[Batch]
    ) -> Iterator[tuple[Batch, Result]]:
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
        raise NewscrawlError(
            "a worker process was killed; what was written before is safe", "try --jobs 1"
        ) from error


def _begin(records: Sequence[type]) -> None:
    """Ctrl-C reaches the whole group of processes: the one that writes decides what becomes of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _send_quickly(records)


def _end_with_parent() -> None:
    """Nobody tells a worker that the process it works for was killed; it would wait for work for ever."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _send_quickly(records: Sequence[type]) -> None:
    """A dataclass with slots looks up its fields anew for each of its values, sent or received: ten times as slow."""
    for record in records:
        names = tuple(field.name for field in fields(record))
        copyreg.pickle(record, partial(_reduced, names))


def _reduced(names: Sequence[str], value: Any) -> tuple[Any, ...]:
    return _restored, (type(value), names, [getattr(value, name) for name in names])


def _restored(record: type, names: Sequence[str], values: Sequence[Any]) -> Any:
    return record(**dict(zip(names, values, strict=True)))
