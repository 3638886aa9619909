"""newscrawl with a fault in it, for tests: `python -m tests.support.crashing ARGS...` runs the command line.

NEWSCRAWL_TEST_KILL=N      the process kills itself (SIGKILL) at the Nth named moment it reaches
NEWSCRAWL_TEST_KILL=NAME:N the same, counting one name only
NEWSCRAWL_TEST_SIGNAL=TERM it sends itself this signal then, instead of SIGKILL
NEWSCRAWL_TEST_STOP=SECONDS it sends itself the signal so long after its start, wherever it is then
NEWSCRAWL_TEST_SECONDS=FILE how long it ran is written there at the end
NEWSCRAWL_TEST_FAIL=N      the Nth moment at which something is written fails as a full disk does, and all after it
NEWSCRAWL_TEST_COUNT=FILE  how often each moment was reached is written there at the end, as JSON
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import sqlite3
import threading
from collections import Counter
from pathlib import Path
from time import monotonic

from newscrawl.core import crashpoints
from newscrawl.core.errors import StorageError
from newscrawl.store.connection import translate

WRITES = frozenset({"after_warc", "before_commit"})


def install() -> None:
    """Makes the faults that the environment asks for happen."""
    counts: Counter[str] = Counter()
    name, _, number = os.environ.get("NEWSCRAWL_TEST_KILL", "").rpartition(":")
    kill_at = int(number) if number else 0
    sent = signal.Signals[f"SIG{os.environ.get('NEWSCRAWL_TEST_SIGNAL', 'KILL')}"]
    fail_at = int(os.environ.get("NEWSCRAWL_TEST_FAIL", "0"))

    def reached(moment: str) -> None:
        counts[moment] += 1
        so_far = counts[name] if name else counts.total()
        if kill_at and so_far == kill_at and name in ("", moment):
            os.kill(os.getpid(), sent)
        written = sum(counts[write] for write in WRITES)
        if fail_at and moment in WRITES and written >= fail_at:
            if moment == "before_commit":
                full = sqlite3.OperationalError("database or disk is full")
                raise translate(full, Path("newscrawl.db"))
            raise StorageError(
                "cannot write the WARC file: no space left on device", "free some space"
            )

    if seconds := os.environ.get("NEWSCRAWL_TEST_STOP"):
        timer = threading.Timer(float(seconds), os.kill, (os.getpid(), sent))
        timer.daemon = True
        timer.start()
    if seconds_file := os.environ.get("NEWSCRAWL_TEST_SECONDS"):
        atexit.register(_write_seconds, Path(seconds_file), monotonic())
    crashpoints.on_reach(reached)
    if target := os.environ.get("NEWSCRAWL_TEST_COUNT"):
        atexit.register(lambda: Path(target).write_text(json.dumps(counts), "utf-8"))


def _write_seconds(path: Path, began: float) -> None:
    path.write_text(str(monotonic() - began), "utf-8")


if __name__ == "__main__":
    from newscrawl.cli.main import main

    install()
    main()
