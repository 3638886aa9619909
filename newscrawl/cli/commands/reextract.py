"""`newscrawl reextract`: reads the raw pages again with the current site files."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import SITE, jobs_option, json_option
from newscrawl.cli.output import counter, say, show, show_json, show_table
from newscrawl.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newscrawl.archive.reextract import Reextracted
    from newscrawl.cli.app import App
    from newscrawl.store.read.overview import UnfinishedReextraction

EPILOG = """\b
Examples:
  newscrawl reextract bnews --dry-run
  newscrawl reextract bnews
"""


@click.command(epilog=EPILOG)
@click.argument("sites", type=SITE, metavar="[SITE]...", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Print what would change, and write nothing.")
@jobs_option
@json_option("Print the differences as JSON.")
@click.pass_obj
def reextract(
    app: App, sites: tuple[str, ...], dry_run: bool, jobs: int | None, as_json: bool
) -> None:
    """Re-extract data from the stored raw pages with the current site files.

    Use this after you fix a site file; it needs no network. The new results replace the stored
    articles and revisions, so that a better selector does not look like an edit by the publisher.
    Try --dry-run first: it prints which fields would be gained, lost or changed, with examples.
    """
    from newscrawl.archive.reextract import reextract as read_again
    from newscrawl.core.lock import archive_lock, refuse_release
    from newscrawl.store.known_names import named_few
    from newscrawl.store.read.overview import count_article_pages, unfinished_reextractions
    from newscrawl.store.write.store import Store

    refuse_release(app.archive)
    with app.reader() as reader:
        crawled = reader.crawled_sites()
    for site in sites:
        if site not in crawled:
            names = named_few(crawled, site)
            raise UsageError(f"the archive has no site {site!r}", f"its sites: {names}")
    with (
        nullcontext() if dry_run else archive_lock(app.archive, "reextract"),
        Store(app.archive, read_only=dry_run) as store,
        counter("pages", lambda: count_article_pages(store.db, sites or crawled)) as tick,
    ):
        store.check_quickly()
        try:
            reports = read_again(
                app.archive,
                store,
                sites or crawled,
                apply=not dry_run,
                now=app.clock(),
                jobs=jobs,
                on_page=tick,
            )
        except KeyboardInterrupt:
            if not dry_run:
                _print_stop(app.command, unfinished_reextractions(store.db))
            raise
    if as_json:
        show_json([_as_json(report) for report in reports])
        return
    for report in reports:
        _print(report)
    say("nothing was written (--dry-run)" if dry_run else "the changes were written")


def _print_stop(command: str, unfinished: Sequence[UnfinishedReextraction]) -> None:
    for stopped in unfinished:
        say(f"{stopped.site}: {stopped.pages_read or 0:,} of {stopped.pages:,} pages were read")
    names = " ".join(stopped.site for stopped in unfinished)
    say(f"hint: what was written is kept; to read all pages: {command} reextract {names}")


def _print(report: Reextracted) -> None:
    line = (
        f"{report.site}: {report.pages:,} pages read, {report.changed_pages:,} differ,"
        f" {report.released:,} released from quarantine"
    )
    if report.still_held:
        line += f", {report.still_held:,} still in quarantine"
    show(line)
    for code, count in sorted(report.unreadable.items()):
        show(f"  {count:,} cannot be read: {code}")
    if not report.fields:
        return
    rows = []
    for key, count in sorted(report.fields.items()):
        example = report.examples[key][0]
        rows.append((*key, count, example["url"], example["old"], example["new"]))
    columns = ("template", "field", "kind", "pages", "for example", "old", "new")
    show_table(columns, rows, right=("pages",))


def _as_json(report: Reextracted) -> dict[str, object]:
    fields = []
    for key, count in sorted(report.fields.items()):
        template, name, kind = key
        fields.append(
            {
                "template": template,
                "field": name,
                "kind": kind,
                "pages": count,
                "examples": report.examples[key],
            }
        )
    return {
        "site": report.site,
        "pages": report.pages,
        "changed_pages": report.changed_pages,
        "released": report.released,
        "still_held": report.still_held,
        "unreadable": dict(report.unreadable),
        "fields": fields,
    }
