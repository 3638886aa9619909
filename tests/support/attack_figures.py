"""What one crawl of the newspaper of traps costs.

`python -m tests.support.attack_figures` prints the figures of SECURITY.md.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import monotonic

from tests.crawl.test_attacks import start_crawl, watched
from tests.support.attack_site import attacking, write_site
from tests.support.crawling import query


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, attacking() as server:
        archive = Path(folder)
        write_site(archive)
        began = monotonic()
        process = start_crawl(server, archive)
        listening, _, memory_kb = watched(process)
        process.communicate()
        seconds = monotonic() - began
        stored = query(archive, "SELECT count(*) FROM articles WHERE state = 'stored'")[0][0]
        told = query(archive, "SELECT count(*) FROM problems")[0][0]
        sys.stdout.write(
            f"exit code {process.returncode}, {seconds:.0f} seconds, {memory_kb // 1024} MB, {stored} articles stored,"
            f" {told} problems, {len(listening)} sockets listening, canaries: {server.visited_canaries()}\n"
        )


if __name__ == "__main__":
    main()
