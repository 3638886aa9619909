"""`newscrawl sites`: lists, shows and checks site files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.app import App
from newscrawl.cli.commands.sites_new import new_site
from newscrawl.cli.commands.sites_unread import unread
from newscrawl.cli.options import json_option
from newscrawl.cli.output import on_terminal, say, show, show_json, show_table
from newscrawl.cli.rows import Output, output_options, show_rows
from newscrawl.core.errors import SiteFileError, UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.core.records import Article, Page, Problem
    from newscrawl.extract.explain import FieldReport
    from newscrawl.sites.schema import ListingTemplate, Template
    from newscrawl.sites.site import Site

LIST_EPILOG = """\b
Example:
  newscrawl sites list
"""
SHOW_EPILOG = """\b
Example:
  newscrawl sites show bnews
"""
CHECK_EPILOG = """\b
Examples:
  newscrawl sites check bnews
  newscrawl sites check data/sites/paper.toml --page page.html --url https://paper.example/words/1.html
"""
LONGEST_VALUE = 80  # characters of a value in the table of `sites check`
# The columns of --jsonl, --csv and --tsv.
LIST_COLUMNS = (
    "site",
    "title",
    "domain",
    "categories",
    "article",
    "category_pages",
    "home",
    "file",
    "note",
)
# What a narrow terminal does not show.
SPARE_COLUMNS = ("title", "categories", "file", "note")
PARTS = ("article", "category_pages", "home")  # of a site, whose designs were seen or not
NOT_SEEN = "not seen"
CATEGORY_COLUMNS = ("key", "slug", "name", "url")
HEADER = ("url", "key", "template", "published_local", "published_at", "modified_at")


@click.group(epilog=LIST_EPILOG)
def sites() -> None:
    """List, show, check and draft site files.

    A site file is a TOML file that describes how to crawl and read a site. A file in the archive's
    sites/ folder takes precedence over newscrawl's own.
    """


@sites.command("list", epilog=LIST_EPILOG)
@output_options()
@click.pass_obj
def list_sites(app: App, output: Output) -> None:
    """List the sites that can be crawled.

    For articles, category pages and the home page, the list says when the designs were seen that
    the site file describes, or `not seen` if it was written without a page of the site.
    """
    from newscrawl.sites.loading import available_sites

    rows = [_row(app, name, path) for name, path in sorted(available_sites(app.archive).items())]
    if output.as_rows:
        show_rows(output, LIST_COLUMNS, rows)
        return
    if output.as_json:
        show_json(rows)
        return
    columns = list(LIST_COLUMNS)
    if on_terminal() and all(row["file"] == "newscrawl" for row in rows):
        columns.remove("file")
    titles = [name.replace("_", " ") for name in columns]
    cells = [[row[name] for name in columns] for row in rows]
    left_out = show_table(titles, cells, right=["categories"], spare=SPARE_COLUMNS)
    if not left_out:
        return
    for row in rows:
        if row["note"]:
            say(f"{row['site']}: {row['note']}")
    not_shown = [name for name in left_out if name in columns and any(row[name] for row in rows)]
    say(
        f"the terminal is too narrow for: {', '.join(not_shown)}"
        f" (all columns: {app.command} sites list --tsv)"
    )


@sites.command("show", epilog=SHOW_EPILOG)
@click.argument("name")
@output_options("Print the settings and the categories as JSON.")
@click.pass_obj
def show_site(app: App, name: str, output: Output) -> None:
    """Print the main settings, the categories and the rhythm of site NAME.

    The rhythm is how often its lists announce articles and how often these are edited, as far as
    the archive shows it, and when `crawl --due` requests them because of that. With --jsonl, --csv
    and --tsv, the rows are the categories.
    """
    from newscrawl.cli.rhythm import rhythm_of, show_rhythm

    site = _load(app, name)
    facts = site_facts(site)
    categories = [
        {"key": row.key, "slug": row.slug, "name": row.name, "url": row.url}
        for row in site.categories
    ]
    if output.as_rows:
        show_rows(output, CATEGORY_COLUMNS, categories)
        return
    if output.as_json:
        show_json(facts | {"categories": categories, "rhythm": rhythm_of(app, site)})
        return
    for key, value in facts.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        show(f"{key + ':':<15}{'' if text is None else text}")
    show()
    show_table(CATEGORY_COLUMNS, [list(row.values()) for row in categories])
    rhythm = rhythm_of(app, site)
    if rhythm is not None:
        show_rhythm(rhythm)


@sites.command("check", epilog=CHECK_EPILOG)
@click.argument("name", metavar="NAME-OR-FILE")
@click.option(
    "--page",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Read this saved page with the site file.",
)
@click.option("--url", metavar="URL", help="URL of that page.")
@json_option()
@click.pass_obj
def check_site(app: App, name: str, file: Path | None, url: str | None, as_json: bool) -> None:
    """Check a site file and its fixtures, or try it on a saved page.

    With --page and --url, prints each field of the page and the selector that found it. If URL is
    that of a category page, FILE is read as a listing. The fixtures are the folders
    sites/fixtures/NAME/* in the archive. The exit code is 2 if the site file is invalid or a
    fixture does not give the expected result.
    """
    from newscrawl.core.records import Page

    if (file is None) != (url is None):
        raise UsageError("--page and --url need each other", "give a saved page and its address")
    site = _load(app, name)
    if file is None or url is None:
        _check_fixtures(app, site, as_json)
        return
    page = Page(url, file.read_bytes())
    if site.article_key(url) is None and site.category_of(url) is not None:
        _check_listing(site, page, as_json)
    else:
        _check_article(site, page, as_json)


sites.add_command(new_site)
sites.add_command(unread)


def _check_fixtures(app: App, site: Site, as_json: bool) -> None:
    """Prints whether the saved pages are still read as their author expects."""
    from newscrawl.authoring.fixtures import differences

    found = list(differences(ArchiveFolder(app.archive).fixtures(site.name), site))
    if as_json:
        fixtures = [asdict(difference) for difference in found]
        show_json({"site": site.name, "ok": not found, "fixtures": fixtures})
    elif not found:
        categories, templates = len(site.categories), len(site.model.template)
        show(f"{site.name}: ok (categories: {categories}, article templates: {templates})")
    if not found:
        return
    for difference in found:
        say(f"{difference.case}: {difference.field}: {difference.why}")
    raise UsageError(
        f"{site.name}: {counted(len(found), 'field')} of its fixtures failed",
        f"look at each page: {app.command} sites check {site.name} --page FILE --url URL",
    )


def site_facts(site: Site) -> dict[str, Any]:
    """The facts of a site file that `sites show` prints."""
    return {
        "site": site.name,
        "title": site.title,
        "domain": site.domain,
        "origin": site.origin,
        "home": site.home_url if site.model.home else None,
        "language": site.language,
        "timezone": str(site.timezone),
        "templates": [template.name for template in site.model.template],
        "listings": [listing.name for listing in site.model.listing],
        "formats": list(site.model.formats),
        "revisit": list(site.model.revisit),
        "lists": f"{site.model.lists.min} to {site.model.lists.max}",
        "delay_seconds": site.politeness.delay_seconds,
        "concurrency": site.politeness.concurrency,
        "legacy_tls": site.legacy_tls,
        "verified": site.verified,
    }


def seen_parts(site: Site) -> dict[str, str]:
    """When the designs of each of PARTS were seen: `2012-12, 2026-03`, `seen` or `not seen`."""
    listings = site.model.listing
    designs: dict[str, Sequence[Template | ListingTemplate]] = {
        "article": site.model.template,
        "category_pages": [listing for listing in listings if listing.page == "category"],
        "home": [listing for listing in listings if listing.page == "home"],
    }
    return {part: _seen(site, designs[part]) for part in PARTS}


def _seen(site: Site, designs: Sequence[Template | ListingTemplate]) -> str:
    """When pages of these designs were seen. `seen`: the site file does not say when."""
    if site.model.unverified:
        return NOT_SEEN
    seen = [design for design in designs if not design.unverified]
    if not seen:
        return NOT_SEEN
    months: set[str] = set()
    for design in seen:
        months.update(design.seen)
    return ", ".join(sorted(months)) or "seen"


def _load(app: App, name: str) -> Site:
    """The site with this name, or in this file."""
    from newscrawl.sites.loading import load_site, load_site_file

    if name.endswith(".toml") or "/" in name:
        return load_site_file(Path(name), app.archive)
    return load_site(name, app.archive)


def _row(app: App, name: str, path: Path) -> dict[str, Any]:
    is_ours = path.is_relative_to(Path(__file__).parents[2])
    row: dict[str, Any] = {
        "site": name,
        "title": None,
        "domain": None,
        "categories": None,
        "article": None,
        "category_pages": None,
        "home": None,
        "file": "newscrawl" if is_ours else str(path),
    }
    try:
        site = _load(app, name)
    except SiteFileError as error:
        problems = counted(len(error.problems), "problem")
        return row | {"note": f"invalid, {problems} (see: {app.command} sites check {name})"}
    known = {
        "title": site.title,
        "domain": site.domain,
        "categories": len(site.categories),
        "note": "" if site.model.listing else "no layout for its category pages",
    }
    return row | seen_parts(site) | known


def _check_article(site: Site, page: Page, as_json: bool) -> None:
    """Prints the article, each field with its selector, and the values of other selectors."""
    from newscrawl.authoring.advice import advice
    from newscrawl.extract import explain_article, extract_article
    from newscrawl.extract.as_json import article_to_dict
    from newscrawl.extract.refine import refine

    article = refine(extract_article(site, page), site, page.fetched_at)
    values = article_to_dict(article)
    reports = [_as_used(report, article) for report in explain_article(site, page)]
    if as_json:
        show_json(values | {"fields": [asdict(report) for report in reports]})
        return
    for name in HEADER:
        show(f"{name + ':':<17}{values[name] or ''}")
    show()
    rows = [(report.field, _short(report.value), report.where, _lost(report)) for report in reports]
    show_table(["field", "value", "from", "lost"], rows)
    _say_problems(article.problems)
    for warning in advice(site, page):
        say(f"warning: {warning}")


def _as_used(report: FieldReport, article: Article) -> FieldReport:
    """The report of the publication time with the selector whose text was used.

    The first selector that finds a text may find one that is not a time.
    """
    from newscrawl.extract.fields import Match

    where = article.provenance.get("published")
    if report.field != "published" or article.published is None or where == report.where:
        return report
    others = [Match(report.where or "", (report.value or "",))]
    for other in report.others:
        others.append(replace(other, values=()) if other.where == where else other)
    return replace(report, value=article.published.raw, where=where, others=tuple(others))


def _lost(report: FieldReport) -> str:
    """The values that other selectors found."""
    values = [
        f"{other.where}: {_short(' | '.join(other.values))}"
        for other in report.others
        if other.values
    ]
    return "; ".join(values)


def _short(value: str | None) -> str:
    line = " ".join((value or "").split())
    if len(line) <= LONGEST_VALUE:
        return line
    return f"{line[: LONGEST_VALUE - 1]}… ({len(line):,} characters)"


def _check_listing(site: Site, page: Page, as_json: bool) -> None:
    from newscrawl.extract import extract_listing

    listing = extract_listing(site, page)
    if as_json:
        values = asdict(listing)
        for entry in values["entries"]:
            del entry["teaser"]["published"]  # its text is in `published_raw`
        show_json(values)
        return
    rows = []
    for entry in listing.entries:
        teaser = entry.teaser
        found = (teaser.key, teaser.title, teaser.published_raw, teaser.url)
        rows.append((entry.position, entry.block, *found))
    show_table(["position", "block", "key", "title", "time", "url"], rows, right=["position"])
    show(f"template: {listing.template}; next page: {listing.next_url or 'none'}")
    _say_problems(listing.problems)


def _say_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        say(f"warning: {problem.field or problem.stage}: {problem.code}: {problem.message}")
