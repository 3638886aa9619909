"""`newscrawl sites`: the site files, what they say, and whether they are right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.app import App
from newscrawl.cli.commands.sites_new import new_site
from newscrawl.cli.output import on_terminal, say, show, show_json, show_table
from newscrawl.core.errors import SiteFileError, UsageError
from newscrawl.core.folder import ArchiveFolder

if TYPE_CHECKING:
    from newscrawl.core.records import Article, Page, Problem
    from newscrawl.extract.explain import FieldReport
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


@click.group(epilog=LIST_EPILOG)
def sites() -> None:
    """List, show and check the site files.

    A site file says in TOML how a site is crawled and read. Those in `sites/` of the archive's folder win over
    newscrawl's own.
    """


@sites.command("list", epilog=LIST_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_sites(app: App, as_json: bool) -> None:
    """List the sites that can be crawled."""
    from newscrawl.sites.loading import available_sites

    rows = [_row(app, name, path) for name, path in sorted(available_sites(app.archive).items())]
    if as_json:
        show_json(rows)
    else:
        columns = ["site", "title", "domain", "categories", "file", "note"]
        if on_terminal() and all(row["file"] == "newscrawl" for row in rows):
            columns.remove("file")
        show_table(columns, [[row[name] for name in columns] for row in rows], right=["categories"])


@sites.command("show", epilog=SHOW_EPILOG)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show_site(app: App, name: str, as_json: bool) -> None:
    """Print what the site file of NAME says."""
    site = _load(app, name)
    facts = site_facts(site)
    categories = [
        {"key": row.key, "slug": row.slug, "name": row.name, "url": row.url}
        for row in site.categories
    ]
    if as_json:
        show_json(facts | {"categories": categories})
        return
    for key, value in facts.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        show(f"{key + ':':<15}{'' if shown is None else shown}")
    show()
    show_table(["key", "slug", "name", "url"], [list(row.values()) for row in categories])


@sites.command("check", epilog=CHECK_EPILOG)
@click.argument("name", metavar="NAME-OR-FILE")
@click.option(
    "--page",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Read this saved page with it.",
)
@click.option("--url", metavar="URL", help="Where that page was.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def check_site(app: App, name: str, file: Path | None, url: str | None, as_json: bool) -> None:
    """Check a site file and its fixtures; with --page and --url, print every field with the selector that gave it.

    A URL of a category page reads the page as a listing. Fixtures are the folders sites/fixtures/NAME/* of the
    archive. Exit code 2 where the file is wrong, or where a fixture does not hold.
    """
    from newscrawl.core.records import Page

    if (file is None) != (url is None):
        raise UsageError(
            "--page and --url belong together", "give the saved page and the address it had"
        )
    site = _load(app, name)
    if file is None or url is None:
        _check_fixtures(app, site, as_json)
        return
    page = Page(url, file.read_bytes())
    if site.article_key(url) is None and site.category_of(url) is not None:
        _check_listing(site, page, as_json)
    else:
        _check_article(site, page, as_json)


def _check_fixtures(app: App, site: Site, as_json: bool) -> None:
    """The file is right; are the pages that its author saved still read as they were?"""
    from newscrawl.authoring.fixtures import differences

    found = list(differences(ArchiveFolder(app.archive).fixtures(site.name), site))
    if as_json:
        show_json({"site": site.name, "ok": not found, "fixtures": [asdict(one) for one in found]})
    elif not found:
        show(
            f"{site.name}: ok, {len(site.categories)} categories, {len(site.model.template)} article templates"
        )
    if found:
        for one in found:
            say(f"{one.case}: {one.field}: {one.why}")
        raise UsageError(
            f"{site.name}: {len(found)} fields of its fixtures do not hold",
            f"look at each: newscrawl sites check {site.name} --page FILE --url URL",
        )


def site_facts(site: Site) -> dict[str, Any]:
    """What a site file says, in words."""
    return {
        "site": site.name,
        "title": site.title,
        "domain": site.domain,
        "origin": site.origin,
        "language": site.language,
        "timezone": str(site.timezone),
        "templates": [template.name for template in site.model.template],
        "listings": [listing.name for listing in site.model.listing],
        "formats": list(site.model.formats),
        "revisit": list(site.model.revisit),
        "delay_seconds": site.politeness.delay_seconds,
        "concurrency": site.politeness.concurrency,
        "legacy_tls": site.legacy_tls,
        "verified": site.verified,
    }


def unverified_parts(site: Site) -> list[str]:
    """What of a site file nobody has held against a page."""
    if site.model.unverified:
        return ["all of it"]
    templates = [f"template {one.name}" for one in site.model.template if one.unverified]
    return templates + [f"listing {one.name}" for one in site.model.listing if one.unverified]


def _load(app: App, name: str) -> Site:
    """By name; by path where it looks like one."""
    from newscrawl.sites.loading import load_site, load_site_file

    if name.endswith(".toml") or "/" in name:
        return load_site_file(Path(name), app.archive)
    return load_site(name, app.archive)


def _row(app: App, name: str, path: Path) -> dict[str, Any]:
    where = "newscrawl" if path.is_relative_to(Path(__file__).parents[2]) else str(path)
    try:
        site = _load(app, name)
    except SiteFileError as error:
        note = f"wrong in {len(error.problems)} places: newscrawl sites check {name}"
        return {
            "site": name,
            "title": None,
            "domain": None,
            "categories": None,
            "file": where,
            "note": note,
        }
    return {
        "site": name, "title": site.title, "domain": site.domain, "categories": len(site.categories), "file": where,
        "note": _note(site),
    }  # fmt: skip


def _note(site: Site) -> str:
    """What of a site may not work, in words."""
    unseen = unverified_parts(site)
    notes = [f"not checked against a real page: {', '.join(unseen)}"] if unseen else []
    if not site.model.listing:
        notes.append("no design of its category pages is known")
    return "; ".join(notes)


def _check_article(site: Site, page: Page, as_json: bool) -> None:
    """The page as the archive would have it, then each field's place, and the places that lost against it."""
    from newscrawl.authoring.advice import advice
    from newscrawl.extract import explain_article, extract_article
    from newscrawl.extract.as_json import article_to_dict
    from newscrawl.extract.refine import refine

    article = refine(extract_article(site, page), site, page.fetched_at)
    values = article_to_dict(article)
    reports = [_as_read(report, article) for report in explain_article(site, page)]
    if as_json:
        show_json(values | {"fields": [asdict(report) for report in reports]})
        return
    for name in ("url", "key", "template", "published_local", "published_at", "modified_at"):
        show(f"{name + ':':<17}{values[name] or ''}")
    show()
    rows = [(report.field, _short(report.value), report.where, _lost(report)) for report in reports]
    show_table(["field", "value", "from", "lost"], rows)
    _say_problems(article.problems)
    for warning in advice(site, page):
        say(f"warning: {warning}")


def _as_read(report: FieldReport, article: Article) -> FieldReport:
    """The time's report with the place that was read at last: the first that gives a text may give no time."""
    from newscrawl.extract.fields import Match

    where = article.provenance.get("published")
    if report.field != "published" or article.published is None or where == report.where:
        return report
    others = (replace(one, values=()) if one.where == where else one for one in report.others)
    first = Match(report.where or "", (report.value or "",))
    return replace(report, value=article.published.raw, where=where, others=(first, *others))


def _lost(report: FieldReport) -> str:
    return "; ".join(
        f"{other.where}: {_short(' | '.join(other.values))}"
        for other in report.others
        if other.values
    )


def _short(value: str | None) -> str:
    line = " ".join((value or "").split())
    return line if len(line) <= 80 else f"{line[:79]}… ({len(line):,} characters)"


def _check_listing(site: Site, page: Page, as_json: bool) -> None:
    from newscrawl.extract import extract_listing

    listing = extract_listing(site, page)
    if as_json:
        value = asdict(listing)
        show_json(value | {"entries": [_entry(entry) for entry in value["entries"]]})
        return
    rows = [
        (
            row.position,
            row.block,
            row.teaser.key,
            row.teaser.title,
            row.teaser.published_raw,
            row.teaser.url,
        )
        for row in listing.entries
    ]
    show_table(["position", "block", "key", "title", "time", "url"], rows, right=["position"])
    show(f"template: {listing.template}; next page: {listing.next_url or 'none'}")
    _say_problems(listing.problems)


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    """Without the read time, whose raw text stands beside it."""
    return entry | {
        "teaser": {name: value for name, value in entry["teaser"].items() if name != "published"}
    }


def _say_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        say(f"warning: {problem.field or problem.stage}: {problem.code}: {problem.message}")


sites.add_command(new_site)
