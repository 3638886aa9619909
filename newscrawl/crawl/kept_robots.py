"""The copy of a robots.txt that an earlier run has kept, for runs that follow each other soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from newscrawl.core.errors import NewscrawlError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.times import from_utc_text
from newscrawl.store.write.store import Store
from newscrawl.warc import read_at

# RFC 9309, 2.4: a copy should not be used for longer than a day.
LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """A robots.txt as an earlier run has received it; `body` is decoded."""

    status: int
    body: bytes
    age: timedelta


def kept_robots(store: Store, url: str, now: datetime) -> KeptCopy | None:
    """The latest copy in the archive; None if there is none of the last day, or it is damaged."""
    row = store.captures.latest_robots(url)
    if row is None:
        return None
    age = now - from_utc_text(row["fetched_at"])
    if not timedelta() <= age < LONGEST:
        return None
    if row["status"] != 200:
        return KeptCopy(row["status"], b"", age)
    if row["warc_file"] is None:
        return None
    place = (row["warc_file"], row["warc_offset"], row["warc_length"])
    try:
        body = read_at(ArchiveFolder(store.path.parent).warc, *place).body
    except NewscrawlError:  # `verify` reports it; the file is requested again
        return None
    return KeptCopy(200, body, age)
