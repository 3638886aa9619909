"""Thirty simulated days of papers of different rhythms: crawls every six hours against `--due`.

    python bench/rhythms.py [--days 30] [--paper NAME] [--seed 20] [--json FILE]

Each paper is crawled into two archives: by a crawl of the whole site every six hours, and by a run
every ten minutes that takes only what is due. Both begin with an empty archive. The crawls are
those of newscrawl from the queue to the database; pages are handed over instead of sent, and the
clock is simulated. Each crawl that requests anything also counts one request for robots.txt, unless
the copy of an earlier one is less than a day old.

What was published or edited on the last day is not counted, because nothing had time to see it. An
edit is seen if the archive has its text or a later one of the article. Its text is stored if it is
a revision: of two edits between two requests, nobody can store the first. The delay is the time
from the publication of an article to its first fetch.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from parts.results import Figure, Results, argument_parser, measuring
from parts.rhythmic_paper import RHYTHMS, Rhythm, RhythmicPaper, etag_of, write_site_file

sys.path.insert(0, str(Path(__file__).parents[1]))

from newscrawl.core.records import Article, Capture, Failure, Listing, Page, Task
from newscrawl.core.times import from_utc_text
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.robots import KEPT_SECONDS
from newscrawl.crawl.session import Session
from newscrawl.extract.read import read
from newscrawl.sites.loading import load_site
from newscrawl.sites.site import Site
from newscrawl.store.connection import open_reader
from newscrawl.store.read.due import DueSite, due_sites
from newscrawl.store.write.store import Store

START = datetime(2026, 9, 1, 0, 3, tzinfo=UTC)
SIX_HOURS = timedelta(hours=6)
TEN_MINUTES = timedelta(minutes=10)
NOT_FOUND = Failure(code="http_404", message="there is no such page", stage="fetch", gone=True)


@dataclass(slots=True)
class Seen:
    """What an archive has of a paper at the end, and the requests that it took."""

    articles: int = 0
    articles_seen: int = 0
    edits: int = 0
    edits_seen: int = 0
    texts_stored: int = 0
    delays: list[float] = field(default_factory=list)  # seconds
    requests: int = 0

    def add(self, other: Seen) -> None:
        """Adds what was seen of another paper."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def shares(self) -> tuple[float, float, float]:
        """The percentages of articles seen, of edits seen, and of texts of edits stored."""
        return (
            100 * self.articles_seen / self.articles,
            100 * self.edits_seen / self.edits,
            100 * self.texts_stored / self.edits,
        )

    @property
    def delay_minutes(self) -> float:
        """The median delay."""
        return median(self.delays) / 60


class Crawls:
    """The crawls of one paper into one archive."""

    def __init__(self, paper: RhythmicPaper, folder: Path, *, due: bool) -> None:
        self._paper, self._folder, self._due = paper, folder, due
        self.requests = 0
        self._robots_at: datetime | None = None
        write_site_file(folder, paper.rhythm.name)

    def run(self, moments: Iterator[datetime]) -> None:
        """Crawls at each of these moments, with --due only when something is due."""
        name = self._paper.rhythm.name
        site = load_site(name, self._folder)
        with Store(self._folder) as store:
            store.group(pages=1_000, seconds=60)
            for moment in moments:
                if self._due and not _is_due(store, name, moment):
                    continue
                self._crawl(site, store, moment)

    def _crawl(self, site: Site, store: Store, moment: datetime) -> None:
        options = CrawlOptions(warc=False, due=self._due)
        session = Session(site, store, options, lambda: moment)
        before = self.requests
        while (task := session.next_task()) is not None:
            self.requests += 1
            self._fetch(session, task, moment)
        session.finish("finished")
        if self.requests > before:
            self._count_robots(moment)

    def _count_robots(self, moment: datetime) -> None:
        kept = timedelta(seconds=KEPT_SECONDS)
        if self._robots_at is None or moment - self._robots_at > kept:
            self.requests += 1
            self._robots_at = moment

    def _fetch(self, session: Session, task: Task, moment: datetime) -> None:
        page = self._paper.page(urlsplit(task.url).path, moment)
        if page is None:
            session.save_failure(task, NOT_FOUND)
            return
        etag = etag_of(page)
        status = 304 if task.etag == etag else 200
        capture = Capture(url=task.url, kind=task.kind, status=status, fetched_at=moment, etag=etag)
        if status == 304:
            session.save_not_modified(task, capture)
            return
        content = Page(task.url, page.encode(), "utf-8", moment)
        found = read(session.site, content, task.kind, task.url)
        if isinstance(found, Article):
            session.save_article(task, found, capture, "bench")
        elif isinstance(found, Listing):
            session.save_listing(task, found, capture)

    def seen(self) -> Seen:
        """Compares the archive with what the paper published and edited."""
        with closing(open_reader(self._folder)) as db:
            rows = db.execute(
                "SELECT a.key, r.body, r.fetched_at FROM articles a"
                " JOIN revisions r ON r.article_id = a.id"
            ).fetchall()
        first: dict[int, datetime] = {}
        stored: dict[int, set[int]] = defaultdict(set)
        for row in rows:
            number, at = int(row["key"]), from_utc_text(row["fetched_at"])
            first[number] = min(at, first.get(number, at))
            stored[number].add(self._paper.stories[number].version_of(row["body"]))
        last = self._paper.start + timedelta(days=self._paper.days - 1)
        seen = Seen(requests=self.requests)
        for number, story in self._paper.stories.items():
            published = story.versions[0]
            if not self._paper.start <= published < last:
                continue
            seen.articles += 1
            if number in first:
                seen.articles_seen += 1
                seen.delays.append((first[number] - published).total_seconds())
            for version, edited in enumerate(story.versions[1:], 1):
                if edited < last:
                    seen.edits += 1
                    seen.edits_seen += version <= max(stored[number], default=0)
                    seen.texts_stored += version in stored[number]
        return seen


