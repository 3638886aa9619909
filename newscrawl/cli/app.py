"""What every command is given: the archive's folder and its settings, found when they are first asked for."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.core.errors import UsageError
from newscrawl.core.folder import ArchiveFolder

if TYPE_CHECKING:
    from newscrawl.sites.config import Config
    from newscrawl.store.read.reader import Reader


@dataclass
class App:
    """`archive_option` is None where --archive was not given."""

    archive_option: Path | None = None
    debug: bool = False
    clock: Callable[[], datetime] = lambda: datetime.now(UTC).replace(microsecond=0)

    @cached_property
    def archive(self) -> Path:
        """The archive's folder; it need not exist."""
        from newscrawl.sites.config import archive_folder

        return archive_folder(self.archive_option, os.environ)

    @cached_property
    def config(self) -> Config:
        """The archive's settings; UsageError where newscrawl.toml or the environment is wrong."""
        from newscrawl.sites.config import load_config

        return load_config(self.archive, os.environ, {"log_level": "DEBUG"} if self.debug else None)

    @property
    def command(self) -> str:
        """How the command is called on this archive, for advice that can be pasted."""
        return (
            "newscrawl"
            if self.archive_option is None
            else f"newscrawl --archive {shlex.quote(str(self.archive_option))}"
        )

    @property
    def is_release(self) -> bool:
        """Whether the folder was made by `newscrawl release`: raw pages are no part of it."""
        return (self.archive / "datapackage.json").is_file() and (
            self.archive / "SHA256SUMS"
        ).is_file()

    def reader(self) -> Reader:
        """The archive opened for reading (a context manager: one snapshot); UsageError where there is none."""
        from newscrawl.store.read.reader import Reader

        return Reader(self.archive)

    def sites_to_crawl(self) -> list[str]:
        """The sites meant where a command names none: those of newscrawl.toml, else those crawled before.

        The demo's newspaper is served by `newscrawl demo` alone, and so is none of them.
        """

        if self.config.sites:
            return list(dict.fromkeys(self.config.sites))
        if ArchiveFolder(self.archive).database.is_file():
            with self.reader() as reader:
                if crawled := [site for site in reader.crawled_sites() if site != "demo"]:
                    return crawled
        raise UsageError(
            f"no site given, and {self.archive} has none to crawl yet",
            "name one of: newscrawl sites list",
        )
