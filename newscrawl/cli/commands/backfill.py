"""`newscrawl backfill`: the past of a site from the Wayback Machine, Common Crawl or CC-NEWS."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from newscrawl.cli.options import SITE, how_to_run
from newscrawl.cli.output import counter, say, show, show_json
from newscrawl.cli.scrapy_settings import parse_settings
from newscrawl.core.errors import UsageError
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.history.backfill import Backfill, Backfilled, Plan
    from newscrawl.history.politeness import Enough, Manners
    from newscrawl.history.selection import Selection
    from newscrawl.history.sources import Source
    from newscrawl.history.targets import Targets
    from newscrawl.sites.site import Site

EPILOG = """\b
Examples:
  newscrawl backfill bnews --from wayback --since 2018 --dry-run
  newscrawl backfill bnews --from commoncrawl --category chung-khoan
"""
# The settings of a crawl that a backfill has too.
SETTINGS = (
    "DOWNLOAD_DELAY", "DOWNLOAD_TIMEOUT", "DOWNLOAD_MAXSIZE", "RETRY_TIMES",
    "NEWSCRAWL_RETRY_PAUSE", "NEWSCRAWL_CONTACT", "USER_AGENT",
)  # fmt: skip


@click.command(epilog=EPILOG)
@click.argument("site", type=SITE, metavar="SITE")
@click.option(
    "--from",
    "source_name",
    type=click.Choice(["wayback", "commoncrawl", "ccnews"]),
    required=True,
    help="The archive to fetch captures from.",
)
@click.option(
    "--since",
    metavar="DATE",
    help="Only captures made on or after DATE: 2018, 2018-09, 2018-09-01 or 7d.",
)
@click.option("--until", metavar="DATE", help="Only captures made on or before DATE.")
@click.option(
    "--category",
    "categories",
    metavar="KEY",
    multiple=True,
    help="Only this category (key, slug or name; home: the home page) and the articles known to be"
    " in it; repeatable.",
)
@click.option(
    "--urls",
    "urls_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Only captures of the addresses in FILE, one per line.",
)
@click.option(
    "--captures",
    type=click.Choice(["first", "last", "all", "changed"]),
    default="all",
    show_default=True,
    help="Which captures of an article, or of a category page: the first or last one (of a category"
    " page: of each day), all, or those whose digest differs from the one before.",
)
@click.option(
    "--max-requests",
    type=click.IntRange(1),
    metavar="N",
    help="Make at most N requests; the same command resumes later.",
)
@click.option(
    "--endpoint",
    metavar="URL",
    help="Send every request to the scheme and host of URL instead, for example to a pywb.",
)
@click.option(
    "--dry-run", is_flag=True, help="Ask the index, print the plan and keep it; fetch no captures."
)
@how_to_run
@click.pass_obj
def backfill(
    app: App,
    /,
    *,
    site: str,
    source_name: str,
    overrides: tuple[str, ...],
    quiet: bool,
    as_json: bool,
    dry_run: bool,
    endpoint: str | None,
    max_requests: int | None,
    **asked: Any,
) -> None:
    """Fetch the captures of SITE that another archive has.

    Asks the index of that archive for articles, category pages and the home page, and fetches what
    is not stored yet, one request a second. A run that was stopped or killed resumes with the same
    command. Pages are stored under the time of their capture. See docs/history.md.
    """
    from newscrawl.crawl.opening import opened
    from newscrawl.history.backfill import Backfill
    from newscrawl.history.ccnews import CcNews
    from newscrawl.history.commoncrawl import CommonCrawl
    from newscrawl.history.foreign import check_libraries
    from newscrawl.history.politeness import PoliteClient
    from newscrawl.history.sources import at_endpoint, check_endpoint
    from newscrawl.history.targets import Targets
    from newscrawl.history.wayback import Wayback
    from newscrawl.sites.loading import load_site

    check_libraries()
    origin = check_endpoint(endpoint)
    manners = _manners(app, overrides, max_requests)
    chosen_site = load_site(site, app.archive)
    targets = Targets(app.archive, generic=False, say=say)
    selection = _selection(app, chosen_site, targets, asked)
    sources: Mapping[str, Source] = {
        source.name: source for source in (Wayback(), CommonCrawl(), CcNews())
    }
    source = sources[source_name]
    if source_name == CcNews.name:
        _refuse_choice_in_files(asked)
    stop = Event()
    with opened(app.archive, say) as store, stopped_by_signals(stop):
        client = PoliteClient(
            manners,
            store.backfills,
            place=lambda address: at_endpoint(origin, address),
            stop=stop,
            on_retry=_ignore if quiet else _say_retry,
        )
        with closing(client):
            work = Backfill(
                app.archive,
                store,
                source,
                client,
                site=chosen_site,
                targets=targets,
                selection=selection,
                endpoint=origin,
            )
            code = _run(app, work, manners, dry_run=dry_run, quiet=quiet, as_json=as_json)
    sys.exit(code)


def _say_retry(reason: str) -> None:
    say(f"note: {reason}; the request will be repeated")


def _ignore(reason: str) -> None:
    """Nothing is printed about repeated requests with --quiet."""


def _run(
    app: App, work: Backfill, manners: Manners, *, dry_run: bool, quiet: bool, as_json: bool
) -> int:
    """Plans, then fetches unless it is a dry run, and prints both; returns the exit code."""
    from newscrawl.core.errors import SiteFailed, Stopped
    from newscrawl.history.politeness import Enough, Unavailable

    try:
        plan = work.plan()
    except Enough as error:
        _print_unread_index(work, error, as_json=as_json)
        return Stopped.exit_code
    except Unavailable as error:
        say(f"error: {work.label}: the index gave no answer ({error.code}: {error.message})")
        check = ""
        if error.code == "connection":
            check = "check --endpoint; " if work.has_endpoint else "check the network; "
        say(f"hint: {check}what was read is kept; run the same command later")
        return SiteFailed.exit_code
    if dry_run:
        _print_plan(work.label, plan, manners, as_json=as_json)
        return 0
    if not quiet and not as_json:
        for line in _plan_lines(work.label, plan, manners):
            say(line)
    with counter("captures", lambda: plan.captures + plan.files) as tick:
        done = work.fetch(app.clock(), tick)
    _print_result(app, work.label, done, quiet=quiet, as_json=as_json)
    return done.exit_code


def _print_unread_index(work: Backfill, error: Enough, *, as_json: bool) -> None:
    """How a run ended that has not read the whole index. How many captures are left is unknown."""
    from newscrawl.history.backfill import Backfilled

    done = Backfilled(requests=work.requests, reason=error.reason)
    if as_json:
        show_json({**_as_json(done), "left": None})
    else:
        show(
            f"{work.label}: stopped before the index was read, {counted(done.requests, 'request')},"
            f" {done.reason}, exit code {done.exit_code}; the same command resumes here"
        )
    sys.stdout.flush()
    if error.message:
        say(f"hint: {error.message}")


def _manners(app: App, overrides: tuple[str, ...], max_requests: int | None) -> Manners:
    """How to make requests: as newscrawl.toml and --set say."""
    from newscrawl import settings as defaults
    from newscrawl.history.politeness import Manners

    given = parse_settings(overrides)
    for name in given:
        if name not in SETTINGS:
            raise UsageError(
                f"--set {name}: a backfill has no such setting", f"it has {', '.join(SETTINGS)}"
            )
    values: Mapping[str, Any] = vars(defaults) | app.config.scrapy_settings() | given
    contact = values["NEWSCRAWL_CONTACT"]
    agent = values["USER_AGENT"]
    if "NEWSCRAWL_CONTACT" in given and "USER_AGENT" not in given:
        agent = str(agent).replace(str(defaults.NEWSCRAWL_CONTACT), str(contact))
    usual = Manners(user_agent=str(agent))
    return Manners(
        user_agent=str(agent),
        delay_seconds=float(values["DOWNLOAD_DELAY"]),
        timeout_seconds=float(given.get("DOWNLOAD_TIMEOUT", usual.timeout_seconds)),
        retries=int(given.get("RETRY_TIMES", usual.retries)),
        pause_factor=float(values["NEWSCRAWL_RETRY_PAUSE"]),
        max_bytes=int(values["DOWNLOAD_MAXSIZE"]),
        max_requests=max_requests,
    )


def _refuse_choice_in_files(asked: Mapping[str, Any]) -> None:
    """UsageError for options that need an index of captures."""
    for option, is_given in (
        ("--category", bool(asked["categories"])),
        ("--captures", asked["captures"] != "all"),
    ):
        if is_given:
            raise UsageError(
                f"{option} with --from ccnews: its files are read as a whole",
                "use --since, --until or --urls",
            )


def _selection(app: App, site: Site, targets: Targets, asked: Mapping[str, Any]) -> Selection:
    """Which captures are wanted. UsageError for what the site does not have."""
    from newscrawl.core.days import day_range
    from newscrawl.history.selection import Selection, page_of
    from newscrawl.history.sources import Span

    since, until = day_range(asked["since"], asked["until"], site.timezone, app.clock())
    urls: tuple[str, ...] = ()
    if asked["urls_file"] is not None:
        urls = _read_urls(asked["urls_file"])
    pages = set()
    for url in urls:
        target = targets.of(url)
        if target is None or target.site.name != site.name:
            raise UsageError(
                f"{asked['urls_file']}: {url[:200]}: neither an article nor a category page of"
                f" {site.name}",
                "remove the line",
            )
        pages.add(page_of(target))
    return Selection(
        span=Span(since, until),
        captures=asked["captures"],
        categories=_categories(site, asked["categories"]),
        urls=urls,
        pages=frozenset(pages),
    )


def _categories(site: Site, asked: tuple[str, ...]) -> frozenset[str] | None:
    """The keys of the categories asked for; `home` is the home page. None: all."""
    from newscrawl.core.records import HOME

    names = tuple(name for name in asked if name != HOME)
    keys = site.category_keys(names)
    if len(names) == len(asked):
        return keys
    return (keys or frozenset()) | {HOME}


def _read_urls(path: Path) -> tuple[str, ...]:
    """The addresses in a file, each once. Empty lines and those that begin with # do not count."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not a text in UTF-8", "write one address per line") from error
    lines = [line.strip() for line in text.splitlines()]
    urls = tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    if not urls:
        raise UsageError(f"{path}: no addresses", "write one address per line")
    return urls


