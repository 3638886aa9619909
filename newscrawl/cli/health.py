"""`newscrawl health`: was the last crawl of each site like its earlier ones?"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import SiteFailed, UsageError
from .output import say, show, show_json, show_table

if TYPE_CHECKING:
    from ..health import SiteHealth
    from .app import App

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
@click.option("--notify", is_flag=True, help="Run the command `notify` of newscrawl.toml where a verdict has changed.")
@click.option("--json", "as_json", is_flag=True, help="Print every check as JSON.")
@click.pass_obj
def health(app: App, sites: tuple[str, ...], everything: bool, notify: bool, as_json: bool) -> None:
    """Judge each site's last crawl by its own earlier ones. Exit code 3 where a site failed.

    A check needs three earlier crawls; until then it is unknown. Crawls of a mirror (--base-url) are told, but make no
    exit code.
    """
    from ..checkup import site_health
    from ..session import now_utc

    with app.reader() as reader:
        known = reader.crawled_sites()
        for site in sites:
            if site not in known:
                raise UsageError(f"the archive has no crawl of {site!r}", f"it has: {', '.join(known) or 'none'}")
        found = [site_health(reader.db, site, now_utc()) for site in sites or known]
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
    """Runs the archive's `notify` command once for the sites whose verdict is not what it was when last told."""
    path = app.archive / "logs" / VERDICTS
    before = _last_told(path)
    now = {one.site: one.verdict for one in found if one.verdict != "unknown"}
    changed = {site: verdict for site, verdict in now.items() if before.get(site, "ok") != verdict}
    if changed and app.config.notify:
        lines = [f"{site}: {before.get(site, 'ok')} -> {verdict}" for site, verdict in changed.items()]
        lines += [f"  {line}" for one in found if one.site in changed for line in failures(one)]
        command = [*app.config.notify]
        try:
            done = subprocess.run(
                command, input="\n".join(lines) + "\n", text=True, timeout=NOTIFY_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UsageError(f"notify: {command[0]}: {error}", "it is tried again the next time") from error
        if done.returncode != 0:
            raise UsageError(f"notify: {command[0]} ended with {done.returncode}", "it is tried again the next time")
    if changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(before | now, sort_keys=True), "utf-8")


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
