"""`newscrawl health`: whether the last crawl of each site was like its earlier ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.notes import read_note, write_note
from newscrawl.cli.options import SITE
from newscrawl.cli.output import say, show, show_json, show_table
from newscrawl.cli.rows import Output, output_options, show_rows
from newscrawl.core.errors import SiteFailed, UsageError
from newscrawl.core.lock import refuse_release

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.reports.health import SiteHealth
    from newscrawl.store.read.reader import Reader

EPILOG = """\b
Examples:
  newscrawl health
  newscrawl health bnews --json
"""
JUDGED = "health.json"
NOTIFY_SECONDS = 60
# The columns of --jsonl, --csv and --tsv. `site_verdict` is failed if any check failed.
COLUMNS = ("site", "site_verdict", "mirror", "check", "verdict", "expected", "found")


@dataclass(frozen=True, slots=True)
class Judged:
    """What earlier runs with --notify have judged, by site.

    `verdicts` are those last reported to the `notify` command. `ends` are the times at which the
    judged crawls ended (UTC text).
    """

    verdicts: Mapping[str, str]
    ends: Mapping[str, str]

    @classmethod
    def read(cls, archive: Path) -> Judged:
        """What the archive's note says; empty if there is none, or if it cannot be read."""
        found = read_note(archive, JUDGED)
        if not isinstance(found, dict):
            return cls({}, {})
        if not isinstance(found.get("verdicts"), dict):
            return cls(found, {})  # an older note: verdicts alone
        return cls(found["verdicts"], found.get("ends", {}))

    def write(self, archive: Path) -> None:
        """Replaces the archive's note."""
        write_note(archive, JUDGED, {"verdicts": self.verdicts, "ends": self.ends})

    def verdict(self, site: str) -> str:
        """The verdict that was last reported; a new site is expected to be well."""
        return self.verdicts.get(site, "ok")


@click.command(epilog=EPILOG)
@click.argument("sites", type=SITE, metavar="[SITE]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Print passed checks too.")
@click.option(
    "--notify",
    is_flag=True,
    help="Run the `notify` command of newscrawl.toml if a verdict has changed.",
)
@click.option(
    "--new",
    "only_new",
    is_flag=True,
    help="Only sites that were crawled since the last `health --notify`.",
)
@output_options("Print every check as JSON.")
@click.pass_obj
def health(
    app: App,
    /,
    *,
    sites: tuple[str, ...],
    everything: bool,
    notify: bool,
    only_new: bool,
    output: Output,
) -> None:
    """Compare the last crawl of each site with its earlier ones.

    A check needs three earlier crawls; until then its verdict is `unknown`. The exit code is 3 if
    a site failed. With --notify, each failed site is also a line on stderr. With --new, a crawl is
    judged once, however often the command is run. Mirror crawls (--base-url) are reported but do
    not affect the exit code. With --jsonl, --csv and --tsv, there is a row per check.
    """
    from newscrawl.reports.health import site_health
    from newscrawl.store.read.crawl_history import last_ends

    judged = Judged.read(app.archive)
    if notify:
        refuse_release(app.archive)
    with app.reader() as reader:
        chosen = _chosen(reader, sites)
        ends = last_ends(reader.db)
        if only_new:
            chosen = [site for site in chosen if ends.get(site) != judged.ends.get(site)]
        reports = [site_health(reader.db, site, app.clock()) for site in chosen]
    _show(reports, output, everything=everything)
    failed = [report for report in reports if report.verdict == "failed" and not report.mirror]
    if notify:
        sys.stdout.flush()
        for report in failed:
            say(_failure_line(app.command, report))
        _notify(app, reports, judged, ends)
    if failed:
        sys.exit(SiteFailed.exit_code)


def _chosen(reader: Reader, sites: Sequence[str]) -> Sequence[str]:
    """The sites to judge, by default all; UsageError for one that was never crawled."""
    from newscrawl.store.known_names import named_few

    crawled = reader.crawled_sites()
    for site in sites:
        if site not in crawled:
            names = named_few(crawled, site) or "none"
            raise UsageError(f"the archive has no crawl of {site!r}", f"crawled sites: {names}")
    return sites or crawled


def _show(reports: Sequence[SiteHealth], output: Output, *, everything: bool) -> None:
    if output.as_rows:
        show_rows(output, COLUMNS, _flat(reports))
    elif output.as_json:
        show_json([asdict(report) for report in reports])
    else:
        for report in reports:
            _print(report, everything=everything)


def _flat(reports: Sequence[SiteHealth]) -> Iterator[dict[str, object]]:
    """Each check as one row. A site without a check has one row, without a check."""
    for report in reports:
        site = {"site": report.site, "site_verdict": report.verdict, "mirror": report.mirror}
        if not report.results:
            yield site | dict.fromkeys(("check", "verdict", "expected", "found"))
        for result in report.results:
            yield site | asdict(result)


def _print(report: SiteHealth, *, everything: bool) -> None:
    mirror = " (a mirror was crawled)" if report.mirror else ""
    show(f"{report.site}: {report.verdict}{mirror}")
    rows = [
        (result.verdict, result.check, result.expected, result.found)
        for result in report.results
        if everything or result.verdict == "failed"
    ]
    if rows:
        show_table(("verdict", "check", "expected", "found"), rows)
    elif report.verdict == "unknown":
        say("  too few earlier crawls to compare with")


def _failure_line(command: str, report: SiteHealth) -> str:
    """A failed site in one line: cron mails nothing but stderr."""
    failures = "; ".join(_failures(report))
    return f"error: {report.site}: {failures} (see: {command} health {report.site})"


def _notify(
    app: App, reports: Sequence[SiteHealth], judged: Judged, ends: Mapping[str, str]
) -> None:
    """Runs the archive's `notify` command once, if a verdict differs from the one last reported.

    `ends` are the ends of the crawls that were judged. If the command fails, a warning is printed,
    and the change is reported again the next time.
    """
    verdicts = {report.site: report.verdict for report in reports if report.verdict != "unknown"}
    changed = [site for site in verdicts if judged.verdict(site) != verdicts[site]]
    command = app.config.notify
    if changed and command:
        lines = []
        for report in reports:
            if report.site in changed:
                site = report.site
                lines.append(f"{site}: {judged.verdict(site)} -> {verdicts[site]}")
                lines += [f"  {failure}" for failure in _failures(report)]
        error = _run(command, "\n".join(lines) + "\n")
        if error is not None:
            say(f"warning: notify: {command[0]}: {error}; the next health --notify tries again")
            return
    new_ends = {report.site: ends[report.site] for report in reports if report.site in ends}
    now_judged = Judged({**judged.verdicts, **verdicts}, {**judged.ends, **new_ends})
    if now_judged != judged:
        now_judged.write(app.archive)


def _failures(report: SiteHealth) -> Iterator[str]:
    for result in report.results:
        if result.verdict == "failed":
            yield f"{result.check}: expected {result.expected}, found {result.found}"


def _run(command: Sequence[str], message: str) -> str | None:
    """What went wrong; None if the command accepted the message. Its output goes to stderr."""
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
    return f"exit code {done.returncode}" if done.returncode else None
