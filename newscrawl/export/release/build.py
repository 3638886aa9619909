"""Making a release: a folder that is complete or is not there."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from newscrawl.core.errors import ArchiveDamaged, PageRejected, StorageError
from newscrawl.core.files import file_errors, new_folder
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.version import VERSION
from newscrawl.export.csv_jsonl import write_csv
from newscrawl.export.parquet import write_parquet
from newscrawl.export.release.citation import Citation, citation_cff
from newscrawl.export.release.datapackage import datapackage
from newscrawl.export.release.methods import methods, readme
from newscrawl.reports.completeness import Report, completeness
from newscrawl.sites.generic import site_named
from newscrawl.sites.loading import DEMO, PACKAGED, available_sites, inherited
from newscrawl.store.admin import release_facts as releasefacts
from newscrawl.store.admin.release import (
    Removed,
    compact,
    narrow,
    opened,
    remove_texts,
    schema_sql,
    snapshot,
    texts,
)
from newscrawl.store.connection import open_reader
from newscrawl.store.filters import Filter
from newscrawl.store.read.export_rows import SUBJECTS, Cells, export_cells, export_rows
from newscrawl.store.read.known_articles import known_articles, tried_addresses
from newscrawl.store.schema.dictionary import dictionary_page
from newscrawl.warc import read_at

SUMS = "SHA256SUMS"
REMOVED = "removed-texts.csv"
ROBOTS_COLUMNS = ("site", "url", "fetched_at", "status", "payload_digest", "file")


def release(
    folder: Path,
    target: Path,
    citation: Citation,
    only: Filter,
    *,
    with_texts: bool = True,
    on_step: Callable[[str], None] = lambda step: None,
) -> dict[str, Any]:
    """Makes the folder `target` of the archive in `folder`; what it holds, in figures.

    UsageError where the target is there and not empty, or the filter names a site that is not there.
    """
    with file_errors("write", target), new_folder(target) as part:
        return _fill(folder, part, citation, only, with_texts, on_step)


def _fill(
    folder: Path,
    part: Path,
    citation: Citation,
    only: Filter,
    with_texts: bool,
    on_step: Callable[[str], None],
) -> dict[str, Any]:
    on_step("database")
    (part / "csv").mkdir()
    database(folder, part, only, with_texts=with_texts)
    reports = _reports(folder, only)
    with closing(open_reader(part)) as db:
        on_step("tables")
        tables = write_tables(db, part, on_step)
        facts = _facts(db)
        (part / "schema.sql").write_text(schema_sql(db), "utf-8")
        on_step("robots and site files")
        _write_robots(db, folder, part)
    files = _copy_site_files(folder, part, [site["site"] for site in facts["sites"]])
    (part / "data-dictionary.md").write_text(dictionary_page(), "utf-8")
    _write_json(part / "versions.json", _programs() | facts["versions"] | {"site_files": files})
    coverage = {
        "fields": facts["coverage"],
        "completeness": [_complete(report) for report in reports],
    }
    _write_json(part / "coverage.json", coverage)
    paragraph = methods(facts, reports)
    (part / "README.md").write_text(readme(citation, paragraph, with_texts=with_texts), "utf-8")
    (part / "CITATION.cff").write_text(citation_cff(citation, paragraph), "utf-8")
    described = {
        name: (columns, *_size_and_sum(part / "csv" / f"{name}.csv"))
        for name, columns in tables.items()
    }
    _write_json(
        part / "datapackage.json", datapackage("newscrawl-release", citation, paragraph, described)
    )
    on_step("sums")
    write_sums(part)
    counts: dict[str, Any] = facts["counts"]
    return counts


def database(folder: Path, part: Path, only: Filter, *, with_texts: bool) -> None:
    """Writes `newscrawl.db` into `part` and, where it goes without texts, the list of what was left out."""
    work = part / "work.db"
    snapshot(folder, work)
    with opened(work) as db:
        narrow(db, only)
        if not with_texts:
            write_removed(part / "csv" / REMOVED, list(texts(db)))
            remove_texts(db)
    compact(work, ArchiveFolder(part).database)


def write_removed(path: Path, removed: Iterable[Removed]) -> None:
    """Writes which texts are not there, each with its hash."""
    cells = ((one.table, one.column, one.row, one.hash) for one in removed)
    _write_rows(path, ("table", "column", "row", "hash"), cells)


def write_tables(
    db: sqlite3.Connection, part: Path, on_step: Callable[[str], None]
) -> dict[str, Sequence[str]]:
    """Writes each table as CSV and, where pyarrow is installed, as Parquet; the columns of each."""
    columns: dict[str, Sequence[str]] = {}
    for subject in SUBJECTS:
        cells = export_cells(db, subject, Filter(), stubs=subject == "articles")
        columns[subject] = cells.columns
        with (part / "csv" / f"{subject}.csv").open("wb") as out:
            write_csv(cells, out)
    names, problems = releasefacts.problem_rows(db)
    columns["problems"] = names
    _write_rows(part / "csv" / "problems.csv", names, problems)
    if find_spec("pyarrow") is None:
        on_step("no Parquet, since pyarrow is not installed: pip install 'newscrawl[parquet]'")
        return columns
    (part / "parquet").mkdir()
    for subject in SUBJECTS:
        with (part / "parquet" / f"{subject}.parquet").open("wb") as out:
            write_parquet(export_rows(db, subject, Filter(), stubs=subject == "articles"), out)
    return columns


def _write_rows(path: Path, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    texts = [tuple(b"" if cell is None else str(cell).encode() for cell in row) for row in rows]
    with path.open("wb") as out:
        write_csv(Cells(tuple(columns), iter([texts] if texts else [])), out)


def write_sums(folder: Path) -> None:
    """Writes the sum of every file in the form that `sha256sum -c` reads."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    lines = [f"{_size_and_sum(path)[1]}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    (folder / SUMS).write_text("".join(lines), "utf-8")


