"""`newscrawl collect`: writes an archive whose pages are fetched by workers."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.commands.crawl import compare_texts, overlap_tolerated
from newscrawl.cli.options import SITE, how_to_run, what_to_crawl, with_password
from newscrawl.cli.output import say
from newscrawl.cli.planning import Planner
from newscrawl.cli.scrapy_settings import parse_settings
from newscrawl.cli.summary import print_summary, progress
from newscrawl.core.errors import UsageError

if TYPE_CHECKING:
    from newscrawl.cli.app import App

SETTINGS = ("NEWSCRAWL_RETRY_PAUSE", "ITEM_PIPELINES")  # all others are about fetching
EPILOG = """\b
Examples:
  newscrawl collect bnews --queue redis://127.0.0.1:6379/0
  newscrawl crawl --queue redis://127.0.0.1:6379/0
"""


@click.command(epilog=EPILOG)
@click.argument("targets", type=SITE, metavar="[SITE|URL]...", nargs=-1)
@click.option(
    "--queue",
    "queue_url",
    metavar="URL",
    required=True,
    help="URL of the Redis server shared with the workers: redis://…",
)
@what_to_crawl
@how_to_run
@click.pass_obj
def collect(
    app: App,
    /,
    *,
    targets: tuple[str, ...],
    queue_url: str,
    overrides: tuple[str, ...],
    quiet: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Crawl with workers: queue pages for them and store the results.

    Start workers with `newscrawl crawl --queue URL`, on this machine or on others, before or after
    this command. The collector decides what to crawl; the workers' site files set the delays. The
    command ends when no page is left to fetch. If it is killed, run it again to resume. Put a Redis
    password in NEWSCRAWL_QUEUE_PASSWORD rather than in URL.
    """
    from newscrawl.crawl.arguments import Asked

    settings = _only_for_collectors(parse_settings(overrides))
    planner = Planner(app, settings, Asked(**asked), quiet=quiet)
    plans = [plan for plan in planner.plans(targets) if planner.is_open(plan)]
    from newscrawl.crawl.run import exit_code

    if not plans:
        sys.exit(exit_code((), broken=planner.is_incomplete))
    from newscrawl.crawl.remote.address import check_address

    url = with_password(queue_url, os.environ)
    check_address(url)
    from newscrawl.crawl.remote.collector import collect as run

    with progress() as watch, overlap_tolerated(app, quiet=quiet):
        ended = run(app.archive, plans, url, settings, watch=watch, say=say, clock=app.clock)
    print_summary(app.command, ended, as_json, quiet=quiet)
    if app.config.dupes_after_crawl:
        compare_texts(app, quiet=quiet)
    sys.exit(exit_code(ended, broken=planner.is_incomplete))


def _only_for_collectors(settings: Mapping[str, str]) -> Mapping[str, str]:
    """The settings; UsageError for one that only workers can use."""
    for name in settings:
        if name not in SETTINGS:
            raise UsageError(
                f"--set {name} has no effect here: the collector fetches no pages",
                f"give it to the workers: newscrawl crawl --queue URL --set {name}=VALUE",
            )
    return settings
