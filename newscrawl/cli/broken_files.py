"""Which broken site files were reported lately, so that frequent runs do not repeat themselves."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from newscrawl.cli.notes import read_note, write_note
from newscrawl.core.errors import UsageError
from newscrawl.core.times import from_utc_text, to_utc_text

REPORTED = "site-files.json"
REPEATED_AFTER = timedelta(days=1)


class BrokenFiles:
    """The problems of site files that earlier runs have reported, by site.

    The archive's note has a hash of the text of each, and when it was printed.
    """

    def __init__(self, archive: Path, now: datetime) -> None:
        self._archive, self._now = archive, now
        self._reported = _valid(read_note(archive, REPORTED))

    def is_news(self, site: str, error: UsageError) -> bool:
        """Whether to report the problem: it is new or has changed, or a day has passed.

        If so, it counts as reported now.
        """
        digest = hashlib.sha256(error.message.encode(errors="replace")).hexdigest()
        known, printed_at = self._reported.get(site, ("", ""))
        if known == digest and self._is_recent(printed_at):
            return False
        self._reported[site] = (digest, to_utc_text(self._now))
        write_note(self._archive, REPORTED, self._reported)
        return True

    def forget(self, site: str) -> None:
        """A site file that was corrected is news when it is broken again."""
        if self._reported.pop(site, None) is not None:
            write_note(self._archive, REPORTED, self._reported)

    def _is_recent(self, printed_at: str) -> bool:
        age = self._now - from_utc_text(printed_at)
        return timedelta() <= age <= REPEATED_AFTER


def _valid(found: Any) -> dict[str, tuple[str, str]]:
    """The content of the note; empty if it is not what this module writes."""
    try:
        reported = {site: (str(digest), str(at)) for site, (digest, at) in found.items()}
        for _, printed_at in reported.values():
            from_utc_text(printed_at)
    except (ValueError, TypeError, AttributeError):
        return {}
    return reported