def _size_and_sum(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _facts(db: sqlite3.Connection) -> dict[str, Any]:
    return {
        "counts": releasefacts.counts(db),
        "sites": releasefacts.sites(db),
        "coverage": releasefacts.coverage(db),
        "versions": releasefacts.versions(db),
    }


def _reports(folder: Path, only: Filter) -> list[Report]:
    """Completeness from the archive itself: a release has no queue, and so no reasons."""
    with closing(open_reader(folder)) as db:
        reports = []
        for site in [only.site] if only.site else [row["site"] for row in releasefacts.sites(db)]:
            rules = site_named(site, folder)
            tried = [rules.article_key(url) or "" for url in tried_addresses(db, site)]
            known = known_articles(db, site)
            reports.append(
                completeness(site, known, tried=tried, since=only.since, until=only.until)
            )
        return reports


def _complete(report: Report) -> dict[str, Any]:
    days = [
        {
            "day": day.day,
            "read": day.stored,
            "known": day.known,
            "about": day.about,
            "unseen_ids": day.unseen_ids,
        }
        for day in report.days
    ]
    found = report.estimate
    estimate = {name: round(value, 2) for name, value in asdict(found).items()} if found else None
    return {
        "site": report.site,
        "read": report.stored,
        "known": report.known,
        "estimate": estimate,
        "days": days,
    }


def _write_robots(db: sqlite3.Connection, folder: Path, part: Path) -> None:
    """Every robots.txt once, by its digest, and when it was there; where the raw page is not, the index says so."""
    (part / "robots").mkdir()
    rows: list[tuple[object, ...]] = []
    files: dict[tuple[str, str], str] = {}
    for row in releasefacts.robots(db):
        place = (row["site"], row["payload_digest"] or "")
        if place not in files:
            files[place] = _robots_file(row, folder, part / "robots")
        rows.append((*(row[name] for name in ROBOTS_COLUMNS[:-1]), files[place]))
    _write_rows(part / "robots" / "index.csv", ROBOTS_COLUMNS, rows)


def _robots_file(row: dict[str, Any], folder: Path, target: Path) -> str:
    if row["warc_file"] is None:
        return ""
    try:
        body = read_at(
            ArchiveFolder(folder).warc, row["warc_file"], row["warc_offset"], row["warc_length"]
        ).body
    except (ArchiveDamaged, StorageError, PageRejected):
        return ""
    name = f"{row['site']}-{row['id']}.txt"
    (target / name).write_bytes(body)
    return name


def _copy_site_files(folder: Path, part: Path, sites: Sequence[str]) -> dict[str, str]:
    """The site files that these sites need, those they inherit from too; name -> SHA-256."""
    ArchiveFolder(part).sites.mkdir()
    known = (
        {file.stem: file for file in PACKAGED.glob("*.toml")}
        | {"demo": DEMO}
        | available_sites(folder)
    )
    paths = {path for site in sites if site in known for path in inherited(known[site], known)}
    found = {}
    for path in sorted(paths, key=lambda path: path.name):
        shutil.copyfile(path, ArchiveFolder(part).sites / path.name)
        found[path.name] = _size_and_sum(path)[1]
    return found


def _programs() -> dict[str, Any]:
    return {"released_by": f"newscrawl {VERSION}", "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version}  # fmt: skip


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")
