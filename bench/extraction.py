"""Generic extraction against trafilatura on pages of other publishers, with the scorer of ../shared/extraction.

    python bench/extraction.py [--extraction FOLDER] [--extractors trafilatura,combo,newscrawl] [--json FILE]

The CPU column of newscrawl in the scorer's table holds its start; the figure is without it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from parts.processes import NEWSCRAWL, cpu_of_children
from parts.results import arguments, in_median, measuring

COMMAND = [*NEWSCRAWL, "extract", "--jsonl"]


def start_seconds() -> float:
    """CPU seconds of a run that reads one small page, which loads all that any page loads."""
    page = b'{"id": 1, "url": "https://paper.example/a/b", "charset": "utf-8", "html_b64": "PHA+dGV4dDwvcD4="}\n'
    before = cpu_of_children()
    subprocess.run(COMMAND, input=page, stdout=subprocess.DEVNULL, check=True)
    return cpu_of_children() - before


def one_run(folder: Path, extractors: str, *, show: bool) -> Counter[str]:
    """CPU seconds by extractor; `show` prints the scorer's table."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as dump:
        done = subprocess.run(
            [sys.executable, "run.py", "--extractor", extractors, "--dump", dump.name],
            cwd=folder,
            check=True,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env=os.environ | {"NEWSCRAWL_EXTRACT": " ".join(COMMAND)},
        )
        if show:
            print(done.stdout, flush=True)
        seconds: Counter[str] = Counter()
        for line in Path(dump.name).read_text("utf-8").splitlines():
            row = json.loads(line)
            seconds[row["extractor"]] += row["seconds"]
    return seconds


def main() -> None:
    """Runs the scorer in its own folder."""
    words = arguments(__doc__)
    words.add_argument(
        "--extraction", type=Path, default=Path(__file__).parents[2] / "shared" / "extraction"
    )
    words.add_argument("--extractors", default="trafilatura,combo,newscrawl")
    words.add_argument("--rounds", type=int, default=5)
    asked = words.parse_args()
    with measuring(asked) as found:
        if not (asked.extraction / "run.py").is_file():
            found.nothing("no folder with the scorer (--extraction)")
            return
        ratios = []
        for number in range(asked.rounds):
            seconds = one_run(asked.extraction, asked.extractors, show=number == 0)
            if {"trafilatura", "newscrawl"} <= seconds.keys():
                ratios.append((seconds["newscrawl"] - start_seconds()) / seconds["trafilatura"])
        if ratios:
            found.add(in_median("pages without a site file: CPU", ratios, "x", "trafilatura"))


if __name__ == "__main__":
    main()
