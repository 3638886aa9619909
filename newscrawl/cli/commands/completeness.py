"""`newscrawl completeness`: what the archive has against all that it has heard of, and what is missing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from newscrawl.cli.output import say, show, show_json, show_table
from newscrawl.cli.scrapy_settings import parse_settings
from newscrawl.cli.summary import print_summary, progress
from newscrawl.core.days import day_texts
from newscrawl.core.errors import UsageError
from newscrawl.core.text import counted
from newscrawl.reports.completeness_text import as_data, headline, notes

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.crawl.run import Ended
    from newscrawl.reports.completeness import DayCount, Gap, Report

LISTED = 20  # gaps and days printed without --all
NOT_THERE = frozenset({"http_404", "http_410"})
EPILOG = """\b
Examples:
  newscrawl completeness
  newscrawl completeness bnews --since 2026-09-01 --until 2026-09-07 --all
  newscrawl completeness bnews --fetch --limit 500
"""


@click.command(epilog=EPILOG)
@click.argument("site", metavar="[SITE]", required=False)
@click.option(
    "--since", metavar="DATE", help="Only what was published on this day (of the site) or later."
)
@click.option(
    "--until", metavar="DATE", help="Only what was published on this day (of the site) or earlier."
)
@click.option(
    "--all", "everything", is_flag=True, help=f"List every day and gap, not only {LISTED} of each."
)
@click.option(
    "--fetch",
    is_flag=True,
    help="Ask the site for what is missing, then print what is missing still.",
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="With --fetch: ask each site for at most N pages.",
)
@click.option(
    "--base-url",
    metavar="URL",
    help="With --fetch: the mirror to ask.  [default: the last crawl's]",
)
@click.option(
    "--set", "overrides", metavar="KEY=VALUE", multiple=True, help="With --fetch: a Scrapy setting."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every day and gap.")
@click.pass_obj
def completeness(
    app: App,
    site: str | None,
    since: str | None,
    until: str | None,
    everything: bool,
    fetch: bool,
    limit: int | None,
    base_url: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Print how complete the archive is, by site and day, and what is missing.

    It compares the articles read with those that category pages, feeds, sitemaps and links named, and looks for
    numbers that a site's ids leave out. Nothing is fetched, unless --fetch is given. Gaps are no error.
    """
    if not fetch and (limit is not None or base_url is not None or overrides):
        raise UsageError(
            "--limit, --base-url and --set are for --fetch", "add --fetch, or leave them out"
        )
    first, last = day_texts(since, until)
    reports = _reports(app, site, first, last)
    ended: list[Ended] = []
    if fetch:
        ended = _fetch(app, reports, limit, base_url, parse_settings(overrides))
        reports = _reports(app, site, first, last)
    if as_json:
        show_json({"sites": [as_data(report) for report in reports]})
    else:
        if ended:
            print_summary(app.command, ended, as_json=False)
            show()
        for report in reports:
            _print(app, report, everything)
    sys.exit(_exit_code(ended))


def _reports(app: App, site: str | None, since: str | None, until: str | None) -> list[Report]:
    from newscrawl.reports.completeness import measured
    from newscrawl.store.filters import check_site

    with app.reader() as reader:
        if site is not None:
            check_site(reader.db, site)
        names = [site] if site is not None else reader.sites()
        return [measured(reader.db, app.archive, name, since, until) for name in names]


def _fetch(
    app: App,
    reports: Sequence[Report],
    limit: int | None,
    base_url: str | None,
    settings: dict[str, str],
) -> list[Ended]:
    from newscrawl.crawl.options import CrawlOptions
    from newscrawl.crawl.run import Plan, run
    from newscrawl.reports.completeness import addresses, current_site
    from newscrawl.sites.generic import site_named

    plans = []
    for report in reports:
        site = site_named(report.site, app.archive)
        with app.reader() as reader:
            there = current_site(reader.db, site, base_url)
        urls = addresses(report, there)[:limit]
        if report.unseen_ids and there.model.article_by_id is None:
            say(
                f"{report.site}: unseen ids are not asked for: no address can be made of an id alone"
            )
        if urls:
            mirror = there.origin if there.origin != site.origin else None
            say(f"{report.site}: asking {there.origin} for {counted(len(urls), 'page')}")
            plans.append(Plan(site, CrawlOptions(urls=tuple(urls), base_url=mirror)))
        else:
            say(f"{report.site}: nothing to ask for")
    if not plans:
        return []
    with progress() as watch:
        return run(app.archive, plans, app.config.scrapy_settings() | settings, watch, say)


def _exit_code(ended: Sequence[Ended]) -> int:
    """The crawl's; but ids that turn out to be no articles are an answer, not a failure."""
    from newscrawl.crawl.run import exit_code

    if not ended:
        return 0
    answered = all(
        set(crawl.stats["failed"]) <= NOT_THERE and not crawl.stats["pending"] for crawl in ended
    )
    code = exit_code(ended)
    return 0 if code == 3 and answered else code


def _print(app: App, report: Report, everything: bool) -> None:
    show(headline(report))
    for line in notes(report):
        show(f"  {line}")
    if report.days:
        show()
        _print_days(report, everything)
    if report.gaps:
        show()
        _print_gaps(report, everything)
        if any(gap.status in ("open", "failed", "linked") for gap in report.gaps):
            show(
                f"next: {app.command} completeness {report.site} --fetch asks the site for what is missing"
            )
    show()


def _print_days(report: Report, everything: bool) -> None:
    shown = report.days if everything else report.days[-LISTED:]
    show_table(
        ["day", "read", "known", "about", "95 %", "unseen ids, at most"],
        [
            (
                _day(day.day),
                day.stored,
                day.known,
                day.about,
                _interval(day),
                day.unseen_ids or None,
            )
            for day in shown
        ],
        right=["read", "known", "about", "95 %", "unseen ids, at most"],
    )
    if len(shown) < len(report.days):
        show(f"and {counted(len(report.days) - len(shown), 'earlier day')}: --all")


def _print_gaps(report: Report, everything: bool) -> None:
    """What can be fetched first, the newest first."""
    order = sorted(report.gaps, key=lambda gap: gap.day or "", reverse=True)
    order.sort(key=lambda gap: gap.status == "unseen")
    shown = order if everything else order[:LISTED]
    show_table(
        ["day", "gap", "reason", "named by", "key", "address or ids"],
        [
            (_day(gap.day), gap.status, gap.reason, _named(gap), gap.key, gap.url or _ids(gap))
            for gap in shown
        ],
    )
    if len(shown) < len(order):
        show(f"and {counted(len(order) - len(shown), 'gap')} more: --all, or --json")


def _day(day: str | None) -> str:
    return day or "not known"


def _interval(day: DayCount) -> str | None:
    if day.estimate is None:
        return None
    text = f"{day.estimate.low:,.0f}-{day.estimate.high:,.0f}"
    return f"{text} ?" if day.estimate.weak else text


def _named(gap: Gap) -> str:
    return ", ".join(gap.named_by) or ("" if gap.status == "unseen" else "links")


def _ids(gap: Gap) -> str:
    return f"at most {counted(gap.ids, 'article')}: {gap.key}" + (
        f" to {gap.last}" if gap.ids > 1 else ""
    )
