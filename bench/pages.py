"""Site files against real saved pages: every field that a careful reader read, per site.

    python bench/pages.py [--pages ../shared/pages] [--misses] [--json FILE] [SITE...]

The pages are third-party material and no part of this project; where their folder is not there, nothing is measured.
`--misses` prints expected and found for every field that is not right.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from parts.results import Figure, arguments, measuring

from newscrawl.core.errors import PageRejected
from newscrawl.core.records import Page, Teaser
from newscrawl.core.times import to_utc_text
from newscrawl.extract import extract_article, extract_listing
from newscrawl.extract.as_json import article_to_dict
from newscrawl.extract.refine import clean_listing, read_listing_times, refine
from newscrawl.sites.loading import available_sites, load_site
from newscrawl.sites.site import Site

FIELDS = (
    "title",
    "published",
    "authors",
    "summary",
    "category",
    "tags",
    "first",
    "last",
    "related",
    "items",
)
MUST = ("title", "published", "first", "last")
OTHERS = tuple(field for field in FIELDS if field not in MUST)
NO_SITE = {"kpl", "soha"}  # a miniature and a front page: no site file
OTHER_KINDS = {"recommended", "topic"}  # boxes that truth files tell apart
FOLDERS = {"zing": "znews"}  # the site's name of today


def plain(value: object) -> object:
    """NFC with spaces collapsed, as the truth files are written."""
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFC", value).split())
    return [plain(one) for one in value] if isinstance(value, list) else value


def minute(value: str | None) -> str | None:
    """A time to the minute; a date alone stays one."""
    return value[:16] if value else None


def of_article(
    site: Site, truth: dict[str, Any], body: bytes
) -> Iterator[tuple[str, object, object]]:
    """(field, expected, found) of an article page."""
    page = Page(site.canonical_url(truth["url"]), body)
    found = article_to_dict(refine(extract_article(site, page), site, None))
    paragraphs = str(found["body"] or "").split("\n\n")
    yield "title", truth["title"], found["title"]
    yield (
        "published",
        minute(truth["published"]),
        minute(str(found["published_local"] or "") or None),
    )
    for field in ("authors", "summary", "category", "tags"):
        if field in truth:
            yield field, truth[field], found[field]
    if truth.get("first_paragraph") is not None:
        yield "first", truth["first_paragraph"], paragraphs[0]
        yield "last", truth["last_paragraph"], paragraphs[-1]
    links: Any = found["links"]
    expected, got = (
        [_known_kind(one) for one in truth.get("related") or []],
        [link for link in links if link["kind"] != "inline"],
    )
    kinds = sorted({one["kind"] for one in expected} | {one["kind"] for one in got})
    for kind in kinds:
        yield (
            "related",
            [named(site, page.url, one) for one in expected if one["kind"] == kind],
            [named(site, page.url, one) for one in got if one["kind"] == kind],
        )


def named(site: Site, base: str, link: dict[str, Any]) -> list[object]:
    """A link as its title and the article it leads to."""
    return [plain(link["title"]), site.article_key(urljoin(base, link["url"]))]


def _known_kind(link: dict[str, Any]) -> dict[str, Any]:
    """Boxes that recommend are `related` here; addresses of old pages have no host."""
    return link | {"kind": "related" if link["kind"] in OTHER_KINDS else link["kind"]}


def of_listing(
    site: Site, truth: dict[str, Any], body: bytes
) -> Iterator[tuple[str, object, object]]:
    """The same of a category page: its items in order, each once."""
    listing = extract_listing(site, Page(site.canonical_url(truth["url"]), body))
    entries = read_listing_times(clean_listing(listing), site, None).entries
    expected = [one for one in truth["items"] if not one.get("duplicate_of_earlier_item")]
    found: dict[str, Teaser] = {}
    for entry in entries:
        found.setdefault(entry.teaser.key, entry.teaser)
    groups: dict[str, list[str | None]] = defaultdict(
        list
    )  # a truth file lists the page box by box
    for one in expected:
        groups[one.get("block") or ""].append(site.article_key(one["url"]))
    keys = {key for group in groups.values() for key in group}
    yield "items", sorted(map(str, keys)), sorted(found)
    for group in groups.values():
        yield "items", list(dict.fromkeys(group)), [key for key in found if key in group]
    for one in expected:
        teaser = found.get(site.article_key(one["url"]) or "")
        if teaser is None:
            continue
        yield "title", one["title"], teaser.title
        yield "summary", one.get("summary"), teaser.summary
        if one.get("published"):
            stamp = teaser.published
            yield "published", minute(one["published"]), minute(stamp.local if stamp else None)
            if stamp and stamp.utc:
                assert to_utc_text(stamp.utc).endswith("Z")


def compare(site: Site, file: Path, truth: dict[str, Any]) -> Iterator[tuple[str, object, object]]:
    """What a page's truth file says, and what was read; a page that is refused has read nothing."""
    body = file.read_bytes()
    read = of_listing if "items" in truth else of_article
    try:
        yield from read(site, truth, body)
    except PageRejected as error:
        if truth.get("is_article") is False:
            yield "title", None, None
        else:
            yield from ((field, "an article", error.code) for field in FIELDS[:-1])


