"""A call ends after its seconds of CPU, in this process and in another, and nothing else ends."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newscrawl.core.deadline import (
    OutOfMemory,
    OutOfTime,
    SideProcess,
    SideProcessDied,
    uncounted,
    within,
)
from newscrawl.core.errors import PageRejected
from tests.support.slow_calls import end_itself, fail, folder, grow, spin, swallow, wait


@pytest.fixture
def aside() -> Iterator[SideProcess]:
    process = SideProcess()
    yield process
    process.close()


def test_result_of_a_quick_call_is_returned() -> None:
    assert within(1, lambda: 7) == 7


def test_error_of_a_quick_call_is_raised() -> None:
    with pytest.raises(PageRejected, match="what"):
        within(1, lambda: fail("what"))


@pytest.mark.parametrize(
    "call",
    [spin, swallow, lambda: re.search("(a+)+b", "a" * 40)],
    ids=["loop", "bare except", "pattern"],
)
def test_call_is_interrupted(call: Callable[[], object]) -> None:
    start = time.process_time()
    with pytest.raises(OutOfTime):
        within(0.2, call)
    # The timer counts whole ticks of the kernel, which is less exact than process_time.
    assert 0.02 < time.process_time() - start < 1.5


def test_interruption_of_a_destructor_is_repeated_and_prints_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    class SlowToEnd:
        def __del__(self) -> None:
            burn(0.05)

    def end_one_and_spin() -> None:
        SlowToEnd()
        spin()

    with pytest.raises(OutOfTime):
        within(0.02, end_one_and_spin)
    assert capfd.readouterr().err == ""


def test_later_code_is_not_interrupted() -> None:
    for _ in range(20):
        within(0.01, lambda: 7)
        burn(0.02)


def test_loading_a_library_does_not_count() -> None:
    def load_and_work() -> int:
        with uncounted():
            burn(0.3)
        return 7

    assert within(0.1, load_and_work) == 7


def test_time_before_and_after_an_uncounted_block_counts() -> None:
    def load_and_spin() -> None:
        with uncounted():
            burn(0.2)
        spin()

    with pytest.raises(OutOfTime):
        within(0.1, load_and_spin)


def test_call_in_another_thread_has_no_limit() -> None:
    results: list[int] = []
    thread = threading.Thread(target=lambda: results.append(within(0.01, lambda: burn(0.05))))
    thread.start()
    thread.join()
    assert results == [7]


def test_call_aside_gives_result_and_error(aside: SideProcess) -> None:
    assert aside.call(5, pow, 2, 10) == 1024
    with pytest.raises(PageRejected, match="what") as caught:
        aside.call(5, fail, "what")
    assert caught.value.code == "code"
    assert aside.call(5, len, b"x" * 20_000_000) == 20_000_000


def test_process_is_kept_for_the_next_call(aside: SideProcess) -> None:
    assert aside.call(5, os.getpid) == aside.call(5, os.getpid) != os.getpid()


def test_slow_call_aside_is_killed_and_the_next_one_works(aside: SideProcess) -> None:
    first = aside.call(5, os.getpid)
    with pytest.raises(OutOfTime, match=r"not done after 0\.3 s of CPU"):
        aside.call(0.3, spin)
    assert aside.call(5, os.getpid) != first


def test_call_that_waits_for_ever_is_ended(aside: SideProcess) -> None:
    with pytest.raises(OutOfTime, match="no answer"):
        aside.call(0.05, wait)


def test_call_that_takes_too_much_memory_is_ended() -> None:
    process = SideProcess(most_memory=100_000_000)
    with pytest.raises(OutOfMemory, match="more than 100 MB"):
        process.call(5, grow)
    assert process.call(5, pow, 2, 10) == 1024
    process.close()


def test_death_of_the_process_is_an_error_of_that_call_only(aside: SideProcess) -> None:
    with pytest.raises(SideProcessDied, match=f"-{int(signal.SIGKILL)}"):
        aside.call(5, end_itself)
    assert aside.call(5, pow, 2, 10) == 1024


def test_signal_in_the_middle_of_a_call_is_obeyed_at_once(aside: SideProcess) -> None:
    aside.call(5, os.getpid)
    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        aside.call(30, wait)
    assert time.monotonic() - start < 5
    assert aside.call(5, pow, 2, 10) == 1024


def test_process_imports_nothing_from_the_current_folder(
    aside: SideProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pickle.py", "newscrawl.py", "signal.py", "sitecustomize.py"):
        (tmp_path / name).write_text("raise SystemExit('imported')", "utf-8")
    monkeypatch.chdir(tmp_path)
    found_folder, search_path = aside.call(5, folder)
    assert found_folder == "/"
    assert not {"", ".", str(tmp_path)} & set(search_path)


def burn(seconds: float) -> int:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return 7
