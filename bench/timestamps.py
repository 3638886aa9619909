"""Damaged times: of each kind of damage, how many strings gave the right instant, none, or a wrong one.

    python bench/timestamps.py [--count 10000] [--seed 20260905] [--json FILE]

The strings and their answers are those of tests/support/time_mutations.py; exit code 1 where an instant is wrong.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from parts.results import Figure, arguments, measuring

sys.path.insert(0, str(Path(__file__).parents[1]))

from newscrawl.core.times import parse_time
from newscrawl.sites.loading import load_site
from tests.support.time_mutations import COUNT, FAMILIES, SEED, Case, is_right, mutations

ANSWERS = ("right", "none", "wrong")


def answer(case: Case) -> str:
    """What newscrawl makes of a case; a wrong instant is printed."""
    site = load_site(case.site)
    stamp = parse_time(case.text, formats=site.formats, zone=site.zone)
    if stamp.utc is None:
        return "none"
    if is_right(case, stamp.utc):
        return "right"
    print(
        f"wrong: {case.text!r} on {case.site} is {stamp.local}, expected {case.reading}",
        file=sys.stderr,
    )
    return "wrong"


def main() -> None:
    """Prints the table."""
    words = arguments(__doc__)
    words.add_argument("--count", type=int, default=COUNT)
    words.add_argument("--seed", type=int, default=SEED)
    asked = words.parse_args()
    with measuring(asked) as found:
        counts = Counter((case.family, answer(case)) for case in mutations(asked.count, asked.seed))
        print(f"{'damage':<22}" + "".join(f"{one:>8}" for one in ANSWERS))
        for family in dict.fromkeys(one.__name__ for one in FAMILIES):
            print(f"{family:<22}" + "".join(f"{counts[family, one]:>8}" for one in ANSWERS))
        for one in ANSWERS:
            total = sum(count for (_, given), count in counts.items() if given == one)
            wanted = 0 if one == "wrong" else None
            found.add(Figure(f"damaged times: {one}", total, f"of {asked.count:,}", at_most=wanted))
    sys.exit(0 if all(figure.met is not False for figure in found.figures) else 1)


if __name__ == "__main__":
    main()
