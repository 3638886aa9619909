"""The archives that a backfill can ask, and what all of them have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Protocol, runtime_checkable
from urllib.parse import urlsplit, urlunsplit

from newscrawl.core.errors import UsageError
from newscrawl.core.urls import masked
from newscrawl.history.foreign import ForeignRecord
from newscrawl.history.politeness import PoliteClient
from newscrawl.sites.site import Site
from newscrawl.store.write.backfills import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A capture that an index lists. Its bytes are at `address`: from `offset`, or all of them.

    `cut`: the index says that the archive has only a part of the page. `file`: not a capture, but
    a WARC file that may have captures, from this time until `ends_at` (None: not known).
    """

    url: str
    captured_at: datetime
    status: int | None
    digest: str | None
    address: str
    offset: int = 0
    length: int | None = None
    cut: bool = False
    file: bool = False
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IndexPart:
    """A part of the answer to a question; `resume_at` is where the next one begins.

    `resume_at` is None for the last part.
    """

    captures: Sequence[Listed]
    resume_at: str | None


class NotThere(Exception):
    """A capture that an index lists, but that the archive does not give. `code` is the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class IndexRefused(Exception):
    """The archive refuses to list a host."""


class Notes(Protocol):
    """What a plan has learned, kept with the plan."""

    def read(self, name: str) -> str | None:
        """The note of this name; None if there is none."""

    def write(self, name: str, text: str) -> None:
        """Keeps a note."""


class Source(Protocol):
    """An archive with an index."""

    name: ClassVar[str]
    title: ClassVar[str]

    def questions(
        self, client: PoliteClient, notes: Notes, site: Site, span: Span, urls: Sequence[str]
    ) -> Sequence[str]:
        """The addresses to ask for all captures of a site, or of some addresses, in a span."""

    def ask(self, client: PoliteClient, question: str, resume_at: str | None) -> IndexPart:
        """The part of the answer to a question that begins at `resume_at` (None: the first).

        Raises IndexRefused if the archive does not list this host.
        """

    def is_final(self, question: str, now: datetime) -> bool:
        """Whether the answer to a question never changes, so that it is not asked again."""


@runtime_checkable
class CaptureSource(Source, Protocol):
    """An archive whose index lists captures."""

    def fetch(self, client: PoliteClient, planned: Planned) -> bytes:
        """The bytes of a capture, for `records`. Raises NotThere if the archive has it not."""

    def records(self, planned: Planned, answer: bytes) -> Iterator[ForeignRecord]:
        """The records in what `fetch` gave."""


@dataclass(frozen=True, slots=True)
class Span:
    """A span of capture times; `until` is exclusive. None: no limit."""

    since: datetime | None
    until: datetime | None

    def includes(self, at: datetime) -> bool:
        """Whether a time is in it."""
        if self.since is not None and at < self.since:
            return False
        return self.until is None or at < self.until


def at_endpoint(endpoint: str | None, address: str) -> str:
    """The address with scheme and host of `endpoint`, if there is one."""
    if endpoint is None:
        return address
    there, parts = urlsplit(endpoint), urlsplit(address)
    return urlunsplit((there.scheme, there.netloc, parts.path, parts.query, parts.fragment))


def check_endpoint(endpoint: str | None) -> str | None:
    """The endpoint without a slash at its end. UsageError if it is no origin."""
    if endpoint is None:
        return None
    example = "for example http://127.0.0.1:8950"
    try:
        parts = urlsplit(endpoint)
        is_origin = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_origin = is_origin and (parts.port or 1) > 0
    except ValueError:
        is_origin = False
    if not is_origin or parts.path not in ("", "/") or parts.query or "@" in parts.netloc:
        raise UsageError(f"--endpoint {masked(endpoint)}: expected http://HOST[:PORT]", example)
    return f"{parts.scheme}://{parts.netloc}"


def hosts_of(site: Site) -> list[str]:
    """The hosts to ask an index for. Indexes do not tell `www.` from the host without it."""
    hosts: dict[str, None] = {}
    for host in sorted(site.hosts):
        hosts[host.removeprefix("www.")] = None
    return list(hosts)


def from_digits(timestamp: str) -> datetime | None:
    """The time of the fourteen digits of an index; None for anything else."""
    try:
        return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def to_digits(at: datetime) -> str:
    """Fourteen digits, in UTC."""
    return at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
