"""A second crawl of a site on which nothing has changed: how many requests, and what they are answered with.

    python bench/recrawl.py [--articles 600] [--json FILE]

newsite.py of ../shared has ten categories and counts what it is asked for; without it nothing is measured.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from urllib.request import urlopen

from parts.processes import NEWSCRAWL, in_memory, run
from parts.results import Figure, Found, arguments, measuring
from parts.target import NEWSITE, Target, serving

KINDS = (
    "robots",
    "category",
    "article",
    "rss",
    "sitemap",
    "home",
    "missing",
    "fault",
)  # newsite's words


def asked_for(target: Target) -> Counter[str]:
    """What the site has been asked for so far, by kind; `304` and `bytes` beside them."""
    with urlopen(f"{target.base_url}/__stats") as answer:
        return Counter(json.load(answer))


def crawl(target: Target, archive: Path) -> Counter[str]:
    """What one crawl asks for."""
    before = asked_for(target)
    command = [
        *NEWSCRAWL,
        "--archive",
        str(archive),
        "crawl",
        target.site,
        "--base-url",
        target.base_url,
    ]
    run([*command, "--set", "DOWNLOAD_DELAY=0", "--quiet"])
    return asked_for(target) - before


def report(found: Found, name: str, counts: Counter[str], promised: dict[str, int]) -> None:
    """Requests by kind, and the answers without a body."""
    requests = sum(counts[kind] for kind in KINDS)
    found.add(Figure(f"{name} crawl: requests", requests, "", at_most=promised.get("requests")))
    for kind in KINDS:
        if counts[kind] or kind in promised:
            found.add(
                Figure(
                    f"{name} crawl: requests, {kind}", counts[kind], "", at_most=promised.get(kind)
                )
            )
    found.add(Figure(f"{name} crawl: answers 304", counts["304"], "", at_least=promised.get("304")))
    found.add(
        Figure(
            f"{name} crawl: bodies", counts["bytes"] / 1000, "kB", at_most=promised.get("bodies")
        )
    )


def main() -> None:
    """Measures."""
    words = arguments(__doc__)
    words.add_argument("--articles", type=int, default=600)
    asked = words.parse_args()
    with measuring(asked) as found:
        if not NEWSITE.is_file():
            found.nothing("no site/newsite.py in ../shared")
            return
        with tempfile.TemporaryDirectory(dir=in_memory()) as name:
            folder = Path(name)
            with serving(asked.articles, folder) as target:
                report(found, "first", crawl(target, folder / "archive"), {})
                report(found, "second", crawl(target, folder / "archive"),
                       {"requests": 11, "article": 0, "304": 10, "bodies": 1})  # fmt: skip


if __name__ == "__main__":
    main()
