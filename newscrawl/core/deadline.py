"""Calls that end within some seconds of CPU, whatever is called.

`within` interrupts Python code, and the patterns of `re` and `regex`, in this process. It costs a
microsecond, but a single call of a C library runs to its end. A SideProcess ends that too: it runs
the call in another process, which the kernel kills when its time is over.
"""

from __future__ import annotations

import atexit
import io
import logging
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import IO, Any, TypeVar

Result = TypeVar("Result")
# A swallowed interruption (in a destructor, or by a bare `except`) is repeated after this time.
_AGAIN_SECONDS = 0.1
# How much longer than its CPU time a call may wait for a processor that others use too.
_PATIENCE = 20
# A process whose pipes are closed ends at once, unless it is in the middle of a call.
_END_SECONDS = 0.5
# Between two looks at the memory of the other process, in which it may grow by 10 MB. Python also
# handles a signal that another thread has received only between two calls.
_LOOK_SECONDS = 0.01
# A process that holds more than this share of its memory after a call is ended. With trafilatura
# and after a usual page it holds half; starting it takes as long as reading 30 pages.
_KEPT_SHARE = 0.7
_LENGTH = struct.Struct("!Q")
# `-P`: nothing is imported from the current folder. The package itself is appended for those who
# run it from a checkout.
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); from newscrawl.core.deadline import serve; serve()"
)
_PACKAGE_FOLDER = Path(__file__).parents[2]


class OutOfTime(Exception):
    """The call did not end in time. Whoever calls `within` or a SideProcess handles it."""


class OutOfMemory(Exception):
    """The call needs more memory than it may have. Known on Linux only."""


class SideProcessDied(Exception):
    """The other process ended without an answer, and not because of its time: out of memory."""


class _Interruption(BaseException):
    """Raised in the middle of a call; `except Exception` does not stop it."""


