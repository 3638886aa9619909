"""What a run notes for later runs: small JSON files in the archive's logs/.

They may be lost: a later run then repeats what it has reported before.
"""

from __future__ import annotations

import json
from pathlib import Path

from newscrawl.core.boundaries import check_links
from newscrawl.core.files import atomic_file, file_errors
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.lock import refuse_release


def read_note(archive: Path, name: str) -> object:
    """The content of a file in logs/; None if there is none, or if it cannot be read."""
    try:
        return json.loads((ArchiveFolder(archive).logs / name).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def write_note(archive: Path, name: str, content: object) -> None:
    """Replaces a file in logs/. StorageError if that fails; the earlier file is kept then."""
    refuse_release(archive)
    logs = ArchiveFolder(archive).logs
    with file_errors("write", logs / name):
        logs.mkdir(parents=True, exist_ok=True)
    check_links(archive)
    with atomic_file(logs / name) as out:
        out.write(json.dumps(content, sort_keys=True).encode())
