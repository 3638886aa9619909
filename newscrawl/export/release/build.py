"""Makes a release: a folder that is complete or does not exist."""

from __future__ import annotations

import json
import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from newscrawl.core.boundaries import check_output, check_plain, safe_part
from newscrawl.core.errors import ArchiveDamaged, PageRejected, StorageError, UsageError
from newscrawl.core.extras import install_hint
from newscrawl.core.files import check_new, file_errors, new_folder
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.version import VERSION
from newscrawl.export.csv_jsonl import write_csv
from newscrawl.export.parquet import write_parquet
from newscrawl.export.release.card import front_matter
from newscrawl.export.release.citation import Citation, citation_cff
from newscrawl.export.release.croissant import croissant, languages, schema_org
from newscrawl.export.release.datapackage import datapackage
from newscrawl.export.release.methods import methods, not_measured, readme
from newscrawl.export.release.sums import sha256, write_sums
from newscrawl.export.release.tables import TableFile
from newscrawl.reports.completeness import DayCount, Report, measured
from newscrawl.sites.generic import is_described
from newscrawl.sites.loading import DEMO, PACKAGED, available_sites, inherited
from newscrawl.store.admin import release_facts
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
from newscrawl.store.known_names import check_site
from newscrawl.store.read.export_rows import SUBJECTS, Cells, export_cells, export_rows
from newscrawl.store.schema.dictionary import dictionary_page
from newscrawl.warc import read_at

REMOVED = "removed-texts.csv"
REMOVED_COLUMNS = ("table", "column", "row", "hash")
ROBOTS_COLUMNS = ("site", "url", "fetched_at", "status", "payload_digest")

OnStep = Callable[[str], None]


def release(
    folder: Path,
    target: Path,
    citation: Citation,
    only: Filter,
    *,
    with_texts: bool = True,
    on_step: OnStep = lambda step: None,
) -> dict[str, Any]:
    """Makes the folder `target` from the archive in `folder`; the numbers of rows in it.

    UsageError if the target is not empty, if the filter names a site that the archive lacks, or if
    no article matches it.
    """
    check_new(target)
    check_output(target, folder)
    with file_errors("write", target), new_folder(target) as part:
        on_step("database")
        (part / "csv").mkdir()
        reports = write_database(folder, part, only, with_texts=with_texts)
        with closing(open_reader(part)) as db:
            on_step("tables")
            table_columns = write_tables(db, part, on_step)
            facts = _facts(db)
            (part / "schema.sql").write_text(schema_sql(db), "utf-8")
            on_step("robots and site files")
            _write_robots(db, folder, part)
        site_files = _copy_site_files(folder, part, [site["site"] for site in facts["sites"]])
        (part / "data-dictionary.md").write_text(dictionary_page(), "utf-8")
        versions = _programs() | facts["versions"] | {"site_files": site_files}
        _write_json(part / "versions.json", versions)
        completeness = [_completeness(report) for report in reports]
        coverage = {
            "fields": facts["coverage"],
            "completeness": completeness,
            "completeness_not_measured": not_measured(facts, reports),
        }
        _write_json(part / "coverage.json", coverage)
        descriptions = Descriptions(part, citation, methods(facts, reports, only), facts)
        descriptions.write(table_columns, with_texts=with_texts)
        on_step("sums")
        write_sums(part)
        counts: dict[str, Any] = facts["counts"]
        return counts


def write_database(folder: Path, part: Path, only: Filter, *, with_texts: bool) -> list[Report]:
    """Writes the database and, without texts, the list of the texts that were removed.

    The reports on completeness are made before: a release has no queue, and so lacks the reasons
    for gaps.
    """
    work = part / "work.db"
    snapshot(folder, work)
    with opened(work) as db:
        if only.site is not None:
            check_site(db, only.site)
        reports = _reports(db, folder, only)
        narrow(db, only)
        if release_facts.counts(db)["read"] == 0:
            raise UsageError(
                "the release would contain no article",
                "choose others with --search, --site, --category, --since or --until",
            )
        if not with_texts:
            write_removed(part / "csv" / REMOVED, list(texts(db)))
            remove_texts(db)
    compact(work, ArchiveFolder(part).database)
    return reports