@contextmanager
def stopped_by_signals(stop: Event) -> Iterator[None]:
    """Within this context, the first Ctrl-C or SIGTERM sets `stop`; a second one interrupts."""

    def on_signal(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        say(
            "stopping when the current request has finished; press Ctrl-C again to stop immediately"
        )

    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, on_signal) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def _plan_lines(label: str, plan: Plan, manners: Manners) -> Iterator[str]:
    """The plan, for a person."""
    captures = [
        f"{counted(plan.articles, 'capture')} of articles",
        f"{plan.listings:,} of category pages and the home page",
    ]
    if plan.files:
        captures = [f"{counted(plan.files, 'file')}, of about {plan.files:,} GB together,"]
    yield f"{label}: {', '.join(captures)} to fetch"
    if plan.same:
        need = "needs" if plan.same == 1 else "need"
        yield f"  {plan.same:,} of them {need} no request: the digest is known"
    seconds = plan.seconds(manners.delay_seconds)
    if plan.requests == 0:
        yield "  no requests to make"
    elif seconds is None:
        yield "  how long that takes depends on the connection"
    else:
        yield (
            f"  {counted(plan.requests, 'request')}: at least {duration(seconds)} with"
            f" {manners.delay_seconds:g} s between requests"
        )
    for place in plan.unread:
        yield f"  not listed: {place}"


