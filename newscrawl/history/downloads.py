"""Downloads of large files that resume where they were interrupted."""

from __future__ import annotations

from pathlib import Path

from newscrawl.core.files import file_errors
from newscrawl.history.politeness import PoliteClient, Unavailable
from newscrawl.store.write.backfills import Backfills, Planned

TRIES_WITHOUT_PROGRESS = 6


def download(client: PoliteClient, planned: Planned, path: Path, plans: Backfills) -> None:
    """Makes `path` the whole file of a plan. What is there already is not requested again.

    Raises Unavailable if no more of it can be had, and keeps what there is.
    """
    with file_errors("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    size = planned.length
    faults = 0
    while size is None or path.stat().st_size < size:
        before = path.stat().st_size
        try:
            size = _append(client, planned, path, plans)
        except Unavailable as error:
            if error.shut_out:
                raise
            faults = 0 if path.stat().st_size > before else faults + 1
            if faults >= TRIES_WITHOUT_PROGRESS:
                raise
            client.rest_after_fault(planned.address, faults + 1)


def _append(client: PoliteClient, planned: Planned, path: Path, plans: Backfills) -> int:
    """Appends what one request gives; the size of the whole file."""
    sizes: list[int] = []

    def on_start(begins: int, size: int) -> None:
        """The server may begin elsewhere than requested: then what is behind is cut off."""
        sizes.append(size)
        file.truncate(begins)
        file.seek(begins)

    # Without a buffer, a kill loses nothing that has arrived.
    with file_errors("write", path), path.open("r+b", buffering=0) as file:
        start = path.stat().st_size
        for part in client.stream(planned.address, start, on_start):
            view = memoryview(part)
            while view:
                view = view[file.write(view) :]
    plans.set_length(planned, sizes[0])
    return sizes[0]
