"""Shared by `fetch`, `parse` and `shell`: an address in the command may be on a private network."""

from __future__ import annotations

import argparse

from scrapy.commands import ScrapyCommand

from newscrawl.crawl.resolver import trusted_hosts

TRUSTED_HOSTS = "NEWSCRAWL_TRUSTED_HOSTS"


def trust_addresses(command: ScrapyCommand, args: list[str]) -> None:
    """Allows the command to connect to the hosts of the addresses among its arguments."""
    assert command.settings is not None
    addresses = [argument for argument in args if "://" in argument]
    trusted = [*command.settings.getlist(TRUSTED_HOSTS), *trusted_hosts(addresses)]
    command.settings.set(TRUSTED_HOSTS, trusted, priority="cmdline")


class NamedAddress:
    """A mixin for commands of Scrapy."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Processes Scrapy's own options first, then trusts the addresses."""
        assert isinstance(self, ScrapyCommand)
        super().process_options(args, opts)  # type: ignore[misc]
        trust_addresses(self, args)
