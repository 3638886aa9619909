"""Where the parts of an archive lie in its folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ARCHIVE_VARIABLE = "NEWSCRAWL_ARCHIVE"
DEFAULT_ARCHIVE = Path("data")
DATABASE = "newscrawl.db"
CONFIG = "newscrawl.toml"
REMOVED_TEXTS = ("csv/removed-texts.csv", "removed-texts.csv")
SUMS = "SHA256SUMS"  # the checksums of a release


@dataclass(frozen=True, slots=True)
class ArchiveFolder:
    """The paths of an archive's parts. None of them has to exist, and nothing is created."""

    path: Path

    @property
    def database(self) -> Path:
        """The SQLite database. A release has one under the same name."""
        return self.path / DATABASE

    @property
    def is_release(self) -> bool:
        """Whether `newscrawl release` made the folder, which is never changed."""
        return all((self.path / name).is_file() for name in ("datapackage.json", SUMS))

    @property
    def lacks_texts(self) -> bool:
        """Whether a release omits texts, or `rehydrate` did not find all of them."""
        return any((self.path / name).is_file() for name in REMOVED_TEXTS)

    @property
    def warc(self) -> Path:
        """The folder of the WARC files, which hold the raw pages."""
        return self.path / "warc"

    @property
    def sites(self) -> Path:
        """The folder of the archive's own site files."""
        return self.path / "sites"

    def fixtures(self, site: str) -> Path:
        """The folder of the fixtures that belong to one of the archive's own site files."""
        return self.sites / "fixtures" / site

    @property
    def exports(self) -> Path:
        """A folder for exports. Nothing is written to it unless a user names it."""
        return self.path / "exports"

    @property
    def logs(self) -> Path:
        """The folder of the log files."""
        return self.path / "logs"

    @property
    def backfill(self) -> Path:
        """The folder of files that a backfill is downloading."""
        return self.path / "backfill"

    @property
    def lock(self) -> Path:
        """The file that a writing run locks."""
        return self.path / "lock"

    @property
    def config(self) -> Path:
        """The settings of the archive."""
        return self.path / CONFIG


def archive_folder(option: Path | None, environ: Mapping[str, str]) -> Path:
    """The archive's folder, which need not exist: the option, NEWSCRAWL_ARCHIVE, or ./data."""
    if option is not None:
        return option
    return Path(environ.get(ARCHIVE_VARIABLE) or DEFAULT_ARCHIVE)
