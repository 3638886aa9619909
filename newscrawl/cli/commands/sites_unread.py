"""`newscrawl sites unread`: the designs of pages that a site file has no template for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.app import App
from newscrawl.cli.options import SITE
from newscrawl.cli.output import counter, say, show_json, show_table
from newscrawl.cli.rows import Output, output_options, show_rows
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.authoring.designs import Design, Designs
    from newscrawl.store.read.reader import Reader
    from newscrawl.store.read.unread import UnreadPage

EPILOG = """\b
Examples:
  newscrawl sites unread bnews
  newscrawl sites unread bnews --save specimens
"""
COLUMNS = ("design", "kind", "month", "pages", "marker", "specimen", "fetched_at")
SUMMARY = ("design", "kind", "pages", "first", "last", "marker")


@click.command("unread", epilog=EPILOG)
@click.argument("site", type=SITE)
@click.option(
    "--save",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write one page of each design into DIR, as HTML.",
)
@output_options()
@click.pass_obj
def unread(app: App, site: str, folder: Path | None, output: Output) -> None:
    """Count the pages of SITE that no template fits, by design and month.

    Such pages are kept. Once the site file has a template for a design, `newscrawl reextract` reads
    them. The marker is a selector that only the pages of this design match, of those listed.
    """
    from newscrawl.sites.loading import load_site
    from newscrawl.store.read.unread import has_raw_pages

    load_site(site, app.archive)
    with app.reader() as reader:
        articles, listings, broken = _designs(app, reader, site)
        is_stored = has_raw_pages(reader.db, site)
    rows = [*_rows("article", articles), *_rows("listing", listings)]
    if output.as_rows:
        show_rows(output, COLUMNS, rows)
    elif output.as_json:
        show_json(rows)
    elif rows:
        lines = [*_summary("article", articles), *_summary("listing", listings)]
        show_table(SUMMARY, lines, right=["design", "pages"])
        say("hint: --json lists them by month, with an address; --save DIR writes pages")
    pages = sum(row["pages"] for row in rows)
    designs = len(articles.all) + len(listings.all)
    if rows:
        say(f"{counted(pages, 'page')} of {counted(designs, 'design')} that no template fits")
    else:
        _say_none(site, is_stored=is_stored, broken=broken)
    if broken:
        say(f"warning: {counted(broken, 'page')} cannot be read (see: {app.command} verify)")
    if folder is not None:
        for kind, found in (("article", articles), ("listing", listings)):
            for design in found.all:
                _save(app, folder, kind, design)


def _say_none(site: str, *, is_stored: bool, broken: int) -> None:
    """Says why no page is listed. Pages that cannot be read are reported elsewhere."""
    if not is_stored:
        say(f"no raw pages of {site} are stored")
    elif not broken:
        say(f"no stored page of {site} was refused for its design")


def _designs(
    app: App, reader: Reader, site: str
) -> tuple[Designs[UnreadPage], Designs[UnreadPage], int]:
    """The designs of article pages and of category pages, and how many pages are damaged."""
    from newscrawl.authoring.designs import Designs
    from newscrawl.core.errors import ArchiveDamaged, PageRejected
    from newscrawl.extract.decode import parse
    from newscrawl.store.read.unread import count_unread, unread_pages

    articles: Designs[UnreadPage] = Designs()
    listings: Designs[UnreadPage] = Designs()
    broken = 0
    with counter("pages", lambda: count_unread(reader.db, site)) as tick:
        for page in unread_pages(reader.db, site):
            tick()
            found = listings if page.kind == "listing" else articles
            try:
                root = parse(_raw_page(app, page))
            except (ArchiveDamaged, PageRejected):
                broken += 1
                continue
            found.add(root, page.fetched_at[:7], page)
    return articles, listings, broken


def _raw_page(app: App, page: UnreadPage) -> Any:
    from newscrawl.archive.pages import page_of
    from newscrawl.core.folder import ArchiveFolder
    from newscrawl.warc import read_at

    folder = ArchiveFolder(app.archive).warc
    return page_of(read_at(folder, page.warc_file, page.offset, page.length))


def _rows(kind: str, designs: Designs[UnreadPage]) -> Iterator[dict[str, Any]]:
    for design in designs.all:
        marker = designs.marker(design)
        for month, pages in sorted(design.months.items()):
            specimen = design.specimens[month]
            yield {
                "design": design.number,
                "kind": kind,
                "month": month,
                "pages": pages,
                "marker": marker,
                "specimen": specimen.url,
                "fetched_at": specimen.fetched_at,
            }


def _summary(kind: str, designs: Designs[UnreadPage]) -> Iterator[list[Any]]:
    """A line for each design: how many pages it has, and from when to when."""
    for design in designs.all:
        first, last = min(design.months), max(design.months)
        pages = design.months.total()
        yield [design.number, kind, pages, first, last, designs.marker(design)]


def _save(app: App, folder: Path, kind: str, design: Design[UnreadPage]) -> None:
    """Writes the first page of a design; a file of that name is replaced."""
    from newscrawl.core.files import file_errors

    month = min(design.specimens)
    path = folder / f"{kind}-{design.number}-{month}.html"
    body = _raw_page(app, design.specimens[month]).body
    with file_errors("write", path):
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    say(f"wrote {path}")
