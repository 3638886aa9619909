"""Exports of a large generated archive: time compared with `sqlite3 -csv`, and memory at two sizes.

    python bench/export.py [--articles 100000] [--folder FOLDER] [--form csv] [--rounds 5]

--folder names an archive made by seeding.py. In each round, the baseline and an export of the same
rows run one after the other and write to a file; ratios are medians of the rounds.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from parts.processes import NEWSCRAWL, Cost, run
from parts.results import Figure, Results, argument_parser, measuring, median_of

from newscrawl.store.connection import open_reader

SEEDING = Path(__file__).with_name("seeding.py")
FORMS = ("csv", "jsonl", "parquet")
SMALL = 10_000  # articles
BASELINE = "sqlite3 -csv on the same rows"
ROWS = "SELECT * FROM export_articles WHERE revision > 0 ORDER BY id"


def export(archive: Path, form: str, out: Path) -> Cost:
    """Exports the articles."""
    command = [*NEWSCRAWL, "--archive", str(archive), "export", "articles", "--format", form]
    return run(command, out)


def generate(archive: Path, articles: int) -> None:
    """Makes an archive without full text, which no export reads, in another process."""
    arguments = [str(archive), "--articles", str(articles), "--no-full-text"]
    run([sys.executable, str(SEEDING), *arguments])


def count_articles(archive: Path) -> int:
    """How many articles an export of the archive has."""
    with closing(open_reader(archive)) as db:
        return int(db.execute("SELECT count(*) FROM articles WHERE revision > 0").fetchone()[0])


def measure(
    results: Results, archive: Path, folder: Path, forms: Sequence[str], rounds: int
) -> None:
    """Adds the figures of each form."""
    small = folder / "small"
    generate(small, SMALL)
    out = folder / "out"
    articles = count_articles(archive)
    baseline = ["sqlite3", "-csv", "-header", str(archive / "newscrawl.db"), ROWS]
    baselines: list[Cost] = []
    run(baseline, out)  # reads the archive into memory
    for form in forms:
        pairs = [(run(baseline, out), export(archive, form, out)) for _ in range(rounds)]
        baselines += [base for base, _ in pairs]
        name = f"{form} of {articles:,} articles"
        wall = [own.wall / base.wall for base, own in pairs]
        cpu = [own.cpu / base.cpu for base, own in pairs]
        results.add(median_of(f"{name}: time", wall, "x", BASELINE))
        results.add(median_of(f"{name}: CPU", cpu, "x", BASELINE))
        memory = max(own.memory for _, own in pairs)
        results.add(Figure(f"{name}: memory", memory, "MB"))
        memory = export(small, form, out).memory
        results.add(Figure(f"{form} of {SMALL:,} articles: memory", memory, "MB"))
    name = f"sqlite3 -csv of {articles:,} articles"
    results.add(median_of(name, [base.wall for base in baselines], "s"))
    results.add(Figure(f"{name}: memory", max(base.memory for base in baselines), "MB"))


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="an archive made by seeding.py")
    parser.add_argument("--form", action="append", choices=FORMS, help="only this one; repeatable")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with measuring(options) as results:
        if shutil.which("sqlite3") is None:
            results.skip("sqlite3 is not installed (apt install sqlite3)")
            return
        with tempfile.TemporaryDirectory() as name:
            archive = options.folder
            if archive is None:
                archive = Path(name) / "archive"
                generate(archive, options.articles)
            measure(results, archive, Path(name), options.form or FORMS, options.rounds)


if __name__ == "__main__":
    main()
