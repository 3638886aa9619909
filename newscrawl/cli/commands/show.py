"""`newscrawl show`: one article, readable."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import click

from newscrawl.cli.app import App
from newscrawl.cli.lookup import find_article
from newscrawl.cli.output import binary_stdout, on_terminal, show_json, show_table
from newscrawl.cli.output import show as show_line
from newscrawl.core.errors import UsageError
from newscrawl.core.folder import ArchiveFolder

EPILOG = """\b
Examples:
  newscrawl show 267849
  newscrawl show https://bnews.vn/any-words/267849.html --explain
"""

WIDEST = 100  # characters a line: longer ones are hard to read
# What show --explain tells the origin of; the rest is the archive's own book-keeping.
EXPLAINED = (
    "title",
    "summary",
    "body",
    "authors",
    "category",
    "tags",
    "published",
    "modified",
    "image",
    "language",
)
VALUES = {"published": "published_local", "modified": "modified_at", "image": "image_url"}
STATES = {
    "stub": "a stub: known from links and listings only, its page was not read",
    "failed": "its page could not be read: see newscrawl problems",
    "blocked": "the site refused its page",
    "degraded": "held back: its page looked wrong",
    "gone": "no longer on the site",
}


@click.command(epilog=EPILOG)
@click.argument("article", metavar="ID-OR-URL")
@click.option("--explain", is_flag=True, help="Say where on the page each field came from.")
@click.option("--revisions", is_flag=True, help="List the article's revisions.")
@click.option("--html", is_flag=True, help="Print the raw page, as it was received.")
@click.option("--json", "as_json", is_flag=True, help="Print everything that is known as JSON.")
@click.pass_obj
def show(app: App, article: str, explain: bool, revisions: bool, html: bool, as_json: bool) -> None:
    """Print one article.

    ID is the site's own article id, SITE/ID where two sites share it, or #n for the archive's row n. A URL may
    be any address of the article, also one with other words in it.
    """
    if html and (explain or revisions or as_json):
        raise UsageError(
            "--html prints the raw page and nothing else", "leave out the other options"
        )
    with app.reader() as reader:
        found = reader.article(find_article(app, reader, article).id)
    if html:
        binary_stdout().write(_raw_page(app, found))
    elif as_json:
        show_json(found)
    elif revisions or explain:
        if revisions:
            columns = ("revision", "fetched_at", "modified_at", "title", "template")
            show_table(columns, [[row[name] for name in columns] for row in found["revisions"]])
        if explain:
            _explain(found)
    else:
        for line in article_lines(found):
            show_line(line)


def _raw_page(app: App, found: Mapping[str, Any]) -> bytes:
    """The bytes of the page that the newest revision was read from, free of content-encoding."""
    from newscrawl.warc import read_at

    capture = found["capture"]
    if app.is_release:
        raise UsageError(
            f"{app.archive} is a release: raw pages are no part of it",
            "ask the archive it was made of",
        )
    if capture is None or capture["warc_file"] is None:
        name = f"{found['site']}/{found['key']}"
        raise UsageError(
            f"the archive has no raw page of {name}", "it was never read, or crawled with --no-warc"
        )
    return read_at(
        ArchiveFolder(app.archive).warc,
        capture["warc_file"],
        capture["warc_offset"],
        capture["warc_length"],
    ).body


def article_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The article as a person reads it."""
    yield from _wrapped(found["title"] or "(no title)")
    yield from _facts(found)
    if found["state"] in STATES:
        yield ""
        yield (
            f"This article is {STATES[found['state']]}."
            if found["state"] == "stub"
            else f"{found['state']}: {STATES[found['state']]}"
        )
    if found["summary"]:
        yield ""
        yield from _wrapped(found["summary"])
    for paragraph in (found["body"] or "").split("\n\n"):
        if paragraph:
            yield ""
            yield from _wrapped(paragraph)
    yield ""
    yield _links(found)
    yield from _elsewhere(found)
    yield from (
        f"Problem: {row['code']} ({row['field'] or row['stage']}): {row['message']}"
        for row in found["problems"]
    )


def when(found: Mapping[str, Any]) -> str:
    """The publication time: local, then UTC; or what the page printed where it could not be read."""
    if found["published_local"] is None:
        return (
            f"not known (the page says {found['published_raw']!r})"
            if found["published_raw"]
            else "not known"
        )
    local = found["published_local"].replace("T", " ")
    if found["published_at"]:
        return f"{local} ({found['published_at']})"
    return f"{local} ({'its time zone is not known' if ':' in local else 'no time of day'})"


def _facts(found: Mapping[str, Any]) -> Iterator[str]:
    facts = {
        "Article": f"{found['site']}/{found['key']}  #{found['id']}",
        "Category": found["category"],
        "Authors": ", ".join(found["authors"]),
        "Published": when(found),
        "Modified": found["modified_at"],
        "Tags": ", ".join(found["tags"]),
        "URL": found["url"],
        "Read": f"{found['fetched_at']}, revision {found['revision']}"
        if found["revision"]
        else None,
        "Gone": found["gone_at"],
    }
    yield from (f"{name + ':':<11}{value}" for name, value in facts.items() if value)


def _links(found: Mapping[str, Any]) -> str:
    out, into = found["links"]["out"], found["links"]["in"]
    kinds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in out.items())
    return (
        f"Links: {sum(out.values())} out{f' ({kinds})' if kinds else ''}, {sum(into.values())} in"
    )


def _elsewhere(found: Mapping[str, Any]) -> Iterator[str]:
    """One line about the articles with the same text, where there are any."""
    if same := found["duplicates"]:
        names = ", ".join(
            f"{row['site']}/{row['key']} ({row['similarity']:.0%})" for row in same[:3]
        )
        more = f" and {len(same) - 3:,} more" if len(same) > 3 else ""
        yield f"The same text elsewhere: {names}{more}"


def _wrapped(text: str) -> list[str]:
    if not on_terminal():
        return [text]
    return textwrap.wrap(
        text, min(WIDEST, shutil.get_terminal_size().columns), break_on_hyphens=False
    ) or [""]


def _explain(found: Mapping[str, Any]) -> None:
    provenance = dict(found["provenance"])
    names = [*EXPLAINED, *sorted(set(provenance) - set(EXPLAINED))]
    rows = []
    for name in names:
        value = found.get(VALUES.get(name, name))
        if name in provenance or value not in (None, "", []):
            rows.append((name, _short(value), provenance.get(name, _other_source(name, found))))
    show_table(["field", "value", "from"], rows)
    template = (
        f"template {found['template']}"
        if found["template"]
        else "no template: its page was not read"
    )
    show_line(f"{found['site']}/{found['key']}: {template}")
    if capture := found["capture"]:
        show_line(f"page: {capture['url']}, fetched {capture['fetched_at']}")
        if capture["warc_file"]:
            show_line(
                f"raw: {capture['warc_file']}, {capture['warc_length']} bytes at {capture['warc_offset']}"
            )


def _other_source(name: str, found: Mapping[str, Any]) -> str:
    """Where a field without a place on the article's page came from."""
    if name == "published" and found["published_source"]:
        return str(found["published_source"])
    return "links and listings" if found["revision"] == 0 else "not noted"


def _short(value: object) -> str:
    text = (
        ", ".join(map(str, value))
        if isinstance(value, list)
        else ""
        if value is None
        else str(value)
    )
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