def write_removed(path: Path, removed: Iterable[Removed]) -> None:
    """Writes which texts are left out, each with its hash."""
    rows = [(text.table, text.column, text.row, text.hash) for text in removed]
    _write_rows(path, REMOVED_COLUMNS, rows)


def _reports(db: sqlite3.Connection, folder: Path, only: Filter) -> list[Report]:
    """The reports of the sites that have a site file, whose rules tell what is an article."""
    names = [safe_part(str(row["site"])) for row in release_facts.sites(db)]
    if only.site:
        names = [only.site]
    described = [name for name in names if is_described(name, folder)]
    return [measured(db, folder, name, only.since, only.until) for name in described]


def write_tables(db: sqlite3.Connection, part: Path, on_step: OnStep) -> dict[str, Sequence[str]]:
    """Writes each table as CSV and, if pyarrow is installed, as Parquet; the columns of each."""
    columns: dict[str, Sequence[str]] = {}
    for subject in SUBJECTS:
        cells = export_cells(db, subject, Filter(), stubs=subject == "articles")
        columns[subject] = cells.columns
        with (part / "csv" / f"{subject}.csv").open("wb") as out:
            write_csv(cells, out)
    problem_columns, problems = release_facts.problem_rows(db)
    columns["problems"] = problem_columns
    _write_rows(part / "csv" / "problems.csv", problem_columns, problems)
    if find_spec("pyarrow") is None:
        on_step(f"no Parquet, because pyarrow is not installed; {install_hint('parquet')}")
        return columns
    (part / "parquet").mkdir()
    for subject in SUBJECTS:
        rows = export_rows(db, subject, Filter(), stubs=subject == "articles")
        with (part / "parquet" / f"{subject}.parquet").open("wb") as out:
            write_parquet(rows, out)
    return columns


def _write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    batch = [tuple(_cell(value) for value in row) for row in rows]
    batches = [batch] if batch else []
    with path.open("wb") as out:
        write_csv(Cells(tuple(columns), iter(batches)), out)


def _cell(value: object) -> bytes:
    return b"" if value is None else str(value).encode()


def _facts(db: sqlite3.Connection) -> dict[str, Any]:
    return {
        "counts": release_facts.counts(db),
        "sites": release_facts.sites(db),
        "coverage": release_facts.coverage(db),
        "versions": release_facts.versions(db),
        "references": release_facts.references(db),
    }


def _write_robots(db: sqlite3.Connection, folder: Path, part: Path) -> None:
    """Writes each robots.txt once, by its digest, and an index of all fetches.

    The index has an empty file name for a fetch whose raw page is missing.
    """
    (part / "robots").mkdir()
    rows: list[Sequence[object]] = []
    files: dict[tuple[str, str], str] = {}
    for fetch in release_facts.robots(db):
        key = (fetch["site"], fetch["payload_digest"] or "")
        if key not in files:
            files[key] = _copy_robots(fetch, folder, part / "robots")
        rows.append([*(fetch[name] for name in ROBOTS_COLUMNS), files[key]])
    _write_rows(part / "robots" / "index.csv", (*ROBOTS_COLUMNS, "file"), rows)


def _copy_robots(fetch: Mapping[str, Any], folder: Path, target: Path) -> str:
    """The name of the copy; empty if there is no raw page to copy."""
    if fetch["warc_file"] is None:
        return ""
    warc = ArchiveFolder(folder).warc
    try:
        record = read_at(warc, fetch["warc_file"], fetch["warc_offset"], fetch["warc_length"])
        body = record.body
    except (ArchiveDamaged, StorageError, PageRejected):
        return ""
    name = f"{safe_part(str(fetch['site']))}-{int(fetch['id'])}.txt"
    (target / name).write_bytes(body)
    return name


