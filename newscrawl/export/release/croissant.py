"""Builds croissant.json (Croissant 1.0) and dataset.jsonld (schema.org), which portals read.

Both are JSON-LD. Croissant is read by machine-learning tools, which get the tables and their types
from it; schema.org's Dataset is what search engines for datasets read from a web page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from newscrawl.core.version import VERSION
from newscrawl.export.columns import ColumnKind, kind_of
from newscrawl.export.release.citation import Citation
from newscrawl.export.release.tables import KEYS, TITLES, TableFile, column_description

CROISSANT = "http://mlcommons.org/croissant/1.0"
# The context of the specification, https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html
CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
TYPES: Mapping[ColumnKind, str] = {
    "list": "sc:Text",
    "integer": "sc:Integer",
    "instant": "sc:DateTime",
    "text": "sc:Text",
}
MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/x-parquet",  # as Croissant's examples write it
    "db": "application/vnd.sqlite3",
}
KEYWORDS = ("news", "web archive", "link graph")
_VERSION = re.compile(r"\d+(\.\d+){0,2}")


def croissant(
    citation: Citation,
    description: str,
    languages: Sequence[str],
    files: Sequence[TableFile],
    tables: Mapping[str, TableFile],
) -> dict[str, Any]:
    """The Croissant description; `files` are all that are offered, `tables` those to read."""
    return {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": CROISSANT,
        **_about(citation, description, languages, "sc:"),
        "version": _semantic(citation.version),
        "citeAs": _cite_as(citation),
        "distribution": [_file_object(file) for file in files],
        "recordSet": [_record_set(table, file) for table, file in tables.items()],
    }


def schema_org(
    citation: Citation,
    description: str,
    facts: Mapping[str, Any],
    files: Sequence[TableFile],
) -> dict[str, Any]:
    """schema.org's description of the dataset, for the web page that offers it."""
    about: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        **_about(citation, description, languages(facts)),
        "version": citation.version,
        "citation": _cite_as(citation),
        "creditText": _cite_as(citation),
        "isAccessibleForFree": True,
        "measurementTechnique": f"newscrawl {VERSION}",
    }
    period = published_period(facts)
    if period:
        about["temporalCoverage"] = "/".join(period)
    about["distribution"] = [
        {
            "@type": "DataDownload",
            "name": file.path,
            "contentUrl": file.path,
            "encodingFormat": media_type(file.path),
            "contentSize": f"{file.size} B",
            "sha256": file.sha256,
        }
        for file in files
    ]
    return about


def languages(facts: Mapping[str, Any]) -> list[str]:
    """The languages of the sites, each once."""
    return sorted({site["language"] for site in facts["sites"] if site["language"]})


def published_period(facts: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first and the last day on which articles were published; None if none is known."""
    first = [row["first_day"] for row in facts["coverage"] if row["first_day"]]
    last = [row["last_day"] for row in facts["coverage"] if row["last_day"]]
    return (min(first), max(last)) if first else None


def media_type(path: str) -> str:
    """The media type of a file of a release."""
    return MEDIA_TYPES[path.rpartition(".")[2]]


def _about(
    citation: Citation, description: str, languages: Sequence[str], prefix: str = ""
) -> dict[str, Any]:
    """What both descriptions have."""
    about: dict[str, Any] = {
        "name": citation.title,
        "description": description,
        "creator": [_creator(author, prefix) for author in citation.authors],
        "datePublished": citation.released.isoformat(),
        "keywords": list(KEYWORDS),
    }
    if languages:
        about["inLanguage"] = list(languages)
    if citation.license_url:
        about["license"] = citation.license_url
    return about


def _creator(author: str, prefix: str) -> dict[str, str]:
    family, comma, given = (part.strip() for part in author.partition(","))
    if not comma:
        return {"@type": f"{prefix}Organization", "name": author.strip()}
    return {"@type": f"{prefix}Person", "name": f"{given} {family}".strip()}


def _cite_as(citation: Citation) -> str:
    authors = "; ".join(citation.authors)
    return f"{authors} ({citation.released.year}): {citation.title}. Version {citation.version}."


def _semantic(version: str) -> str:
    """The version as MAJOR.MINOR.PATCH, which Croissant wants, where it is a number at all."""
    if not _VERSION.fullmatch(version):
        return version
    parts = [*version.split("."), "0", "0"]
    return ".".join(parts[:3])


def _file_object(file: TableFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.size} B",
        "encodingFormat": media_type(file.path),
        "sha256": file.sha256,
    }


def _record_set(table: str, file: TableFile) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table,
        "name": table,
        "description": TITLES[table],
        "key": [{"@id": f"{table}/{column}"} for column in KEYS[table]],
        "field": [_field(table, column, file.path) for column in file.columns],
    }


def _field(table: str, column: str, path: str) -> dict[str, Any]:
    kind = kind_of(column)
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{table}/{column}",
        "name": f"{table}/{column}",
        "description": column_description(table, column),
        "dataType": TYPES[kind],
        "source": {"fileObject": {"@id": path}, "extract": {"column": column}},
    }
    if kind == "list" and path.endswith(".parquet"):
        field["repeated"] = True
    return field
