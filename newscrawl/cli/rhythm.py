"""The rhythm of a site as `newscrawl sites show` explains it: what `crawl --due` goes by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from newscrawl.cli.output import show, show_table

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.crawl.due import Rhythm
    from newscrawl.sites.site import Site

LIST_COLUMNS = ("list", "new_a_day", "requested_every", "due_utc")
AGE_COLUMNS = ("age", "visits", "edits")


def rhythm_of(app: App, site: Site) -> dict[str, Any] | None:
    """The rates of the site's lists and edits in the archive; None if it was never crawled."""
    from newscrawl.crawl.due import Rhythm
    from newscrawl.sites.sources import sources_of
    from newscrawl.store.read.due import list_times
    from newscrawl.store.read.reader import open_or_none
    from newscrawl.store.request_history import RequestHistory

    reader = open_or_none(app.archive)
    if reader is None:
        return None
    with reader:
        history = RequestHistory(reader.db)
        if site.name not in reader.crawled_sites() or not history.is_kept():
            return None
        rhythm = Rhythm(site, history)
        urls = [source.url for source in sources_of(site, ("category", "feed", "sitemap"), None)]
        times = list_times(reader.db, site.name, urls)
        now = app.clock()
        return {
            "lists": [_list_facts(rhythm, url, times[url], now) for url in urls if url in times],
            "ages": _ages_facts(site, rhythm),
        }


def _list_facts(rhythm: Rhythm, url: str, due_at: str | None, now: datetime) -> dict[str, Any]:
    minutes = rhythm.usual_interval(url, now) / timedelta(minutes=1)
    return {
        "url": url,
        # Without evidence the rate is an assumption, which is not shown as a finding.
        "articles_a_day": round(rhythm.rate(url, now), 1) if rhythm.has_evidence(url) else None,
        "minutes_between_requests": round(minutes),
        "due_at": due_at,
    }


def _ages_facts(site: Site, rhythm: Rhythm) -> list[dict[str, Any]]:
    """For each age in the site file, what visits show of the edits since the age before."""
    facts: list[dict[str, Any]] = []
    for text, found in zip(site.model.revisit, rhythm.edits, strict=True):
        facts.append(
            {
                "age": text,
                "visits": found.visits,
                "edits": round(found.edits, 3) if found.visits else None,
                "is_visited": found.age in rhythm.ages,
            }
        )
    return facts


def show_rhythm(rhythm: Mapping[str, Any]) -> None:
    """Prints it for a person."""
    show()
    rows = [
        (
            row["url"],
            row["articles_a_day"],
            _duration_text(row["minutes_between_requests"]),
            row["due_at"] or "now",
        )
        for row in rhythm["lists"]
    ]
    show_table(LIST_COLUMNS, rows, right=["new_a_day"])
    show()
    ages = rhythm["ages"]
    visited = ", ".join(row["age"] for row in ages if row["is_visited"])
    show(f"crawl --due visits an article at these ages: {visited}")
    show_table(AGE_COLUMNS, [[row[name] for name in AGE_COLUMNS] for row in ages])


def _duration_text(minutes: int) -> str:
    """`20 min`, `3 h 5 min`, `2 d`."""
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (left, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"
