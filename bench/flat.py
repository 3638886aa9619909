"""CPU of storing an article in a large archive, compared with an archive of 10,000 articles.

    python bench/flat.py [--articles 100000] [--folder FOLDER] [--store 2000] [--together 1]
        [--json FILE]

Articles with 12 links are stored with the code of a crawl, alternately 200 in either archive; the
figures are medians of the ratios. This is done with and without full text, first with one link in
twelve to an article of any age (on saved pages, one related link in twelve leads to an article
older than a month), then with links to recent articles only. A polite crawl commits each article, a
fast one up to twenty together, which takes half the CPU, so that growth has more weight. --folder
names an archive made by seeding.py. It is changed, and should not be used for searches afterwards.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from parts.results import Results, argument_parser, measuring, median_of
from seeding import SITES, Size, seed, vocabulary

from newscrawl.core.fingerprints import body_hash
from newscrawl.core.records import Article, Capture, Link, LinkKind, Teaser
from newscrawl.spiders.site import GROUP_SECONDS
from newscrawl.store.schema.tables import FULL_TEXT
from newscrawl.store.write.store import Store

SMALL = 10_000  # articles
TURN = 200  # articles
LINKS = 12
WARM_UP_TURNS = 10  # before the first turn that counts; a crawl too fills its cache only once
TRIGGERS = [statement for statement in FULL_TEXT if "CREATE TRIGGER" in statement]


class Archive:
    """An archive to which articles are added."""

    def __init__(self, folder: Path, together: int) -> None:
        self.store = Store(folder)
        self.store.group(pages=together, seconds=GROUP_SECONDS)
        self.last_id = int(self.store.db.execute("SELECT max(id) FROM articles").fetchone()[0])
        self.old_links = 0  # of each article, to an article of any age
        self._rng = Random(6)
        self._words, self._weights = vocabulary()

    def turn(self) -> float:
        """Stores TURN articles; milliseconds of CPU per article."""
        numbers = range(self.last_id + 1, self.last_id + TURN + 1)
        pages = [self._page(number) for number in numbers]
        before = time.process_time()
        for article, capture in pages:
            self.store.articles.save(article, capture, 1, asked_url=article.url, extractor="bench")
        self.store.flush()
        self.last_id += TURN
        return (time.process_time() - before) / TURN * 1000

    def _page(self, number: int) -> tuple[Article, Capture]:
        site = f"site{number % SITES + 1}"
        url = f"https://{site}.example/tin/{number}.html"
        body = "\n\n".join(self._sentences(3) for _ in range(5))
        links = [self._link(site, number, position) for position in range(1, LINKS + 1)]
        article = Article(
            site=site,
            key=str(number),
            url=url,
            template="bench",
            title=self._sentences(1)[:90],
            summary=self._sentences(1),
            body=body,
            body_hash=body_hash(body),
            word_count=len(body.split()),
            links=tuple(links),
        )
        capture = Capture(url=url, kind="article", status=200, fetched_at=datetime.now(UTC))
        return article, capture

    def _link(self, site: str, number: int, position: int) -> Link:
        """A link to an article of the same site."""
        kind: LinkKind
        if position <= LINKS - self.old_links:
            kind = "same_category"
            steps_back = self._rng.randint(1, 400)
        else:
            kind = "related"
            steps_back = self._rng.randrange(1, number // SITES)
        key = str(number - steps_back * SITES)
        teaser = Teaser(url=f"https://{site}.example/tin/{key}.html", key=key, title="Tin cũ")
        return Link(kind, position, teaser)

    def _sentences(self, count: int) -> str:
        sentences = []
        for _ in range(count):
            chosen = self._rng.choices(self._words, cum_weights=self._weights, k=20)
            sentences.append(" ".join(chosen).capitalize() + ".")
        return " ".join(sentences)


def measure(results: Results, small: Archive, large: Archive, articles: int) -> None:
    """Adds the ratios."""
    for old_links, links in ((1, "one link in twelve to an old article"), (0, "recent links")):
        small.old_links = old_links
        large.old_links = old_links
        for with_text in (True, False):
            with _full_text(small, with_text), _full_text(large, with_text):
                for _ in range(WARM_UP_TURNS):
                    small.turn()
                    large.turn()
                pairs = [(small.turn(), large.turn()) for _ in range(articles // TURN)]
            text = "with full text" if with_text else "without full text"
            name = f"storing an article {text}, {links}: CPU at {large.last_id:,} articles"
            ratios = [large_ms / small_ms for small_ms, large_ms in pairs]
            results.add(median_of(name, ratios, "x", f"that at {SMALL:,}"))
            results.add(median_of(name, [large_ms for _, large_ms in pairs], "ms"))


@contextmanager
def _without_full_text(archive: Archive) -> Iterator[None]:
    for statement in TRIGGERS:
        archive.store.db.execute(f"DROP TRIGGER {statement.split()[2]}")
    yield
    for statement in TRIGGERS:
        archive.store.db.execute(statement)


def _full_text(archive: Archive, enabled: bool) -> AbstractContextManager[None]:
    return nullcontext() if enabled else _without_full_text(archive)


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--store", type=int, default=2_000)
    parser.add_argument("--folder", type=Path, help="an archive made by seeding.py")
    parser.add_argument("--together", type=int, default=1, help="articles in a commit")
    options = parser.parse_args()
    with measuring(options) as results, tempfile.TemporaryDirectory() as name:
        small = seed(Path(name) / "small", Size(articles=SMALL))
        large = options.folder or seed(Path(name) / "large", Size(articles=options.articles))
        together = options.together
        measure(results, Archive(small, together), Archive(large, together), options.store)


if __name__ == "__main__":
    main()