def duration(seconds: float) -> str:
    """`2 h 5 min`, or `5 min`: in whole minutes, rounded up."""
    minutes = -int(-seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60:,} h {minutes % 60} min"


def _print_plan(label: str, plan: Plan, manners: Manners, *, as_json: bool) -> None:
    if as_json:
        show_json(
            {
                "articles": plan.articles,
                "listings": plan.listings,
                "files": plan.files,
                "same": plan.same,
                "requests": plan.requests,
                "seconds": plan.seconds(manners.delay_seconds),
                "index_requests": plan.index_requests,
                "unread": plan.unread,
            }
        )
        return
    for line in _plan_lines(label, plan, manners):
        show(line)
    say("no capture was fetched (--dry-run); the plan is kept")


def _print_result(app: App, label: str, done: Backfilled, *, quiet: bool, as_json: bool) -> None:
    if as_json:
        show_json(_as_json(done))
    else:
        for line in _result_lines(app, label, done, quiet=quiet):
            show(line)
    sys.stdout.flush()
    if done.reason == "unavailable":
        say(f"error: {label}: most requests had no answer ({done.message})")
        say("hint: run the same command later; it resumes here")
    elif done.message:
        say(f"hint: {done.message}")


def _result_lines(app: App, label: str, done: Backfilled, *, quiet: bool) -> Iterator[str]:
    imported = done.imported
    stored = (
        f"{counted(imported.articles, 'article page')},"
        f" {counted(imported.listings, 'category page')} and"
        f" {counted(imported.missing, 'missing page')} stored"
    )
    if quiet:
        yield (
            f"{label}: {stored}, {done.requests:,} requests, {done.left:,} left, {done.reason},"
            f" exit code {done.exit_code}"
        )
        return
    yield f"{label}: {stored}; {counted(done.requests, 'request')}"
    if imported.refused:
        look = f"{app.command} sites unread {label.partition(' ')[0]}"
        yield f"  refused: {_reasons(imported.refused)} (see: {look})"
    unused = imported.skipped + done.absent
    if unused:
        yield f"  not stored: {_reasons(unused)}"
    if done.failed:
        yield f"  failed: {_reasons(done.failed)}"
    if done.left:
        captures = counted(done.left, "capture")
        yield f"  {captures} left; the same command resumes here"


def _reasons(counts: Mapping[str, int]) -> str:
    """`3 cut, 1 http_503`."""
    return ", ".join(f"{number:,} {code}" for code, number in sorted(counts.items()) if number)


def _as_json(done: Backfilled) -> dict[str, object]:
    imported = done.imported
    return {
        "articles": imported.articles,
        "listings": imported.listings,
        "missing": imported.missing,
        "known": imported.known,
        "refused": _positive(imported.refused),
        "skipped": _positive(imported.skipped),
        "absent": _positive(done.absent),
        "failed": _positive(done.failed),
        "requests": done.requests,
        "left": done.left,
        "reason": done.reason,
        "exit_code": done.exit_code,
    }


def _positive(counts: Mapping[str, int]) -> dict[str, int]:
    return {code: number for code, number in sorted(counts.items()) if number}
