"""`newscrawl reextract`: read the raw pages again with the site files of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import jobs_option
from newscrawl.cli.output import counter, say, show, show_json, show_table
from newscrawl.core.errors import UsageError

if TYPE_CHECKING:
    from newscrawl.archive.reextract import Reextracted
    from newscrawl.cli.app import App

EPILOG = """\b
Examples:
  newscrawl reextract bnews --dry-run
  newscrawl reextract bnews
"""


@click.command(epilog=EPILOG)
@click.argument("sites", metavar="[SITE]...", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Print what would change; nothing is written.")
@jobs_option
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@click.pass_obj
def reextract(
    app: App, sites: tuple[str, ...], dry_run: bool, jobs: int | None, as_json: bool
) -> None:
    """Extract every archived page again, after a site file was mended. No network.

    Rows and revisions are replaced by what is read now, so that a better selector never looks like an edit of the
    publisher. Look at --dry-run first: it prints the fields gained, lost and changed, with examples.
    """
    from newscrawl.archive.reextract import reextract as read_again
    from newscrawl.core.lock import archive_lock
    from newscrawl.store.write.store import Store

    with app.reader() as reader:
        known = reader.crawled_sites()
    for site in sites:
        if site not in known:
            raise UsageError(f"the archive has no site {site!r}", f"it has: {', '.join(known)}")
    with (
        archive_lock(app.archive, "reextract"),
        Store(app.archive) as store,
        counter("pages") as tick,
    ):
        store.check_quickly()
        reports = read_again(
            app.archive, store, sites or known, apply=not dry_run, jobs=jobs, on_page=tick
        )
    if as_json:
        show_json([_as_json(report) for report in reports])
        return
    for report in reports:
        _print(report)
    say("nothing was written (--dry-run)" if dry_run else "written")


def _print(report: Reextracted) -> None:
    show(
        f"{report.site}: {report.pages:,} pages read, {report.changed_pages:,} differ, {report.released:,} released"
        + (f", {report.still_held:,} still held back" if report.still_held else "")
    )
    for code, count in sorted(report.unreadable.items()):
        show(f"  {count:,} cannot be read: {code}")
    if report.fields:
        rows = []
        for (template, name, kind), count in sorted(report.fields.items()):
            example = report.examples[template, name, kind][0]
            rows.append(
                (template, name, kind, count, example["url"], example["old"], example["new"])
            )
        show_table(
            ("template", "field", "kind", "pages", "for example", "old", "new"),
            rows,
            right=("pages",),
        )


def _as_json(report: Reextracted) -> dict[str, object]:
    fields = [
        {
            "template": template,
            "field": name,
            "kind": kind,
            "pages": count,
            "examples": report.examples[key],
        }
        for key, count in sorted(report.fields.items())
        for template, name, kind in [key]
    ]
    return {
        "site": report.site,
        "pages": report.pages,
        "changed_pages": report.changed_pages,
        "released": report.released,
        "still_held": report.still_held,
        "unreadable": dict(report.unreadable),
        "fields": fields,
    }
