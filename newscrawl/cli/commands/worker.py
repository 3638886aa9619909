"""`newscrawl crawl --queue`: this process fetches for a collector."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from newscrawl.cli.options import with_password
from newscrawl.cli.output import say, show, show_json
from newscrawl.core.errors import Stopped, UsageError

if TYPE_CHECKING:
    from newscrawl.cli.app import App

NAMED = 5  # sites in the summary
WORKERS_OWN = frozenset({"base_url", "quiet", "discover"})


def run_worker(
    app: App,
    queue_url: str,
    targets: Sequence[str],
    settings: Mapping[str, str],
    as_json: bool,
    asked: Mapping[str, Any],
) -> None:
    """Works until the collector's run has ended, says what was done, and ends the process."""
    from newscrawl.crawl.remote.address import check_address

    _check(targets, asked)
    url = with_password(queue_url, os.environ)
    check_address(url)
    from newscrawl.crawl.remote.worker import work

    done = work(
        app.archive,
        targets,
        url,
        asked["base_url"],
        app.config.scrapy_settings() | dict(settings),
        say,
    )
    if as_json:
        show_json({"sites": list(done.sites), "answers": done.answers, "stopped": done.stopped})
    else:
        more = f" and {len(done.sites) - NAMED:,} more" if len(done.sites) > NAMED else ""
        sites = ", ".join(done.sites[:NAMED]) + more
        show(
            f"{done.answers:,} pages fetched for the collector ({sites})"
            + ("; stopped" if done.stopped else "")
        )
    sys.exit(Stopped.exit_code if done.stopped else 0)


def _check(targets: Sequence[str], asked: Mapping[str, Any]) -> None:
    chosen = [name for name, value in asked.items() if value and name not in WORKERS_OWN]
    if asked["discover"] != "category":
        chosen.append("discover")
    if chosen:
        option = {"categories": "category"}.get(chosen[0], chosen[0]).replace("_", "-")
        raise UsageError(
            f"--{option} with --queue: a worker fetches what the collector orders",
            "give it to collect",
        )
    if urls := [target for target in targets if "://" in target]:
        raise UsageError(
            f"{urls[0]} with --queue: a worker fetches what the collector orders",
            "give it to collect",
        )
