"""`newscrawl crawl`: category pages, then the articles they list."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.app import DEMO_SITE
from newscrawl.cli.errors import print_error
from newscrawl.cli.options import SITE, how_to_run, what_to_crawl
from newscrawl.cli.output import say, show, show_json
from newscrawl.cli.scrapy_settings import parse_settings
from newscrawl.cli.summary import print_summary, progress
from newscrawl.core.errors import ArchiveLocked, SiteFileError, UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.crawl.arguments import Asked
    from newscrawl.crawl.window import Plan
    from newscrawl.sites.site import Site

EPILOG = """\b
Examples:
  newscrawl crawl bnews --category chung-khoan --max-pages 2
  newscrawl crawl https://bnews.vn/some-title/123456.html
"""


@click.command(epilog=EPILOG)
@click.argument("targets", type=SITE, metavar="[SITE|URL]...", nargs=-1)
@what_to_crawl
@click.option(
    "--dry-run", is_flag=True, help="Print what would be requested; fetch and write nothing."
)
@click.option(
    "--queue",
    "queue_url",
    metavar="URL",
    help="Fetch pages for a collector through the Redis server at URL; store nothing locally.",
)
@click.option(
    "--sites-at-once",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="Crawl at most N sites at the same time.  [default: 64, or as in newscrawl.toml]",
)
@how_to_run
@click.pass_obj
def crawl(
    app: App,
    /,
    *,
    targets: tuple[str, ...],
    overrides: tuple[str, ...],
    quiet: bool,
    as_json: bool,
    dry_run: bool,
    queue_url: str | None,
    sites_at_once: int | None,
    **asked: Any,
) -> None:
    """Crawl category pages and the articles they list.

    Without SITE, crawls the sites in the archive's newscrawl.toml, or else those crawled before.
    Also fetches pages left over from earlier runs, even killed ones. With --queue, acts as a worker
    for `newscrawl collect`.
    """
    from newscrawl.crawl.arguments import Asked
    from newscrawl.crawl.run import exit_code, run

    settings = parse_settings(overrides)
    if queue_url is not None:
        from newscrawl.cli.commands.worker import run_worker

        options = asked | {"dry_run": dry_run, "quiet": quiet, "sites_at_once": sites_at_once}
        run_worker(app, queue_url, targets, settings, as_json=as_json, asked=options)
    plans, broken = make_plans(app, targets, settings, Asked(**asked))
    if dry_run:
        _print_dry_run(app.archive, plans, as_json)
        sys.exit(exit_code((), broken=broken))
    plans = open_plans(app, plans, quiet=quiet)
    if not plans:
        sys.exit(exit_code((), broken=broken))
    with progress(len(plans)) as watch, overlap_tolerated(app, quiet=quiet):
        ended = run(
            app.archive,
            plans,
            app.config.scrapy_settings() | settings,
            at_once=sites_at_once or app.config.crawl.sites_at_once,
            watch=watch,
            say=say,
            clock=app.clock,
        )
    print_summary(app.command, ended, as_json, quiet=quiet)
    if app.config.dupes_after_crawl:
        compare_texts(app, quiet=quiet)
    sys.exit(exit_code(ended, broken=broken))


@contextmanager
def overlap_tolerated(app: App, *, quiet: bool) -> Iterator[None]:
    """Ends a quiet command silently if another run has the archive's lock.

    If that run has lasted longer than `overlap_hours` of newscrawl.toml, it may hang: then
    ArchiveLocked is raised, with a message of one line. The exit code is the same.
    """
    try:
        yield
    except ArchiveLocked as error:
        if not quiet:
            raise
        hours = app.config.crawl.overlap_hours
        if error.since is None:
            raise
        if timedelta() <= app.clock() - error.since <= timedelta(hours=hours):
            sys.exit(ArchiveLocked.exit_code)
        raise ArchiveLocked(
            f"{error.message}, which is longer than overlap_hours = {hours:g};"
            " if it does not make progress, stop it"
        ) from error


def compare_texts(app: App, *, quiet: bool) -> None:
    """Finds near-duplicates among the new texts, if newscrawl.toml requests it.

    An error is only reported: the crawl itself has been stored. If `quiet`, nothing else is.
    """
    from newscrawl.archive.near_duplicates import update
    from newscrawl.core.errors import NewscrawlError
    from newscrawl.core.lock import archive_lock
    from newscrawl.core.processes import cores
    from newscrawl.store.write.store import Store

    try:
        with archive_lock(app.archive, "dupes"), Store(app.archive) as store:
            done = update(store, jobs=cores())
    except NewscrawlError as error:
        say(f"warning: the texts were not compared: {error.message}")
        say(f"hint: the crawl is stored; to compare them later: {app.command} dupes --update")
        return
    if not quiet:
        say(
            f"{done.texts:,} texts compared, {done.pairs:,} near pairs found"
            f" (see: {app.command} dupes)"
        )


def make_plans(
    app: App, targets: Sequence[str], settings: Mapping[str, str], asked: Asked
) -> tuple[list[Plan], bool]:
    """One plan per site: for the sites that are named, and for those that own the URLs.

    A site whose file is invalid is reported and left out; the second value says whether there is
    one. Raises its error if no other site is left.
    """
    from newscrawl.crawl.arguments import options_for
    from newscrawl.crawl.window import Plan
    from newscrawl.sites.loading import load_sites

    urls = [target for target in targets if "://" in target]
    _refuse_user_names(urls)
    names = [target for target in targets if "://" not in target]
    if not targets:
        names = app.sites_to_crawl()
    retry_pause = float(settings.get("NEWSCRAWL_RETRY_PAUSE", "1"))

    def plan(site: Site, site_urls: Sequence[str] = ()) -> Plan:
        chosen = replace(asked, urls=tuple(site_urls))
        options = options_for(
            site, chosen, config=app.config, now=app.clock(), retry_pause=retry_pause
        )
        return Plan(site, options)

    sites, broken = load_sites(names, app.archive)
    plans = [plan(site) for site in sites]
    owners = _urls_by_site(app, urls, asked.base_url)
    plans += [plan(site, site_urls) for site, site_urls in owners]
    if broken and not plans:
        raise _joined(broken)
    for error in broken:
        print_error(error)
    return plans, bool(broken)


def _joined(errors: Sequence[SiteFileError]) -> UsageError:
    return UsageError("\n".join(error.message for error in errors), errors[0].hint)


def _refuse_user_names(urls: Sequence[str]) -> None:
    from newscrawl.core.urls import masked

    for url in urls:
        safe_url = masked(url)
        if "***@" in safe_url:
            raise UsageError(
                f"{safe_url}: the URL contains a user name",
                "newscrawl does not log in; remove the user name from the URL",
            )


def open_plans(app: App, plans: Sequence[Plan], *, quiet: bool) -> list[Plan]:
    """The plans of sites that may be crawled at this hour; prints a message about the others.

    If `quiet`, nothing is printed: the user has chosen the hours.
    """
    open_now = []
    for plan in plans:
        hours = plan.options.hours
        if hours is None or hours.are_open(app.clock(), plan.site.timezone):
            open_now.append(plan)
        elif not quiet:
            say(
                f"{plan.site.name}: outside its crawl hours ({hours}, {plan.site.timezone});"
                " nothing was requested"
            )
    return open_now


def _urls_by_site(
    app: App, urls: Sequence[str], base_url: str | None
) -> list[tuple[Site, list[str]]]:
    """The sites that own the URLs, each with its URLs.

    Several sites may own the URL of a mirror: sites that the archive has come first. A URL that no
    site file covers belongs to the generic site of its host, if all site files are valid: otherwise
    their errors are raised.
    """
    from newscrawl.sites.generic import generic_site

    if not urls:
        return []
    sites, broken = _known_sites(app)
    urls_by_site: dict[str, tuple[Site, list[str]]] = {}
    for url in urls:
        owner = _owner(url, sites, base_url)
        if owner is None:
            if broken:
                raise _joined(broken)
            owner = generic_site(url)
        _, site_urls = urls_by_site.setdefault(owner.name, (owner, []))
        site_urls.append(url)
    return list(urls_by_site.values())


def _known_sites(app: App) -> tuple[list[Site], list[SiteFileError]]:
    """The sites that have a site file, those that the archive has crawled first.

    The second value are the errors of invalid site files.
    """
    from newscrawl.sites.loading import available_sites, load_sites
    from newscrawl.store.read.reader import open_or_none

    crawled: list[str] = []
    reader = open_or_none(app.archive)
    if reader is not None:
        with reader:
            crawled = reader.crawled_sites()
    available = available_sites(app.archive)
    with_file = [name for name in crawled if name in available or name == DEMO_SITE]
    return load_sites([*with_file, *available], app.archive)


def _owner(url: str, sites: Sequence[Site], base_url: str | None) -> Site | None:
    for site in sites:
        crawled = site.rebased(base_url) if base_url else site
        if crawled.owns(url):
            return site
    return None


def _print_dry_run(folder: Path, plans: Sequence[Plan], as_json: bool) -> None:
    rows = [_dry_run(folder, plan) for plan in plans]
    if as_json:
        show_json({"sites": rows})
        return
    for row in rows:
        pending = counted(row["open"], "page")
        show(f"{row['site']}: {pending} left over from earlier crawls, then:")
        for url in row["asks_for"]:
            show(f"  {url}")
    say("nothing was fetched or written (--dry-run)")


def _dry_run(folder: Path, plan: Plan) -> dict[str, Any]:
    from newscrawl.sites.sources import sources_of

    options = plan.options
    site = plan.site.rebased(options.base_url) if options.base_url else plan.site
    urls = list(options.urls)
    if not urls:
        keys = site.category_keys(options.categories)
        urls = [source.url for source in sources_of(site, options.discover, keys)]
    return {"site": site.name, "asks_for": urls, "open": _count_pending(folder, site.name)}


def _count_pending(folder: Path, site: str) -> int:
    """How many pages of a site are still to be fetched; 0 if there is no archive."""
    from newscrawl.store.connection import open_reader
    from newscrawl.store.write.frontier import count_pending

    if not ArchiveFolder(folder).database.is_file():
        return 0
    db = open_reader(folder)
    try:
        return count_pending(db, site)
    finally:
        db.close()
