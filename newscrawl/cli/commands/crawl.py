"""`newscrawl crawl`: category pages, then the articles they show."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.options import how_to_run, what_to_crawl
from newscrawl.cli.output import say, show, show_json
from newscrawl.cli.scrapy_settings import parse_settings
from newscrawl.cli.summary import print_summary, progress
from newscrawl.core.errors import UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.core.hours import Hours
    from newscrawl.crawl.options import CrawlOptions
    from newscrawl.crawl.run import Plan
    from newscrawl.sites.site import Site

EPILOG = """\b
Examples:
  newscrawl crawl bnews --category chung-khoan --max-pages 2
  newscrawl crawl https://bnews.vn/some-title/123456.html
"""


@click.command(epilog=EPILOG)
@click.argument("targets", metavar="[SITE|URL]...", nargs=-1)
@what_to_crawl
@click.option(
    "--dry-run", is_flag=True, help="Print what would be asked for; no network, nothing is written."
)
@click.option(
    "--queue",
    "queue_url",
    metavar="URL",
    help="Fetch for the collector on this Redis; store nothing here.",
)
@how_to_run
@click.pass_obj
def crawl(
    app: App,
    /,
    targets: tuple[str, ...],
    overrides: tuple[str, ...],
    as_json: bool,
    dry_run: bool,
    queue_url: str | None,
    **asked: Any,
) -> None:
    """Crawl category pages and the articles they show.

    Without SITE: the sites of the archive's newscrawl.toml, else those crawled before. What is still open
    from an earlier run, killed or not, is taken up again. With --queue this is a worker of `newscrawl collect`.
    """
    from newscrawl.crawl.run import exit_code, run

    settings = parse_settings(overrides)
    if queue_url is not None:
        from newscrawl.cli.commands.worker import run_worker

        run_worker(app, queue_url, targets, settings, as_json, asked | {"dry_run": dry_run})
    plans = make_plans(app, targets, settings, asked)
    if dry_run:
        _print_dry_run(app.archive, plans, as_json)
        return
    plans = open_plans(app, plans)
    if not plans:
        sys.exit(0)
    with progress() as watch:
        ended = run(
            app.archive, plans, app.config.scrapy_settings() | settings, watch, say, app.clock
        )
    print_summary(app.command, ended, as_json, quiet=asked["quiet"])
    if app.config.dupes_after_crawl:
        compare_texts(app)
    sys.exit(exit_code(ended))


def compare_texts(app: App) -> None:
    """Near copies among what came in, where newscrawl.toml asks for it. The crawl has ended, whatever this does."""
    from newscrawl.archive.near_duplicates import update
    from newscrawl.core.errors import NewscrawlError
    from newscrawl.core.lock import archive_lock
    from newscrawl.core.processes import cores
    from newscrawl.store.write.store import Store

    try:
        with archive_lock(app.archive, "dupes"), Store(app.archive) as store:
            done = update(store, jobs=cores())
    except NewscrawlError as error:
        say(f"warning: near copies were not looked for: {error.message}")
        say("hint: the crawl is stored; later: newscrawl dupes --update")
    else:
        say(f"{done.texts:,} texts compared, {done.pairs:,} near pairs found (newscrawl dupes)")


def make_plans(
    app: App, targets: Sequence[str], settings: Mapping[str, str], asked: Mapping[str, Any]
) -> list[Plan]:
    """One plan a site: sites by name, URLs by the site that owns them."""
    from newscrawl.core.urls import masked
    from newscrawl.crawl.options import CrawlOptions
    from newscrawl.crawl.run import Plan
    from newscrawl.sites.loading import load_site

    urls = [target for target in targets if "://" in target]
    for url in urls:
        if "***@" in masked(url):
            raise UsageError(
                f"{masked(url)}: the address carries a user name",
                "newscrawl logs in nowhere: leave it out",
            )
    names = [target for target in targets if "://" not in target]
    if not targets:
        names = app.sites_to_crawl()
    options = CrawlOptions(
        categories=asked["categories"],
        discover=ways(asked["discover"]),
        max_pages=asked["max_pages"],
        limit=asked["limit"],
        full=asked["full"],
        refetch=asked["refetch"],
        base_url=asked["base_url"],
        warc=not asked["no_warc"],
        retry_pause=float(settings.get("NEWSCRAWL_RETRY_PAUSE", "1")),
        max_requests=asked["max_requests"],
        max_minutes=asked["max_minutes"],
    )
    plans = []
    for name in dict.fromkeys(names):
        site = load_site(name, app.archive)
        options_here = replace(options, discover=_check(site, options))
        since, until = app.date_range(asked["since"], asked["until"], site.timezone)
        plans.append(Plan(site, replace(options_here, since=since, until=until)))
    for site, of_site in _urls_by_site(app, urls, asked["base_url"]):
        plans.append(Plan(site, replace(options, urls=tuple(of_site))))
    return (
        plans
        if asked["base_url"]
        else [_with_hours(plan, app.config.politeness.hours) for plan in plans]
    )


def _with_hours(plan: Plan, usual: Hours | None) -> Plan:
    """The site's own hours, else those of newscrawl.toml; a mirror has none."""
    hours = plan.site.politeness.hours or usual
    return replace(plan, options=replace(plan.options, hours=hours))


