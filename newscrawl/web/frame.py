"""What every page has around it: the menu, the sites with their zones and colours, and the files.

The same frame is around Datasette's own pages, whose templates extend ours.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import quote

from newscrawl.store.read.canned_queries import CANNED_QUERIES

STATIC = Path(__file__).parent / "static"
COLOURS = 8  # classes `c0` to `c7` of the style sheet
TABLES = "/newscrawl"
QUESTIONS = tuple(f"{TABLES}/{query.name}" for query in CANNED_QUERIES)
ONE_QUERY = f"{TABLES}?sql=select+site%2C+state%2C+count(*)+from+articles+group+by+1%2C+2"


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the menu. `within`: how the addresses of the pages below it begin."""

    path: str
    label: str
    within: tuple[str, ...] = ()

    def is_current(self, path: str, has_query: bool = False) -> bool:
        """Whether the page at the path is this one, or below it.

        `has_query`: the address has SQL, so that the page of tables is that of a query.
        """
        if self.path == ONE_QUERY or (has_query and path == TABLES):
            return has_query and self.path == ONE_QUERY and path == TABLES
        if self.path == TABLES and path.partition(".")[0] in QUESTIONS:
            return False
        begins = (self.path, *self.within)
        return any(path == begin or path.startswith((f"{begin}/", f"{begin}.")) for begin in begins)


# One word a thing: the headings of the pages are these words too.
MENU: Mapping[str, tuple[Entry, ...]] = {
    "Explore": (
        Entry("/search", "Articles", ("/article", "/site", "/author", "/tag", "/category")),
        Entry("/front", "Front pages"),
        Entry("/changes", "Changes"),
        Entry("/duplicates", "Copies"),
        Entry("/links", "Links"),
        Entry("/charts", "Charts"),
        Entry("/questions", "Questions", QUESTIONS),
    ),
    "Watch": (
        Entry("/crawls", "Crawls"),
        Entry("/health", "Health"),
        Entry("/completeness", "Completeness"),
        Entry("/problems", "Problems"),
    ),
    "Data": (
        Entry(TABLES, "Tables"),
        Entry(ONE_QUERY, "SQL"),
        Entry("/export", "Export"),
        Entry("/api", "API"),
    ),
}


@dataclass(frozen=True, slots=True)
class SiteLook:
    """How a site appears on pages: its name, its time zone, and the class of its colour."""

    site: str
    name: str
    zone: str
    colour: str


class SiteLooks(dict[str, SiteLook]):
    """Every site by its key, and the time zones of all of them."""

    @cached_property
    def zones(self) -> list[str]:
        """Each zone once, in the order of the sites."""
        return list(dict.fromkeys(look.zone for look in self.values()))


# Each page needs them, and of thousands of sites they take longer to make than most pages.
@lru_cache(maxsize=4)
def looks_of(sites: str) -> SiteLooks:
    """The looks of the sites of named_sites_text(); they are not to be changed.

    Neighbours in the list differ in colour; the ninth has the first's.
    """
    looks = SiteLooks()
    for number, (site, name, zone) in enumerate(sorted(json.loads(sites))):
        looks[site] = SiteLook(site, name, zone, f"c{number % COLOURS}")
    return looks


def menu(with_sql: bool) -> dict[str, tuple[Entry, ...]]:
    """The groups of the menu; without SQL where visitors may not write any."""
    groups = {}
    for label, entries in MENU.items():
        groups[label] = tuple(each for each in entries if with_sql or each.path != ONE_QUERY)
    return groups


@lru_cache(maxsize=1)
def static_files() -> dict[str, str]:
    """The hash of each of our files, `sha256-…`, as integrity attributes and policies write it."""
    return {path.name: _integrity(path) for path in sorted(STATIC.iterdir())}


def static_url(name: str) -> str:
    """The address of one of our files. It has a part of the hash, so that browsers may keep it."""
    return f"/-/static-plugins/newscrawl.web/{name}?{quote(static_files()[name][7:19])}"


def script_sources() -> str:
    """Our scripts for a content security policy: by their hashes, so that no other can run."""
    hashes = [value for name, value in static_files().items() if name.endswith(".js")]
    return " ".join(f"'{value}'" for value in hashes)


def _integrity(path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).digest()
    return f"sha256-{b64encode(digest).decode()}"
