"""Applies a pure function to batches in several processes; results keep the order of the batches.

Only the process that takes the results writes them, so the number of processes does not change what
is written.
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
from contextlib import contextmanager
from dataclasses import fields
from functools import partial
from multiprocessing import forkserver, get_context, parent_process, resource_tracker
from types import TracebackType
from typing import Any, Self, TypeVar

from newscrawl.core.errors import NewscrawlError
from newscrawl.core.program import safe_import_path

Batch = TypeVar("Batch")
Result = TypeVar("Result")
Work = TypeVar("Work")
# Batches that wait for each worker: enough to keep it busy, few enough to need little memory.
AHEAD = 2


def cores() -> int:
    """The number of processes that can run at the same time on this machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def jobs_for(requested: int | None, work: int, worth: int) -> int:
    """The requested jobs; else one per core, or 1 if there is less work than `worth`."""
    if requested:
        return requested
    return cores() if work >= worth else 1


def batches(work: Sequence[Work], size: int) -> list[Sequence[Work]]:
    """The work in batches of `size`."""
    return [work[start : start + size] for start in range(0, len(work), size)]


class ProcessPool:
    """`jobs` worker processes; with one job, this process does everything.

    The workers call functions of `module`. `records` are the frozen dataclasses that are sent
    often.
    """

    def __init__(self, jobs: int, module: str, records: Sequence[type] = ()) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        if jobs > 1:
            # This process may have a database, locks and a reactor, which must not be forked. The
            # workers are forked from a new process that has imported `module` once.
            context = get_context("forkserver")
            context.set_forkserver_preload([module])
            _start_forkserver()
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
        """Each batch with its result, in order. Few batches are taken ahead of the results."""
        if self._pool is None:
            for batch in batches:
                yield batch, call(batch)
            return
        waiting: deque[tuple[Batch, Future[Result]]] = deque()
        for batch in batches:
            with _signals_wait():
                waiting.append((batch, self._pool.submit(call, batch)))
            if len(waiting) > AHEAD * self._jobs:
                yield _done(*waiting.popleft())
        while waiting:
            yield _done(*waiting.popleft())


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Ctrl-C and SIGTERM act after the block, so that no worker is started by half.

    Blocking them is not enough: Python handles a signal here that another thread has received.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for arrived in came:
            signal.raise_signal(arrived)


def _start_forkserver() -> None:
    """Starts the process that the workers are forked from, unless it runs already.

    SIGINT is blocked in it: Ctrl-C reaches every process of a terminal, and before the server
    ignores it, it would print a traceback. The tracker is started first, because it would lift the
    block.
    """
    with safe_import_path():
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _done(batch: Batch, future: Future[Result]) -> tuple[Batch, Result]:
    try:
        return batch, future.result()
    except BrokenProcessPool as error:
        raise NewscrawlError(
            "a worker process was killed; everything written before that is safe", "try --jobs 1"
        ) from error


def _begin(records: Sequence[type]) -> None:
    """Starts a worker. It ignores Ctrl-C, which the main process handles for all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _send_quickly(records)


def _end_with_parent() -> None:
    """Ends this worker with its parent. Otherwise it would wait forever if the parent is killed."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _send_quickly(records: Sequence[type]) -> None:
    """Makes pickling of these dataclasses ten times as fast.

    By default, a dataclass with slots looks up its fields for each object sent or received.
    """
    for record in records:
        names = tuple(field.name for field in fields(record))
        copyreg.pickle(record, partial(_reduced, names))


def _reduced(names: Sequence[str], value: Any) -> tuple[Any, ...]:
    return _restored, (type(value), names, [getattr(value, name) for name in names])


def _restored(record: type, names: Sequence[str], values: Sequence[Any]) -> Any:
    return record(**dict(zip(names, values, strict=True)))
