"""A site on this machine to crawl: the made-up newspaper with any number of articles."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(__file__).with_name("large_paper.py")


@dataclass(frozen=True, slots=True)
class Target:
    """`site` is the name of the site file; `urls` are the URLs of all articles."""

    site: str
    base_url: str
    urls: tuple[str, ...]


@contextmanager
def serving(articles: int) -> Iterator[Target]:
    """Serves a site of so many articles while the block runs.

    The server has a process of its own: memory and CPU of this process stay those of the script.
    """
    command = [sys.executable, str(PROGRAM), str(articles)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        served = json.loads(process.stdout.readline())
        try:
            yield Target("demo", served["base_url"], tuple(served["urls"]))
        finally:
            process.stdin.close()
