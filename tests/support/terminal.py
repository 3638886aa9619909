"""Commands whose stdout is a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys


def on_a_terminal(*arguments: str, columns: int = 200) -> str:
    """What the command prints where stdout is a terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "newscrawl", *arguments],
        stdin=follower, stdout=follower, stderr=subprocess.DEVNULL,
        env={"PAGER": "cat", **os.environ, "TERM": "xterm", "COLUMNS": str(columns)},
    )  # fmt: skip
    os.close(follower)
    parts = []
    while True:
        try:
            data = os.read(leader, 65536)
        except OSError:  # EIO: the other end is closed
            break
        if not data:
            break
        parts.append(data)
    os.close(leader)
    assert process.wait() == 0
    return b"".join(parts).decode()
