"""A month of daily crawls of a site that publishes, edits, breaks down, is redesigned and refuses.

    python bench/days.py [--days 30] [--write docs/a-month-alone.md] [--json FILE]

The site is the made-up newspaper. Each day is one `crawl` and one `health` in a process of its own,
with a clock that is one day later. After each day, every row is compared with the day before; at
the end, the archive is compared with the site. The exit code is 1 if a value became worse or
differs from the site.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from parts.large_paper import LargePaper
from parts.results import Figure, argument_parser, measuring

sys.path.insert(0, str(Path(__file__).parents[1]))

from newscrawl.cli.app import App
from newscrawl.cli.main import main as newscrawl
from newscrawl.demo.paper import Expected
from newscrawl.demo.server import HTML, Answer, DemoServer
from newscrawl.demo.stories import ZONE
from newscrawl.store.connection import open_reader
from tests.support.daily_paper import mend, redesigned

START = datetime(2026, 9, 4, 12, 0, tzinfo=UTC)
FIRST = 300  # articles on the first day
PER_DAY = 39
INTERVAL = timedelta(minutes=36)
OUTAGE, RESET, CHALLENGED = 6, 20, 24  # days with a fault
REDESIGNED, CORRECTED = 12, 15  # days of the new design and of the new site file
CHALLENGE = (
    "<html><head><title>Just a moment...</title></head><body>Checking your browser.</body></html>"
)
FIELDS = ("title", "summary", "body", "published_at", "authors", "category", "tags")
EMPTY = (None, "", "[]")
HEAD = """\
# A month unattended

This page shows the results of thirty daily crawls of the demo newspaper (`newscrawl demo`), on a
simulated clock. During the month the site has two outages (days 6 and 20), changes its design (day
12; the site file is corrected on day 15) and answers every request with a challenge (day 24). On
each day, `crawl` and `health` run once, each in a new process. `python bench/days.py --write
docs/a-month-alone.md` generates this page.

