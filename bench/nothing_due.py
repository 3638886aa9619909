"""A run of `crawl --due` with nothing due, in an archive of many sites: CPU and memory.

    python bench/nothing_due.py [--sites 10000] [--rounds 5] [--json FILE]

Each site has a site file, a crawl, five lists and twenty articles, all of which are due later. The
archive is made in a subprocess, because the memory of a parent counts towards that of its children.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from parts.processes import NEWSCRAWL, new_archive, run
from parts.results import Figure, argument_parser, measuring, median_of
from parts.rhythmic_paper import write_site_file

FILL = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
names = [f"paper-{number}" for number in range(int(sys.argv[2]))]
db.executemany("INSERT INTO sites (site, name, domain) VALUES (?1, ?1, ?1)", [(n,) for n in names])
db.executemany(
    "INSERT INTO crawls (site, started_at, finished_at, reason, exit_code, options, version)"
    " VALUES (?, '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', 'finished', 0,"
    " '{\\"due\\": true}', '')",
    [(name,) for name in names],
)
for kind, count in (("listing", 5), ("article", 20)):
    db.executemany(
        "INSERT INTO frontier (url, site, kind, state, not_before)"
        " VALUES (?, ?, ?, 'done', '2999-01-01T00:00:00Z')",
        [
            (f"https://{name}.example/{kind}-{number}", name, kind)
            for name in names
            for number in range(count)
        ],
    )
db.commit()
"""


def main() -> None:
    """Measures the command and an empty Python process in turn."""
    parser = argument_parser(__doc__)
    parser.add_argument("--sites", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with measuring(options) as results, tempfile.TemporaryDirectory() as name:
        archive = Path(name)
        new_archive(archive)
        for number in range(options.sites):
            write_site_file(archive, f"paper-{number}")
        fill = [sys.executable, "-c", FILL, str(archive / "newscrawl.db"), str(options.sites)]
        subprocess.run(fill, check=True)
        command = [*NEWSCRAWL, "--archive", str(archive), "crawl", "--due", "--quiet"]
        ratios, seconds, memory = [], [], []
        for _ in range(options.rounds):
            empty = run([sys.executable, "-c", "pass"])
            cost = run(command)
            ratios.append(cost.cpu / empty.cpu)
            seconds.append(cost.cpu)
            memory.append(cost.memory)
        prefix = f"{options.sites:,} sites, nothing due"
        results.add(median_of(f"{prefix}: CPU", seconds, "s"))
        results.add(median_of(f"{prefix}: CPU", ratios, "x", "python -c pass"))
        results.add(Figure(f"{prefix}: memory", median(memory), "MB"))


if __name__ == "__main__":
    main()
