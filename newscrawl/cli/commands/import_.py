"""`newscrawl import`: pages of the past from other people's archives."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import json_option
from newscrawl.cli.output import counter, say, show, show_json
from newscrawl.core.errors import SiteFailed, UsageError
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.history.importing import Imported

EPILOG = """\b
Examples:
  newscrawl import bnews-2018.warc.gz library.wacz
  newscrawl import --dry-run archives/
  newscrawl import --link /mnt/library/2018.warc.gz
  newscrawl import - < old.arc.gz
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

    FILE is a file, a folder that is searched for such files, or - for standard input. Pages of
    sites with a site file are stored under the time of their capture, whatever the order of import:
    an older version of an article becomes an earlier revision. Everything else is skipped and
    counted. Importing the same file again changes nothing. See docs/history.md.
    """
    from newscrawl.history.foreign import check_libraries, inputs
    from newscrawl.history.importing import survey
    from newscrawl.history.targets import Targets

    check_libraries()
    paths = inputs(files)
    if link and None in paths:
        raise UsageError("--link: standard input cannot be read again", "name the file")
    targets = Targets(app.archive, generic=generic, say=say)
    stdin = sys.stdin.buffer

    def count_bytes() -> int | None:
        sizes = [path.stat().st_size for path in paths if path is not None]
        return sum(sizes) if len(sizes) == len(paths) else None

    with counter("bytes", count_bytes) as tick:
        if dry_run:
            done = survey(app.archive, paths, targets, stdin, tick)
        else:
            from newscrawl.crawl.opening import opened
            from newscrawl.history.importing import import_files

            with opened(app.archive, say) as store:
                done = import_files(
                    app.archive,
                    store,
                    paths,
                    targets,
                    stdin=stdin,
                    now=app.clock(),
                    on_bytes=tick,
                    link=link,
                )
    if link and not dry_run and done.linked < done.pages:
        say(
            f"{counted(done.pages - done.linked, 'page')} copied: they cannot be read one by one"
            " where they are"
        )
    _report(done, as_json=as_json, dry_run=dry_run)
    if done.broken:
        sys.exit(SiteFailed.exit_code)


def _report(done: Imported, *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        show_json(_as_json(done))
        return
    for broken in done.broken[:LISTED]:
        say(f"broken: {broken.file} at {broken.offset}: {broken.message}")
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
