"""Runs the measurements one after the other, keeps the figures as JSON, and prints a table.

    python bench [NAME...] [--all] [--archive FOLDER] [--results bench/results]
    python bench --table

Without --all, scripts that take long are left out or measure less: the large archive has 100,000
articles instead of a million. --archive names an archive made by seeding.py, and leaves it as it
is; otherwise one is generated and deleted at the end. --table prints the figures of existing
results. The exit code is 1 if a script fails.
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

from parts.results import value_text

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Run:
    """A script with the arguments of a usual run (None: left out) and those of a run with --all.

    `large`: it measures on the large archive. A script that changes the archive is the last one.
    """

    script: str
    usual: str | None = ""
    complete: str = ""
    large: bool = False


RUNS = (
    Run("time_formats"),
    Run("template"),
    Run("crawl", "--articles 500", "--articles 2000"),
    Run("durability", "--articles 300", "--articles 2000"),
    Run("long_crawl", "--articles 2000", "--articles 20000 --every 5"),
    Run("cores", "--only reextract --articles 3000", "--articles 4000"),
    Run("workers"),
    Run("dupes", "--texts 10000", "--texts 100000"),
    Run("imports", "--megabytes 100", "--megabytes 1000"),
    Run("days", None),
    Run("living", None),
    Run("many_sites", None),
    Run("politeness", None),
    Run("nothing_due"),
    Run("rhythms", None),
    Run("slow_pages", None),
    Run("large", None),
    Run("several", None, "--articles 200000 1000000"),
    Run("lookups", large=True),
    Run("search", large=True),
    Run("export", large=True),
    Run("page_costs", large=True),
    Run("flat", large=True),
)


def main() -> None:
    """Runs the requested scripts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="scripts, without .py (default: all)"
    )
    parser.add_argument(
        "--all", action="store_true", help="all scripts, and an archive of a million articles"
    )
    parser.add_argument(
        "--archive", type=Path, metavar="FOLDER", help="a large archive made by seeding.py"
    )
    parser.add_argument("--results", type=Path, default=HERE / "results", metavar="FOLDER")
    parser.add_argument("--table", action="store_true", help="run nothing")
    options = parser.parse_args()
    known = [run.script for run in RUNS]
    unknown = sorted(set(options.names) - set(known))
    if unknown:
        parser.error(f"no script {', '.join(unknown)}; there are {', '.join(known)}")
    runs = [run for run in RUNS if not options.names or run.script in options.names]
    options.results.mkdir(parents=True, exist_ok=True)
    failed = [] if options.table else run_all(runs, options)
    print_table([options.results / f"{run.script}.json" for run in runs])
    for script in failed:
        print(f"FAILED: {script}")
    sys.exit(1 if failed else 0)


def run_all(runs: Sequence[Run], options: argparse.Namespace) -> list[str]:
    """Runs the scripts in their order; the names of those that failed."""
    failed = []
    with (
        tempfile.TemporaryDirectory() as name,
        large_archive(runs, options, Path(name)) as archive,
    ):
        for run in runs:
            arguments = run.complete if options.all else run.usual
            if arguments is None and not options.names:
                print(f"== {run.script}: only with --all", flush=True)
                continue
            command = [str(HERE / f"{run.script}.py"), *(arguments or run.complete).split()]
            if run.large:
                command += ["--folder", str(archive)]
            if not run_one(command, options.results / f"{run.script}.json"):
                failed.append(run.script)
    return failed


def run_one(command: Sequence[str], result: Path) -> bool:
    """Runs a script; whether it succeeded."""
    script, *arguments = command
    print(f"== {Path(script).stem} {' '.join(arguments)}".rstrip(), flush=True)
    began = monotonic()
    result.unlink(missing_ok=True)
    finished = subprocess.run([sys.executable, *command, "--json", str(result)], check=False)
    print(f"   {monotonic() - began:.0f} s", flush=True)
    return finished.returncode == 0


@contextmanager
def large_archive(
    runs: Sequence[Run], options: argparse.Namespace, folder: Path
) -> Iterator[Path | None]:
    """The archive for the scripts that need one; None if none of them does."""
    if not any(run.large for run in runs):
        yield None
        return
    archive = folder / "archive"
    if options.archive is not None:
        shutil.copytree(options.archive, archive)
    else:
        articles = 1_000_000 if options.all else 100_000
        print(f"== generating an archive of {articles:,} articles", flush=True)
        command = [sys.executable, str(HERE / "seeding.py"), str(archive)]
        subprocess.run([*command, "--articles", str(articles)], check=True)
    yield archive


def print_table(results: Sequence[Path]) -> None:
    """Prints all figures, and which scripts measured nothing."""
    rows = []
    for path in results:
        if not path.is_file():
            continue
        result: dict[str, Any] = json.loads(path.read_text("utf-8"))
        script = result["script"]
        if result["skipped"]:
            rows.append((script, f"not measured: {result['skipped']}", ""))
        for figure in result["figures"]:
            rows.append((script, figure["name"], value_text(figure)))
    if not rows:
        print("no results yet: run make bench")
        return
    script_width = max(len(script) for script, _, _ in rows)
    name_width = max(len(name) for _, name, _ in rows)
    print()
    for script, name, value in rows:
        print(f"{script:{script_width}}  {name:{name_width}}  {value}".rstrip())


if __name__ == "__main__":
    main()