| Day | The site | Exit code, reason | New | Changed | Not read | Health |
|---|---|---|---|---|---|---|
"""

Rows = dict[str, dict[str, Any]]


class Month:
    """The site, and the archive of its crawls."""

    def __init__(self, server: DemoServer, archive: Path, days: int) -> None:
        articles = FIRST + PER_DAY * (days - 1)
        first = START.astimezone(ZONE) - FIRST * INTERVAL
        times = [first + number * INTERVAL for number in range(articles)]
        self._paper = LargePaper(articles, FIRST, times)
        self._server = server
        self._archive = archive
        self._redesign = redesigned()
        self._day = 1
        self._published = FIRST
        server.paper = self._paper
        server.alter = self._alter

    def _alter(self, path: str, answer: Answer) -> Answer:
        """What the site answers on this day."""
        if self._day == OUTAGE:
            return Answer(503, HTML, "<h1>503</h1>")
        if self._day == RESET:
            raise ConnectionResetError
        if self._day == CHALLENGED and path != "/robots.txt":
            return Answer(200, HTML, CHALLENGE)
        return self._redesign(path, answer) if self._day >= REDESIGNED else answer

    def run_day(self, day: int) -> str:
        """Runs a day; its row in the table."""
        self._day = day
        now = START + timedelta(days=day - 1)
        events = [self._publish()]
        events += self._events()
        if day == CORRECTED:
            mend(self._archive)
            (report,) = json.loads(self._run(now, "reextract", "demo", "--json").stdout)
            released = report["released"]
            events.append(f"site file corrected; `reextract` recovers {released} pages")
        crawl = self._crawl(now + timedelta(hours=1), "--json")
        (health,) = json.loads(self._run(now + timedelta(hours=2), "health", "--json").stdout)
        (stats,) = json.loads(crawl.stdout)["sites"]
        not_read = [f"{n} {code}" for code, n in (stats["failed"] | stats["retry"]).items()]
        failed = [result["check"] for result in health["results"] if result["verdict"] == "failed"]
        verdict = health["verdict"]
        if failed:
            verdict += f": {'; '.join(failed)}"
        cells = [
            str(day),
            "; ".join(events),
            f"{crawl.returncode} {stats['reason']}",
            str(stats["new"]),
            str(stats["changed"]),
            ", ".join(not_read) or "-",
            verdict,
        ]
        return f"| {' | '.join(cells)} |"

    def _publish(self) -> str:
        if self._day == 1:
            return f"{FIRST} articles"
        self._published += PER_DAY
        self._paper.publish(self._published)
        for number in range(self._day % 3 + 1):
            story = self._paper.stories[self._published - 60 - 70 * number]
            paragraphs = (*story.paragraphs, f"Cập nhật ngày {self._day}.")
            self._paper.revise(replace(story, paragraphs=paragraphs))
        return f"{PER_DAY} published"

    def _events(self) -> Iterator[str]:
        if self._day == OUTAGE:
            yield "responds with 503"
        if self._day == RESET:
            yield "resets connections"
        if self._day == CHALLENGED:
            yield "a challenge on every page"
        if self._day == REDESIGNED:
            yield "new design"

    def refetch(self) -> None:
        """Crawls every article again, on the day after the last one."""
        self._crawl(START + timedelta(days=self._day), "--refetch")

    def _crawl(self, now: datetime, *options: str) -> subprocess.CompletedProcess[str]:
        fast = ("--base-url", self._server.base_url, "--set", "DOWNLOAD_DELAY=0")
        return self._run(now, "crawl", "demo", *fast, *options)

    def _run(self, now: datetime, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command in a process whose clock begins at `now`."""
        command = [sys.executable, __file__, "--at", now.isoformat()]
        command += ["--archive", str(self._archive), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def rows(self) -> Rows:
        """The stored articles by key."""
        columns = ", ".join(FIELDS)
        select = f"SELECT key, {columns} FROM export_articles WHERE state = 'stored'"
        with closing(open_reader(self._archive)) as db:
            return {row["key"]: {name: row[name] for name in FIELDS} for row in db.execute(select)}

    def truth(self) -> Rows:
        """What the rows should be."""
        return {expected.key: _expected_row(expected) for expected in self._paper.truth()}


def _expected_row(expected: Expected) -> dict[str, Any]:
    row = {name: getattr(expected, name) for name in FIELDS}
    for name in ("authors", "tags"):
        row[name] = json.dumps(row[name], ensure_ascii=False)
    return row


def worse(before: Rows, after: Rows, truth: Rows) -> Iterator[str]:
    """Each value that was lost, and each that changed to something that the site does not print."""
    for key, old in before.items():
        new = after.get(key)
        if new is None:
            yield f"{key}: no longer stored"
            continue
        for name in FIELDS:
            is_lost = new[name] in EMPTY
            is_wrong = new[name] != truth[key][name]
            if new[name] != old[name] and (is_lost or is_wrong):
                yield f"{key}: {name}"


def differences(rows: Rows, truth: Rows) -> Iterator[str]:
    """Each article that is missing or should not be there, and each wrong value."""
    for key in sorted(rows.keys() ^ truth.keys()):
        yield f"{key}: only in {'the archive' if key in rows else 'the site'}"
    for key in rows.keys() & truth.keys():
        for name in FIELDS:
            if rows[key][name] != truth[key][name]:
                yield f"{key}: {name}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The number of articles, and what went wrong."""

    articles: int
    worse: list[str]
    wrong: list[str]


def run_month(days: int, show: Callable[[str], None]) -> Outcome:
    """Runs all days, and shows their rows."""
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as name, DemoServer() as server:
        month = Month(server, Path(name) / "archive", days)
        rows: Rows = {}
        for day in range(1, days + 1):
            show(month.run_day(day) + "\n")
            before, rows = rows, month.rows()
            faults += worse(before, rows, month.truth())
        month.refetch()
        before, rows = rows, month.rows()
        truth = month.truth()
        faults += worse(before, rows, truth)
        return Outcome(len(rows), faults, list(differences(rows, truth)))


def summary(outcome: Outcome) -> str:
    """The last paragraph of the page."""
    became_worse = f"{len(outcome.worse)} values became worse during the month"
    if not outcome.worse:
        became_worse = "No stored value was lost or degraded on any day"
    differ = f"{len(outcome.wrong)} values differ from the site"
    if not outcome.wrong:
        differ = "every value matches the site"
    return (
        f"\n{became_worse}. After a final `crawl --refetch`, the archive has\n"
        f"{outcome.articles:,} articles, and {differ}.\n"
    )


def on_clock(now: datetime, arguments: list[str]) -> None:
    """Runs newscrawl with a clock that begins at `now`."""
    began = monotonic()
    newscrawl(arguments, obj=App(clock=lambda: now + timedelta(seconds=int(monotonic() - began))))


def main() -> None:
    """Runs the month."""
    parser = argument_parser(__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page")
    options: argparse.Namespace = parser.parse_args()
    texts = [HEAD]

    def show(text: str) -> None:
        texts.append(text)
        print(text, end="", flush=True)

    with measuring(options) as results:
        print(HEAD, end="")
        outcome = run_month(options.days, show)
        show(summary(outcome))
        for fault in (outcome.worse + outcome.wrong)[:20]:
            print(fault)
        results.add(
            Figure(f"{options.days} days: values that became worse", len(outcome.worse), "")
        )
        results.add(Figure(f"{options.days} days: wrong values at the end", len(outcome.wrong), ""))
    if options.write:
        options.write.write_text("".join(texts), "utf-8")
    sys.exit(1 if outcome.worse or outcome.wrong else 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--at"]:
        on_clock(datetime.fromisoformat(sys.argv[2]), sys.argv[3:])
    else:
        main()
