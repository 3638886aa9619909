"""What a user sees of Scrapy's log during a crawl: an error is one line, once, without traceback.

Each page has its outcome in the archive, so the log of a page is only for people who look for the
cause. `logs/crawl.log` has it in full.
"""

from __future__ import annotations

import logging
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings
from scrapy.utils.log import get_scrapy_root_handler

from newscrawl.core.text import terminal_safe
from newscrawl.crawl.session import Session

NOT_OURS = frozenset({"scrapy", "twisted"})  # loggers
LONGEST_MESSAGE = 300  # characters


class ShortLog:
    """An extension. It has no effect if the user has asked for Scrapy's log, or for a log file."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raises NotConfigured if the user wants to see everything."""
        if crawler.settings["LOG_FILE"] or _level(crawler.settings) < logging.WARNING:
            raise NotConfigured
        extension = cls()
        # Scrapy installs its handler anew for each crawler. From this signal on, it is the last.
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        return extension

    def spider_opened(self, spider: Spider) -> None:
        """Shortens what Scrapy's handler prints on stderr."""
        handler = get_scrapy_root_handler()
        if handler is None or any(isinstance(known, _OncePerCause) for known in handler.filters):
            return
        has_log_file = isinstance(getattr(spider, "session", None), Session)
        more = "logs/crawl.log has the details" if has_log_file else "--debug prints the details"
        handler.addFilter(_OncePerCause())
        handler.setFormatter(_OneLine(handler.formatter or logging.Formatter(), more))


class _OncePerCause(logging.Filter):
    """Drops warnings of Scrapy, and errors from a place in the code that has reported one."""

    def __init__(self) -> None:
        super().__init__()
        self._reported: set[tuple[str, int, str]] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        if not _is_foreign(record):
            return True
        cause = (record.pathname, record.lineno, _exception_line(record))
        if record.levelno < logging.ERROR or cause in self._reported:
            return False
        self._reported.add(cause)
        return True


class _OneLine(logging.Formatter):
    """An error of Scrapy as one line; any other record as before."""

    def __init__(self, others: logging.Formatter, more: str) -> None:
        super().__init__()
        self._others, self._more = others, more

    def format(self, record: logging.LogRecord) -> str:
        if not _is_foreign(record):
            return self._others.format(record)
        parts = [" ".join(record.getMessage().split())[:LONGEST_MESSAGE], _exception_line(record)]
        message = ": ".join(filter(None, parts))
        return terminal_safe(f"error: {message} ({self._more})")


def _is_foreign(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in NOT_OURS


def _exception_line(record: logging.LogRecord) -> str:
    """`ValueError: the message`; "" if the record has no exception."""
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    kind, error, _ = record.exc_info
    return f"{kind.__name__}: {' '.join(str(error).split())}"[:LONGEST_MESSAGE]


def _level(settings: BaseSettings) -> int:
    return logging.getLevelNamesMapping().get(str(settings["LOG_LEVEL"]), logging.DEBUG)
