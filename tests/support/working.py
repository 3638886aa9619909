"""Workers for tests to stop or kill: `python -m tests.support.working` prints a line for each of endless batches."""

from __future__ import annotations

import sys
from hashlib import pbkdf2_hmac

from newscrawl.core.processes import ProcessPool


def work(batch: int) -> str:
    """A hash of some milliseconds."""
    return pbkdf2_hmac("sha256", b"", str(batch).encode(), 20_000).hex()


def main() -> None:
    """Goes on for hours."""
    with ProcessPool(2, __name__) as workers:
        for batch, found in workers.map(work, range(10_000_000)):
            sys.stdout.write(f"{batch} {found}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
