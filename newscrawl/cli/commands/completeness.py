"""`newscrawl completeness`: how many of the known articles the archive has, and what is missing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

import click

from newscrawl.cli.errors import damage_behind
from newscrawl.cli.options import SITE
from newscrawl.cli.output import say, show, show_json, show_table
from newscrawl.cli.rows import Output, output_options, show_rows
from newscrawl.cli.scrapy_settings import parse_settings
from newscrawl.cli.summary import print_summary, progress
from newscrawl.core.days import day_texts
from newscrawl.core.errors import SiteFailed, UsageError, one_line
from newscrawl.core.text import counted
from newscrawl.reports.completeness_text import as_data, day_rows, gap_rows, headline, notes

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.crawl.run import Ended
    from newscrawl.crawl.window import Plan
    from newscrawl.reports.completeness import DayCount, Report
    from newscrawl.reports.gaps import Gap, Status

LISTED = 20  # gaps and days printed without --all
CAN_BE_FETCHED: tuple[Status, ...] = ("open", "failed", "linked")
# The columns of --jsonl, --csv and --tsv.
DAY_COLUMNS = (
    "site",
    "day",
    "stored",
    "known",
    "about",
    "unseen_ids",
    "estimate_total",
    "estimate_variance",
    "estimate_low",
    "estimate_high",
    "estimate_in_both",
    "estimate_weak",
)
GAP_COLUMNS = (
    "site",
    "day",
    "status",
    "reason",
    "key",
    "last",
    "ids",
    "url",
    "title",
    "named_by",
)
NOT_FOUND = frozenset({"http_404", "http_410"})
EPILOG = """\b
Examples:
  newscrawl completeness
  newscrawl completeness bnews --since 2026-09-01 --until 2026-09-07 --all
  newscrawl completeness bnews --fetch --limit 500
"""


@click.command(epilog=EPILOG)
@click.argument("site", type=SITE, metavar="[SITE]", required=False)
@click.option(
    "--since",
    metavar="DATE",
    help="Only articles published on or after DATE, in the site's time zone.",
)
@click.option(
    "--until",
    metavar="DATE",
    help="Only articles published on or before DATE, in the site's time zone.",
)
@click.option(
    "--all", "everything", is_flag=True, help=f"List all days and gaps, not just {LISTED} of each."
)
@click.option(
    "--fetch", is_flag=True, help="Fetch what is missing, then print what is still missing."
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="With --fetch: request at most N pages per site.",
)
@click.option(
    "--base-url",
    metavar="URL",
    help="With --fetch: the mirror to use.  [default: that of the last crawl]",
)
@click.option(
    "--set",
    "overrides",
    metavar="KEY=VALUE",
    multiple=True,
    help="With --fetch: change a Scrapy setting; repeatable.",
)
@click.option(
    "--gaps", is_flag=True, help="With --jsonl, --csv or --tsv: the rows are gaps instead of days."
)
@output_options("Print JSON, with all days and gaps.")
@click.pass_obj
def completeness(
    app: App,
    /,
    *,
    site: str | None,
    since: str | None,
    until: str | None,
    everything: bool,
    fetch: bool,
    limit: int | None,
    base_url: str | None,
    overrides: tuple[str, ...],
    gaps: bool,
    output: Output,
) -> None:
    """Print how complete the archive is, and what is missing.

    Compares, by site and day, the articles that were read with those that category pages, feeds,
    sitemaps and links refer to, and finds gaps in a site's numeric ids. Requests nothing from
    the site unless --fetch is given. The exit code is 0 even if articles are missing. Without SITE,
    sites without a valid site file are reported and left out, and the exit code is 3.

    With --jsonl, --csv and --tsv, there is a row per site and day, or per gap with --gaps.
    """
    if not fetch and (limit is not None or base_url is not None or overrides):
        raise UsageError(
            "--limit, --base-url and --set apply only with --fetch", "add --fetch, or remove them"
        )
    if gaps and not output.as_rows:
        raise UsageError(
            "--gaps applies only with --jsonl, --csv or --tsv", "add one of them, or remove --gaps"
        )
    first, last = day_texts(since, until, app.today)
    names, is_any_left_out = _names(app, site)
    reports = _reports(app, names, first, last)
    ended: list[Ended] = []
    if fetch:
        plans = _plans(app, reports, limit, base_url)
        ended = _fetch(app, plans, parse_settings(overrides))
        reports = _reports(app, names, first, last)
    if output.as_rows:
        _show_rows(reports, output, gaps=gaps)
    elif output.as_json:
        show_json({"sites": [as_data(report) for report in reports]})
    else:
        if ended:
            print_summary(app.command, ended, as_json=False)
            show()
        for report in reports:
            _print(app, report, everything)
    sys.exit(_exit_code(ended) or (SiteFailed.exit_code if is_any_left_out else 0))


def _show_rows(reports: Iterable[Report], output: Output, *, gaps: bool) -> None:
    if gaps:
        show_rows(output, GAP_COLUMNS, chain.from_iterable(map(gap_rows, reports)))
    else:
        show_rows(output, DAY_COLUMNS, chain.from_iterable(map(day_rows, reports)))


def _names(app: App, site: str | None) -> tuple[list[str], bool]:
    """The sites to report about, and whether any is left out because its site file is unusable.

    Such a site is reported in a line. A site that was requested is not checked here.
    """
    from newscrawl.sites.generic import site_named
    from newscrawl.store.known_names import check_site

    with app.reader() as reader:
        if site is not None:
            check_site(reader.db, site)
            return [site], False
        all_names = reader.sites()
    names: list[str] = []
    for name in all_names:
        try:
            site_named(name, app.archive)
        except UsageError as error:
            damage = damage_behind(error, app)
            if damage is not None:
                raise damage from error
            say(f"error: {name} is left out: {one_line(error)}")
        else:
            names.append(name)
    return names, len(names) < len(all_names)


def _reports(
    app: App, names: Sequence[str], since: str | None, until: str | None
) -> Iterator[Report]:
    """The reports, each made when it is needed."""
    from newscrawl.reports.completeness import measured

    with app.reader() as reader:
        for name in names:
            yield measured(reader.db, app.archive, name, since, until)


def _plans(
    app: App, reports: Iterable[Report], limit: int | None, base_url: str | None
) -> list[Plan]:
    """A crawl per site of the pages that are missing; prints what will be requested."""
    from newscrawl.crawl.options import CrawlOptions
    from newscrawl.crawl.window import Plan
    from newscrawl.reports.completeness import addresses, current_site
    from newscrawl.sites.generic import site_named

    plans = []
    for report in reports:
        site = site_named(report.site, app.archive)
        with app.reader() as reader:
            source = current_site(reader.db, site, base_url)
        urls = list(islice(addresses(report, source), limit))
        if report.unseen_ids and source.model.article_by_id is None:
            say(
                f"{report.site}: unseen ids are not requested: the site file has no"
                " `article_by_id`, which makes an address from an id"
            )
        if not urls:
            say(f"{report.site}: nothing to request")
            continue
        say(f"{report.site}: requesting {counted(len(urls), 'page')} from {source.origin}")
        mirror = source.origin if source.origin != site.origin else None
        plans.append(Plan(site, CrawlOptions(urls=tuple(urls), base_url=mirror)))
    return plans


def _fetch(app: App, plans: Sequence[Plan], settings: Mapping[str, str]) -> list[Ended]:
    from newscrawl.crawl.run import run

    if not plans:
        return []
    overrides = app.config.scrapy_settings() | dict(settings)
    at_once = app.config.crawl.sites_at_once
    with progress(len(plans)) as watch:
        return run(app.archive, plans, overrides, at_once=at_once, watch=watch, say=say)


def _exit_code(ended: Sequence[Ended]) -> int:
    """The exit code of the crawls. An id without an article does not count as a site's failure."""
    if not ended:
        return 0  # without Scrapy, whose import takes a second
    from newscrawl.crawl.run import exit_code

    code = exit_code(ended)
    if code == SiteFailed.exit_code and all(_is_answered(crawl) for crawl in ended):
        return 0
    return code


