"""The program `newscrawl`, also as `python -m newscrawl`.

The command line is imported only after a signal ends the process as docs/cli.md says.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from types import FrameType

STOPPED = 6  # as Stopped.exit_code, which is not imported yet


def main() -> None:
    """Runs the command line. A signal that comes during its imports ends the process at once."""
    is_ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN  # as with `nohup`
    signal.signal(signal.SIGTERM, _end)
    if not is_ignored:
        signal.signal(signal.SIGINT, _end)
    from newscrawl.cli.main import main as run

    if not is_ignored:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run(prog_name="newscrawl")


def _end(number: int, frame: FrameType | None) -> None:
    """Ends the process, which has written nothing yet."""
    with suppress(OSError):  # stderr is closed
        os.write(2, b"Stopped.\n")
    os._exit(STOPPED)


if __name__ == "__main__":
    main()
