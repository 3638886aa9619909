"""Generic extraction against trafilatura on pages of other publishers, with the scorer of ../shared/extraction.

    python bench/extraction.py [--extraction ../shared/extraction] [--extractors trafilatura,combo,newscrawl]

The CPU column of newscrawl there holds its start; the ratios printed below the table are without it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

COMMAND = [sys.executable, "-m", "newscrawl", "extract", "--jsonl"]
RUNS = 3


def start_seconds() -> float:
    """CPU seconds of a run that reads one small page, which loads all that any page loads."""
    page = b'{"id": 1, "url": "https://paper.example/a/b", "charset": "utf-8", "html_b64": "PHA+dGV4dDwvcD4="}\n'
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(COMMAND, input=page, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Runs the scorer in its own folder."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--extraction", type=Path, default=Path(__file__).parents[2] / "shared" / "extraction")
    words.add_argument("--extractors", default="trafilatura,combo,newscrawl")
    asked = words.parse_args()
    if not (asked.extraction / "run.py").is_file():
        print("no folder with the scorer (--extraction): nothing was measured")
        return
    names = asked.extractors.split(",")
    for run in range(RUNS):
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as dump:
            command = [sys.executable, "run.py", "--extractor", asked.extractors, "--dump", dump.name]
            done = subprocess.run(
                command,
                cwd=asked.extraction,
                check=True,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                env=os.environ | {"NEWSCRAWL_EXTRACT": " ".join(COMMAND)},
            )
            if run == 0:
                print(done.stdout, flush=True)
            if {"trafilatura", "newscrawl"} <= set(names):
                print(f"run {run + 1}: {ratio(Path(dump.name), start_seconds())}", flush=True)


def ratio(dump: Path, start: float) -> str:
    """CPU of newscrawl without its start against trafilatura's, in words."""
    seconds: Counter[str] = Counter()
    for line in dump.read_text("utf-8").splitlines():
        row = json.loads(line)
        seconds[row["extractor"]] += row["seconds"]
    own, other = seconds["newscrawl"] - start, seconds["trafilatura"]
    return f"newscrawl {own:.2f} s without its start of {start:.2f} s, trafilatura {other:.2f} s: {own / other:.2f}"


if __name__ == "__main__":
    main()
