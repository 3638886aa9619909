"""What every command receives: the archive's folder and its settings, found when first used."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.core.errors import UsageError
from newscrawl.core.folder import ArchiveFolder, archive_folder
from newscrawl.core.program import called_as

if TYPE_CHECKING:
    from newscrawl.sites.config import Config
    from newscrawl.store.read.reader import Reader

DEMO_SITE = "demo"  # only `newscrawl demo` serves this newspaper


@dataclass
class App:
    """`archive_option` is None if --archive was not given.

    `sources` are the archives that a command reads instead of that one.
    """

    archive_option: Path | None = None
    debug: bool = False
    pager: bool = True
    clock: Callable[[], datetime] = lambda: datetime.now(UTC).replace(microsecond=0)
    sources: Sequence[Path] = ()

    @property
    def today(self) -> date:
        """The current day on this computer, from which `yesterday` and `7d` are counted."""
        return self.clock().astimezone().date()

    @cached_property
    def archive(self) -> Path:
        """The archive's folder. It may not exist."""
        return archive_folder(self.archive_option, os.environ)

    @cached_property
    def config(self) -> Config:
        """The archive's settings; UsageError if newscrawl.toml or the environment is invalid."""
        from newscrawl.sites.config import load_config

        overrides = {"log_level": "DEBUG"} if self.debug else None
        return load_config(self.archive, os.environ, overrides)

    @property
    def command(self) -> str:
        """How newscrawl was called, with its --archive option, for hints to copy."""
        if self.archive_option is None:
            return called_as()
        return f"{called_as()} --archive {shlex.quote(str(self.archive_option))}"

    @property
    def is_release(self) -> bool:
        """Whether `newscrawl release` made the folder: it has no raw pages."""
        return ArchiveFolder(self.archive).is_release

    def reader(self) -> Reader:
        """A context manager that reads one snapshot; UsageError if there is no archive."""
        from newscrawl.store.read.reader import Reader

        return Reader(self.archive)

    def sites_to_crawl(self) -> list[str]:
        """The sites to crawl when a command names none: those of newscrawl.toml, or those
        crawled before. Single pages of hosts without a site file do not count. UsageError if there
        are none."""
        from newscrawl.sites.generic import is_generic
        from newscrawl.store.known_names import named_few

        if self.config.sites:
            return list(dict.fromkeys(self.config.sites))
        reason = f"no site was crawled into {self.archive} before"
        if ArchiveFolder(self.archive).database.is_file():
            with self.reader() as reader:
                crawled = reader.crawled_sites()
            sites = [
                site for site in crawled if site != DEMO_SITE and not is_generic(site, self.archive)
            ]
            if sites:
                return sites
            if crawled:
                names = named_few(crawled)
                reason = f"{self.archive} has only what is not crawled without its name: {names}"
        raise UsageError(
            f"no site given, and {reason}",
            "name one of the sites that newscrawl sites list prints",
        )
