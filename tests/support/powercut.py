"""newscrawl that stops as if the power failed, and what a disk may then have kept of its files.

`python -m tests.support.powercut ARGS...` runs the command line. The environment says where it stops:

NEWSCRAWL_TEST_SYNCED=FILE every fsync of Python appends a line to it: what is safe from then on
NEWSCRAWL_TEST_CUT=N       the process ends (SIGKILL) at the Nth boundary: before, within and after each
                           write to a WARC file, before and after each fsync, before and after each commit
NEWSCRAWL_TEST_COPIES=DIR  at some boundaries the archive is copied there, as a cut would leave it, and the
                           process goes on: one crawl gives many power cuts
NEWSCRAWL_TEST_COPIED=LIST which boundaries these are: [3, 17]
NEWSCRAWL_TEST_LOST=N      the Nth fsync of a WARC file fails, and what it should have written is lost
NEWSCRAWL_TEST_COUNT=FILE  how many boundaries there were is written there at the end

After the process has ended its files still have everything, since the operating system goes on. `cut`
then takes away what a power cut may take away. The worst case is that the database was written back by
chance and the raw pages were not, which is why nothing of the database needs to be lost for a row to
point at nothing.
"""

from __future__ import annotations

import atexit
import errno
import json
import os
import shutil
import signal
import stat
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from random import Random
from typing import Any

from newscrawl.core import crashpoints
from newscrawl.warc.writer import WarcWriter

BLOCK = 4096  # a file system writes whole blocks back
WAL_HEADER, FRAME_HEADER = 32, 24  # https://sqlite.org/fileformat2.html#walformat
# In the -shm file, see https://sqlite.org/walformat.html: the size of a page, and up to which frame of
# the WAL a checkpoint has copied, or was about to. These frames were synced before.
PAGE_SIZE_AT, BACKFILL_ATTEMPTED_AT = 14, 128


@dataclass
class Synced:
    """What was safe when the power failed. Files are known by their inode, since they are renamed."""

    sizes: dict[int, int] = field(default_factory=dict)
    names: dict[str, dict[str, int]] = field(default_factory=dict)  # folder -> name -> inode

    @classmethod
    def of(cls, archive: Path) -> Synced:
        """Everything in an archive: what is there when the power comes back is on the disk."""
        synced = cls()
        for folder in (archive, archive / "warc"):
            if folder.exists():
                synced.names[str(folder)] = {
                    path.name: path.stat().st_ino for path in folder.iterdir()
                }
                for path in folder.iterdir():
                    synced.sizes[path.stat().st_ino] = path.stat().st_size
        return synced

    def add(self, journal: Path) -> Synced:
        """This, and what a process has noted since."""
        synced = Synced(dict(self.sizes), dict(self.names))
        if not journal.exists():
            return synced
        for line in journal.read_text("utf-8").splitlines():
            entry = json.loads(line)
            if "folder" in entry:
                synced.names[entry["folder"]] = entry["names"]
            else:
                synced.sizes[entry["inode"]] = entry["size"]
        return synced

    def of_copy(self, copy: Path, archive: Path) -> Synced:
        """The same for a copy of the archive, whose files have other inodes."""
        inodes = json.loads(copy.with_suffix(".json").read_text("utf-8"))
        files = {old: (copy / name).stat().st_ino for name, old in inodes.items()}
        sizes = {files[old]: size for old, size in self.sizes.items() if old in files}
        names = {}
        for folder, entries in self.names.items():
            moved = (
                str(copy / Path(folder).relative_to(archive))
                if folder != str(archive)
                else str(copy)
            )
            names[moved] = {name: files[old] for name, old in entries.items() if old in files}
        return Synced(sizes, names)


def _copy(archive: Path, target: Path, journal: Path) -> None:
    """Copies an archive, what was synced of it, and the inodes of its files."""
    if not archive.exists():
        return
    shutil.copytree(archive, target)
    inodes = {str(path.relative_to(archive)): path.stat().st_ino for path in archive.rglob("*")}
    target.with_suffix(".json").write_text(json.dumps(inodes), "utf-8")
    if journal.exists():
        shutil.copy(journal, target.with_suffix(".synced"))


