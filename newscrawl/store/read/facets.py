"""What the articles of a search have in common: how many are of each site, category, author, …"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

NAMES = 8  # of a facet


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


def facets_of(db: sqlite3.Connection, ids: Sequence[int]) -> Facets:
    """The facets of these articles: site, category, author, tag, year and revised."""
    rows = db.execute(
        "SELECT a.site, ifnull(c.name, c.key), a.authors, a.tags,"
        " substr(a.published_local, 1, 10), a.revision > 1"
        " FROM json_each(?) m CROSS JOIN articles a ON a.id = m.value"
        " LEFT JOIN categories c ON c.id = a.category_id",
        (json.dumps(ids),),
    ).fetchall()
    sites, categories, authors, tags, days, revised = zip(*rows, strict=True) if rows else [()] * 6
    years = (day[:4] for day in days if day)
    facets = (
        _facet("site", sites),
        _facet("category", filter(None, categories)),
        _facet("author", _each(authors)),
        _facet("tag", _each(tags)),
        _facet("year", years),
        _facet("revised", ["1" for is_revised in revised if is_revised]),
    )
    return Facets(len(rows), facets, Counter(filter(None, days)))


def _each(lists: Iterable[str]) -> Iterable[str]:
    """The names in JSON arrays. Many articles have the same array, which is read once."""
    for text, count in Counter(lists).items():
        if text != "[]":
            for name in dict.fromkeys(json.loads(text)):
                yield from [name] * count


def _facet(name: str, values: Iterable[str]) -> Facet:
    counts = Counter(values)
    most = nsmallest(NAMES, counts.items(), key=lambda each: (-each[1], each[0]))
    return Facet(name, tuple(most), len(counts) - len(most))
