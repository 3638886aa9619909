"""What a crawl prints: a line on the terminal while it runs, and its counts at the end."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from newscrawl.cli.output import progress_text, say, show, show_json
from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.crawl.run import Ended
    from newscrawl.crawl.session import Session

MOST_SITES_SHOWN = 3  # with more, the line has only sums
REDRAW_SECONDS = 0.5  # counting the pages that are still to fetch takes time


@contextmanager
def progress(sites: int = 1) -> Iterator[Any]:
    """A function to call with each session that begins: their counts are shown on the terminal.

    `sites` is how many will begin. Prints nothing if stderr is not a terminal.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda session: None
        return
    run = RunProgress(sites)
    began = shown_at = monotonic()
    with console.status("starting") as status:

        def show_progress() -> None:
            nonlocal shown_at
            now = monotonic()
            if now - shown_at >= REDRAW_SECONDS:
                shown_at = now
                status.update(run.line(now - began))

        def watch(session: Session) -> None:
            run.add(session)
            session.on_outcome.append(show_progress)

        yield watch


class RunProgress:
    """The progress of all sites of a run, of which some have ended and some have not begun."""

    def __init__(self, sites: int) -> None:
        self._sites = sites
        self._running: list[Session] = []
        self._done: Counter[str] = Counter()

    def add(self, session: Session) -> None:
        """Counts a session that begins."""
        self._running.append(session)

    def line(self, seconds: float) -> str:
        """Each site's counts, or for many sites how many have ended and the sums of all."""
        if self._sites <= MOST_SITES_SHOWN:
            return progress_line(self._running, seconds)
        self._drop_finished()
        sums = self._done + sum(map(_counts_of, self._running), Counter())
        done, running = sums["sites"] - len(self._running), len(self._running)
        sites = (
            f"{done:,} of {self._sites:,} sites done, {running:,} running,"
            f" {self._sites - done - running:,} waiting"
        )
        requests = progress_text(sums["requests"], None, "pages", seconds)
        return f"{sites} · {_in_words(sums)} · {requests}"

    def _drop_finished(self) -> None:
        """Keeps only the counts of sessions that have ended: there may be thousands."""
        for session in self._running:
            if session.finished:
                self._done += _counts_of(session)
        self._running = [session for session in self._running if not session.finished]


def progress_line(sessions: Sequence[Session], seconds: float) -> str:
    """The counts of each site, then how many of the known pages are fetched, and how fast.

    More pages may become known while the crawl runs, so the time that remains is for the known
    ones.
    """
    done = sum(session.tally.requests - len(session.in_flight) for session in sessions)
    known = done + sum(
        session.store.frontier.count_pending(session.site.name) for session in sessions
    )
    counts = " · ".join(map(_progress_of, sessions))
    line = f"{counts} · {progress_text(done, known, 'known pages', seconds)}"
    if not done or known == done:
        return line
    left = timedelta(seconds=round((known - done) * seconds / done))
    return f"{line}, {left} left"


def _progress_of(session: Session) -> str:
    return f"{session.site.name}: {_in_words(_counts_of(session))}"


def _counts_of(session: Session) -> Counter[str]:
    tally = session.tally
    return Counter(
        sites=1,
        requests=tally.requests - len(session.in_flight),
        new=tally.new,
        changed=tally.changed,
        listings=tally.listings,
        failed=sum(tally.failed.values()),
    )


def _in_words(counts: Counter[str]) -> str:
    words = [
        f"{counts['new']:,} new",
        f"{counts['changed']:,} changed",
        f"{counts['listings']:,} category pages",
    ]
    if counts["failed"]:
        words.append(f"{counts['failed']:,} failed")
    return ", ".join(words)


def print_summary(
    command: str, ended: Sequence[Ended], as_json: bool, *, quiet: bool = False
) -> None:
    """Prints what a crawl did: a block of lines or, if `quiet`, one line per site, or JSON.

    Each failed site is a line on stderr, which is all that cron sends by mail. `command` is how
    newscrawl was called, for hints.
    """
    _print_results(command, ended, as_json, quiet=quiet)
    sys.stdout.flush()
    for crawl in ended:
        failure = crawl.failure(command)
        if failure is not None:
            say(f"error: {failure}")


def _print_results(command: str, ended: Sequence[Ended], as_json: bool, *, quiet: bool) -> None:
    if as_json:
        show_json({"sites": [_as_json(crawl) for crawl in ended]})
        return
    for crawl in ended:
        if quiet:
            show(crawl.as_line())
            continue
        for line in summary_lines(crawl, command):
            show(line)


def _as_json(crawl: Ended) -> dict[str, Any]:
    return {
        "site": crawl.site,
        "crawl_id": crawl.crawl_id,
        "reason": crawl.reason,
        "exit_code": crawl.exit_code,
        **crawl.stats,
    }


def summary_lines(crawl: Ended, command: str) -> Iterator[str]:
    """The summary of one site, for a person."""
    stats = crawl.stats
    counts = [_count(stats, name) for name in ("new", "changed", "unchanged")]
    counts += [_count(stats, name) for name in ("alias", "not_modified") if stats[name]]
    yield (
        f"{crawl.site}: {', '.join(counts)}; {stats['links']:,} new links; {stats['seconds']:.0f} s"
    )
    others = stats["requests"] - stats["articles"]
    articles = counted(stats["articles"], "article")
    yield f"  requested: {articles}, {others:,} {_kinds_of_pages(stats)}"
    if stats["failed"]:
        yield f"  failed: {_reasons(stats['failed'])} (see: {command} problems)"
    if stats["pending"]:
        yield f"  to be retried: {_reasons(stats['retry'])}"
    if crawl.reason == "shutdown":
        yield "  stopped early; the next crawl resumes here"


def _count(stats: Mapping[str, Any], name: str) -> str:
    return f"{stats[name]:,} {name.replace('_', ' ')}"


def _kinds_of_pages(stats: Mapping[str, Any]) -> str:
    """`category pages, feeds and sitemaps`: what was requested beside the articles."""
    kinds = ["category pages"]
    kinds += [name for name in ("feeds", "sitemaps") if stats[name]]
    if len(kinds) == 1:
        return kinds[0]
    return f"{', '.join(kinds[:-1])} and {kinds[-1]}"


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in counts.items())
