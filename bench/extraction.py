"""Generic extraction against trafilatura on pages of other publishers, with the scorer of ../shared/extraction.

    python bench/extraction.py [--extraction ../shared/extraction] [--extractors trafilatura,combo,newscrawl]

The CPU column of newscrawl there holds its start; this script measures the start alone and prints it.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-m", "newscrawl", "extract", "--jsonl"]


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
    print(f"start of newscrawl extract: {start_seconds():.2f} s of CPU, to be taken off its time below")
    command = [sys.executable, "run.py", "--extractor", asked.extractors]
    subprocess.run(command, cwd=asked.extraction, check=True, env=os.environ | {"NEWSCRAWL_EXTRACT": " ".join(COMMAND)})


if __name__ == "__main__":
    main()
