"""CPU of reading an article page with its template, compared with parsing it and with other tools.

    python bench/template.py [--pages 40] [--rounds 5] [--json FILE]
    python bench/template.py --profile

The pages are those of the made-up newspaper, in both of its designs. Each round has pages of its
own, which all contestants read one after the other; figures are medians of the rounds. newspaper4k
and news-please have an environment of their own, .venv-peers, which `make bench` makes. Without it,
they are left out. --profile prints the functions that take the time.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from urllib.request import urlopen

import trafilatura
from lxml.html import HTMLParser, document_fromstring
from parts.results import Results, argument_parser, measuring, median_of
from parts.sampling import sampling
from parts.target import Target, serving

from newscrawl.core.records import Page
from newscrawl.extract import extract_article
from newscrawl.extract.refine import refine
from newscrawl.sites.loading import load_site
from newscrawl.sites.site import Site

PEERS = Path(__file__).parents[1] / ".venv-peers" / "bin" / "python"
PEERS_PROGRAM = Path(__file__).parent / "parts" / "peer_extraction.py"
PROFILED = 2000  # pages
LEAST_SHARE = 1 / 30  # functions with a smaller share of the time are not printed
FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)
PARSED = "lxml parse alone"
READ = "extract_article"
REFINED = "extract_article and refine"
TRAFILATURA = "trafilatura with metadata"

Reader = Callable[[str, bytes], object]
Peers = Callable[[Sequence[Page]], dict[str, float]]


def readers(site: Site) -> Mapping[str, Reader]:
    """The contestants that run in this process, by name."""

    def parse(url: str, body: bytes) -> object:
        return document_fromstring(body, parser=HTMLParser(encoding="utf-8"))

    def read(url: str, body: bytes) -> object:
        return extract_article(site, Page(url, body, "utf-8", FETCHED_AT))

    def read_with_trafilatura(url: str, body: bytes) -> object:
        return trafilatura.bare_extraction(body, url=url, with_metadata=True)

    return {PARSED: parse, READ: read, TRAFILATURA: read_with_trafilatura}


@contextmanager
def peers() -> Iterator[Peers]:
    """The contestants that run in .venv-peers; none if it does not exist."""
    if not PEERS.is_file():
        print("no .venv-peers (make bench): newspaper4k and news-please are left out")
        yield lambda pages: {}
        return
    command = [str(PEERS), "-W", "ignore", str(PEERS_PROGRAM)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def read(pages: Sequence[Page]) -> dict[str, float]:
            json.dump([(page.url, page.body.decode()) for page in pages], stdin)
            stdin.write("\n")
            stdin.flush()
            seconds: dict[str, float] = json.loads(stdout.readline())
            return seconds

        yield read
        stdin.close()


def fetched(target: Target) -> list[Page]:
    """The pages of the articles."""
    pages = []
    for url in target.urls:
        with urlopen(url) as response:
            pages.append(Page(url, response.read()))
    return pages


def measure_round(pages: Sequence[Page], site: Site, read_with_peers: Peers) -> dict[str, float]:
    """Milliseconds of CPU per page, by contestant."""
    seconds = {name: cpu_of(reader, pages) for name, reader in readers(site).items()}
    drafts = [extract_article(site, page) for page in pages]
    start = process_time()
    for draft in drafts:
        refine(draft, site, FETCHED_AT)
    # Not measured together with reading: a page that is read again is read faster.
    seconds[REFINED] = seconds[READ] + process_time() - start
    seconds |= read_with_peers(pages)
    return {name: spent / len(pages) * 1000 for name, spent in seconds.items()}


def cpu_of(reader: Reader, pages: Sequence[Page]) -> float:
    """Seconds of CPU."""
    start = process_time()
    for page in pages:
        reader(page.url, page.body)
    return process_time() - start


@contextmanager
def site_with_pages(articles: int) -> Iterator[tuple[Site, list[Page]]]:
    """A site on this machine, and the pages of its articles."""
    with serving(articles) as target:
        yield load_site(target.site).rebased(target.base_url), fetched(target)


def measure(pages_per_round: int, rounds: int) -> list[dict[str, float]]:
    """All rounds. The one before them loads what is loaded on first use, and does not count."""
    with site_with_pages(pages_per_round * (rounds + 1)) as (site, pages), peers() as others:
        measured = []
        for number in range(rounds + 1):
            start = number * pages_per_round
            measured.append(measure_round(pages[start : start + pages_per_round], site, others))
        return measured[1:]


def profile(articles: int) -> None:
    """Prints what each function takes of the time of a page, with all that it calls."""
    with site_with_pages(articles) as (site, pages):
        start = process_time()
        with sampling() as samples:
            for page in pages:
                refine(extract_article(site, page), site, FETCHED_AT)
        milliseconds = (process_time() - start) / len(pages) * 1000
    for name, count in samples.most_common():
        share = count / samples[""]
        if name.startswith("newscrawl.") and "<" not in name and share >= LEAST_SHARE:
            function = name.removeprefix("newscrawl.")
            print(f"{share * milliseconds:6.2f} ms  {share:4.0%}  {function}")


def report(results: Results, rounds: Sequence[dict[str, float]]) -> None:
    """Adds the time of each contestant, then the ratios."""
    for name in rounds[0]:
        milliseconds = [each[name] for each in rounds]
        results.add(median_of(name, milliseconds, "ms of CPU per page"))
    for name in (READ, REFINED):
        ratios = [each[name] / each[PARSED] for each in rounds]
        results.add(median_of(name, ratios, "x", PARSED))
    for name in (TRAFILATURA, "newspaper4k", "news-please"):
        if name in rounds[0]:
            ratios = [each[name] / each[REFINED] for each in rounds]
            results.add(median_of(name, ratios, "x", REFINED))


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--pages", type=int, default=40, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--profile", action="store_true", help="only print the functions that take the time"
    )
    options = parser.parse_args()
    if options.profile:
        profile(PROFILED)
        return
    with measuring(options) as results:
        report(results, measure(options.pages, options.rounds))


if __name__ == "__main__":
    main()