def open_plans(app: App, plans: Sequence[Plan]) -> list[Plan]:
    """The plans whose site may be asked at this hour; of the others it is said."""
    return [plan for plan in plans if _is_open(plan, app)]


def _is_open(plan: Plan, app: App) -> bool:
    hours = plan.options.hours
    if hours is None or hours.are_open(app.clock(), plan.site.timezone):
        return True
    say(
        f"{plan.site.name}: not in its hours ({hours}, {plan.site.timezone}); nothing was asked for"
    )
    return False


def ways(text: str) -> tuple[str, ...]:
    """`category,feed` as ways of discovery, in the order a crawl takes them; UsageError for any other word."""
    from newscrawl.crawl.options import WAYS

    words = {word.strip() for word in text.split(",")}
    if unknown := sorted(words - set(WAYS)):
        raise UsageError(
            f"--discover {text[:40]!r}: there is no way {unknown[0]!r}",
            f"the ways are {', '.join(WAYS)}",
        )
    return tuple(way for way in WAYS if way in words)


def _check(site: Site, options: CrawlOptions) -> tuple[str, ...]:
    """The ways that the site has; what is wrong with the request is told before anything is fetched or written."""
    from newscrawl.sites.sources import ways_of

    site.category_keys(options.categories)
    if options.base_url is not None:
        site.rebased(options.base_url)
    if options.categories and "sitemap" in options.discover:
        raise UsageError(
            "--category with --discover sitemap: a sitemap does not say of which category an article is",
            "leave out one of the two",
        )
    found = tuple(way for way in options.discover if way in ways_of(site))
    if not found:
        raise UsageError(
            f"the site file of {site.name} names no {' and no '.join(options.discover)}",
            f"it has: --discover {','.join(ways_of(site))}",
        )
    return found


def _urls_by_site(
    app: App, urls: Sequence[str], base_url: str | None
) -> list[tuple[Site, list[str]]]:
    """The sites that own the addresses; one that the archive has is preferred (several may fit a mirror).

    An address that no site file covers is its host's own site: its pages are read without a template.
    """
    from newscrawl.sites.generic import generic_site, site_named
    from newscrawl.sites.loading import available_sites
    from newscrawl.store.read.reader import open_or_none

    found: dict[str, tuple[Site, list[str]]] = {}
    if not urls:
        return []
    archived: list[str] = []
    if (reader := open_or_none(app.archive)) is not None:
        with reader:
            archived = reader.crawled_sites()
    names = dict.fromkeys([*archived, *available_sites(app.archive)])
    sites = [site for name in names if not (site := site_named(name, app.archive)).generic]
    for url in urls:
        owners = (
            site for site in sites if (site.rebased(base_url) if base_url else site).owns(url)
        )
        site = next(owners, None) or generic_site(url)
        found.setdefault(site.name, (site, []))[1].append(url)
    return list(found.values())


def _print_dry_run(folder: Path, plans: Sequence[Plan], as_json: bool) -> None:
    from newscrawl.sites.sources import sources_of

    rows: list[dict[str, Any]] = []
    for plan in plans:
        site = plan.site.rebased(plan.options.base_url) if plan.options.base_url else plan.site
        keys = site.category_keys(plan.options.categories)
        starts = [source.url for source in sources_of(site, plan.options.discover, keys)]
        rows.append(
            {
                "site": site.name,
                "asks_for": list(plan.options.urls) or starts,
                "open": _open_pages(folder, site.name),
            }
        )
    if as_json:
        show_json({"sites": rows})
        return
    for row in rows:
        show(
            f"{row['site']}: {counted(row['open'], 'page')} open from earlier crawls, and first of all"
        )
        show("\n".join(f"  {url}" for url in row["asks_for"]))
    say("nothing was fetched or written (--dry-run)")


def _open_pages(folder: Path, site: str) -> int:
    """How many pages of a site an archive still has to fetch; 0 where there is no archive."""
    from newscrawl.store.connection import open_reader
    from newscrawl.store.write.frontier import count_pending

    if not ArchiveFolder(folder).database.is_file():
        return 0
    db = open_reader(folder)
    try:
        return count_pending(db, site)
    finally:
        db.close()
