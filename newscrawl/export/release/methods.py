"""What a release says about how it was made, in figures that are counted and words that hold for every archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from newscrawl.core.text import counted
from newscrawl.core.version import VERSION
from newscrawl.export.release.citation import Citation
from newscrawl.reports.completeness import Report

FILES = """\
| File | Holds |
|---|---|
| `newscrawl.db` | all of it as one SQLite database; `newscrawl --archive DIR search WORDS` reads it too |
| `csv/` | the same as tables; `datapackage.json` describes their columns and types |
| `parquet/` | the tables with their types, as Parquet; not there where pyarrow was not installed |
| `schema.sql`, `data-dictionary.md` | the database's schema, and what each table and column means |
| `sites/` | the site files that read the pages; `versions.json` has their hashes and the versions of the program |
| `robots/` | the robots.txt files as they were fetched; `robots/index.csv` says when and where |
| `coverage.json` | how many articles have each field, and how complete the archive is by site and day |
| `csv/problems.csv` | what could not be fetched or read, and why |
| `SHA256SUMS` | the sum of every file: `sha256sum -c SHA256SUMS` |
"""
WITHOUT_TEXTS = """\
## The texts

This release has no texts: bodies, standfirsts and teasers' descriptions are left out, headlines are not. Each article
keeps its address, the hash of its text and the place of its raw page (file, offset, length, digest).
`csv/removed-texts.csv` has the hash of every text. Who has raw pages of these articles can fill the texts in, and only
the very same ones:

    newscrawl rehydrate DIR --from-warc WARC-FOLDER -o OUT
"""


def methods(facts: Mapping[str, Any], reports: Sequence[Report]) -> str:
    """The paragraph for a paper's methods section."""
    counts, sites = facts["counts"], facts["sites"]
    crawled = [site for site in sites if site["crawls"]]
    names = ", ".join(f"{site['name']} ({site['domain']})" for site in sites)
    days = [
        row[edge] for row in facts["coverage"] for edge in ("first_day", "last_day") if row[edge]
    ]
    parts = [f"Pages of {names} were collected with newscrawl"]
    if crawled:
        runs = sum(site["crawls"] for site in crawled)
        first = min(site["first_crawl"] for site in crawled)[:10]
        last = max(site["last_crawl"] for site in crawled)[:10]
        parts[0] += (
            f" ({', '.join(facts['versions']['crawled_by'])}) in {counted(runs, 'crawl')} from {first} to {last}"
        )
    parts[0] += "."
    parts.append(
        f"The dataset holds {counted(counts['read'], 'article')}"
        + (f" published from {min(days)} to {max(days)}" if days else "")
        + f", {counted(counts['revisions'], 'revision')} of them, {counted(counts['links'], 'link')} between articles"
        f" and {counted(counts['listings'], 'place')} on category pages as they were seen."
    )
    parts.append(
        "Publication times are those that the pages print, read strictly; where a page gives none, the field is empty."
        " Texts were extracted by templates written for each site, which are part of the dataset."
    )
    parts += [_complete(report) for report in reports]
    parts.append(
        f"{counted(counts['problems'], 'problem')} of fetching and reading are listed with their reasons."
    )
    return " ".join(parts)


def _complete(report: Report) -> str:
    said = f"Of {report.site}, {report.stored:,} of {report.known:,} articles that were heard of were read"
    if report.estimate is not None and not report.estimate.weak:
        found = report.estimate
        said += (
            f"; category pages and {report.channel}s, taken as independent searches, give {found.total:,.0f} articles"
            f" (95 % interval {found.low:,.0f} to {found.high:,.0f}; Chapman's estimator by days)"
        )
    return said + "."


def readme(citation: Citation, paragraph: str, *, with_texts: bool) -> str:
    """README.md of a release."""
    names = "; ".join(citation.authors)
    head = f"# {citation.title}\n\n{names}. Version {citation.version}, {citation.released.isoformat()}."
    terms = f" License: {citation.license}." if citation.license else ""
    parts = [
        head + terms + " `CITATION.cff` says how to cite it.\n",
        f"## Methods\n\n{paragraph}\n",
        f"## Files\n\n{FILES}",
    ]
    if not with_texts:
        parts.append(WITHOUT_TEXTS)
    parts.append(
        f"Made by newscrawl {VERSION}. The same archive gives the same files, byte for byte, on the same date.\n"
    )
    return "\n".join(parts)
