"""Forty simulated days of a site whose articles change their addresses, and of one where none does.

    python bench/living.py [--days 40] [--articles 300] [--json FILE]

On the first site, articles are edited, slugs change (the old address is not found, redirects, or
still answers), pages name another address as their own, addresses lead to other articles for some
days, first requests are answered with 304, and articles are removed. On the second, articles are
only edited and removed, on the same days. Each day is one crawl with a clock that is one day later;
every change happens between two crawls, and every version is online for at least one of them. The
exit code is 1 if a version is missing, an article is wrongly gone, or the first site needs more
than 1.1 times the requests of the second.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from parts.results import Figure, argument_parser, measuring

sys.path.insert(0, str(Path(__file__).parents[1]))

from newscrawl.store.connection import open_reader
from tests.support.clocked_crawls import after, crawl_at
from tests.support.living_site import NAME, LivingSite, Story, write_site_file

# The list shows an article for at least nine days. A new slug is then on it.
LISTED = 150
SEED = 14
MOST_REQUESTS = 1.1
# The answers of the old address of an article whose slug has changed.
OLD_SLUGS = (404, 404, 301, 302, 200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """How much happens. Each is a number of articles, but `edits` of changes."""

    days: int = 40
    articles: int = 300
    edits: int = 60
    slugs: int = 30
    redirects: int = 10
    removals: int = 5
    unrequested: int = 5  # 304 to the first request

    @classmethod
    def scaled(cls, days: int, articles: int) -> Numbers:
        """As much for each article as on the site of 300."""
        part = articles / 300
        return cls(
            days=days,
            articles=articles,
            edits=round(60 * part),
            slugs=round(30 * part),
            redirects=round(10 * part),
            removals=max(1, round(5 * part)),
            unrequested=max(1, round(5 * part)),
        )


@dataclass(slots=True)
class Life:
    """The site, and what happens to it before the crawl of each day.

    `versions` are the texts that were online at a crawl. `moves` False: articles are only edited
    and removed, on the same days.
    """

    site: LivingSite
    numbers: Numbers
    moves: bool
    random: Random = field(default_factory=lambda: Random(SEED))
    changes: dict[int, list[Callable[[], None]]] = field(default_factory=dict)
    versions: dict[int, list[str]] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)

    def plan(self) -> None:
        """Plans all days. No article has two of the fates but edits and a new slug."""
        numbers = self.numbers
        per_day = numbers.articles // (numbers.days + 20)
        first = numbers.articles - per_day * (numbers.days - 1)
        born = {number: max(0, (number - first - 1) // per_day + 1) for number in self._all()}
        for number, day in born.items():
            self._on(day, self._publish, number)
            if number % 3 == 0:
                self._on(day, self._name_another, number, move=True)
        last = numbers.days * 2 // 3  # what appears later has no time for much
        order = [number for number, day in born.items() if day < last]
        self.random.shuffle(order)
        fates = iter(order)
        for _ in range(numbers.removals):
            number = next(fates)
            day = self.random.randint(born[number] + 1, last)
            self._on(day, self._remove, number)
        for index in range(numbers.redirects):
            number = next(fates)
            self._plan_redirect(number, born[number] + (index % 2) * 2)
        for _ in range(numbers.unrequested):
            number = next(fates)
            self._on(born[number], self._answer_304, number, move=True)
            self._on(born[number] + 1, self._answer_again, number, move=True)
        editable = list(fates)
        for index, number in enumerate(editable[: numbers.slugs]):
            # While the list still shows it.
            day = min(born[number] + self.random.randint(1, 8), numbers.days - 1)
            self._on(day, self._edit, number)
            old_slugs = OLD_SLUGS[index % len(OLD_SLUGS)]
            self._on(day, partial(self._move, old_slugs), number, move=True)
        for _ in range(numbers.edits):
            number = self.random.choice(editable)
            self._on(self.random.randint(born[number] + 1, numbers.days - 1), self._edit, number)

    def _plan_redirect(self, number: int, day: int) -> None:
        """Half of these articles lead elsewhere from the first day, the others after two days."""
        end = min(day + self.random.randint(2, 10), self.numbers.days - 1)
        self._on(day, self._lead_elsewhere, number, move=True)
        self._on(end, self._lead_home, number, move=True)
        self._on(end, self._edit, number)

    def begin(self, day: int) -> None:
        """What happens before the crawl of a day, and what is then online."""
        for change in self.changes.get(day, ()):
            change()
        for number, story in self.site.stories.items():
            texts = self.versions.setdefault(number, [])
            is_online = story.status == 200 and not story.always_304
            if is_online and story.text not in texts:
                texts.append(story.text)

    def _all(self) -> range:
        return range(1, self.numbers.articles + 1)

    def _on(
        self, day: int, change: Callable[[int], None], number: int, *, move: bool = False
    ) -> None:
        if self.moves or not move:
            self.changes.setdefault(day, []).append(lambda: change(number))

    def _story(self, number: int) -> Story:
        return self.site.stories[number]

    def _publish(self, number: int) -> None:
        self.site.add(number)
        del self.site.listed[LISTED:]

    def _edit(self, number: int) -> None:
        self._story(number).text += " It was edited."

    def _name_another(self, number: int) -> None:
        self._story(number).canonical = "b"

    def _move(self, old_slugs: int, number: int) -> None:
        story = self._story(number)
        story.old_slugs = old_slugs
        self.site.move(story, f"moved-{number % 7}")

    def _lead_elsewhere(self, number: int) -> None:
        story = self._story(number)
        story.leads_to, story.status = self._story(1 if number != 1 else 2).path, 302

    def _lead_home(self, number: int) -> None:
        self._story(number).leads_to, self._story(number).status = None, 200

    def _answer_304(self, number: int) -> None:
        self._story(number).always_304 = True

    def _answer_again(self, number: int) -> None:
        self._story(number).always_304 = False

    def _remove(self, number: int) -> None:
        story = self._story(number)
        story.status = 404
        self.site.listed = [path for path in self.site.listed if path != story.path]
        self.removed.add(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the archive has at the end, and what it cost."""

    requests: int
    versions: int
    missing: list[str]
    wrongly_gone: list[str]
    not_gone: list[str]


