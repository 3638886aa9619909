"""Runs a newscrawl command and writes how much CPU reading each page took, one line per page.

python timed_reading.py FILE ARGUMENT...

Each line is a URL, the seconds in the crawl's process, and those in the process for slow pages.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from time import process_time
from typing import TypeVar

from newscrawl.core.deadline import SideProcess
from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Page
from newscrawl.extract import in_time
from newscrawl.sites.site import Site

Result = TypeVar("Result")


class TimedReader(in_time.PageReader):
    """A reader that notes the CPU of each page."""

    def __init__(self, path: Path) -> None:
        self._side = SideProcess()
        super().__init__(self._side)
        self._file = path.open("w", encoding="utf-8")

    def here(
        self, function: Callable[..., Result], site: Site, page: Page, *args: object
    ) -> Result:
        """Reads a page here, and notes the CPU of this process."""
        began = process_time()
        try:
            return super().here(function, site, page, *args)
        finally:
            self._note(page.url, process_time() - began, 0.0)

    def aside(
        self,
        seconds: float,
        function: Callable[..., Result],
        site: Site,
        page: Page,
        *args: object,
    ) -> Result:
        """Reads a page aside, and notes the CPU of the other process: all of it if it was ended."""
        used = self._side.call(60, process_time)
        took = seconds
        try:
            result = super().aside(seconds, function, site, page, *args)
        except PageRejected as error:
            if error.code not in ("too_slow", "unreadable"):
                took = self._side.call(60, process_time) - used
            raise
        else:
            took = self._side.call(60, process_time) - used
            return result
        finally:
            self._note(page.url, 0.0, took)

    def _note(self, url: str, here: float, aside: float) -> None:
        self._file.write(f"{url} {here:.3f} {aside:.3f}\n")
        self._file.flush()


def main() -> None:
    """Runs the command that follows the file."""
    reader = lru_cache(maxsize=1)(lambda: TimedReader(Path(sys.argv[1])))
    in_time.page_reader = reader
    from newscrawl.cli.main import main as newscrawl

    newscrawl(sys.argv[2:])


if __name__ == "__main__":
    main()
