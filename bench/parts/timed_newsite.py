"""newsite.py, which also writes down when each page was asked for.

python timed_newsite.py NEWSITE TIMES NEWSITE'S OPTIONS...
"""

from __future__ import annotations

import runpy
import sys
from collections import Counter
from pathlib import Path
from time import monotonic
from typing import TextIO

UNCOUNTED = ("connections", "304", "fault:")  # newsite counts these beside the request itself


class TimedCounter(Counter[str]):
    """Counts as newsite does; `times` gets a line a request."""

    times: TextIO

    def __setitem__(self, name: str, count: int) -> None:
        super().__setitem__(name, count)
        if not name.startswith(UNCOUNTED):
            self.times.write(f"{monotonic()} {name}\n")


def main() -> None:
    """Serves until it is ended."""
    program, times, *options = sys.argv[1:]
    newsite = runpy.run_path(program)
    with Path(times).open("w", encoding="utf-8", buffering=1) as TimedCounter.times:
        newsite["Http"].stats = TimedCounter()
        sys.argv = [program, *options]
        newsite["main"]()


if __name__ == "__main__":
    main()
