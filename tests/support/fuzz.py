"""Coverage-guided fuzzing of the targets of tests/support/fuzzing.py.

Example: `python -m tests.support.fuzz times --minutes 5`.
"""

from __future__ import annotations

import argparse
import sys

import atheris

with atheris.instrument_imports(include=["newscrawl"]):
    from tests.support.fuzzing import TARGETS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--minutes", type=float, default=1.0)
    asked = parser.parse_args()
    target = TARGETS[asked.target]

    def once(data: bytes) -> None:
        target(atheris.FuzzedDataProvider(data).ConsumeUnicode(len(data)))

    seconds = max(1, round(asked.minutes * 60))
    atheris.Setup(
        [sys.argv[0], f"-max_total_time={seconds}", "-max_len=400", "-print_final_stats=1"], once
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
