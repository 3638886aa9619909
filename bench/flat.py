"""Does storing an article cost more as the archive grows? CPU in a big archive against one of 10,000 articles.

    python bench/flat.py [--articles 100000] [--folder FOLDER] [--store 2000] [--together 1] [--json FILE]

Articles with 12 links are stored by the crawl's own writer, in turns of 200 in either archive; then the same without
full text. First one link in twelve leads to any article, however old (of the related links of saved pages that tell
their date, one in twelve is older than a month), then all lead to recent ones. What is compared is one turn in each,
and the median over the turns. A polite crawl commits each article by itself, a quick one twenty together: half the
CPU, so that what grows is a greater part of it. `--folder` names a big archive that seeding.py made; it is written to,
and no use for searches afterwards.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from parts.results import Found, arguments, in_median, measuring
from seeding import SITES, Size, seed, vocabulary

from newscrawl.core.fingerprints import body_hash
from newscrawl.core.records import Article, Capture, Link, Teaser
from newscrawl.spiders.site import GROUP_SECONDS
from newscrawl.store.schema.tables import FULL_TEXT
from newscrawl.store.write.store import Store

SMALL, TURN, LINKS = 10_000, 200, 12
WARMING = 10  # turns before the first that counts: a crawl fills its cache once
TRIGGERS = [statement for statement in FULL_TEXT if "CREATE TRIGGER" in statement]


class Archive:
    """An archive that articles are added to."""

    def __init__(self, folder: Path, together: int) -> None:
        self.store, self.far = Store(folder), 0
        self.store.group(pages=together, seconds=GROUP_SECONDS)
        self.last = int(self.store.db.execute("SELECT max(id) FROM articles").fetchone()[0])
        self.rng, (self.words, self.shares) = Random(6), vocabulary()

    def turn(self) -> float:
        """CPU milliseconds of storing an article, of TURN of them."""
        pages = [self._page(self.last + number) for number in range(1, TURN + 1)]
        before = time.process_time()
        for article, capture in pages:
            self.store.articles.save(article, capture, 1, asked_url=article.url, extractor="bench")
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
        teaser = Teaser(url=f"https://{site}.example/tin/{target}.html", key=target, title="Tin cũ")
        return Link("same_category" if near else "related", position, teaser, None)

    def _sentences(self, number: int) -> str:
        return " ".join(
            " ".join(self.rng.choices(self.words, cum_weights=self.shares, k=20)).capitalize() + "."
            for _ in range(number)
        )


def measure(found: Found, small: Archive, big: Archive, articles: int) -> None:
    """The ratios."""
    size = f"{big.last:,} articles"
    for far, said in ((1, "one link in twelve to an old article"), (0, "links to recent articles")):
        small.far = big.far = far
        for text, prepared, wanted in (("with", _as_it_is, 1.15), ("without", _no_full_text, 1.10)):
            with prepared(small), prepared(big):
                for archive in (small, big) * WARMING:
                    archive.turn()
                pairs = [(small.turn(), big.turn()) for _ in range(articles // TURN)]
            name = f"storing an article {text} full text, {said}: CPU at {size}"
            ratios = [more / less for less, more in pairs]
            found.add(in_median(name, ratios, "x", f"that at {SMALL:,}", at_most=wanted))
            found.add(in_median(name, [more for _, more in pairs], "ms"))


@contextmanager
def _as_it_is(archive: Archive) -> Iterator[None]:
    """As a crawl finds it."""
    yield


@contextmanager
def _no_full_text(archive: Archive) -> Iterator[None]:
    """Its triggers are there again afterwards, so that another run on the same archive begins as this one did."""
    for statement in TRIGGERS:
        archive.store.db.execute(f"DROP TRIGGER {statement.split()[2]}")
    yield
    for statement in TRIGGERS:
        archive.store.db.execute(statement)


def main() -> None:
    """Makes the archives, measures, and takes them away again."""
    words = arguments(__doc__)
    words.add_argument("--articles", type=int, default=100_000)
    words.add_argument("--store", type=int, default=2_000)
    words.add_argument("--folder", type=Path)
    words.add_argument("--together", type=int, default=1, help="articles in a commit")
    asked = words.parse_args()
    with measuring(asked) as found, tempfile.TemporaryDirectory() as folder:
        small = seed(Path(folder) / "small", Size(SMALL))
        big = asked.folder or seed(Path(folder) / "big", Size(asked.articles))
        measure(found, Archive(small, asked.together), Archive(big, asked.together), asked.store)


if __name__ == "__main__":
    main()
