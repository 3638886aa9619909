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
    from newscrawl.crawl.arguments import Asked
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
    quiet: bool,
    as_json: bool,
    dry_run: bool,
    queue_url: str | None,
    **asked: Any,
) -> None:
    """Crawl category pages and the articles they show.

    Without SITE: the sites of the archive's newscrawl.toml, else those crawled before. What is still open
    from an earlier run, killed or not, is taken up again. With --queue this is a worker of `newscrawl collect`.
    """
    from newscrawl.crawl.arguments import Asked
    from newscrawl.crawl.run import exit_code, run

    settings = parse_settings(overrides)
    if queue_url is not None:
        from newscrawl.cli.commands.worker import run_worker

        run_worker(
            app, queue_url, targets, settings, as_json, asked | {"dry_run": dry_run, "quiet": quiet}
        )
    plans = make_plans(app, targets, settings, Asked(**asked))
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
    print_summary(app.command, ended, as_json, quiet=quiet)
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
    app: App, targets: Sequence[str], settings: Mapping[str, str], asked: Asked
) -> list[Plan]:
    """One plan a site: sites by name, URLs by the site that owns them."""
    from newscrawl.core.urls import masked
    from newscrawl.crawl.arguments import options_for
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
    hours = app.config.politeness.hours
    retry_pause = float(settings.get("NEWSCRAWL_RETRY_PAUSE", "1"))

    def plan(site: Site, site_urls: Sequence[str] = ()) -> Plan:
        chosen = replace(asked, urls=tuple(site_urls))
        return Plan(site, options_for(site, chosen, usual_hours=hours, retry_pause=retry_pause))

    plans = [plan(load_site(name, app.archive)) for name in dict.fromkeys(names)]
    owners = _urls_by_site(app, urls, asked.base_url)
    return plans + [plan(site, site_urls) for site, site_urls in owners]


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
