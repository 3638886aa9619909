"""`newscrawl import`: pages of the past from other people's archives."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import json_option
from newscrawl.cli.output import counter, say, show, show_json
from newscrawl.core.errors import SiteFailed, UsageError
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newscrawl.cli.app import App
    from newscrawl.history.addresses import Downloader
    from newscrawl.history.foreign import Input
    from newscrawl.history.importing import Imported

EPILOG = """\b
Examples:
  newscrawl import bnews-2018.warc.gz library.wacz
  newscrawl import --dry-run archives/
  newscrawl import --link /mnt/library/2018.warc.gz
  newscrawl import - < old.arc.gz
  newscrawl import https://library.example/2018.warc.gz
"""
LISTED = 20  # broken records, printed without --json


@click.command("import", epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--generic",
    is_flag=True,
    help="Also take articles of hosts without a site file.",
)
@click.option(
    "--link",
    is_flag=True,
    help="Leave the pages in FILE and refer to them, where they can be read one by one.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be imported; write nothing.")
@json_option("Print the result as JSON.")
@click.pass_obj
def import_(
    app: App,
    /,
    *,
    files: tuple[str, ...],
    generic: bool,
    link: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import pages from WARC, ARC and WACZ files.

    FILE is a file, the address of one (https://...), a folder that is searched for such files, or -
    for standard input. A file at an address is downloaded first, and deleted once its pages are
    stored; after an interruption the download is resumed. Pages of
    sites with a site file are stored under the time of their capture, whatever the order of import:
    an older version of an article becomes an earlier revision. Everything else is skipped and
    counted. Importing the same file again changes nothing. See docs/history.md.
    """
    from newscrawl.history.foreign import check_libraries, inputs

    check_libraries()
    from newscrawl.crawl.opening import opened
    from newscrawl.history.addresses import Downloader
    from newscrawl.history.importing import Reading, import_files, survey
    from newscrawl.history.targets import Targets

    found = inputs(files)
    if link:
        _check_linkable(found)
    targets = Targets(app.archive, generic=generic, say=say)
    if None in found and sys.stdin.isatty():
        say("reading from standard input; stop with Ctrl-C")
    with ExitStack() as stack:
        if not dry_run:
            stack.enter_context(_saying_what_is_kept())
        # Nothing is written into the archive by a dry run.
        temporary = Path(stack.enter_context(TemporaryDirectory())) if dry_run else None
        downloader = Downloader(temporary or app.archive, _user_agent(app))
        tick = stack.enter_context(counter("bytes", lambda: _bytes_of(found, downloader)))
        reading = Reading(stdin=sys.stdin.buffer, on_bytes=tick, downloader=downloader)
        if dry_run:
            done = survey(app.archive, found, targets, reading)
        else:
            store = stack.enter_context(opened(app.archive, say))
            done = import_files(
                app.archive, store, found, targets, reading, now=app.clock(), link=link
            )
    if link and not dry_run and done.linked < done.pages:
        say(
            f"{counted(done.pages - done.linked, 'page')} copied: pages in ARC, WACZ, Zstandard and"
            " whole-file gzip files cannot be linked"
        )
    _report(done, as_json=as_json, dry_run=dry_run)
    if done.broken:
        sys.exit(SiteFailed.exit_code)


@contextmanager
def _saying_what_is_kept() -> Iterator[None]:
    """Says after Ctrl-C, when the progress bar is gone, that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        say("the pages that were stored are kept; run the same command again")
        raise


def _check_linkable(found: Sequence[Input]) -> None:
    """UsageError for what cannot be read again later."""
    from newscrawl.history.foreign import Address

    if None in found:
        raise UsageError("--link: standard input cannot be read again", "name the file")
    for one in found:
        if isinstance(one, Address):
            raise UsageError(
                f"--link: {one.url} is deleted after the import", "download it and name the file"
            )


def _bytes_of(found: Sequence[Input], downloader: Downloader) -> int | None:
    """The bytes of all files; None if the size of one is unknown."""
    from newscrawl.history.foreign import Address

    total = 0
    for one in found:
        if one is None:
            return None
        size = downloader.size(one) if isinstance(one, Address) else one.stat().st_size
        if size is None:
            return None
        total += size
    return total


def _user_agent(app: App) -> str:
    """How the program introduces itself, with the contact of newscrawl.toml."""
    from newscrawl import settings

    return str(app.config.scrapy_settings().get("USER_AGENT", settings.USER_AGENT))


def _report(done: Imported, *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        show_json(_as_json(done))
        return
    for broken in done.broken[:LISTED]:
        if broken.hint is None:
            say(f"broken: {broken.file} at {broken.offset}: {broken.message}")
        else:
            say(f"error: {broken.file}: {broken.message}")
            say(f"hint: {broken.hint}")
    if len(done.broken) > LISTED:
        say(f"broken: {len(done.broken) - LISTED:,} more (--json lists all)")
    if done.unresolved:
        say(
            f"{counted(done.unresolved, 'revisit')} refer to pages in files that were not imported;"
            " they are stored once these are"
        )
    verb = "would import" if dry_run else "imported"
    articles = counted(done.articles, "article page")
    listings = counted(done.listings, "category page")
    show(
        f"{verb} {articles}, {listings} and {counted(done.missing, 'missing page')}"
        f" from {counted(done.files, 'file')}"
        f"{f' ({done.linked:,} linked)' if done.linked else ''};"
        f" {done.known:,} known, {done.refused.total():,} refused{_reasons(done.refused)},"
        f" {done.skipped.total():,} skipped{_reasons(done.skipped)}"
    )


def _reasons(counts: dict[str, int]) -> str:
    """` (cut 3, http_301 2)`, or nothing."""
    parts = [f"{code} {number:,}" for code, number in sorted(counts.items()) if number]
    return f" ({', '.join(parts)})" if parts else ""


def _as_json(done: Imported) -> dict[str, object]:
    return {
        "files": done.files,
        "articles": done.articles,
        "listings": done.listings,
        "missing": done.missing,
        "known": done.known,
        "refused": {code: number for code, number in sorted(done.refused.items()) if number},
        "skipped": {code: number for code, number in sorted(done.skipped.items()) if number},
        "unresolved": done.unresolved,
        "linked": done.linked,
        "broken": [
            {"file": broken.file, "offset": broken.offset, "message": broken.message}
            for broken in done.broken
        ],
    }
