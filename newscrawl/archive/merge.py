"""Two archives into a new one: databases united, raw pages linked or copied, both left as they are (docs/merge.md)."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from newscrawl.core.crashpoints import reach
from newscrawl.core.errors import ArchiveLocked
from newscrawl.core.files import check_new, file_errors, new_folder
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.lock import holder, is_locked
from newscrawl.store.admin.backup_and_check import backup
from newscrawl.store.admin.merge import count_articles, unite
from newscrawl.store.connection import open_reader
from newscrawl.store.write.store import Store
from newscrawl.warc import repair, warc_files
from newscrawl.warc.files import OPEN, SUFFIX, final_name


@dataclass(slots=True)
class Merged:
    """What a merge made; `left_out` names settings and site files that the two archives have in different words."""

    articles: int = 0
    in_both: int = 0
    warc_files: int = 0
    left_out: list[str] = field(default_factory=list)


def merge(
    sources: Sequence[Path], target: Path, on_article: Callable[[], None] = lambda: None
) -> Merged:
    """Makes the archive `target` of two others; it appears under its name when it is whole, and not before.

    UsageError where `target` holds something already or a source is no archive; ArchiveLocked where a run holds one.
    """
    check_new(target)
    _check(sources)
    with file_errors("write", target), new_folder(target) as whole:
        return _merge(sources, whole, on_article)


def _check(sources: Sequence[Path]) -> None:
    for folder in sources:
        with closing(open_reader(folder)):
            pass
        if is_locked(folder):
            raise ArchiveLocked(
                f"a run holds {folder}: {holder(folder) or 'unknown'}", "wait for it to end"
            )


def _merge(sources: Sequence[Path], whole: Path, on_article: Callable[[], None]) -> Merged:
    work = whole / "copies"
    copies = []
    for number, folder in enumerate(sources):
        copy = ArchiveFolder(work / str(number)).database
        copy.parent.mkdir(parents=True)
        backup(folder, copy)
        Store(
            copy.parent
        ).close()  # an archive of an older newscrawl gets the schema of today, in its copy
        copies.append(copy)
    names = new_names([ArchiveFolder(folder).warc for folder in sources])
    with Store(whole) as store:
        unite(store, copies, names, on_article)
        articles = count_articles(store.db)
    made = Merged(articles, _count(copies) - articles)
    shutil.rmtree(work)
    for number, folder in enumerate(sources):
        _bring(
            ArchiveFolder(folder).warc,
            ArchiveFolder(whole).warc,
            {old: new for (of, old), new in names.items() if of == number},
        )
        made.left_out += _bring_settings(folder, whole)
    reach("mid_merge")
    repair(ArchiveFolder(whole).warc)
    made.warc_files = len(warc_files(ArchiveFolder(whole).warc))
    return made


def new_names(folders: Sequence[Path]) -> dict[tuple[int, str], str]:
    """New names for WARC files that are called the same in both folders and differ; each gets some of its hash."""
    found = [{final_name(path): path for path in warc_files(folder)} for folder in folders]
    names = {}
    for name in set.intersection(*(set(files) for files in found)):
        hashes = [_sha256(files[name]) for files in found]
        if len(set(hashes)) > 1:
            for number, each in enumerate(hashes):
                names[number, name] = f"{name.removesuffix(SUFFIX)}-{each[:12]}{SUFFIX}"
    return names


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bring(source: Path, folder: Path, names: Mapping[str, str]) -> None:
    """Links closed files, which nobody writes again, and copies those that a crash left open."""
    folder.mkdir(exist_ok=True)
    for path in warc_files(source):
        name = final_name(path)
        is_open = path.name.endswith(OPEN)
        target = folder / (names.get(name, name) + (OPEN if is_open else ""))
        if target.exists():
            continue
        if not is_open:
            try:
                os.link(path, target)
                continue
            except OSError:  # another file system, or one without links
                pass
        shutil.copy2(path, target)


def _bring_settings(source: Path, whole: Path) -> list[str]:
    """Copies the archive's settings and own site files; the names of those that are there in other words."""
    left_out = []
    for path in [ArchiveFolder(source).config, *sorted(ArchiveFolder(source).sites.rglob("*"))]:
        target = whole / path.relative_to(source)
        if not path.is_file():
            continue
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        elif target.read_bytes() != path.read_bytes():
            left_out.append(str(path.relative_to(source)))
    return left_out


def _count(databases: Sequence[Path]) -> int:
    total = 0
    for path in databases:
        with closing(open_reader(path.parent)) as db:
            total += count_articles(db)
    return total