def main() -> None:
    """Prints the table."""
    words = arguments(__doc__)
    words.add_argument("sites", nargs="*", metavar="SITE")
    words.add_argument("--pages", type=Path, default=Path(__file__).parents[2] / "shared" / "pages")
    words.add_argument("--misses", action="store_true")
    asked = words.parse_args()
    with measuring(asked) as found:
        if not asked.pages.is_dir():
            found.nothing("no folder of saved pages (--pages)")
            return
        right = read_all(asked.pages, asked.sites, misses=asked.misses)
        print_table(right)
        marks = {
            field: [mark for fields in right.values() for mark in fields.get(field, [])]
            for field in FIELDS
        }
        for name, fields in (
            ("title, published, first and last paragraph", MUST),
            ("other fields", OTHERS),
        ):
            both = [mark for field in fields for mark in marks[field]]
            found.add(Figure(f"saved pages, {name}: right", sum(both), f"of {len(both)}"))


def read_all(
    folder: Path, sites: Sequence[str], *, misses: bool
) -> dict[str, dict[str, list[bool]]]:
    """Which values are right, by site and field; `misses` prints those that are not."""
    right: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for file in sorted(folder.glob("*/*.html")):
        truth_file = file.with_suffix(".truth.json")
        name = FOLDERS.get(file.parent.name, file.parent.name)
        if not truth_file.exists() or name in NO_SITE or (sites and name not in sites):
            continue
        if name not in available_sites():
            print(f"{file.name}: no site file {name}", file=sys.stderr)
            continue
        truth = json.loads(truth_file.read_text("utf-8"))
        if "url" not in truth:
            truth["url"] = f"https://{load_site(name).domain}/x-{truth.get('requested_id', 1)}.html"
        for field, expected, found in compare(load_site(name), file, truth):
            same = (plain(expected) or None) == (plain(found) or None)
            right[name][field].append(same)
            if misses and not same:
                print(
                    f"{file.stem} {field}\n   expected {str(plain(expected))[:300]}\n   found    {str(found)[:300]}"
                )
    return right


def print_table(right: dict[str, dict[str, list[bool]]]) -> None:
    """A row per site: right of all, field by field."""
    rows: list[tuple[str, ...]] = [("site", *FIELDS)]
    total: dict[str, list[bool]] = defaultdict(list)
    for name, fields in sorted(right.items()):
        for field, marks in fields.items():
            total[field] += marks
        rows.append((name, *(share(fields.get(field, [])) for field in FIELDS)))
    rows.append(("all", *(share(total[field]) for field in FIELDS)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def share(marks: list[bool]) -> str:
    """`3/4`, or `-` where there is nothing to compare."""
    return f"{sum(marks)}/{len(marks)}" if marks else "-"


if __name__ == "__main__":
    main()
