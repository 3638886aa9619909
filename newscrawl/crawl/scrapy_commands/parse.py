"""`scrapy parse`, which can also request an address on this machine or a private network."""

from __future__ import annotations

from scrapy.commands.parse import Command as ScrapyParse

from newscrawl.crawl.scrapy_commands.named_address import NamedAddress


class Command(NamedAddress, ScrapyParse):
    """Works as in every Scrapy project. It opens no archive and stores nothing."""
