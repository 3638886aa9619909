"""`newscrawl release` and `rehydrate`: a dataset to cite, and its texts from your raw pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import filter_options, json_option, make_filter
from newscrawl.cli.output import counter, say, show, show_json
from newscrawl.core.days import read_day

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.export.release.citation import Citation
    from newscrawl.export.release.rehydrate import Rehydrated

RELEASE_EPILOG = """\b
Examples:
  newscrawl release dataset --title "Railway news" --author "Lê, An" --author "Some Institute"
  newscrawl release dataset --site bnews --since 2026-01 --no-text --license CC0-1.0
  newscrawl release floods --search 'lũ OR "ngập lụt"'
"""
REHYDRATE_EPILOG = """\b
Examples:
  newscrawl rehydrate dataset --from-warc data/warc -o filled
"""
NAMED_PAGES = 10  # missing pages that rehydrate names


@click.command(epilog=RELEASE_EPILOG)
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--title", metavar="TEXT", help="Title of the dataset.  [default: the one in newscrawl.toml]"
)
@click.option(
    "--author",
    "authors",
    metavar="NAME",
    multiple=True,
    help='Author as "Family, Given", or the name of a group; repeatable.',
)
@click.option(
    "--license",
    "license_",
    metavar="SPDX",
    help="License for your own part of the dataset, such as CC0-1.0.",
)
@click.option(
    "--date", "released", metavar="DATE", help="Date of the release.  [default: today in UTC]"
)
@filter_options
@click.option(
    "--search",
    "query",
    metavar="QUERY",
    help="Only articles that match QUERY, which is written as for `newscrawl search`.",
)
@click.option(
    "--no-text",
    is_flag=True,
    help="Omit the article texts, but keep URLs, hashes and the locations of the raw pages.",
)
@json_option("Print the contents of the release as JSON.")
@click.pass_obj
def release(
    app: App,
    /,
    *,
    target: Path,
    title: str | None,
    authors: tuple[str, ...],
    license_: str | None,
    released: str | None,
    site: str | None,
    category: str | None,
    since: str | None,
    until: str | None,
    query: str | None,
    no_text: bool,
    as_json: bool,
) -> None:
    """Create a frozen dataset that can be cited.

    DIR must be empty or not exist. It will contain the database, tables, their schema, checksums,
    software versions, reports, a description of the methods and metadata for data portals. The same
    archive and the same --date produce the same files, byte for byte.
    """
    from newscrawl.export.release.build import release as build
    from newscrawl.store.filters import searched

    only = make_filter(app, site, category, since, until, search=query)
    if query is not None:
        searched(query)
    if only.note:
        say(only.note)
    day = read_day(released, "--date", app.today) or datetime.now(UTC).date()
    citation = _citation(app, title, authors, license_, day)
    facts = build(
        app.archive,
        target,
        citation,
        only,
        with_texts=not no_text,
        on_step=lambda step: say(f"{step} ..."),
    )
    if as_json:
        show_json({"release": str(target)} | facts)
        return
    without_texts = ", without texts" if no_text else ""
    show(
        f"{target}: {facts['read']:,} articles, {facts['revisions']:,} revisions,"
        f" {facts['links']:,} links, {facts['listings']:,} places on category pages{without_texts}"
    )
    show(f"next: cd {target} && sha256sum -c SHA256SUMS")


def _citation(
    app: App, title: str | None, authors: tuple[str, ...], license_: str | None, released: date
) -> Citation:
    from newscrawl.export.release.citation import Citation

    defaults = app.config.release
    return Citation(
        title or defaults.title or "",
        authors or defaults.authors,
        released,
        license_ or defaults.license,
    )


@click.command(epilog=REHYDRATE_EPILOG)
@click.argument(
    "source", metavar="RELEASE", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option(
    "--from-warc",
    "warc",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder that contains the WARC files.",
)
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder to create.",
)
@json_option("Print the result as JSON.")
@click.pass_obj
def rehydrate(app: App, source: Path, warc: Path, target: Path, as_json: bool) -> None:
    """Restore the article texts of a release from your own raw pages.

    This is for releases made with --no-text. The pages are read with the site files of the release,
    and a text is restored only if its hash matches the one in the release.
    """
    from newscrawl.export.release.rehydrate import rehydrate as restore_texts

    app.sources = (source,)
    with counter("pages") as tick:
        done = restore_texts(source, warc, target, tick)
    for damage in done.damage:
        say(f"damaged: {damage}")
    if as_json:
        show_json(_as_json(done))
        return
    show(f"{target}: {done.filled:,} of {done.wanted:,} texts restored from {done.read:,} pages")
    if done.missing:
        _print_missing(done, warc, target)
    show(f"next: newscrawl --archive {target} export articles -o articles.csv")


def _print_missing(done: Rehydrated, warc: Path, target: Path) -> None:
    file = target / "removed-texts.csv"
    show(f"  {len(done.missing):,} texts were not restored; they are listed in {file}")
    show(f"  {len(done.absent):,} pages of the release are not in {warc}")
    for url in done.absent[:NAMED_PAGES]:
        show(f"    {url}")
    more = len(done.absent) - NAMED_PAGES
    if more > 0:
        show(f"    and {more:,} more (--json)")


def _as_json(done: Rehydrated) -> dict[str, object]:
    return {
        "wanted": done.wanted,
        "filled": done.filled,
        "pages_read": done.read,
        "pages_of_others": done.foreign,
        "unreadable": dict(done.unreadable),
        "missing": len(done.missing),
        "absent_pages": done.absent,
        "damage": done.damage,
    }