def live(numbers: Numbers, *, moves: bool) -> Outcome:
    """Crawls the site on each day."""
    with LivingSite() as site, tempfile.TemporaryDirectory() as name:
        archive = Path(name)
        ages = tuple(f"{day}d" for day in range(1, numbers.days + 1))
        write_site_file(archive, revisit=ages)
        life = Life(site, numbers, moves)
        life.plan()
        for day in range(numbers.days):
            life.begin(day)
            crawl_at(after(day), archive, site.base_url, NAME)
            print(".", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        return compared(life, archive)


def compared(life: Life, archive: Path) -> Outcome:
    """Compares the archive with what was online."""
    with closing(open_reader(archive)) as db:
        rows = db.execute(
            "SELECT a.key, a.state, r.body FROM articles a"
            " LEFT JOIN revisions r ON r.article_id = a.id ORDER BY a.id, r.revision"
        ).fetchall()
    stored: dict[int, list[str]] = {}
    states: dict[int, str] = {}
    for row in rows:
        states[int(row["key"])] = row["state"]
        if row["body"] is not None:
            stored.setdefault(int(row["key"]), []).append(row["body"])
    missing = [
        f"article {number}: {text}"
        for number, texts in life.versions.items()
        for text in texts
        if text not in stored.get(number, [])
    ]
    gone = {number for number, state in states.items() if state == "gone"}
    return Outcome(
        requests=sum(life.site.requests.values()),
        versions=sum(map(len, life.versions.values())),
        missing=missing,
        wrongly_gone=[f"article {number}" for number in sorted(gone - life.removed)],
        not_gone=[f"article {number}" for number in sorted(life.removed - gone)],
    )


def main() -> None:
    """Lives both lives."""
    parser = argument_parser(__doc__)
    parser.add_argument("--days", type=int, default=40)
    parser.add_argument("--articles", type=int, default=300)
    options: argparse.Namespace = parser.parse_args()
    numbers = Numbers.scaled(options.days, options.articles)
    with measuring(options) as results:
        moving = live(numbers, moves=True)
        still = live(numbers, moves=False)
        ratio = moving.requests / still.requests
        for line in moving.missing + moving.wrongly_gone + moving.not_gone:
            print(line)
        prefix = f"{numbers.days} days, {numbers.articles} articles"
        results.add(Figure(f"{prefix}: versions online at a crawl", moving.versions, ""))
        results.add(Figure(f"{prefix}: versions that are no revision", len(moving.missing), ""))
        results.add(Figure(f"{prefix}: articles wrongly gone", len(moving.wrongly_gone), ""))
        results.add(Figure(f"{prefix}: removed articles not gone", len(moving.not_gone), ""))
        results.add(Figure(f"{prefix}: requests", ratio, "x", f"{still.requests:,} without moves"))
    found = moving.missing or moving.wrongly_gone or moving.not_gone or ratio > MOST_REQUESTS
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
