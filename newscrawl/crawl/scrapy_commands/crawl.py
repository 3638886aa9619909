"""`scrapy crawl SITE`: like `newscrawl crawl SITE`, with the same lock, errors and exit codes."""

from __future__ import annotations

import argparse
import logging
import shlex
import sys
from pathlib import Path
from urllib.parse import urlsplit

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError as ScrapyUsageError
from w3lib.url import file_uri_to_path

from newscrawl.core.boundaries import check_output
from newscrawl.core.errors import NewscrawlError, UsageError
from newscrawl.core.text import terminal_safe
from newscrawl.crawl.arguments import options_from_arguments
from newscrawl.crawl.feed_rows import ITEMS
from newscrawl.crawl.run import crawl_in, exit_code
from newscrawl.crawl.session import now_utc
from newscrawl.crawl.window import Plan
from newscrawl.sites.loading import load_site


class Command(ScrapyCrawl):
    """Settings (`-s`), logs and feeds (`-O`) work as in every Scrapy project.

    The arguments (`-a`) are the options of `newscrawl crawl` with underscores, and `items`
    (articles or listings), which selects the rows of feeds.
    """

    def short_desc(self) -> str:
        """The command's line in `scrapy -h`."""
        return "Crawl a site into the archive"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawls one site.

        The last line on stderr, and in LOG_FILE, is the result or the reason for a failure.
        """
        if len(args) != 1:
            raise ScrapyUsageError("expected the name of one site, for example: scrapy crawl bnews")
        try:
            self.exitcode = self._crawl(args[0], opts.spargs)
        except NewscrawlError as error:
            self.exitcode = error.exit_code
            for line in error.message.splitlines():
                self._say(f"error: {line}")
            if error.hint:
                self._say(f"hint: {error.hint}")

    def _crawl(self, name: str, arguments: dict[str, str]) -> int:
        assert self.settings is not None
        assert self.crawler_process is not None
        folder = Path(self.settings["NEWSCRAWL_ARCHIVE"])
        self._check_outputs(folder)
        site = load_site(name, folder)
        items = _chosen_items(arguments.pop("items", ITEMS[0]))
        arguments.pop("_job", None)  # scrapyd's name for the run
        retry_pause = self.settings.getfloat("NEWSCRAWL_RETRY_PAUSE")
        options = options_from_arguments(
            site, arguments, folder, now=now_utc(), retry_pause=retry_pause
        )
        ended = crawl_in(
            self.crawler_process, folder, [Plan(site, options)], say=self._say, items=items
        )
        for crawl in ended:
            failure = crawl.failure(shlex.join(["newscrawl", "--archive", str(folder)]))
            if failure is not None:
                self._say(f"error: {failure}")
            self._say(crawl.as_line())
        return exit_code(ended)

    def _check_outputs(self, folder: Path) -> None:
        """UsageError if a feed (`-O`) would replace a part of an archive."""
        assert self.settings is not None
        for feed in self.settings.getdict("FEEDS"):
            if urlsplit(str(feed)).scheme in ("", "file"):
                check_output(Path(file_uri_to_path(str(feed))), folder)

    def _say(self, message: str) -> None:
        """Writes a line to stderr and, if Scrapy logs to a file, to that file too."""
        message = terminal_safe(message)
        print(message, file=sys.stderr)  # noqa: T201 (the output of a command)
        assert self.settings is not None
        if self.settings["LOG_FILE"]:
            record = logging.makeLogRecord(
                {"name": "newscrawl", "levelno": logging.INFO, "levelname": "INFO", "msg": message}
            )
            for handler in logging.getLogger().handlers:
                handler.emit(record)  # independent of LOG_LEVEL


def _chosen_items(text: str) -> str:
    if text not in ITEMS:
        raise UsageError(f"-a items={text[:40]}: expected one of {', '.join(ITEMS)}")
    return text
