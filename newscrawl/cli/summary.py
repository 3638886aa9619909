"""How a crawl is told: a line on the terminal while it runs, its counts when it has ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from newscrawl.cli.output import show, show_json
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.crawl.run import Ended
    from newscrawl.crawl.session import Session


@contextmanager
def progress() -> Iterator[Any]:
    """A line on the terminal that follows the sessions; nothing at all off a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda session: None
        return
    sessions: list[Session] = []
    with console.status("starting") as status:

        def watch(session: Session) -> None:
            sessions.append(session)
            session.on_outcome.append(lambda: status.update(_progress_line(sessions)))

        yield watch


def _progress_line(sessions: Sequence[Session]) -> str:
    parts = []
    for session in sessions:
        tally = session.tally
        failed = sum(tally.failed.values())
        parts.append(
            f"{session.site.name}: {tally.new} new, {tally.changed} changed, {tally.listings} category pages"
            + (f", {failed} failed" if failed else "")
        )
    return " · ".join(parts)


def print_summary(
    command: str, ended: Sequence[Ended], as_json: bool, *, quiet: bool = False
) -> None:
    """What a crawl did: one block of lines a site, or one JSON object. `command` is how newscrawl is called here."""
    if as_json:
        sites = [
            {
                "site": crawl.site,
                "crawl_id": crawl.crawl_id,
                "reason": crawl.reason,
                "exit_code": crawl.exit_code,
            }
            | dict(crawl.stats)
            for crawl in ended
        ]
        show_json({"sites": sites})
        return
    for crawl in ended:
        for line in [one_line(crawl)] if quiet else summary_lines(crawl, command):
            show(line)


def one_line(crawl: Ended) -> str:
    """The summary of one site for a log."""
    stats = crawl.stats
    failed = sum(stats["failed"].values())
    return (
        f"{crawl.site}: {stats['new']} new, {stats['changed']} changed, {failed} failed, {stats['pending']} pending,"
        f" {stats['seconds']:.0f} s, {crawl.reason}, exit code {crawl.exit_code}"
    )


def summary_lines(crawl: Ended, command: str) -> Iterator[str]:
    """The summary of one site, as a person reads it."""
    stats = crawl.stats
    counts = ", ".join(
        f"{stats[name]:,} {name.replace('_', ' ')}" for name in ("new", "changed", "unchanged")
    )
    extra = [
        f"{stats[name]:,} {name.replace('_', ' ')}"
        for name in ("alias", "not_modified")
        if stats[name]
    ]
    yield f"{crawl.site}: {', '.join([counts, *extra])}; {stats['links']:,} new links; {stats['seconds']:.0f} s"
    others = f"{stats['requests'] - stats['articles']:,} {_ways_in(stats)}"
    yield f"  {counted(stats['articles'], 'article')} and {others} asked for"
    if stats["failed"]:
        yield f"  failed: {_reasons(stats['failed'])} ({command} problems)"
    if stats["pending"]:
        yield f"  to be tried again: {_reasons(stats['retry'])}"
    if crawl.reason == "shutdown":
        yield "  stopped before the end; the next crawl goes on from here"
    elif crawl.exit_code == 3:
        yield f"  the site gave little or nothing: see {command} problems"


def _ways_in(stats: Mapping[str, Any]) -> str:
    """What a site was searched by, beside the articles themselves."""
    kinds = [name for name in ("feeds", "sitemaps") if stats[name]]
    return " and ".join([", ".join(["category pages", *kinds[:-1]]), *kinds[-1:]])


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in counts.items())
