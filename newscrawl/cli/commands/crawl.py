"""`newscrawl crawl`: category pages, then the articles they list."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.options import SITE, how_to_run, what_to_crawl
from newscrawl.cli.output import say, show, show_json
from newscrawl.cli.planning import Planner
from newscrawl.cli.scrapy_settings import parse_settings
from newscrawl.cli.summary import print_summary, progress
from newscrawl.core.errors import ArchiveLocked, UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.text import counted
from newscrawl.core.times import to_utc_text

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.cli.broken_files import BrokenFiles
    from newscrawl.crawl.window import Plan
    from newscrawl.store.read.due import DueSite

EPILOG = """\b
Examples:
  newscrawl crawl bnews --category chung-khoan --max-pages 2
  newscrawl crawl https://bnews.vn/some-title/123456.html
  newscrawl crawl --due --quiet
"""
# With --due, the site file, newscrawl.toml and the rhythm of the site decide what is requested.
NOT_WITH_DUE = (
    "categories",
    "since",
    "until",
    "discover",
    "max_pages",
    "limit",
    "full",
    "refetch",
    "base_url",
)
# Those that newscrawl.toml can set for every crawl of a site.
IN_RANGES = ("categories", "since", "discover", "max_pages")


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
@click.option(
    "--due",
    is_flag=True,
    help="Request only what is due: lists and articles, each at the site's own rhythm.",
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
    due: bool,
    **asked: Any,
) -> None:
    """Crawl category pages and the articles they list.

    Without SITE, crawls the sites in the archive's newscrawl.toml, or else those crawled before.
    Also fetches pages left over from earlier runs, even killed ones. With --queue, acts as a worker
    for `newscrawl collect`. With --due, sites of which nothing is due are left out; if nothing is
    due at all, the command ends at once.
    """
    settings = parse_settings(overrides)
    waiting: Sequence[DueSite] = ()
    if due:
        _check_due_options(targets, queue_url, asked)
        asked["due"] = True
        targets, waiting = _due_targets(app, targets, quiet=quiet)
        if not targets:
            _tell_next(waiting, quiet=quiet)
            print_summary(app.command, (), as_json, quiet=quiet)
            return
    # Scrapy takes half a second to load, which a run with nothing due does not need.
    from newscrawl.crawl.arguments import Asked
    from newscrawl.crawl.run import exit_code, run
    from newscrawl.crawl.window import LatePlan

    if queue_url is not None:
        from newscrawl.cli.commands.worker import run_worker

        options = asked | {"dry_run": dry_run, "quiet": quiet, "sites_at_once": sites_at_once}
        run_worker(app, queue_url, targets, settings, as_json=as_json, asked=options)
    planner = Planner(
        app,
        settings,
        Asked(**asked),
        quiet=quiet,
        has_others=bool(waiting),
        reported=_reported(app) if due and quiet and not dry_run else None,
    )
    if dry_run:
        _print_dry_run(app, planner.plans(targets), as_json)
        sys.exit(exit_code((), broken=planner.is_incomplete))
    at_once = sites_at_once or app.config.crawl.sites_at_once
    plans = [
        plan
        for plan in planner.plans_by_turn(targets, at_once)
        if isinstance(plan, LatePlan) or planner.is_open(plan)
    ]
    if not plans:
        _tell_next(waiting, quiet=quiet)
        sys.exit(exit_code((), broken=planner.is_incomplete))
    with progress(len(plans)) as watch, overlap_tolerated(app, quiet=quiet):
        ended = run(
            app.archive,
            plans,
            app.config.scrapy_settings() | settings,
            at_once=at_once,
            in_order=due,  # the longest overdue first
            quiet=quiet,
            watch=watch,
            say=say,
            clock=app.clock,
        )
    print_summary(app.command, ended, as_json, quiet=quiet)
    if app.config.dupes_after_crawl:
        compare_texts(app, quiet=quiet)
    sys.exit(exit_code(ended, broken=planner.is_incomplete))


def _check_due_options(
    targets: Sequence[str], queue_url: str | None, asked: Mapping[str, Any]
) -> None:
    """UsageError for an option or a URL that has no meaning together with --due."""
    given = [name for name in NOT_WITH_DUE if asked[name]]
    if queue_url is not None:
        given.append("queue")
    if given:
        option = "category" if given[0] == "categories" else given[0].replace("_", "-")
        hint = f"to crawl with --{option}, leave out --due"
        if given[0] in IN_RANGES:
            hint += "; limits of every crawl belong in newscrawl.toml: see docs/scheduling.md"
        raise UsageError(f"--due and --{option}: expected only one of them", hint)
    urls = [target for target in targets if "://" in target]
    if urls:
        raise UsageError(
            f"--due: expected names of sites, got {urls[0]}", "crawl the URL without --due"
        )


def _reported(app: App) -> BrokenFiles:
    """The known problems of site files: a run every ten minutes must not repeat them."""
    from newscrawl.cli.broken_files import BrokenFiles

    return BrokenFiles(app.archive, app.clock())


def _due_targets(
    app: App, targets: Sequence[str], *, quiet: bool
) -> tuple[tuple[str, ...], list[DueSite]]:
    """The sites of which something is due now, the longest overdue first, and the other sites.

    Ends like a crawl if another run has locked the archive: what is due is what that run is about
    to request.
    """
    from newscrawl.core.lock import archive_lock, is_locked
    from newscrawl.store.read.due import DueSite, due_sites
    from newscrawl.store.read.reader import open_or_none

    if is_locked(app.archive):
        with overlap_tolerated(app, quiet=quiet), archive_lock(app.archive, "crawl"):
            pass  # that run has just ended
    names = dict.fromkeys(targets or app.sites_to_crawl())
    known: Mapping[str, DueSite] = {}
    reader = open_or_none(app.archive)
    if reader is not None:
        with reader:
            known = due_sites(reader.db)
    now = app.clock()
    sites = sorted((known.get(name, DueSite(name, None)) for name in names), key=DueSite.order)
    due = tuple(site.site for site in sites if site.is_due(now))
    return due, [site for site in sites if not site.is_due(now)]


def _tell_next(waiting: Sequence[DueSite], *, quiet: bool) -> None:
    """Prints which of the sites that are not due is the next one."""
    if waiting and not quiet:
        say(f"nothing is due; next: {waiting[0].site} at {waiting[0].as_text()}")


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


def _print_dry_run(app: App, plans: Sequence[Plan], as_json: bool) -> None:
    now = app.clock()
    rows = [_dry_run(app.archive, plan, now) for plan in plans]
    if as_json:
        show_json({"sites": rows})
        return
    for row in rows:
        pending = counted(row["open"], "page")
        show(f"{row['site']}: {pending} left over from earlier crawls, then:")
        for url in row["asks_for"]:
            show(f"  {url}")
    say("nothing was fetched or written (--dry-run)")


def _dry_run(folder: Path, plan: Plan, now: datetime) -> dict[str, Any]:
    from newscrawl.sites.sources import sources_of
    from newscrawl.store.connection import open_reader
    from newscrawl.store.write.due import waiting_lists
    from newscrawl.store.write.frontier import count_pending

    options = plan.options
    site = plan.site.rebased(options.base_url) if options.base_url else plan.site
    urls = list(options.urls)
    if not urls:
        keys = site.category_keys(options.categories)
        urls = [source.url for source in sources_of(site, options.discover, keys)]
    pending = 0
    if ArchiveFolder(folder).database.is_file():
        with closing(open_reader(folder)) as db:
            pending = count_pending(db, site.name)
            if options.due:
                waiting = waiting_lists(db, site.name, urls, to_utc_text(now))
                urls = [url for url in urls if url not in waiting]
    return {"site": site.name, "asks_for": urls, "open": pending}
