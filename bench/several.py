"""Several collectors with an archive each: merging the archives, and reading them together.

    python bench/several.py [--articles 20000 100000] [--rounds 5]

For each number, two archives with half of the articles each are generated, of different sites and
with short texts, as `seeding.py --short-texts` does. Both are merged, and exported as Parquet: one
file each, and partitioned by site and month. Two counts are made in the files of both with DuckDB,
and in the merged archive with the same SQL, each in a process of its own, in turn. Memory includes
that of Python. The last figure compares the CPU of an article that is merged in the largest and in
the smallest archive.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree

from parts.processes import NEWSCRAWL, Cost, run
from parts.results import Figure, Results, argument_parser, measuring, median_of
from parts.short_texts import SITES

SEEDING = Path(__file__).with_name("seeding.py")
DUCKDB = "import duckdb, sys; print(len(duckdb.sql(sys.argv[1]).fetchall()))"
SQLITE = (
    "import sqlite3, sys; print(len(sqlite3.connect(sys.argv[2]).execute(sys.argv[1]).fetchall()))"
)
# Counts, with the table as {}. The names of columns are those of the Parquet files.
COUNTS: Mapping[str, str] = {
    "articles by site and month": (
        "SELECT site, substr(published_local, 1, 7), count(*) FROM {} GROUP BY 1, 2"
    ),
    "average length by author": (
        "SELECT authors, avg(word_count), max(length(title)) FROM {} GROUP BY 1"
    ),
}


def generate(archive: Path, articles: int, first_site: int) -> None:
    """Makes an archive of short texts, in another process, so that this one stays small."""
    options = ("--articles", str(articles), "--short-texts", "--first-site", str(first_site))
    run([sys.executable, str(SEEDING), str(archive), *options])


def export(archive: Path, out: Path, *, partitioned: bool) -> Cost:
    """Exports the articles as Parquet."""
    options = ["--format", "parquet", "-o", str(out)]
    if partitioned:
        options.append("--partition")
    return run([*NEWSCRAWL, "--archive", str(archive), "export", "articles", *options])


def measure(results: Results, folder: Path, articles: int, rounds: int) -> float:
    """Adds the figures of one size; the milliseconds of CPU of an article that is merged."""
    size = f"{articles:,} articles"
    sources = []
    for number in range(2):
        archive = folder / f"archive{number}"
        generate(archive, articles // 2, first_site=1 + number * SITES)
        sources.append(archive)
    merged = folder / "merged"
    cost = run([*NEWSCRAWL, "merge", *map(str, sources), "-o", str(merged)])
    per_article = 1000 * cost.cpu / articles
    results.add(Figure(f"merge of {size}: CPU of an article", per_article, "ms"))
    results.add(Figure(f"merge of {size}: memory", cost.memory, "MB"))
    if find_spec("duckdb") is not None:
        _measure_counts(results, folder, sources, rounds)
    return per_article


def _measure_counts(results: Results, folder: Path, sources: Sequence[Path], rounds: int) -> None:
    """Adds the figures of the exports, and of the counts in them and in the merged archive."""
    files: dict[str, str] = {}
    for form, partitioned in (("one file each", False), ("partitioned", True)):
        out = folder / form
        out.mkdir()
        costs = []
        for source in sources:
            name = source.name if partitioned else f"{source.name}.parquet"
            costs.append(export(source, out / name, partitioned=partitioned))
        name = f"export of both as Parquet, {form}: CPU"
        results.add(Figure(name, sum(cost.cpu for cost in costs), "s"))
        files[form] = f"read_parquet('{out}/**/*.parquet')"
    database = str(folder / "merged" / "newscrawl.db")
    for name, count in COUNTS.items():
        in_database = count.format("export_articles WHERE revision > 0")
        commands = {"SQLite": [sys.executable, "-c", SQLITE, in_database, database]}
        for form, parquet in files.items():
            commands[form] = [sys.executable, "-c", DUCKDB, count.format(parquet)]
        _compare(results, name, commands, rounds)


def _compare(
    results: Results, name: str, commands: Mapping[str, Sequence[str]], rounds: int
) -> None:
    """Adds the figures of one count: in SQLite, and in each form of the files."""
    costs: dict[str, list[Cost]] = {form: [] for form in commands}
    for _ in range(rounds):
        for form, command in commands.items():
            costs[form].append(run(command))
    base = costs.pop("SQLite")
    results.add(median_of(f"{name}: SQLite", [cost.wall for cost in base], "s"))
    for form, own_costs in costs.items():
        pairs = list(zip(own_costs, base, strict=True))
        time = [own.wall / other.wall for own, other in pairs]
        cpu = [own.cpu / other.cpu for own, other in pairs]
        results.add(median_of(f"{name}: time of DuckDB, {form}", time, "x", "SQLite"))
        results.add(median_of(f"{name}: CPU of DuckDB, {form}", cpu, "x", "SQLite"))


def main() -> None:
    """Measures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    options: argparse.Namespace = parser.parse_args()
    with measuring(options) as results, tempfile.TemporaryDirectory() as name:
        costs: list[float] = []
        for articles in options.articles:
            folder = Path(name) / str(articles)
            folder.mkdir()
            costs.append(measure(results, folder, articles, options.rounds))
            rmtree(folder)
        growth = costs[-1] / costs[0]
        baseline = f"{options.articles[0]:,} articles"
        results.add(Figure("merge: CPU of an article, largest", growth, "x", baseline))


if __name__ == "__main__":
    main()
