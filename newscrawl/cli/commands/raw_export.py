"""`newscrawl export wacz` and `export cdxj`: raw pages for replay tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.cli.output import on_terminal, say
from newscrawl.cli.rows import row_counter, stdout_for_bytes
from newscrawl.core.errors import ArchiveDamaged, UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from typing import BinaryIO

    from newscrawl.cli.app import App
    from newscrawl.export.cdxj import Written
    from newscrawl.store.filters import Filter

RAW_FORMATS = ("wacz", "cdxj")
LISTED = 20  # unreadable raw pages that are named


def export_raw_pages(app: App, form: str, output: Path | None, only: Filter) -> None:
    """Writes raw pages in one of RAW_FORMATS. ArchiveDamaged if some of them cannot be read."""
    from newscrawl.core.files import atomic_file
    from newscrawl.store.read.raw_pages import check_choice, count_raw_pages

    check_choice(only)
    is_on_stdout = output is None or str(output) == "-"
    if form == "wacz" and is_on_stdout and on_terminal():
        raise UsageError("a WACZ file cannot be printed on a terminal", "add -o FILE")
    with app.reader() as reader:
        number = count_raw_pages(reader.db, only)
        with row_counter("raw pages", lambda: number, are_on_stdout=is_on_stdout) as tick:

            def write(out: BinaryIO) -> Written:
                warc = ArchiveFolder(app.archive).warc
                if form == "cdxj":
                    from newscrawl.export.cdxj import write_cdxj

                    return write_cdxj(reader.db, warc, only, out, tick)
                from newscrawl.export.wacz import write_wacz

                return write_wacz(reader.db, warc, only, out, tick, now=app.clock())

            if is_on_stdout or output is None:
                with stdout_for_bytes() as out:
                    written = write(out)
            else:
                with atomic_file(output) as out:
                    written = write(out)
    target = "" if is_on_stdout else f" to {output}"
    say(f"{counted(written.pages, 'raw page')} written{target}")
    if written.linked:
        _say_linked(form, written)
    if not written.pages and not written.linked:
        say("hint: no raw pages fit these options; choose other days or another site")
    if written.unreadable:
        for line in written.unreadable[:LISTED]:
            say(f"left out: {line}")
        more = len(written.unreadable) - LISTED
        if more > 0:
            say(f"left out: {more:,} more")
        raise ArchiveDamaged(
            f"{counted(len(written.unreadable), 'raw page')} cannot be read",
            "run: newscrawl verify",
        )


def _say_linked(form: str, written: Written) -> None:
    """Says which files have the bytes of linked pages."""
    pages = counted(written.linked, "linked page")
    if form == "wacz":
        say(f"{pages} left out: their bytes are in other files:")
    else:
        say(f"{pages} among them: a replay tool needs these files too:")
    files = sorted(written.linked_files)
    for name in files[:LISTED]:
        say(f"  {name}")
    if len(files) > LISTED:
        say(f"  {len(files) - LISTED:,} more")
    if not written.pages:
        say("hint: the file has no pages; give the linked files to the replay tool")
