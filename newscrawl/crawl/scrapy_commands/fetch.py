"""`scrapy fetch`, which can also request an address on this machine or a private network."""

from __future__ import annotations

from scrapy.commands.fetch import Command as ScrapyFetch

from newscrawl.crawl.scrapy_commands.named_address import NamedAddress


class Command(NamedAddress, ScrapyFetch):
    """Works as in every Scrapy project. It opens no archive and stores nothing."""
