"""Archives of three crawls, a day apart, and what each of their captures showed: for tests with other people's tools.

By hand: `python -m tests.support.three_crawls demo|living FOLDER` writes FOLDER/archive and FOLDER/truth.jsonl.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from newscrawl.core.times import from_utc_text
from newscrawl.demo.server import DemoServer
from tests.support.clocked_crawls import after, crawl_at
from tests.support.crawling import query
from tests.support.living_site import NAME, LivingSite, write_site_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a visitor would have seen at an address at the time of a capture. `status` is that of the capture."""

    url: str
    at: datetime
    status: int
    body: bytes

    @property
    def timestamp(self) -> str:
        """The time as web archives write it in addresses."""
        return self.at.strftime("%Y%m%d%H%M%S")


def demo_crawls(folder: Path, **options: Any) -> list[Shown]:
    """The made-up newspaper, whose server answers 304; its second edition comes before the third crawl."""
    pages = _Pages(folder)
    with DemoServer() as server:
        for day in range(3):
            if day == 2:
                server.publish_edition_two()
            crawl_at(after(day), folder, server.base_url, "demo", refetch=True, **options)
            pages.look(after(day))
    return pages.shown


def living_crawls(folder: Path, *, validators: bool) -> list[Shown]:
    """A small site, one of whose articles changes before each crawl. Without validators it always sends whole pages."""
    write_site_file(folder)
    pages = _Pages(folder)
    with LivingSite(validators=validators) as site:
        for number in (1, 2, 3):
            site.add(number)
        for day in range(3):
            site.stories[3].text = f"As on day {day}."
            crawl_at(after(day), folder, site.base_url, NAME, refetch=True)
            pages.look(after(day))
    return pages.shown


class _Pages:
    """What the server sends for everything that a crawl has just captured.

    A page that was not modified is the one that was sent before: the newspaper's ETags are weak, so that the page that
    it would send now has another clock.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: dict[str, bytes] = {}
        self.shown: list[Shown] = []

    def look(self, at: datetime) -> None:
        """Asks the server for everything that was captured at this moment."""
        sql = "SELECT url, status, fetched_at FROM captures WHERE warc_file IS NOT NULL ORDER BY id"
        for url, status, fetched_at in query(self._folder, sql):
            if from_utc_text(fetched_at) != at or status not in (200, 304):
                continue
            if status == 200:
                with urllib.request.urlopen(url) as response:
                    self._last[url] = response.read()
            self.shown.append(Shown(url=url, at=at, status=status, body=self._last[url]))


def main(kind: str, target: Path) -> None:
    """Writes an archive and the truth of its captures."""
    folder = target / "archive"
    folder.mkdir(parents=True)
    pages = demo_crawls(folder) if kind == "demo" else living_crawls(folder, validators=False)
    with (target / "truth.jsonl").open("w") as out:
        for shown in pages:
            line = {
                "url": shown.url,
                "timestamp": shown.timestamp,
                "status": shown.status,
                "body": b64encode(shown.body).decode(),
            }
            out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
