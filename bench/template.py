"""What reading an article page by its template costs: CPU per page, against parsing it and against other extractors.

    python bench/template.py [--pages 40] [--rounds 5] [--json FILE]

Pages are newsite's, of both its designs; without ../shared the demo newspaper's. Every round has pages of its own that
all contestants read one after the other, so that nothing was seen before but what all pages of a site repeat; the
medians of the rounds are printed. newspaper4k and news-please have an environment of their own, .venv-peers, which
`make bench` makes; without it they are left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
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
from parts.target import Target, serving

from newscrawl.extract import extract_article
from newscrawl.records import Page
from newscrawl.refine import refine
from newscrawl.sitefile import DEMO, load_site, load_site_file

PEERS = Path(__file__).parents[1] / ".venv-peers" / "bin" / "python"
FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)
PARSED, READ, REFINED = "lxml parse alone", "extract_article", "extract_article, refine"
AT_MOST = 1.7  # times the parse
AT_LEAST = {"trafilatura": 15, "newspaper4k": 40, "news-please": 70}  # times ours

Reader = Callable[[str, bytes], object]
Peers = Callable[[Sequence[Page]], dict[str, float]]


def readers(target: Target) -> dict[str, Reader]:
    """What runs in this process, by name."""
    site = (load_site_file(DEMO) if target.site == "demo" else load_site(target.site)).rebased(target.base_url)

    def read(url: str, body: bytes) -> object:
        return extract_article(site, Page(url, body, "utf-8", FETCHED_AT))

    def refined(url: str, body: bytes) -> object:
        return refine(extract_article(site, Page(url, body, "utf-8", FETCHED_AT)), site, FETCHED_AT)

    return {
        PARSED: lambda _, body: document_fromstring(body, parser=HTMLParser(encoding="utf-8")),
        READ: read,
        REFINED: refined,
        "trafilatura": lambda url, body: trafilatura.bare_extraction(body, url=url, with_metadata=True),
    }


@contextmanager
def peers() -> Iterator[Peers]:
    """What runs in the environment beside this one; gives nothing where that is missing."""
    if not PEERS.is_file():
        print("no .venv-peers: `make bench` makes it; newspaper4k and news-please were not measured", file=sys.stderr)
        yield lambda _: {}
        return
    command = [str(PEERS), "-W", "ignore", str(Path(__file__).parent / "parts" / "peer_extraction.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
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


def one_round(pages: Sequence[Page], contestants: dict[str, Reader], others: Peers) -> dict[str, float]:
    """Milliseconds of CPU per page, by name."""
    seconds = {}
    for name, read in contestants.items():
        start = process_time()
        for page in pages:
            read(page.url, page.body)
        seconds[name] = process_time() - start
    return {name: spent / len(pages) * 1000 for name, spent in (seconds | others(pages)).items()}


def measure(pages: int, rounds: int) -> list[dict[str, float]]:
    """The rounds; one before them, which loads what is loaded on first use, is not counted."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(pages * (rounds + 1), Path(folder)) as target,
        peers() as others,
    ):
        found, contestants = fetched(target), readers(target)
        size = len(found) // (rounds + 1)
        parts = [found[start : start + size] for start in range(0, size * (rounds + 1), size)]
        return [one_round(part, contestants, others) for part in parts][1:]


def said(name: str, rounds: Sequence[dict[str, float]]) -> str:
    """A line of the table."""
    line = f"{name:<24} {statistics.median(one[name] for one in rounds):7.2f} ms"
    if name == PARSED:
        return line
    if name in (READ, REFINED):
        times = statistics.median(one[name] / one[PARSED] for one in rounds)
        return f"{line}  {times:6.2f} times the parse (wanted: at most {AT_MOST})"
    times = statistics.median(one[name] / one[REFINED] for one in rounds)
    return f"{line}  {times:6.1f} times extract_article with refine (wanted: at least {AT_LEAST[name]})"


def main() -> None:
    """Prints the table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--pages", type=int, default=40, help="of each round")
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--json", type=Path, metavar="FILE", help="also write every round's milliseconds to FILE")
    asked = words.parse_args()
    rounds = measure(asked.pages, asked.rounds)
    print(f"CPU per page, medians of {asked.rounds} rounds")
    for name in rounds[0]:
        print(said(name, rounds))
    if asked.json:
        asked.json.write_text(json.dumps(rounds, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
