"""Reads pages from standard input with newspaper4k and news-please; started by template.py.

It runs in .venv-peers. Each line is a JSON list of [URL, page]. The answer to each is a line with
the CPU seconds of either tool.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Mapping
from time import process_time

import newspaper
from newsplease import NewsPlease

PEERS: Mapping[str, Callable[[str, str], object]] = {
    "newspaper4k": lambda url, page: newspaper.article(url, input_html=page),
    "news-please": lambda url, page: NewsPlease.from_html(page, url=url, fetch_images=False),
}


def main() -> None:
    """Answers until the input ends."""
    logging.disable()
    for line in sys.stdin:
        pages = json.loads(line)
        seconds = {}
        for name, read in PEERS.items():
            start = process_time()
            for url, page in pages:
                read(url, page)
            seconds[name] = process_time() - start
        print(json.dumps(seconds), flush=True)


if __name__ == "__main__":
    main()