def _copy_site_files(folder: Path, part: Path, sites: Iterable[str]) -> dict[str, str]:
    """Copies the sites' files and those that they inherit from; the SHA-256 of each by its name."""
    target = ArchiveFolder(part).sites
    target.mkdir()
    known = {path.stem: path for path in PACKAGED.glob("*.toml")}
    known |= {"demo": DEMO}
    known |= available_sites(folder)
    paths: set[Path] = set()
    for site in sites:
        if site in known:
            paths.update(inherited(known[site], known))
    hashes = {}
    for path in sorted(paths, key=lambda path: path.name):
        check_plain(path)
        shutil.copyfile(path, target / path.name)
        hashes[path.name] = sha256(path)
    return hashes


def _programs() -> dict[str, Any]:
    return {
        "released_by": f"newscrawl {VERSION}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def _completeness(report: Report) -> dict[str, Any]:
    estimate = None
    if report.estimate is not None:
        values = asdict(report.estimate)
        estimate = {name: round(value, 2) for name, value in values.items()}
    return {
        "site": report.site,
        "read": report.stored,
        "known": report.known,
        "estimate": estimate,
        "days": [_completeness_of_day(day) for day in report.days],
    }


def _completeness_of_day(day: DayCount) -> dict[str, Any]:
    return {
        "day": day.day,
        "read": day.stored,
        "known": day.known,
        "about": day.about,
        "unseen_ids": day.unseen_ids,
    }


@dataclass(frozen=True, slots=True)
class Descriptions:
    """The files of a release that describe it; `paragraph` is that for a methods section."""

    part: Path
    citation: Citation
    paragraph: str
    facts: Mapping[str, Any]

    def write(self, columns: Mapping[str, Sequence[str]], *, with_texts: bool) -> None:
        """Writes all of them, from the tables that are already written; `columns` are theirs."""
        csv = self._tables("csv", columns)
        typed = csv | self._tables("parquet", columns)
        self._write_readme(typed, with_texts=with_texts)
        self._write_json_ld(csv, typed)
        references = self.facts["references"]
        package = datapackage("newscrawl-release", self.citation, self.paragraph, csv, references)
        _write_json(self.part / "datapackage.json", package)
        cff = citation_cff(self.citation, self.paragraph)
        (self.part / "CITATION.cff").write_text(cff, "utf-8")

    def _write_readme(self, tables: Mapping[str, TableFile], *, with_texts: bool) -> None:
        configured: dict[str, TableFile] = {name: tables[name] for name in SUBJECTS}
        articles = self.facts["counts"]["articles"]
        head = front_matter(self.citation, languages(self.facts), articles, configured)
        page = readme(self.citation, self.paragraph, with_texts=with_texts)
        (self.part / "README.md").write_text(head + page, "utf-8")

    def _write_json_ld(self, csv: Mapping[str, TableFile], typed: Mapping[str, TableFile]) -> None:
        database = _table_file(self.part, ArchiveFolder(self.part).database, ())
        others = [file for name, file in typed.items() if file != csv[name]]
        files = [database, *csv.values(), *others]
        text = self.paragraph
        described = croissant(self.citation, text, languages(self.facts), files, typed)
        _write_json(self.part / "croissant.json", described)
        page = schema_org(self.citation, text, self.facts, files)
        _write_json(self.part / "dataset.jsonld", page)

    def _tables(self, kind: str, columns: Mapping[str, Sequence[str]]) -> dict[str, TableFile]:
        """The files of a format by table; empty if it was not written."""
        paths = {name: self.part / kind / f"{name}.{kind}" for name in columns}
        return {
            name: _table_file(self.part, path, columns[name])
            for name, path in paths.items()
            if path.exists()
        }


def _table_file(part: Path, path: Path, columns: Sequence[str]) -> TableFile:
    name = path.relative_to(part).as_posix()
    return TableFile(name, columns, path.stat().st_size, sha256(path))


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")
