"""What reading an article page by its template costs: CPU per page, against parsing it and against other extractors.

    python bench/template.py [--pages 40] [--rounds 5] [--json FILE]
    python bench/template.py --profile

Pages are newsite's, of both its designs; without ../shared the demo newspaper's. Every round has pages of its own that
all contestants read one after the other, so that nothing was seen before but what all pages of a site repeat; the
medians of the rounds are printed. newspaper4k and news-please have an environment of their own, .venv-peers, which
`make bench` makes; without it they are left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from urllib.error import HTTPError
from urllib.request import urlopen

import trafilatura
from lxml.html import HTMLParser, document_fromstring
from parts.results import Figure, arguments, in_median, measuring
from parts.sampling import sampling
from parts.target import Target, serving

from newscrawl.core.records import Page
from newscrawl.extract import extract_article
from newscrawl.extract.refine import refine
from newscrawl.sites.loading import DEMO, load_site, load_site_file
from newscrawl.sites.site import Site

PEERS = Path(__file__).parents[1] / ".venv-peers" / "bin" / "python"
PROFILED = 2000  # pages
SHOWN = 30  # functions with less than the thirtieth part of the time are left out
FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)
PARSED, READ, REFINED = "lxml parse alone", "extract_article", "extract_article and refine"
TIMES_FASTER = {"trafilatura with metadata": 15, "newspaper4k": 40, "news-please": 70}

Reader = Callable[[str, bytes], object]
Peers = Callable[[Sequence[Page]], dict[str, float]]


def readers(site: Site) -> dict[str, Reader]:
    """What runs in this process, by name."""
    return {
        PARSED: lambda _, body: document_fromstring(body, parser=HTMLParser(encoding="utf-8")),
        READ: lambda url, body: extract_article(site, Page(url, body, "utf-8", FETCHED_AT)),
        "trafilatura with metadata": lambda url, body: trafilatura.bare_extraction(
            body, url=url, with_metadata=True
        ),
    }


@contextmanager
def peers() -> Iterator[Peers]:
    """What runs in the environment beside this one; gives nothing where that is missing."""
    if not PEERS.is_file():
        print(
            "no .venv-peers: `make bench` makes it; newspaper4k and news-please were not measured",
            file=sys.stderr,
        )
        yield lambda _: {}
        return
    command = [
        str(PEERS),
        "-W",
        "ignore",
        str(Path(__file__).parent / "parts" / "peer_extraction.py"),
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        given, answers = process.stdin, process.stdout

        def seconds(pages: Sequence[Page]) -> dict[str, float]:
            given.write(json.dumps([(page.url, page.body.decode()) for page in pages]) + "\n")
            given.flush()
            found: dict[str, float] = json.loads(answers.readline())
            return found

        yield seconds
        given.close()


def fetched(target: Target) -> list[Page]:
    """The articles' pages; addresses that answer with an error are left out."""
    found = []
    for url in target.urls:
        try:
            with urlopen(url) as answer:
                found.append(Page(url, answer.read()))
        except HTTPError:
            continue
    return found


def one_round(pages: Sequence[Page], site: Site, others: Peers) -> dict[str, float]:
    """Milliseconds of CPU per page, by name."""
    seconds = {name: spent(read, pages) for name, read in readers(site).items()}
    drafts = [extract_article(site, page) for page in pages]
    start = process_time()
    for draft in drafts:
        refine(draft, site, FETCHED_AT)
    seconds[REFINED] = (
        seconds[READ] + process_time() - start
    )  # pages read twice would be read the faster
    return {name: time / len(pages) * 1000 for name, time in (seconds | others(pages)).items()}


def spent(read: Reader, pages: Sequence[Page]) -> float:
    """Seconds of CPU."""
    start = process_time()
    for page in pages:
        read(page.url, page.body)
    return process_time() - start


@contextmanager
def pages_of(number: int) -> Iterator[tuple[Site, list[Page]]]:
    """A site on this machine, and its articles' pages."""
    with tempfile.TemporaryDirectory() as folder, serving(number, Path(folder)) as target:
        site = load_site_file(DEMO) if target.site == "demo" else load_site(target.site)
        yield site.rebased(target.base_url), fetched(target)


def measure(pages: int, rounds: int) -> list[dict[str, float]]:
    """The rounds; one before them, which loads what is loaded on first use, is not counted."""
    with pages_of(pages * (rounds + 1)) as (site, found), peers() as others:
        size = len(found) // (rounds + 1)
        parts = [found[start : start + size] for start in range(0, size * (rounds + 1), size)]
        return [one_round(part, site, others) for part in parts][1:]


def profile(number: int) -> None:
    """Prints what each function of newscrawl takes of a page's time, with all that it calls."""
    with pages_of(number) as (site, pages):
        start = process_time()
        with sampling() as found:
            for page in pages:
                refine(extract_article(site, page), site, FETCHED_AT)
        each = (process_time() - start) / len(pages) * 1000
    for name, samples in found.most_common():
        if name.startswith("newscrawl.") and "<" not in name and samples * SHOWN >= found[""]:
            print(
                f"{samples / found[''] * each:6.2f} ms  {samples / found['']:4.0%}  {name.removeprefix('newscrawl.')}"
            )


def figures(rounds: Sequence[dict[str, float]]) -> Iterator[Figure]:
    """Each contestant's milliseconds, then ours against the parse, then theirs against ours."""
    for name in rounds[0]:
        yield in_median(name, [one[name] for one in rounds], "ms of CPU a page")
    for name, wanted in ((READ, 1.7), (REFINED, None)):
        yield in_median(
            name, [one[name] / one[PARSED] for one in rounds], "x", PARSED, at_most=wanted
        )
    for name, times in TIMES_FASTER.items():
        if name in rounds[0]:
            yield in_median(
                name, [one[name] / one[REFINED] for one in rounds], "x", REFINED, at_least=times
            )


def main() -> None:
    """Prints the figures."""
    words = arguments(__doc__)
    words.add_argument("--pages", type=int, default=40, help="of each round")
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument(
        "--profile", action="store_true", help="only say which functions take the time"
    )
    asked = words.parse_args()
    if asked.profile:
        profile(PROFILED)
        return
    with measuring(asked) as found:
        for figure in figures(measure(asked.pages, asked.rounds)):
            found.add(figure)


if __name__ == "__main__":
    main()
