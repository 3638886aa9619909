"""Runs the measurements one after the other, keeps their results as JSON, and ends with a table of what was wanted.

    python bench [NAME...] [--all] [--archive FOLDER] [--results bench/results]
    python bench --table

Without --all the long ones are left out (a month of crawls) or measure less (the big archive has 100,000 articles, not
a million). `--archive` names an archive that seeding.py made, and is not changed; else one is made, and taken away at
the end. `--table` prints the table of the results that are there. Exit code 1 where a script failed; a target that is
missed is no failure.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from parts.results import goal, number, verdict

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Run:
    """`few` are a script's words in the usual run, `many` with --all; None leaves it out of the usual run.

    `big`: it measures on the big archive. One that changes the archive stands last.
    """

    script: str
    few: str | None = ""
    many: str = ""
    big: bool = False


RUNS = (
    Run("pages"),
    Run("timestamps"),
    Run("time_formats"),
    Run("template"),
    Run("recrawl"),
    Run("crawl", "--articles 500", "--articles 2000"),
    Run("long_crawl", "--articles 2000", "--articles 100000 --every 5"),
    Run("cores", "--only reextract --articles 3000", "--articles 4000"),
    Run("workers"),
    Run("dupes", "--texts 10000", "--texts 100000"),
    Run("extraction", None),
    Run("days", None),
    Run("lookups", big=True),
    Run("search", big=True),
    Run("export", big=True),
    Run("flat", big=True),
)


def main() -> None:
    """Runs what is asked for."""
    words = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    words.add_argument("names", nargs="*", metavar="NAME", help="scripts, without .py (all)")
    words.add_argument(
        "--all", action="store_true", help="also what takes an hour, and a million articles"
    )
    words.add_argument(
        "--archive", type=Path, metavar="FOLDER", help="a big archive that seeding.py made"
    )
    words.add_argument("--results", type=Path, default=HERE / "results", metavar="FOLDER")
    words.add_argument("--table", action="store_true", help="run nothing")
    asked = words.parse_args()
    if unknown := set(asked.names) - {run.script for run in RUNS}:
        words.error(
            f"no script {', '.join(sorted(unknown))}; there are {', '.join(run.script for run in RUNS)}"
        )
    runs = [run for run in RUNS if run.script in (asked.names or run.script)]
    asked.results.mkdir(parents=True, exist_ok=True)
    failed = [] if asked.table else run_all(runs, asked)
    results = [asked.results / f"{run.script}.json" for run in runs]
    table(results)
    if not any(path.exists() for path in results):
        print(f"no results in {asked.results} yet: `make bench` makes them")
    for script in failed:
        print(f"FAILED: {script}")
    sys.exit(1 if failed else 0)


def run_all(runs: Sequence[Run], asked: argparse.Namespace) -> list[str]:
    """Runs them in their order; the names of those that failed."""
    failed = []
    with tempfile.TemporaryDirectory() as name, big_archive(runs, asked, Path(name)) as archive:
        for run in runs:
            result = asked.results / f"{run.script}.json"
            result.unlink(missing_ok=True)
            given = run.many if asked.all else run.few
            if given is None and not asked.names:
                print(f"== {run.script}: left out, see --all", flush=True)
                continue
            command = [sys.executable, str(HERE / f"{run.script}.py"), *(given or run.many).split()]
            command += ["--folder", str(archive)] if run.big else []
            print(f"== {run.script} {' '.join(command[2:])}".rstrip(), flush=True)
            began = monotonic()
            if subprocess.run([*command, "--json", str(result)]).returncode:
                failed.append(run.script)
            print(f"   {monotonic() - began:.0f} s", flush=True)
    return failed


@contextmanager
def big_archive(
    runs: Sequence[Run], asked: argparse.Namespace, folder: Path
) -> Iterator[Path | None]:
    """The archive for scripts that need one, which they may change; None where none of them does."""
    if not any(run.big for run in runs):
        yield None
        return
    archive = folder / "archive"
    if asked.archive is not None:
        shutil.copytree(asked.archive, archive)
    else:
        articles = "1000000" if asked.all else "100000"
        print(f"== an archive of {int(articles):,} made-up articles", flush=True)
        subprocess.run(
            [sys.executable, str(HERE / "seeding.py"), str(archive), "--articles", articles],
            check=True,
        )
    yield archive


def table(results: Sequence[Path]) -> None:
    """Prints each figure for which something is wanted, and the scripts that measured nothing."""
    rows: list[tuple[str, ...]] = [("script", "figure", "value", "wanted", "")]
    for path in results:
        if not path.is_file():
            continue
        result: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if result["skipped"]:
            rows.append((result["script"], f"not measured: {result['skipped']}", "", "", ""))
        for row in result["figures"]:
            if row["target"] is not None:
                value = f"{number(row['value'])} {row['unit']} {row['baseline']}".strip()
                rows.append(
                    (
                        result["script"],
                        row["name"],
                        value,
                        goal(row).removeprefix("wanted: "),
                        verdict(row),
                    )
                )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print()
    for cells in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        )


if __name__ == "__main__":
    main()
