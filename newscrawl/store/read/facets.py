"""What the articles of a search have in common: how many are of each site, category, author, …"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

NAMES, MOST_NAMES = 8, 500  # of a facet, and of one whose names are asked for


@dataclass(frozen=True, slots=True)
class Facet:
    """The most frequent values of a facet, and how many others there are."""

    name: str
    values: tuple[tuple[str, int], ...]
    others: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The facets of `articles` articles, and their times of publication to the month and day."""

    articles: int
    facets: tuple[Facet, ...]
    days: Mapping[str, int]


def facets_of(db: sqlite3.Connection, ids: Sequence[int], long: str | None = None) -> Facets:
    """The facets of these articles: site, category, author, tag, year and revised.

    Each has its NAMES most frequent values, the one called `long` MOST_NAMES.
    """
    rows = db.execute(
        "SELECT a.site, ifnull(c.name, c.key), a.authors, a.tags,"
        " substr(a.published_local, 1, 10), a.revision > 1"
        " FROM json_each(?) m CROSS JOIN articles a ON a.id = m.value"
        " LEFT JOIN categories c ON c.id = a.category_id",
        (json.dumps(ids),),
    ).fetchall()
    sites, categories, authors, tags, days, revised = zip(*rows, strict=True) if rows else [()] * 6
    years = (day[:4] for day in days if day)
    values: Mapping[str, Iterable[str]] = {
        "site": sites,
        "category": filter(None, categories),
        "author": _each(authors),
        "tag": _each(tags),
        "year": years,
        "revised": ["1" for is_revised in revised if is_revised],
    }
    facets = tuple(
        _facet(name, names, MOST_NAMES if name == long else NAMES) for name, names in values.items()
    )
    return Facets(len(rows), facets, Counter(filter(None, days)))


def _each(lists: Iterable[str]) -> Iterable[str]:
    """The names in JSON arrays. Many articles have the same array, which is read once."""
    for text, count in Counter(lists).items():
        if text != "[]":
            for name in dict.fromkeys(json.loads(text)):
                yield from [name] * count


def _facet(name: str, values: Iterable[str], most_names: int) -> Facet:
    counts = Counter(values)
    most = nsmallest(most_names, counts.items(), key=lambda each: (-each[1], each[0]))
    return Facet(name, tuple(most), len(counts) - len(most))
