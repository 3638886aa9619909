"""`newscrawl crawl`: category pages, then the articles they list."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.options import SITE, how_to_run, what_to_crawl
from newscrawl.cli.output import say, show, show_json
from newscrawl.cli.planning import Planner
from newscrawl.cli.scrapy_settings import parse_settings
from newscrawl.cli.summary import print_summary, progress
from newscrawl.core.errors import ArchiveLocked
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.crawl.window import Plan

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
    from newscrawl.crawl.window import LatePlan

    settings = parse_settings(overrides)
    if queue_url is not None:
        from newscrawl.cli.commands.worker import run_worker

        options = asked | {"dry_run": dry_run, "quiet": quiet, "sites_at_once": sites_at_once}
        run_worker(app, queue_url, targets, settings, as_json=as_json, asked=options)
    planner = Planner(app, settings, Asked(**asked), quiet=quiet)
    if dry_run:
        _print_dry_run(app.archive, planner.plans(targets), as_json)
        sys.exit(exit_code((), broken=planner.is_incomplete))
    at_once = sites_at_once or app.config.crawl.sites_at_once
    plans = [
        plan
        for plan in planner.plans_by_turn(targets, at_once)
        if isinstance(plan, LatePlan) or planner.is_open(plan)
    ]
    if not plans:
        sys.exit(exit_code((), broken=planner.is_incomplete))
    with progress(len(plans)) as watch, overlap_tolerated(app, quiet=quiet):
        ended = run(
            app.archive,
            plans,
            app.config.scrapy_settings() | settings,
            at_once=at_once,
            watch=watch,
            say=say,
            clock=app.clock,
        )
    print_summary(app.command, ended, as_json, quiet=quiet)
    if app.config.dupes_after_crawl:
        compare_texts(app, quiet=quiet)
    sys.exit(exit_code(ended, broken=planner.is_incomplete))


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
