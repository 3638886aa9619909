"""CPU of passing over the unwanted pages of a foreign archive, compared with FastWARC alone.

    python bench/imports.py [--megabytes 200] [--share 0.02] [--rounds 3] [--json FILE]

A generated WARC file, compressed record by record, has pages of other sites and, as the given share
of its records, articles of a site with a site file. FastWARC's own pass reads every record of the
same file and looks at none. The memory is that of the import, a process of its own.
"""

from __future__ import annotations

import gzip
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

from fastwarc.warc import ArchiveIterator
from parts.results import Results, argument_parser, measuring, median_of

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from newscrawl.history.foreign import records  # noqa: E402
from newscrawl.history.targets import Targets  # noqa: E402
from tests.support.foreign_archives import Stored, archive, story  # noqa: E402

DIFFERENT = 2000  # pages of other sites; the file repeats them
AT = "2020-01-02T03:04:05Z"
WORDS = [f"word{number}" for number in range(5000)]
OPENED = "import newscrawl.__main__; newscrawl.__main__.main()"


def write_file(path: Path, size: int, share: float) -> int:
    """Writes a file of at least so many bytes; how many articles of the site it has."""
    chance = random.Random(1)
    other_pages = [gzip.compress(record.warc) for record in _others(chance)]
    articles = 0
    with path.open("wb") as file:
        while file.tell() < size:
            if chance.random() >= share:
                file.write(chance.choice(other_pages))
                continue
            articles += 1
            text = " ".join(chance.choices(WORDS, k=400))
            url = f"https://paper.example/x/{articles}.html"
            record = Stored(url=url, at=AT, body=story(articles, text=text))
            file.write(gzip.compress(record.warc))
    return articles


def _others(chance: random.Random) -> Iterator[Stored]:
    for number in range(DIFFERENT):
        words = chance.choices(WORDS, k=chance.randint(1000, 20_000))
        body = f"<html><body><p>{' '.join(words)}</p></body></html>".encode()
        yield Stored(url=f"https://other{number}.example/{number}", at=AT, body=body)


def cpu_of_fastwarc(path: Path) -> float:
    """Seconds of FastWARC's own pass."""
    began = process_time()
    with path.open("rb") as file:
        for _ in ArchiveIterator(file, parse_http=False):
            pass
    return process_time() - began


def cpu_of_skipping(path: Path, targets: Targets) -> float:
    """Seconds of our pass if no page is wanted. The hosts are looked up as in an import."""
    began = process_time()
    found = records(path, sys.stdin.buffer, lambda url: targets.is_wanted(url) and False, _ignore)
    assert list(found) == []
    return process_time() - began


def _ignore(number: int) -> None:
    """Progress that nobody sees."""


def import_whole(path: Path, folder: Path) -> tuple[float, float]:
    """CPU seconds of a whole import, and the largest memory of a child so far in MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", OPENED, "--archive", str(folder), "import", str(path)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, after.ru_maxrss / 1024


def measure(results: Results, megabytes: int, share: float, rounds: int) -> None:
    """Adds the ratio, the cost of a whole import, and its memory."""
    skipping, whole, memory = [], [], []
    with tempfile.TemporaryDirectory() as work:
        path = Path(work) / "foreign.warc.gz"
        articles = write_file(path, megabytes * 10**6, share)
        for number in range(rounds):
            folder = archive(Path(work) / f"archive-{number}")
            targets = Targets(folder, generic=False, say=print)
            alone = cpu_of_fastwarc(path)
            skipping.append(cpu_of_skipping(path, targets) / alone)
            seconds, megabytes_used = import_whole(path, folder)
            whole.append(seconds / alone)
            memory.append(megabytes_used)
    results.add(median_of("passing over pages: CPU", skipping, "x", "FastWARC's own pass"))
    name = f"import with {articles:,} articles: CPU"
    results.add(median_of(name, whole, "x", "FastWARC's own pass"))
    results.add(median_of("import: memory", memory, "MB"))


def main() -> None:
    """Measures as the arguments say."""
    parser = argument_parser(__doc__)
    parser.add_argument("--megabytes", type=int, default=200, help="size of the file [200]")
    parser.add_argument("--share", type=float, default=0.02, help="share of articles [0.02]")
    parser.add_argument("--rounds", type=int, default=3, help="rounds [3]")
    options = parser.parse_args()
    with measuring(options) as results:
        measure(results, options.megabytes, options.share, options.rounds)


if __name__ == "__main__":
    main()
