"""Exports of a big made-up archive: time against `sqlite3 -csv` on the same rows, and memory at two sizes.

    python bench/export.py [--articles 100000] [--folder FOLDER] [--form csv] [--quick] [--json FILE]

`--folder` names an archive that seeding.py made. Ratios are medians of 5 runs (1 with --quick), the baseline before
each, in CPU seconds and on the clock; all write to a file. What is wanted is held against CPU, which other programs
disturb less.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from parts.processes import NEWSCRAWL, run
from parts.results import Figure, Found, arguments, in_median, measuring

from newscrawl.store.connection import open_reader

FORMS = ("csv", "jsonl", "parquet")
SMALL = 10_000
BASELINE = "sqlite3 -csv on the same rows"
ROWS = "SELECT * FROM export_articles WHERE revision > 0 ORDER BY id"


def ours(archive: Path, form: str) -> list[str]:
    """The command that exports articles."""
    return [*NEWSCRAWL, "--archive", str(archive), "export", "articles", "--format", form]


def made(folder: Path, articles: int) -> Path:
    """The archive of that size, made. Without full text, which no export reads.

    In a process of its own: a child's memory counts from that of the process which starts it.
    """
    archive = folder / f"articles-{articles}"
    seeding = [
        sys.executable,
        str(Path(__file__).with_name("seeding.py")),
        str(archive),
        "--no-full-text",
    ]
    run([*seeding, "--articles", str(articles)])
    return archive


def exported(archive: Path) -> int:
    """How many articles an export of it has."""
    with closing(open_reader(archive)) as db:
        return int(db.execute("SELECT count(*) FROM articles WHERE revision > 0").fetchone()[0])


def measure(found: Found, archive: Path, folder: Path, forms: Sequence[str], rounds: int) -> None:
    """The ratios and the memory."""
    small, out, articles = made(folder, SMALL), folder / "out", exported(archive)
    command = ["sqlite3", "-csv", "-header", str(archive / "newscrawl.db"), ROWS]
    run(command, out)
    for form in forms:
        pairs = [(run(command, out), run(ours(archive, form), out)) for _ in range(rounds)]
        name = f"{form} of {articles:,} articles"
        promised = form == "csv" and articles >= 100_000  # below, the start weighs
        clock, cpu = (
            [own.wall / base.wall for base, own in pairs],
            [own.cpu / base.cpu for base, own in pairs],
        )
        found.add(in_median(f"{name}: time", clock, "x", BASELINE))
        found.add(in_median(f"{name}: CPU", cpu, "x", BASELINE, at_most=0.75 if promised else None))
        most = max(own.memory for _, own in pairs)
        found.add(Figure(f"{name}: memory", most, "MB", at_most=60 if promised else None))
        found.add(
            Figure(
                f"{form} of {SMALL:,} articles: memory", run(ours(small, form), out).memory, "MB"
            )
        )
    found.add(
        in_median(f"sqlite3 -csv of {articles:,} articles", [base.wall for base, _ in pairs], "s")
    )
    found.add(Figure(f"sqlite3 -csv of {articles:,} articles: memory", pairs[0][0].memory, "MB"))


def main() -> None:
    """Makes the archives, measures, and takes them away again."""
    words = arguments(__doc__)
    words.add_argument("--articles", type=int, default=100_000)
    words.add_argument("--folder", type=Path, help="an archive that seeding.py made")
    words.add_argument(
        "--form", action="append", choices=FORMS, help="only this one; may be given again"
    )
    words.add_argument("--quick", action="store_true")
    asked = words.parse_args()
    with measuring(asked) as found:
        if shutil.which("sqlite3") is None:
            found.nothing("sqlite3 is not here (apt install sqlite3)")
            return
        with tempfile.TemporaryDirectory() as folder:
            archive = asked.folder or made(Path(folder), asked.articles)
            measure(found, archive, Path(folder), asked.form or FORMS, 1 if asked.quick else 5)


if __name__ == "__main__":
    main()
