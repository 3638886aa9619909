"""Which site files name a host, found without checking every site file.

Only the head of each file is read, which is what comes before its first table. Of ten thousand
files, this takes a second; to check them all takes half a minute.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import regex

from newscrawl.core.urls import host_of, web_host
from newscrawl.sites.loading import available_sites, file_named

_FIRST_TABLE = regex.compile(r"^[ \t]*\[", regex.MULTILINE)


@dataclass(frozen=True, slots=True)
class Head:
    """The hosts that a site file names, and the file that it extends. None: it names none."""

    origin: str | None
    hosts: tuple[str, ...] | None
    extends: str | None


class SiteHosts:
    """The site files of an archive and of the package, by host. Files are read when first asked.

    A file whose head is invalid may name any host, so that whoever loads it reports its problems.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._heads: dict[Path, Head | None] = {}

    @cached_property
    def files(self) -> dict[str, Path]:
        """The site files by name."""
        return available_sites(self._folder)

    def names(self, url: str) -> list[str]:
        """The names of the files that may own a URL, in the order of `files`."""
        try:
            host = web_host(url)
        except ValueError:  # an invalid URL
            return list(self._invalid)
        found = {*self._invalid, *self._by_host.get(host, ())}
        return [name for name in self.files if name in found] if found else []

    @cached_property
    def _by_host(self) -> dict[str, list[str]]:
        by_host: dict[str, list[str]] = defaultdict(list)
        for name, hosts in self._hosts_of_files.items():
            for host in hosts or ():
                by_host[host].append(name)
        return dict(by_host)

    @cached_property
    def _invalid(self) -> list[str]:
        return [name for name, hosts in self._hosts_of_files.items() if hosts is None]

    @cached_property
    def _hosts_of_files(self) -> dict[str, frozenset[str] | None]:
        return {name: self._hosts(path) for name, path in self.files.items()}

    def _hosts(self, path: Path) -> frozenset[str] | None:
        """The hosts that a file and those that it extends name; None if one has no valid head."""
        origin: str | None = None
        hosts: tuple[str, ...] | None = None
        for head in self._lineage(path):
            if head is None:
                return None
            origin = head.origin if origin is None else origin
            hosts = head.hosts if hosts is None else hosts
        try:
            return None if origin is None else frozenset({host_of(origin), *(hosts or ())})
        except ValueError:  # an invalid origin
            return None

    def _lineage(self, path: Path) -> Iterator[Head | None]:
        """The head of a file, then those of the files that it extends; None for an invalid one."""
        seen: set[Path] = set()
        while path not in seen:
            seen.add(path)
            head = self._head(path)
            yield head
            if head is None or head.extends is None:
                return
            base = file_named(head.extends, self._folder)
            if base is None:
                yield None
                return
            path = base
        yield None  # files that extend each other

    def _head(self, path: Path) -> Head | None:
        """The head of a file, read once."""
        if path not in self._heads:
            self._heads[path] = _read_head(path)
        return self._heads[path]


def _read_head(path: Path) -> Head | None:
    try:
        text = path.read_text("utf-8")
        tables = _first_keys(text)
    except (OSError, ValueError):  # not readable, not UTF-8 or not TOML
        return None
    origin, hosts, extends = (tables.get(key) for key in ("origin", "hosts", "extends"))
    if not _is_text(origin) or not _is_text(extends) or not _are_texts(hosts):
        return None
    return Head(
        origin.lower() if origin else None, None if hosts is None else tuple(hosts), extends
    )


def _first_keys(text: str) -> dict[str, Any]:
    """The keys before the first table.

    A line in a list or in a text may look like a table. What comes before it is no TOML then, and
    the whole file is read.
    """
    first_table = _FIRST_TABLE.search(text)
    if first_table is None:
        return tomllib.loads(text)
    try:
        return tomllib.loads(text[: first_table.start()])
    except tomllib.TOMLDecodeError:
        return tomllib.loads(text)


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _are_texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(map(_is_text, value)))
