"""`newscrawl crawl --queue`: this process fetches pages for a collector."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from newscrawl.cli.errors import print_error
from newscrawl.cli.options import with_password
from newscrawl.cli.output import say, show, show_json
from newscrawl.core.errors import SiteFailed, Stopped, UsageError

if TYPE_CHECKING:
    from newscrawl.cli.app import App

NAMED = 5  # sites that the summary names
WORKERS_OWN = frozenset({"base_url", "quiet"})


def run_worker(
    app: App,
    queue_url: str,
    targets: Sequence[str],
    settings: Mapping[str, str],
    *,
    as_json: bool,
    asked: Mapping[str, Any],
) -> NoReturn:
    """Works until the collector has ended, prints what was done, and ends the process."""
    from newscrawl.crawl.remote.address import check_address

    _check(targets, asked)
    url = with_password(queue_url, os.environ)
    check_address(url)
    from newscrawl.crawl.remote.worker import work

    done = work(
        app.archive,
        targets,
        url,
        base_url=asked["base_url"],
        overrides=app.config.scrapy_settings() | dict(settings),
        say=say,
        report=print_error,
    )
    if as_json:
        show_json({"sites": list(done.sites), "answers": done.answers, "stopped": done.stopped})
    else:
        stopped = "; stopped" if done.stopped else ""
        sites = _names(done.sites)
        show(f"{done.answers:,} pages fetched for the collector ({sites}){stopped}")
    if done.stopped:
        sys.exit(Stopped.exit_code)
    sys.exit(SiteFailed.exit_code if done.broken else 0)


def _names(sites: Sequence[str]) -> str:
    names = ", ".join(sites[:NAMED])
    more = len(sites) - NAMED
    return f"{names} and {more:,} more" if more > 0 else names


def _check(targets: Sequence[str], asked: Mapping[str, Any]) -> None:
    """UsageError for options and URLs that only the collector can use."""
    given = [name for name, value in asked.items() if value and name not in WORKERS_OWN]
    if "sites_at_once" in given:
        raise UsageError(
            "--sites-at-once cannot be used with --queue: a worker serves all sites of a collector",
            "omit --sites-at-once",
        )
    if given:
        name = "category" if given[0] == "categories" else given[0].replace("_", "-")
        raise _belongs_to_collector(f"--{name}")
    for target in targets:
        if "://" in target:
            raise _belongs_to_collector(target)


def _belongs_to_collector(argument: str) -> UsageError:
    return UsageError(
        f"{argument} cannot be used with --queue: the collector decides what is fetched",
        "give it to newscrawl collect",
    )