def _is_due(store: Store, name: str, moment: datetime) -> bool:
    return due_sites(store.db).get(name, DueSite(name, None)).is_due(moment)


def _moments(days: int, step: timedelta) -> Iterator[datetime]:
    moment = START
    while moment < START + timedelta(days=days):
        yield moment
        moment += step


def compared(rhythm: Rhythm, days: int, seed: int) -> tuple[Seen, Seen]:
    """What crawls every six hours see of a paper, and what crawls of what is due see."""
    found = []
    for due, step in ((False, SIX_HOURS), (True, TEN_MINUTES)):
        paper = RhythmicPaper(rhythm, START, days, seed)
        with tempfile.TemporaryDirectory() as folder:
            crawls = Crawls(paper, Path(folder), due=due)
            crawls.run(_moments(days, step))
            found.append(crawls.seen())
    return found[0], found[1]


def _add_figures(results: Results, name: str, fixed: Seen, due: Seen) -> None:
    for way, seen in (("every six hours", fixed), ("due", due)):
        prefix = f"{name}, {way}"
        articles, edits, texts = seen.shares
        results.add(Figure(f"{prefix}: articles seen", articles, "%"))
        results.add(Figure(f"{prefix}: edits seen", edits, "%"))
        results.add(Figure(f"{prefix}: texts of edits stored", texts, "%"))
        results.add(Figure(f"{prefix}: median delay", seen.delay_minutes, "minutes"))
        results.add(Figure(f"{prefix}: requests", seen.requests, ""))
    ratio = due.requests / fixed.requests
    results.add(Figure(f"{name}: requests", ratio, "x", "every six hours"))


def _row(name: str, fixed: Seen, due: Seen) -> str:
    """A row of the table in docs/scheduling.md: each value for both ways."""
    cells = [name]
    pairs = zip(fixed.shares, due.shares, strict=True)
    cells += [f"{one:.1f}%, {other:.1f}%" for one, other in pairs]
    cells.append(f"{fixed.delay_minutes:.0f}, {due.delay_minutes:.0f}")
    cells.append(f"{fixed.requests:,}, {due.requests:,}")
    cells.append(f"{due.requests / fixed.requests:.2f}")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Compares both for each paper."""
    parser = argument_parser(__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=20, help="of the made-up papers")
    parser.add_argument("--paper", choices=[rhythm.name for rhythm in RHYTHMS])
    options = parser.parse_args()
    chosen = [rhythm for rhythm in RHYTHMS if options.paper in (None, rhythm.name)]
    rows = []
    all_fixed, all_due = Seen(), Seen()
    with measuring(options) as results:
        for rhythm in chosen:
            fixed, due = compared(rhythm, options.days, options.seed)
            rows.append(_row(rhythm.name, fixed, due))
            _add_figures(results, rhythm.name, fixed, due)
            all_fixed.add(fixed)
            all_due.add(due)
        rows.append(_row("all", all_fixed, all_due))
        _add_figures(results, "all", all_fixed, all_due)
    print("\n".join(rows))


if __name__ == "__main__":
    main()
