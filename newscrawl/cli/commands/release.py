"""`newscrawl release` and `newscrawl rehydrate`: a dataset to cite, and its texts from one's own raw pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.options import make_filter
from newscrawl.cli.output import counter, say, show, show_json
from newscrawl.core.days import parse_day

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.export.release.citation import Citation
    from newscrawl.export.release.rehydrate import Rehydrated

RELEASE_EPILOG = """\b
Examples:
  newscrawl release dataset --title "Railway news" --author "Lê, An" --author "Some Institute"
  newscrawl release dataset --site bnews --since 2026-01 --no-text --license CC0-1.0
"""
REHYDRATE_EPILOG = """\b
Examples:
  newscrawl rehydrate dataset --from-warc data/warc -o filled
"""
SHOWN = 10
LICENSES = (
    "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-NC-ND-4.0",
    "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0", "MIT", "Apache-2.0",
)  # fmt: skip


@click.command(epilog=RELEASE_EPILOG)
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--title", metavar="TEXT", help="The dataset's title.  [default: newscrawl.toml's]")
@click.option(
    "--author",
    "authors",
    metavar="NAME",
    multiple=True,
    help='"Family, Given" or a group; repeatable.',
)
@click.option(
    "--license", "license_", metavar="SPDX", help="The license of what is yours in it: CC0-1.0."
)
@click.option(
    "--date", "released", metavar="DATE", help="The day of the release.  [default: today, UTC]"
)
@click.option("--site", metavar="SITE", help="Only this site.")
@click.option(
    "--since", metavar="DATE", help="Only what was published on this day (of the site) or later."
)
@click.option(
    "--until", metavar="DATE", help="Only what was published on this day (of the site) or earlier."
)
@click.option(
    "--no-text",
    is_flag=True,
    help="Leave texts out; keep addresses, hashes and places of raw pages.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what it holds as JSON.")
@click.pass_obj
def release(
    app: App,
    target: Path,
    title: str | None,
    authors: tuple[str, ...],
    license_: str | None,
    released: str | None,
    site: str | None,
    since: str | None,
    until: str | None,
    no_text: bool,
    as_json: bool,
) -> None:
    """Make a frozen dataset to cite: database, tables, schema, sums, versions, reports, methods.

    DIR must not exist or be empty. The same archive gives the same files, byte for byte, on the same --date.
    """
    from newscrawl.export.release.build import release as make

    only = make_filter(site, None, since, until)
    citation = _citation(
        app,
        title,
        authors,
        license_,
        parse_day(released, "--date", months=False) or datetime.now(UTC).date(),
    )
    if citation.license and citation.license not in LICENSES:
        say(
            f"warning: the license {citation.license!r} is none of the SPDX ids known here: {', '.join(LICENSES)}"
        )
    facts = make(
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
    show(
        f"{target}: {facts['read']:,} articles, {facts['revisions']:,} revisions, {facts['links']:,} links,"
        f" {facts['listings']:,} places on category pages" + (", without texts" if no_text else "")
    )
    show(f"next: cd {target} && sha256sum -c SHA256SUMS")


def _citation(
    app: App, title: str | None, authors: tuple[str, ...], license_: str | None, released: date
) -> Citation:
    from newscrawl.export.release.citation import Citation

    told = app.config.release
    return Citation(
        title or told.title or "", authors or told.authors, released, license_ or told.license
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
    help="The folder of WARC files.",
)
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The new folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def rehydrate(source: Path, warc: Path, target: Path, as_json: bool) -> None:
    """Fill the texts of a release made with --no-text from raw pages of one's own.

    Pages are read with the release's site files. A text is filled in only where its hash is the release's.
    """
    from newscrawl.export.release.rehydrate import rehydrate as fill

    with counter("pages") as tick:
        done = fill(source, warc, target, tick)
    for damage in done.damage:
        say(f"damaged: {damage}")
    if as_json:
        show_json(_as_json(done))
        return
    show(f"{target}: {done.filled:,} of {done.wanted:,} texts filled from {done.read:,} pages")
    if done.missing:
        show(
            f"  {len(done.missing):,} texts were not found; {target / 'removed-texts.csv'} lists them"
        )
        show(f"  {len(done.absent):,} pages of the release are not in {warc}")
        for url in done.absent[:SHOWN]:
            show(f"    {url}")
    show(f"next: newscrawl --archive {target} export articles -o articles.csv")


def _as_json(done: Rehydrated) -> dict[str, object]:
    return {
        "wanted": done.wanted, "filled": done.filled, "pages_read": done.read, "pages_of_others": done.foreign,
        "unreadable": dict(done.unreadable), "missing": len(done.missing), "absent_pages": done.absent,
        "damage": done.damage,
    }  # fmt: skip
