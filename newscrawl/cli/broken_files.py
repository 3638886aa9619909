"""Which broken site files were reported lately, so that frequent runs do not repeat themselves."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path

from newscrawl.core.boundaries import check_links
from newscrawl.core.errors import UsageError
from newscrawl.core.files import file_errors
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.lock import refuse_release
from newscrawl.core.times import from_utc_text, to_utc_text

REPORTED = "site-files.json"  # in logs/
REPEATED_AFTER = timedelta(days=1)


class BrokenFiles:
    """The problems of site files that earlier runs have reported, by site.

    The archive's file has a hash of the text of each, and when it was printed. One that is lost or
    cannot be read only means that the problems are reported again.
    """

    def __init__(self, archive: Path, now: datetime) -> None:
        self._archive, self._now = archive, now
        self._path = ArchiveFolder(archive).logs / REPORTED
        self._reported = _read(self._path)

    def is_news(self, site: str, error: UsageError) -> bool:
        """Whether to report the problem: it is new or has changed, or a day has passed.

        If so, it counts as reported now.
        """
        digest = hashlib.sha256(error.message.encode(errors="replace")).hexdigest()
        known, printed_at = self._reported.get(site, ("", ""))
        if known == digest and self._is_recent(printed_at):
            return False
        self._reported[site] = (digest, to_utc_text(self._now))
        self._write()
        return True

    def forget(self, site: str) -> None:
        """A site file that was corrected is news when it is broken again."""
        if self._reported.pop(site, None) is not None:
            self._write()

    def _is_recent(self, printed_at: str) -> bool:
        age = self._now - from_utc_text(printed_at)
        return timedelta() <= age <= REPEATED_AFTER

    def _write(self) -> None:
        refuse_release(self._archive)
        check_links(self._archive)
        beside = self._path.with_suffix(".tmp")
        with file_errors("write", self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(self._reported, sort_keys=True), "utf-8")
            beside.replace(self._path)


def _read(path: Path) -> dict[str, tuple[str, str]]:
    try:
        found = json.loads(path.read_text("utf-8"))
        reported = {site: (str(digest), str(at)) for site, (digest, at) in found.items()}
        for _, printed_at in reported.values():
            from_utc_text(printed_at)
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return reported
