"""`newscrawl health`: was the last crawl of each site like its earlier ones?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.output import say, show, show_json, show_table
from newscrawl.core.errors import SiteFailed, UsageError
from newscrawl.core.folder import ArchiveFolder

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.reports.health import SiteHealth

EPILOG = """\b
Examples:
  newscrawl health
  newscrawl health bnews --json
"""
VERDICTS = "health.json"  # in logs/: the verdicts that were told last
NOTIFY_SECONDS = 60


@click.command(epilog=EPILOG)
@click.argument("sites", metavar="[SITE]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Print the checks that are fine too.")
@click.option(
    "--notify",
    is_flag=True,
    help="Run the command `notify` of newscrawl.toml where a verdict has changed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print every check as JSON.")
@click.pass_obj
def health(app: App, sites: tuple[str, ...], everything: bool, notify: bool, as_json: bool) -> None:
    """Judge each site's last crawl by its own earlier ones. Exit code 3 where a site failed.

    A check needs three earlier crawls; until then it is unknown. Crawls of a mirror (--base-url) are told, but make no
    exit code.
    """
    from newscrawl.reports.health import site_health

    with app.reader() as reader:
        known = reader.crawled_sites()
        for site in sites:
            if site not in known:
                raise UsageError(
                    f"the archive has no crawl of {site!r}", f"it has: {', '.join(known) or 'none'}"
                )
        found = [site_health(reader.db, site, app.clock()) for site in sites or known]
    if as_json:
        show_json([asdict(one) for one in found])
    else:
        for one in found:
            _print(one, everything=everything)
    if notify:
        tell_changes(app, found)
    if any(one.verdict == "failed" and not one.mirror for one in found):
        sys.exit(SiteFailed.exit_code)


def tell_changes(app: App, found: list[SiteHealth]) -> None:
    """Runs the archive's `notify` command once for the sites whose verdict is not what it was when last told.

    Where the command fails, a warning says so, and the same is told the next time.
    """
    path = ArchiveFolder(app.archive).logs / VERDICTS
    before = _last_told(path)
    now = {one.site: one.verdict for one in found if one.verdict != "unknown"}
    changed = {site: verdict for site, verdict in now.items() if before.get(site, "ok") != verdict}
    if not changed:
        return
    lines = [f"{site}: {before.get(site, 'ok')} -> {verdict}" for site, verdict in changed.items()]
    lines += [f"  {line}" for one in found if one.site in changed for line in failures(one)]
    if app.config.notify and (fault := _run_hook(app.config.notify, "\n".join(lines) + "\n")):
        say(f"warning: notify: {app.config.notify[0]}: {fault}; it is tried again the next time")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".tmp")
    beside.write_text(json.dumps(before | now, sort_keys=True), "utf-8")
    beside.replace(path)


def _run_hook(command: Sequence[str], message: str) -> str | None:
    """What went wrong; None where the command took the message. No shell; its own output goes to stderr."""
    try:
        done = subprocess.run(
            [*command],
            input=message,
            text=True,
            timeout=NOTIFY_SECONDS,
            check=False,
            stdout=sys.stderr,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return f"it ended with {done.returncode}" if done.returncode else None


def failures(one: SiteHealth) -> list[str]:
    """What is wrong, a line a check."""
    return [
        f"{result.check}: expected {result.expected}, found {result.found}"
        for result in one.results
        if result.verdict == "failed"
    ]


def _last_told(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _print(one: SiteHealth, *, everything: bool) -> None:
    show(f"{one.site}: {one.verdict}{' (a mirror was crawled)' if one.mirror else ''}")
    rows = [
        (result.verdict, result.check, result.expected, result.found)
        for result in one.results
        if everything or result.verdict == "failed"
    ]
    if rows:
        show_table(("verdict", "check", "expected", "found"), rows)
    elif one.verdict == "unknown":
        say("  too few earlier crawls to compare with")
