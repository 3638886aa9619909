"""One run that crawls many sites: CPU of a request compared with a run of ten sites, and memory.

    python bench/many_sites.py [--sites 200,1000] [--requests 16] [--rounds 3] [--json FILE]

Each site has a site file and a host of its own and shows the made-up newspaper; a proxy on
loopback answers for all hosts. The cost of a request is that of the sites after the first one: a
run of one site is subtracted, the cheapest of three.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic

from parts.processes import NEWSCRAWL, Cost, new_archive, wait_for
from parts.results import argument_parser, measuring, median_of

from newscrawl.store.connection import open_reader

PROXY = Path(__file__).parent / "parts" / "many_papers.py"
FEW = 10
STARTS = 3  # runs of one site in each round
ENDED_BY_BUDGET = 6  # exit code
SITE = """\
name = "{name}"
extends = "bnews"
legacy_tls = false
title = "{name}"
domain = "{name}.example"
origin = "http://{name}.example"
hosts = []
"""


@contextmanager
def proxy() -> Iterator[str]:
    """The address of the proxy, which runs in a process of its own."""
    command = [sys.executable, str(PROXY)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().decode().strip()
        finally:
            process.stdin.close()


def make_archive(folder: Path, sites: int) -> None:
    """An empty archive with so many site files."""
    new_archive(folder)
    (folder / "sites").mkdir()
    names = [f"paper{number}" for number in range(sites)]
    for name in names:
        (folder / "sites" / f"{name}.toml").write_text(SITE.format(name=name), "utf-8")
    (folder / "newscrawl.toml").write_text(f"sites = {names}\n", "utf-8")


def crawl(archive: Path, address: str, requests: int) -> Cost:
    """The cost of a run that makes so many requests per site; CalledProcessError if it fails."""
    options = ["--set", "DOWNLOAD_DELAY=0", "--max-pages", "2", "--max-requests", str(requests)]
    command = [*NEWSCRAWL, "--archive", str(archive), "crawl", "--quiet", *options]
    began = monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env=os.environ | {"http_proxy": address}
    )
    cost = wait_for(process, began)
    if process.returncode != ENDED_BY_BUDGET:
        raise subprocess.CalledProcessError(process.returncode, command)
    return cost


def requests_of(archive: Path) -> int:
    """How many pages the runs of an archive have requested."""
    with closing(open_reader(archive)) as db:
        statement = "SELECT sum(json_extract(stats, '$.requests')) FROM crawls"
        return int(db.execute(statement).fetchone()[0])


def one_run(folder: Path, sites: int, address: str, requests: int) -> tuple[Cost, int]:
    """The cost of a run in a new archive, and how many requests it made."""
    archive = folder / f"of{sites}"
    shutil.rmtree(archive, ignore_errors=True)
    make_archive(archive, sites)
    cost = crawl(archive, address, requests)
    return cost, requests_of(archive)


def measure(
    counts: Sequence[int], requests: int, rounds: int
) -> dict[int, list[tuple[float, Cost]]]:
    """For each number of sites, milliseconds of CPU per request and the cost, by round."""
    found: dict[int, list[tuple[float, Cost]]] = defaultdict(list)
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name, proxy() as address:
            folder = Path(name)
            starts = [one_run(folder, 1, address, requests) for _ in range(STARTS)]
            start = min(cost.cpu for cost, _ in starts)
            of_one_site = starts[0][1]
            for count in (FEW, *counts):
                cost, made = one_run(folder, count, address, requests)
                seconds = (cost.cpu - start) / (made - of_one_site)
                found[count].append((1000 * seconds, cost))
    return found


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--sites", default="200,1000", metavar="N,…")
    parser.add_argument("--requests", type=int, default=16, help="per site")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    counts = [int(count) for count in options.sites.split(",")]
    with measuring(options) as results:
        found = measure(counts, options.requests, options.rounds)
        few = [cpu for cpu, _ in found[FEW]]
        results.add(median_of(f"CPU of a request, {FEW} sites", few, "ms"))
        for count in counts:
            ratios = [cpu / base for (cpu, _), base in zip(found[count], few, strict=True)]
            name = f"CPU of a request, {count:,} sites"
            results.add(median_of(name, ratios, baseline=f"{FEW} sites"))
        for count in (FEW, *counts):
            memory = [cost.memory for _, cost in found[count]]
            results.add(median_of(f"memory of a run of {count:,} sites", memory, "MB"))


if __name__ == "__main__":
    main()