def _is_answered(crawl: Ended) -> bool:
    """Whether the site answered every request, if only with "not found"."""
    return set(crawl.stats["failed"]) <= NOT_FOUND and not crawl.stats["pending"]


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
        if any(report.gaps.counts[status] for status in CAN_BE_FETCHED):
            show(f"next: {app.command} completeness {report.site} --fetch fetches what is missing")
    show()


def _print_days(report: Report, everything: bool) -> None:
    shown = report.days if everything else report.days[-LISTED:]
    columns = ["day", "read", "known", "about", "95 %", "unseen ids, at most"]
    show_table(columns, map(_day_row, shown), right=columns[1:])
    if len(shown) < len(report.days):
        show(f"and {counted(len(report.days) - len(shown), 'earlier day')} (--all)")


def _day_row(day: DayCount) -> tuple[object, ...]:
    unseen_ids = day.unseen_ids or None
    return _day(day.day), day.stored, day.known, day.about, _interval(day), unseen_ids


def _print_gaps(report: Report, everything: bool) -> None:
    """Prints first what can be fetched, the newest first."""
    gaps = report.gaps
    shown = list(gaps.articles_first(None if everything else LISTED))
    show_table(["day", "gap", "reason", "named by", "key", "address or ids"], map(_gap_row, shown))
    if len(shown) < len(gaps):
        show(f"and {counted(len(gaps) - len(shown), 'gap')} more (--all, or --json)")


def _gap_row(gap: Gap) -> tuple[object, ...]:
    return _day(gap.day), gap.status, gap.reason, _named_by(gap), gap.key, gap.url or _ids(gap)


def _day(day: str | None) -> str:
    return day or "unknown"


def _interval(day: DayCount) -> str | None:
    if day.estimate is None:
        return None
    text = f"{day.estimate.low:,.0f}-{day.estimate.high:,.0f}"
    return f"{text} ?" if day.estimate.weak else text


def _named_by(gap: Gap) -> str:
    if gap.named_by:
        return ", ".join(gap.named_by)
    return "" if gap.status == "unseen" else "links"


def _ids(gap: Gap) -> str:
    ids = f"{gap.key} to {gap.last}" if gap.ids > 1 else gap.key
    return f"at most {counted(gap.ids, 'article')}: {ids}"