def install() -> None:
    """Counts boundaries, ends the process at one of them, and notes each fsync."""
    passed = 0
    cut_at = int(os.environ.get("NEWSCRAWL_TEST_CUT", "0"))
    copied = frozenset(json.loads(os.environ.get("NEWSCRAWL_TEST_COPIED", "[]")))
    copies = Path(os.environ.get("NEWSCRAWL_TEST_COPIES", ""))
    journal = Path(os.environ["NEWSCRAWL_TEST_SYNCED"])
    archive = Path(sys.argv[sys.argv.index("--archive") + 1])

    def boundary(name: str = "") -> None:
        nonlocal passed
        passed += 1
        if passed == cut_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if passed in copied:
            _copy(archive, copies / str(passed), journal)

    if target := os.environ.get("NEWSCRAWL_TEST_COUNT"):
        atexit.register(lambda: Path(target).write_text(str(passed), "utf-8"))
    crashpoints.on_reach(boundary)
    _note_syncs(journal, boundary)

    class Halved(FileIO):
        """A WARC file of which every write is two, with a boundary before each."""

        def write(self, data: Any) -> int:
            boundary()
            half = super().write(memoryview(data)[: len(data) // 2])
            boundary()
            return half + super().write(memoryview(data)[half:])

    assert WarcWriter.__init__.__kwdefaults__ is not None
    WarcWriter.__init__.__kwdefaults__["opener"] = lambda path: Halved(path, "xb")


def _note_syncs(journal: Path, boundary: Callable[[], None]) -> None:
    out = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    fsync = os.fsync
    fails_at = int(os.environ.get("NEWSCRAWL_TEST_LOST", "0"))
    of_pages = 0

    def noting(handle: int) -> None:
        nonlocal of_pages
        boundary()
        of_pages += ".warc.gz" in str(Path(f"/proc/self/fd/{handle}").readlink())
        if fails_at and of_pages == fails_at:
            of_pages += 1  # the next one succeeds, as it does on Linux
            raise OSError(errno.EIO, "Input/output error")
        fsync(handle)
        os.write(out, (json.dumps(_safe(handle)) + "\n").encode())
        boundary()

    os.fsync = noting  # type: ignore[assignment]


def _safe(handle: int) -> dict[str, Any]:
    """What an fsync of this file or folder has made safe."""
    status = os.fstat(handle)
    if not stat.S_ISDIR(status.st_mode):
        return {"inode": status.st_ino, "size": status.st_size}
    folder = str(Path(f"/proc/self/fd/{handle}").readlink())
    return {"folder": folder, "names": {entry.name: entry.inode() for entry in os.scandir(folder)}}


def cut(archive: Path, synced: Synced, rng: Random, *, honest: bool = True) -> str:
    """Takes away what a power cut may take away; what was done, in words.

    `honest` False: a disk that reports data as written that it has only in its own cache, so that the
    raw pages may lose anything, whatever was synced.
    """
    database = rng.choice(("kept", "kept", "cut"))
    pages = rng.choice(("lost", "lost", "cut", "zeroed", "kept"))
    if not honest:
        database, pages = "kept", rng.choice(("cut", "zeroed", "gone"))
    if database == "cut":
        _cut_wal(archive / "newscrawl.db", rng)
    (archive / "newscrawl.db-shm").unlink(missing_ok=True)  # it is memory
    warc = archive / "warc"
    if not warc.exists():
        return f"database {database}, no raw pages"
    known_folder = "warc" in synced.names.get(str(archive), {})
    if honest and not known_folder and pages != "kept":
        shutil.rmtree(warc)
        return f"database {database}, the folder of the raw pages is lost"
    for path in sorted(warc.iterdir()):
        _cut_file(path, synced if honest else Synced(), pages, rng)
    return f"database {database}, raw pages {pages}"


def _cut_file(path: Path, synced: Synced, pages: str, rng: Random) -> None:
    """The file as a power cut leaves it: its name, its size and its bytes may be older than the last."""
    status = path.stat()
    safe = synced.sizes.get(status.st_ino, 0)
    names = synced.names.get(str(path.parent), {})
    known = [name for name, inode in names.items() if inode == status.st_ino]
    if pages == "kept":
        return
    size = safe if pages == "lost" else rng.randint(safe, status.st_size)
    if pages == "gone" or (pages == "lost" and not known and synced.names):
        path.unlink()
        return
    if pages == "zeroed":  # the new size was written back, some blocks were not
        _zero_blocks(path, safe, rng)
    else:
        os.truncate(path, size)
    if known and path.name not in known:
        path.rename(path.with_name(known[0]))


def _zero_blocks(path: Path, safe: int, rng: Random) -> None:
    with path.open("r+b") as file:
        size = path.stat().st_size
        for start in range(safe // BLOCK * BLOCK, size, BLOCK):
            if rng.random() < 0.5:
                begin, end = max(start, safe), min(start + BLOCK, size)
                file.seek(begin)
                file.write(bytes(end - begin))


def _cut_wal(database: Path, rng: Random) -> None:
    """Takes the end of the WAL away, but nothing that a checkpoint may have copied and so has synced."""
    wal, memory = database.with_name("newscrawl.db-wal"), database.with_name("newscrawl.db-shm")
    if not wal.exists() or not memory.exists() or wal.stat().st_size <= WAL_HEADER:
        return
    index = memory.read_bytes()
    (page_size,) = struct.unpack_from("=H", index, PAGE_SIZE_AT)
    (copied,) = struct.unpack_from("=I", index, BACKFILL_ATTEMPTED_AT)
    page_size = 65536 if page_size == 1 else page_size
    safe = WAL_HEADER + copied * (FRAME_HEADER + page_size)
    size = wal.stat().st_size
    if safe < size:
        os.truncate(wal, rng.randint(safe, size))


if __name__ == "__main__":
    install()
    from newscrawl.cli.main import main

    main()
