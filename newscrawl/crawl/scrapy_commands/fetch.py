"""`scrapy fetch`, which also reaches an address on this machine or a private network."""

from __future__ import annotations

from scrapy.commands.fetch import Command as ScrapyFetch

from newscrawl.crawl.scrapy_commands.named_address import NamedAddress


class Command(NamedAddress, ScrapyFetch):
    """As in every Scrapy project. No archive is opened, and nothing is stored."""
