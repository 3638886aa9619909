"""Describes how a release was made: a paragraph for a paper's methods section, and README.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from newscrawl.core.text import counted
from newscrawl.core.version import VERSION
from newscrawl.export.release.citation import Citation
from newscrawl.export.release.croissant import published_period
from newscrawl.reports.completeness import Report
from newscrawl.store.filters import Filter

DATE_LENGTH = len("2026-09-01")
FILES = """\
| File | Contents |
|---|---|
| `newscrawl.db` | everything as one SQLite database; try `newscrawl --archive DIR search WORDS` |
| `csv/` | the same as tables; `datapackage.json` describes their columns, types and keys |
| `parquet/` | the tables as typed Parquet; missing if pyarrow was not installed |
| `croissant.json`, `dataset.jsonld` | the dataset for machine-learning tools (Croissant) and for \
search engines (schema.org) |
| `schema.sql`, `data-dictionary.md` | the schema of the database, and the meaning of each column |
| `sites/` | the site files that read the pages; `versions.json` has hashes and program versions |
| `robots/` | the robots.txt files as fetched; `robots/index.csv` lists when and where |
| `coverage.json` | how many articles have each field, and completeness by site and day |
| `csv/problems.csv` | what could not be fetched or read, and why |
| `SHA256SUMS` | the hash of every file: `sha256sum -c SHA256SUMS` |
"""
WITHOUT_TEXTS = """\
## The texts

This release has no texts: bodies, standfirsts and the descriptions of teasers are left out,
headlines are kept. Each article has its address, the hash of its text and the location of its raw
page (file, offset, length, digest). `csv/removed-texts.csv` lists the hash of every text. With raw
pages of these articles you can fill in the texts. Only texts with the same hash are accepted:

    newscrawl rehydrate DIR --from-warc WARC-FOLDER -o OUT
"""


def methods(facts: Mapping[str, Any], reports: Sequence[Report], only: Filter) -> str:
    """The paragraph for a paper's methods section; `only` is what was selected."""
    counts = facts["counts"]
    sentences = [
        _collected(facts),
        *_selection(only),
        f"The dataset contains {counted(counts['read'], 'article')}{_period(facts)},"
        f" {counted(counts['revisions'], 'revision')} of them,"
        f" {counted(counts['links'], 'link')} between articles"
        f" and {counted(counts['listings'], 'position')} on category pages as they were seen.",
        "Publication times are those printed on the pages, parsed strictly;"
        " if a page has none, the field is empty.",
        "Texts were extracted by templates written for each site, which are part of the dataset.",
    ]
    sentences += [_completeness(report) for report in reports]
    if unmeasured := not_measured(facts, reports):
        sentences.append(
            f"The completeness of {', '.join(unmeasured)} was not measured,"
            " because there is no site file."
        )
    sentences.append(
        f"{counted(counts['problems'], 'problem')} in fetching and reading pages are listed"
        " with their reasons."
    )
    return " ".join(sentences)


def not_measured(facts: Mapping[str, Any], reports: Sequence[Report]) -> list[str]:
    """The names of the sites of the dataset without a report on completeness."""
    measured = {report.site for report in reports}
    return [site["site"] for site in facts["sites"] if site["site"] not in measured]


def _collected(facts: Mapping[str, Any]) -> str:
    names = ", ".join(f"{site['name']} ({site['domain']})" for site in facts["sites"])
    sentence = f"Pages of {names} were collected with newscrawl"
    crawled = [site for site in facts["sites"] if site["crawls"]]
    if crawled:
        versions = ", ".join(facts["versions"]["crawled_by"])
        crawls = sum(site["crawls"] for site in crawled)
        first = min(site["first_crawl"] for site in crawled)[:DATE_LENGTH]
        last = max(site["last_crawl"] for site in crawled)[:DATE_LENGTH]
        sentence += f" ({versions}) in {counted(crawls, 'crawl')} from {first} to {last}"
    return sentence + "."


def _selection(only: Filter) -> list[str]:
    """A sentence on what was selected; none if that is everything."""
    chosen = []
    for name, value in asdict(only).items():
        if value is None:
            continue
        text = f"{name.replace('_', ' ')}: {value}"
        chosen.append(text + _understood(only) if name == "search" else text)
    return [f"Articles were selected by {'; '.join(chosen)}."] if chosen else []


def _understood(only: Filter) -> str:
    """How the query was read, if it is not what was typed."""
    if only.note:
        return f" (searched as: {only.understood}; {only.note})"
    return "" if only.understood == only.search else f" (searched as: {only.understood})"


def _period(facts: Mapping[str, Any]) -> str:
    """The days on which the articles were published; empty if none is known."""
    period = published_period(facts)
    return f" published from {period[0]} to {period[1]}" if period else ""


def _completeness(report: Report) -> str:
    sentence = f"Of {report.known:,} known articles of {report.site}, {report.stored:,} were read"
    estimate = report.estimate
    if estimate is not None and not estimate.weak:
        sentence += (
            f"; category pages and {report.channel}s as independent searches give an estimate of"
            f" {estimate.total:,.0f} articles"
            f" (95 % interval {estimate.low:,.0f} to {estimate.high:,.0f};"
            " Chapman's estimator, stratified by day)"
        )
    return sentence + "."


def readme(citation: Citation, paragraph: str, *, with_texts: bool) -> str:
    """README.md of a release."""
    authors = "; ".join(citation.authors)
    released = citation.released.isoformat()
    introduction = f"{authors}. Version {citation.version}, {released}."
    if citation.license:
        introduction += f" License: {citation.license}."
    introduction += " To cite it, see `CITATION.cff`."
    parts = [
        f"# {citation.title}\n\n{introduction}\n",
        f"## Methods\n\n{paragraph}\n",
        f"## Files\n\n{FILES}",
    ]
    if not with_texts:
        parts.append(WITHOUT_TEXTS)
    parts.append(
        f"Made by newscrawl {VERSION}. On the same date, the same archive gives the same files,"
        " byte for byte.\n"
    )
    return "\n".join(parts)
