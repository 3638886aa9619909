"""Does storing an article cost more as the archive grows? CPU in a big archive against one of 10,000 articles.

    python bench/flat.py [--articles 100000] [--folder FOLDER] [--store 2000] [--far 1] [--json FILE]
        [--together 1]

Articles with 12 links are stored by the crawl's own writer, in turns of 200 in either archive; then the same without
full text. What is compared is one turn in each, and the median over the turns. A polite crawl commits each article by
itself, a quick one twenty together: half the CPU, so that what grows is a greater part of it. `--folder` names a big
archive that seeding.py made; it is written to, and no use for searches afterwards.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from parts.results import Found, arguments, in_median, measuring
from seeding import SITES, Size, seed, vocabulary

from newscrawl.fingerprints import body_hash
from newscrawl.records import Article, Capture, Link, Teaser
from newscrawl.spiders.site import GROUP_SECONDS
from newscrawl.store.schema import FULL_TEXT
from newscrawl.store.writer import Store

SMALL, TURN, LINKS = 10_000, 200, 12


class Archive:
    """An archive that articles are added to."""

    def __init__(self, folder: Path, far: int, together: int) -> None:
        self.store, self.far = Store(folder), far
        self.store.group(pages=together, seconds=GROUP_SECONDS)
        self.last = int(self.store.db.execute("SELECT max(id) FROM articles").fetchone()[0])
        self.rng, (self.words, self.shares) = Random(6), vocabulary()

    def turn(self) -> float:
        """CPU milliseconds of storing an article, of TURN of them."""
        pages = [self._page(self.last + number) for number in range(1, TURN + 1)]
        before = time.process_time()
        for article, capture in pages:
            self.store.save_article(article, capture, 1, asked_url=article.url, extractor="bench")
        self.store.flush()
        self.last += TURN
        return (time.process_time() - before) / TURN * 1000

    def _page(self, number: int) -> tuple[Article, Capture]:
        site = f"site{number % SITES + 1}"
        url = f"https://{site}.example/tin/{number}.html"
        body = "\n\n".join(self._sentences(3) for _ in range(5))
        fetched = datetime.now(UTC)
        article = Article(
            site=site, key=str(number), url=url, template="bench", title=self._sentences(1)[:90],
            summary=self._sentences(1), body=body, body_hash=body_hash(body), word_count=len(body.split()),
            links=tuple(self._link(site, number, position) for position in range(1, LINKS + 1)),
        )  # fmt: skip
        return article, Capture(url=url, kind="article", status=200, fetched_at=fetched)

    def _link(self, site: str, number: int, position: int) -> Link:
        """To an article of the same site: one of the last 2,000, or for the last `far` links any at all."""
        near = position <= LINKS - self.far
        steps = self.rng.randint(1, 400) if near else self.rng.randrange(1, number // SITES)
        target = str(number - steps * SITES)
        teaser = Teaser(f"https://{site}.example/tin/{target}.html", target, "Tin cũ")
        return Link("same_category" if near else "related", position, teaser, None)

    def _sentences(self, number: int) -> str:
        return " ".join(
            " ".join(self.rng.choices(self.words, cum_weights=self.shares, k=20)).capitalize() + "."
            for _ in range(number)
        )


def measure(found: Found, small: Archive, big: Archive, articles: int) -> None:
    """The ratios."""
    size = big.last
    for name, prepare, wanted in (("with full text", _nothing, 1.15), ("without full text", _no_full_text, 1.10)):
        for archive in (small, big):
            prepare(archive)
            archive.turn()
        pairs = [(small.turn(), big.turn()) for _ in range(articles // TURN)]
        name = f"storing an article {name}: CPU at {size:,} articles"
        found.add(in_median(name, [more / less for less, more in pairs], "x", f"that at {SMALL:,}", at_most=wanted))
        found.add(in_median(name, [more for _, more in pairs], "ms"))
    _full_text_again(big)


Prepare = Callable[[Archive], None]
TRIGGERS = [statement for statement in FULL_TEXT if "CREATE TRIGGER" in statement]


def _nothing(archive: Archive) -> None:
    """As a crawl finds it."""


def _no_full_text(archive: Archive) -> None:
    for statement in TRIGGERS:
        archive.store.db.execute(f"DROP TRIGGER {statement.split()[2]}")


def _full_text_again(archive: Archive) -> None:
    """So that another run on the same archive begins as this one did."""
    for statement in TRIGGERS:
        archive.store.db.execute(statement)


def main() -> None:
    """Makes the archives, measures, and takes them away again."""
    words = arguments(__doc__)
    words.add_argument("--articles", type=int, default=100_000)
    words.add_argument("--store", type=int, default=2_000)
    words.add_argument("--folder", type=Path)
    words.add_argument("--together", type=int, default=1, help="articles in a commit")
    words.add_argument("--far", type=int, default=1, help="links of an article to any other, however old")
    asked = words.parse_args()
    with measuring(asked) as found, tempfile.TemporaryDirectory() as folder:
        small = seed(Path(folder) / "small", Size(SMALL))
        big = asked.folder or seed(Path(folder) / "big", Size(asked.articles))
        archives = [Archive(path, asked.far, asked.together) for path in (small, big)]
        measure(found, archives[0], archives[1], asked.store)


if __name__ == "__main__":
    main()
