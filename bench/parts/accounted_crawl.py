"""Runs a newscrawl command and writes how much CPU each part of the crawl took.

python accounted_crawl.py FILE ARGUMENT...
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from time import process_time
from typing import Any

from scrapy.crawler import CrawlerProcess

from newscrawl.cli.main import main
from newscrawl.crawl import reception
from newscrawl.crawl.captures import Captures
from newscrawl.pipelines.clean import CleanPipeline
from newscrawl.pipelines.duplicates import DuplicatePipeline
from newscrawl.pipelines.store import StorePipeline
from newscrawl.pipelines.timestamps import TimestampPipeline
from newscrawl.spiders.site import SiteSpider

WHOLE, REST = "all", "Scrapy, Twisted, sockets"
# Name of the part, and the function or method, found by the module or class that has its name.
PARTS: tuple[tuple[str, object, str], ...] = (
    ("reading the page", reception, "extract"),
    ("clean text, times, identity", CleanPipeline, "process_item"),
    ("clean text, times, identity", TimestampPipeline, "process_item"),
    ("clean text, times, identity", DuplicatePipeline, "process_item"),
    ("storing the article", StorePipeline, "process_item"),
    ("committing", SiteSpider, "_commit_now"),
    ("choosing the next page", SiteSpider, "_next_task"),
    ("storing the raw page", Captures, "write"),
    (WHOLE, CrawlerProcess, "start"),
)


def account(spent: dict[str, float]) -> None:
    """Adds the CPU seconds of each part to `spent` from now on. No part contains another one."""
    for name, owner, method in PARTS:
        setattr(owner, method, _timed(getattr(owner, method), name, spent))


def _timed(call: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    @wraps(call)
    def timed(*args: Any, **options: Any) -> Any:
        began = process_time()
        try:
            return call(*args, **options)
        finally:
            spent[name] += process_time() - began

    return timed


if __name__ == "__main__":
    seconds: dict[str, float] = defaultdict(float)
    account(seconds)
    out = Path(sys.argv[1])
    sys.argv = ["newscrawl", *sys.argv[2:]]
    try:
        main()
    finally:
        whole = seconds.pop(WHOLE, 0.0)
        out.write_text(json.dumps(dict(seconds) | {REST: whole - sum(seconds.values())}), "utf-8")
