"""Merges two archives into a new one: the databases are united, the raw pages linked or copied.

Neither source is changed. docs/merge.md describes the result.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from newscrawl.core.boundaries import check_links, check_output, check_plain
from newscrawl.core.crashpoints import reach
from newscrawl.core.errors import ArchiveLocked, UsageError
from newscrawl.core.files import check_new, file_errors, new_folder
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.lock import holder, is_locked
from newscrawl.store.admin.backup import backup
from newscrawl.store.admin.merge import count_articles, unite
from newscrawl.store.connection import open_reader
from newscrawl.store.write.store import Store
from newscrawl.warc import repair, warc_files
from newscrawl.warc.files import OPEN, SUFFIX, final_name


@dataclass(slots=True)
class Merged:
    """What a merge made.

    `left_out` names the settings and site files that the merged archive does not have: all of both
    archives, unless they were asked for; then those of the second that differ from the first's.
    """

    articles: int = 0
    in_both: int = 0
    warc_files: int = 0
    left_out: list[str] = field(default_factory=list)


def merge(
    sources: Sequence[Path],
    target: Path,
    on_article: Callable[[], None] = lambda: None,
    *,
    with_config: bool = False,
) -> Merged:
    """Makes the archive `target` of two others. It gets its name only when it is complete.

    `with_config`: it also gets their newscrawl.toml, which may name a command to run, and their
    site files. UsageError if `target` is not empty, or the sources are not two archives;
    ArchiveLocked if a run holds one; ArchiveDamaged if a link leads out of one.
    """
    check_new(target)
    check_output(target)
    for folder in sources:
        _check_source(folder)
    one, other = sources
    if one.samefile(other):
        raise UsageError(f"{one} and {other} are the same archive", "name two archives")
    with file_errors("write", target), new_folder(target) as merged_folder:
        return _merge(sources, merged_folder, on_article, with_config=with_config)


def _check_source(folder: Path) -> None:
    open_reader(folder).close()
    check_links(folder)
    if is_locked(folder):
        raise ArchiveLocked(
            f"a run holds {folder}: {holder(folder) or 'unknown'}", "wait for it to end"
        )


def _merge(
    sources: Sequence[Path],
    merged_folder: Path,
    on_article: Callable[[], None],
    *,
    with_config: bool,
) -> Merged:
    work = merged_folder / "copies"
    copies = [_copy_database(folder, work / str(number)) for number, folder in enumerate(sources)]
    names = new_names([ArchiveFolder(folder).warc for folder in sources])
    with Store(merged_folder) as store:
        articles = unite(store, copies, names, on_article)
    articles_in_sources = sum(_count_articles(path) for path in copies)
    merged = Merged(articles=articles, in_both=articles_in_sources - articles)
    shutil.rmtree(work)
    merged_warc = ArchiveFolder(merged_folder).warc
    for number, folder in enumerate(sources):
        renamed = {name: new for (source, name), new in names.items() if source == number}
        _bring_warc_files(ArchiveFolder(folder).warc, merged_warc, renamed)
        if with_config:
            merged.left_out += _copy_settings(folder, merged_folder)
        else:
            merged.left_out += [str(path) for path in _settings(folder)]
    reach("mid_merge")
    repair(merged_warc)
    merged.warc_files = len(warc_files(merged_warc))
    return merged


def _copy_database(source: Path, folder: Path) -> Path:
    """A copy of the source's database in this folder, with the schema of today."""
    copy = ArchiveFolder(folder).database
    folder.mkdir(parents=True)
    backup(source, copy)
    Store(folder).close()
    return copy


def _count_articles(database: Path) -> int:
    with closing(open_reader(database.parent)) as db:
        return count_articles(db)


def new_names(folders: Sequence[Path]) -> dict[tuple[int, str], str]:
    """New names for different WARC files that have the same name in both folders.

    The keys are the number of the folder and the old name. A new name contains a part of the hash.
    """
    files_by_name = [{final_name(path): path for path in warc_files(folder)} for folder in folders]
    in_all = set.intersection(*(set(files) for files in files_by_name))
    names = {}
    for name in in_all:
        hashes = [_sha256(files[name]) for files in files_by_name]
        if len(set(hashes)) == 1:
            continue
        for number, file_hash in enumerate(hashes):
            names[number, name] = f"{name.removesuffix(SUFFIX)}-{file_hash[:12]}{SUFFIX}"
    return names


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bring_warc_files(source: Path, folder: Path, renamed: Mapping[str, str]) -> None:
    """Links the closed files, which are never written again, and copies the open ones."""
    folder.mkdir(exist_ok=True)
    for path in warc_files(source):
        name = final_name(path)
        new_name = renamed.get(name, name)
        if path.name.endswith(OPEN):
            target = folder / (new_name + OPEN)
            if not target.exists():
                shutil.copy2(path, target)
            continue
        target = folder / new_name
        if target.exists():
            continue
        with suppress(OSError):  # the target is on another file system, or on one without links
            os.link(path, target)
        if not target.exists():
            shutil.copy2(path, target)


def _copy_settings(source: Path, merged_folder: Path) -> list[str]:
    """Copies the archive's settings and site files; the names of those that exist and differ."""
    left_out = []
    for path in _settings(source):
        check_plain(path)
        name = path.relative_to(source)
        target = merged_folder / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        elif target.read_bytes() != path.read_bytes():
            left_out.append(str(name))
    return left_out


def _settings(folder: Path) -> list[Path]:
    """The archive's settings, and everything in its folder of site files."""
    archive = ArchiveFolder(folder)
    check_plain(archive.sites)
    paths = [archive.config, *sorted(archive.sites.rglob("*"))]
    return [path for path in paths if path.is_symlink() or path.is_file()]
