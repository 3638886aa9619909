"""The shortest time between two requests to a host, in one run that crawls many sites.

    python bench/politeness.py [--sites 1000] [--requests 6] [--delay 1] [--sites-at-once 64]
                               [--json FILE]

Each site has a host of its own, for which a proxy on loopback answers. The more sites are crawled
at once, the busier is the process that has to keep the delay. The times are those at which the
kernel received the requests, so the proxy does not blur them. They are taken from the system clock,
which may be adjusted meanwhile: a gap counts as too short if a millisecond is missing. AutoThrottle
is turned off, because it makes the delay longer on a busy machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from argparse import Namespace
from itertools import pairwise
from pathlib import Path
from time import monotonic

from many_sites import ENDED_BY_BUDGET, make_archive
from parts.processes import NEWSCRAWL
from parts.results import Figure, argument_parser, measuring

PROXY = (sys.executable, "-m", "parts.timed_papers")
CLOCK_SECONDS = 0.001  # by which the system clock may be adjusted between two requests


def crawl(archive: Path, address: str, options: Namespace) -> float:
    """The seconds of a run; CalledProcessError if it fails."""
    command = [*NEWSCRAWL, "--archive", str(archive), "crawl", "--quiet"]
    command += ["--set", f"DOWNLOAD_DELAY={options.delay}", "--max-pages", "2"]
    command += ["--set", "AUTOTHROTTLE_ENABLED=false"]
    command += ["--max-requests", str(options.requests)]
    command += ["--sites-at-once", str(options.sites_at_once)]
    began = monotonic()
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, env=os.environ | {"http_proxy": address}
    )
    if done.returncode != ENDED_BY_BUDGET:
        raise subprocess.CalledProcessError(done.returncode, command)
    return monotonic() - began


def arrivals(options: Namespace) -> tuple[list[list[float]], float]:
    """For each host, when its requests arrived; and the seconds of the run."""
    with tempfile.TemporaryDirectory() as name:
        archive = Path(name) / "archive"
        make_archive(archive, options.sites)
        with subprocess.Popen(
            PROXY, cwd=Path(__file__).parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as proxy:
            assert proxy.stdin is not None
            assert proxy.stdout is not None
            address = proxy.stdout.readline().decode().strip()
            seconds = crawl(archive, address, options)
            proxy.stdin.close()
            by_host: dict[str, list[float]] = json.loads(proxy.stdout.read())
    return list(by_host.values()), seconds


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--sites", type=int, default=1000)
    parser.add_argument("--requests", type=int, default=6, help="per site")
    parser.add_argument("--delay", type=float, default=1.0, help="seconds")
    parser.add_argument("--sites-at-once", type=int, default=64)
    options = parser.parse_args()
    with measuring(options) as results:
        hosts, seconds = arrivals(options)
        gaps = [later - earlier for times in hosts for earlier, later in pairwise(times)]
        too_short = sum(gap < options.delay - CLOCK_SECONDS for gap in gaps)
        prefix = f"{len(hosts):,} hosts, delay {options.delay:g} s"
        results.add(Figure(f"{prefix}: gaps between two requests to a host", len(gaps), ""))
        results.add(Figure(f"{prefix}: gaps shorter than the delay", too_short, ""))
        results.add(Figure(f"{prefix}: shortest gap", min(gaps), "s"))
        requests = sum(map(len, hosts))
        results.add(Figure(f"{prefix}: requests a second", requests / seconds, ""))


if __name__ == "__main__":
    main()
