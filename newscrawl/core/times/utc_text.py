"""Instants as text: `2022-11-22T04:34:00Z` in UTC, `2022-11-22T11:34:00+07:00` in a site's zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

_UTC_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def to_utc_text(moment: datetime) -> str:
    """`2022-11-22T04:34:00Z`, without fractions of a second. ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError(f"expected a datetime with a zone, got {moment!r}")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def from_utc_text(text: str) -> datetime:
    """The aware datetime of a text from `to_utc_text`. ValueError for any other text."""
    if not _UTC_TEXT.fullmatch(text):
        raise ValueError(f"expected UTC text like 2022-11-22T04:34:00Z, got {text!r}")
    return datetime.fromisoformat(text)


def texts_of(moment: datetime, zone: tzinfo) -> tuple[str, str]:
    """An aware datetime as UTC text and as local text with the zone's offset, to the second."""
    return to_utc_text(moment), moment.astimezone(zone).replace(microsecond=0).isoformat()
