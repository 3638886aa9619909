"""Sites on this machine to crawl: newsite.py of ../shared where it is there, else the demo newspaper."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_server
from time import monotonic
from urllib.error import URLError
from urllib.request import urlopen

SHARED = Path(__file__).parents[3] / "shared"
NEWSITE = SHARED / "site" / "newsite.py"
START_SECONDS = 120.0
LONGEST = 6 * 3600  # newsite ends by itself after an hour otherwise


@dataclass(frozen=True, slots=True)
class Target:
    """`site` is the site file's name; `urls` are its articles' addresses."""

    site: str
    base_url: str
    urls: tuple[str, ...]


@contextmanager
def serving(articles: int, folder: Path, *arguments: str, truth: bool = True) -> Iterator[Target]:
    """A site while the block runs; `folder` takes newsite's truth. The demo newspaper has about eighty articles.

    Without `truth` newsite starts at once, however many its articles are, and the target has no addresses.
    """
    if NEWSITE.is_file():
        with _newsite(articles, folder / "truth.jsonl" if truth else None, arguments) as target:
            yield target
        return
    from newscrawl.demo.server import DemoServer

    print(
        "no newsite.py in ../shared: the demo newspaper is crawled, whose few pages make rough figures"
    )
    with DemoServer() as server:
        keys = [article.url for article in server.paper.truth()]
        yield Target(
            "demo",
            server.base_url,
            tuple(url.replace("https://benmay.example", server.base_url) for url in keys),
        )


@contextmanager
def _newsite(articles: int, truth: Path | None, arguments: tuple[str, ...]) -> Iterator[Target]:
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = [
        "--articles",
        str(articles),
        "--port",
        str(port),
        "--template",
        "mixed",
        "--max-seconds",
        str(LONGEST),
    ]
    options += ["--truth", str(truth)] if truth else []
    process = subprocess.Popen(
        [sys.executable, str(NEWSITE), *options, *arguments], stdout=subprocess.DEVNULL
    )
    base_url = f"http://127.0.0.1:{port}"
    try:
        _await(base_url)
        lines = truth.read_text("utf-8").splitlines() if truth else []
        urls = tuple(json.loads(line)["url"] for line in lines)
        yield Target("bnews", base_url, urls)
    finally:
        process.terminate()
        process.wait()


def _await(base_url: str) -> None:
    end = monotonic() + START_SECONDS
    while True:
        try:
            with urlopen(f"{base_url}/__stats"):
                return
        except URLError:
            if monotonic() > end:
                raise
