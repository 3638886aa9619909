"""`scrapy shell`, which also reaches an address on this machine or a private network."""

from __future__ import annotations

from scrapy.commands.shell import Command as ScrapyShell

from newscrawl.crawl.scrapy_commands.named_address import NamedAddress


class Command(NamedAddress, ScrapyShell):
    """As in every Scrapy project. No archive is opened, and nothing is stored."""