class _Alarm:
    """Whether the timer of this process may interrupt what runs now."""

    armed = False
    installed = False


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """The result of the call; OutOfTime after so many seconds of this process's own CPU time.

    Signals reach the main thread only: in another thread, the call has no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        return call()
    if not _Alarm.installed:
        signal.signal(signal.SIGVTALRM, _interrupt)
        _keep_quiet_about_repeated_interruptions()
        _Alarm.installed = True
    try:
        try:
            _Alarm.armed = True
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN_SECONDS)
            return call()
        finally:
            _Alarm.armed = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _Interruption:
        raise OutOfTime(f"not done after {seconds} s of CPU") from None


@contextmanager
def uncounted() -> Iterator[None]:
    """Does not count the time of the block for `within`, and does not interrupt it.

    Loading a library is not the fault of the page that is the first to need it, and a library that
    is loaded in part is of no use to the next page.
    """
    if not _Alarm.armed or threading.current_thread() is not threading.main_thread():
        yield
        return
    _Alarm.armed = False
    left, _ = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    try:
        yield
    finally:
        _Alarm.armed = True
        signal.setitimer(signal.ITIMER_VIRTUAL, left or _AGAIN_SECONDS, _AGAIN_SECONDS)


def _interrupt(number: int, frame: object) -> None:
    if _Alarm.armed:
        raise _Interruption


def _keep_quiet_about_repeated_interruptions() -> None:
    """An interruption in a destructor is lost, which Python would print, and is repeated soon."""
    print_it = sys.unraisablehook

    def hook(unraisable: sys.UnraisableHookArgs) -> None:
        if not issubclass(unraisable.exc_type, _Interruption):
            print_it(unraisable)

    sys.unraisablehook = hook


class SideProcess:
    """Another process for calls that may take too long.

    The first call starts it, and it stays for the next ones. It has no open files of this process,
    ignores Ctrl-C and SIGTERM, and ends with this process. Calls of several threads wait for each
    other. `most_memory` is what it may use, in bytes.
    """

    def __init__(self, most_memory: int = 190_000_000) -> None:
        self._most_memory = most_memory
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        atexit.register(self._end)

    def call(self, seconds: float, function: Callable[..., Result], *args: object) -> Result:
        """The function's result or exception, from the other process.

        The function must be one that a module has under its name. OutOfTime if it takes more than
        `seconds` of CPU, OutOfMemory for too much memory; SideProcessDied if the process ends for
        another reason.
        """
        with self._lock:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                _send(process.stdin, (seconds, function, args))
                self._wait(process, seconds * _PATIENCE)
                succeeded, value = _receive(process.stdout)
            except (EOFError, BrokenPipeError):
                raise self._error_of_end(seconds) from None
            except BaseException:  # a signal in the middle of a call, too
                self.close()
                self._end()
                raise
            if _memory(process.pid) > self._most_memory * _KEPT_SHARE:
                self._end()  # it would keep the memory of this call
        if succeeded:
            result: Result = value
            return result
        raise value

    def close(self) -> None:
        """Ends the process at once, also in the middle of a call; the next call starts another."""
        process = self._process
        if process is not None:
            process.kill()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-Wignore", "-c", _PROGRAM, str(_PACKAGE_FOLDER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
        )
        return self._process

    def _wait(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        """Returns when there is an answer; OutOfTime if there is none for so long."""
        assert process.stdout is not None
        end = monotonic() + seconds
        answers = select.poll()  # `select` refuses the files of a process that has opened 1,024
        answers.register(process.stdout, select.POLLIN)
        while not answers.poll(1000 * _LOOK_SECONDS):
            if monotonic() > end:
                raise OutOfTime(f"no answer after {seconds:.0f} s")
            if _memory(process.pid) > self._most_memory:
                raise OutOfMemory(f"it needs more than {self._most_memory // 10**6} MB of memory")

    def _error_of_end(self, seconds: float) -> Exception:
        """Why the process ended before it answered."""
        code = self._end()
        if code == -signal.SIGPROF:
            return OutOfTime(f"not done after {seconds} s of CPU")
        return SideProcessDied(f"the process ended with {code}")

    def _end(self) -> int | None:
        """Ends the process if it still runs; its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()
        try:
            return process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def serve() -> None:
    """The other process: answers calls from stdin until the end of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # the kernel then kills without asking
    logging.disable()
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints is no answer
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    with suppress(EOFError, BrokenPipeError):
        while True:
            seconds, function, args = _receive(requests)
            signal.setitimer(signal.ITIMER_PROF, seconds)
            outcome = _outcome(function, args)
            data = pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
            signal.setitimer(signal.ITIMER_PROF, 0)
            _write(answers, data)


def _outcome(function: Callable[..., object], args: tuple[object, ...]) -> tuple[bool, object]:
    """Whether the call succeeded, and its result or else its exception."""
    try:
        return True, function(*args)
    except Exception as error:  # noqa: BLE001 - the other side raises it
        return False, error


def _memory(pid: int) -> int:
    """The memory of a process in bytes; 0 where the system does not show it, or if it has ended."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _send(stream: IO[bytes], value: object) -> None:
    _write(stream, pickle.dumps(value, pickle.HIGHEST_PROTOCOL))


def _write(stream: IO[bytes], data: bytes) -> None:
    """Writes all bytes to a pipe without a buffer of Python's."""
    number = stream.fileno()
    for part in (_LENGTH.pack(len(data)), data):
        view = memoryview(part)
        while view:
            view = view[os.write(number, view) :]


def _receive(stream: IO[bytes]) -> Any:
    """The next value; EOFError at the end of the stream."""
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    return pickle.loads(_exactly(stream, length))


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = io.BytesIO()
    while data.tell() < length:
        part = os.read(stream.fileno(), min(length - data.tell(), 1 << 20))
        if not part:
            raise EOFError
        data.write(part)
    return data.getvalue()
