"""datapackage.json: the CSV files of a release, column by column, in the words of the data dictionary.

Data Package 1.0 of Frictionless Data, so that its tools and many others read the files with their types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from newscrawl.export.release.citation import Citation
from newscrawl.store.schema.dictionary import column_about, dictionary, schema

# The file -> the table or view whose columns it has; columns that are not its own belong to the tables behind it.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "articles": ("export_articles",),
    "links": ("article_links",),
    "listings": ("front_pages",),
    "revisions": ("revisions", "articles", "captures"),
    "problems": ("problems", "articles", "crawls"),
}
LISTS_NOTE = "Several are divided by `; `."


def datapackage(
    name: str,
    citation: Citation,
    description: str,
    files: Mapping[str, tuple[Sequence[str], int, str]],
) -> dict[str, Any]:
    """The descriptor. `files`: table -> (columns, bytes, SHA-256 of the file)."""
    return {
        "profile": "tabular-data-package",
        "name": name,
        "title": citation.title,
        "description": description,
        "version": citation.version,
        "created": f"{citation.released.isoformat()}T00:00:00Z",
        "contributors": [{"title": author, "role": "author"} for author in citation.authors],
        "resources": [_resource(table, *found) for table, found in files.items()],
    }


def _resource(table: str, columns: Sequence[str], size: int, digest: str) -> dict[str, Any]:
    numbers = whole_numbers()
    return {
        "profile": "tabular-data-resource",
        "name": table,
        "path": f"csv/{table}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "schema": {
            "fields": [_field(table, column, numbers) for column in columns],
            "missingValues": [""],
        },
    }


def _field(table: str, column: str, numbers: frozenset[str]) -> dict[str, str]:
    kind = "integer" if column in numbers else "datetime" if column.endswith("_at") else "string"
    words = dictionary()
    about = next(
        (said for source in SOURCES[table] if (said := column_about(source, column, words))), ""
    )
    said = f"{about} {LISTS_NOTE}" if column in ("authors", "tags") else about
    return {"name": column, "type": kind} | ({"description": said} if said else {})


def whole_numbers() -> frozenset[str]:
    """The names of columns that hold whole numbers in every table that has them."""
    kinds: dict[str, set[str]] = {}
    for _, kind, columns in schema():
        if kind == "table":
            for column, declared in columns:
                kinds.setdefault(column, set()).add(declared.split(",")[0].split(" ")[0])
    return frozenset(name for name, found in kinds.items() if found == {"INTEGER"})
