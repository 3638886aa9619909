"""`scrapy bench`: Scrapy's benchmark, which crawls its own server on this machine."""

from __future__ import annotations

import argparse

from scrapy.commands.bench import Command as ScrapyBench

SETTINGS = {
    "NEWSCRAWL_TRUSTED_HOSTS": ["localhost"],  # otherwise names of this machine are refused
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "LOG_LEVEL": "INFO",
}
LOG_STATS = {"scrapy.extensions.logstats.LogStats": 0}  # prints the pages per minute


class Command(ScrapyBench):
    """Measures Scrapy with newscrawl's middlewares, without a delay between requests."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Applies the settings that a benchmark needs; `-s` options take precedence."""
        assert self.settings is not None
        for name, value in SETTINGS.items():
            self.settings.set(name, value, priority="spider")
        extensions = {**self.settings["EXTENSIONS"], **LOG_STATS}
        self.settings.set("EXTENSIONS", extensions, priority="spider")
        self.settings.set("CLOSESPIDER_TIMEOUT", 10, priority="spider")
        super().process_options(args, opts)
