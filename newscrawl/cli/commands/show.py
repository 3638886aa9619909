"""`newscrawl show`: one article."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import click

from newscrawl.cli.app import App
from newscrawl.cli.lookup import find_article
from newscrawl.cli.options import json_option
from newscrawl.cli.output import binary_stdout, on_terminal, show_json, show_table
from newscrawl.cli.output import show as show_line
from newscrawl.core.errors import UsageError
from newscrawl.core.folder import ArchiveFolder

EPILOG = """\b
Examples:
  newscrawl show 267849
  newscrawl show https://bnews.vn/any-words/267849.html --explain
"""

WIDEST = 100  # characters per line: longer lines are hard to read
LONGEST_VALUE = 60  # characters of a value in the table of --explain
NAMED_DUPLICATES = 3
REVISION_COLUMNS = ("revision", "fetched_at", "modified_at", "title", "template")
# The fields that --explain always lists; the others only if a page gave them.
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
# Field -> the name of its value, where that is another.
VALUES = {"published": "published_local", "modified": "modified_at", "image": "image_url"}
STATES = {
    "stub": "This article is a stub: it is known only from links and listings.",
    "failed": "The page of this article could not be read (see: newscrawl problems).",
    "blocked": "The site refused to send the page of this article.",
    "degraded": "This article is in quarantine:"
    " its page lacks fields that the site's pages usually have.",
    "gone": "This article is no longer on the site.",
}


@click.command(epilog=EPILOG)
@click.argument("article", metavar="ID-OR-URL")
@click.option("--explain", is_flag=True, help="Print where on the page each field was found.")
@click.option("--revisions", is_flag=True, help="List the revisions of the article.")
@click.option("--html", is_flag=True, help="Print the raw page as it was received.")
@json_option("Print everything that is known about the article as JSON.")
@click.pass_obj
def show(
    app: App, /, *, article: str, explain: bool, revisions: bool, html: bool, as_json: bool
) -> None:
    """Print one article.

    ID is the article's id on its site; write SITE/ID if several sites use the same id, or #N for
    row N of the archive. URL may be any of the article's URLs. The slug of a
    URL that contains the id is ignored.
    """
    if html and (explain or revisions or as_json):
        raise UsageError("--html prints nothing but the raw page", "remove the other options")
    with app.reader() as reader:
        found = reader.article(find_article(app, reader, article).id)
    if html:
        binary_stdout().write(_raw_page(app, found))
        return
    if as_json:
        show_json(found)
        return
    if revisions:
        rows = [[row[name] for name in REVISION_COLUMNS] for row in found["revisions"]]
        show_table(REVISION_COLUMNS, rows)
    if explain:
        _explain(found)
    if not revisions and not explain:
        for line in article_lines(found):
            show_line(line)


def _raw_page(app: App, article: Mapping[str, Any]) -> bytes:
    """The page from which the newest revision was read, without content-encoding."""
    from newscrawl.warc import read_at

    if app.is_release:
        raise UsageError(
            f"{app.archive} is a release, which contains no raw pages",
            "use the archive from which the release was made",
        )
    capture = article["capture"]
    if capture is None or capture["warc_file"] is None:
        raise UsageError(
            f"the archive has no raw page of {article['site']}/{article['key']}",
            "the page was never read, or was crawled with --no-warc",
        )
    page = read_at(
        ArchiveFolder(app.archive).warc,
        capture["warc_file"],
        capture["warc_offset"],
        capture["warc_length"],
    )
    return page.body


def article_lines(article: Mapping[str, Any]) -> Iterator[str]:
    """The lines that `newscrawl show` prints."""
    yield from _wrapped(article["title"] or "(no title)")
    yield from _facts(article)
    if article["state"] in STATES:
        yield ""
        yield STATES[article["state"]]
    if article["summary"]:
        yield ""
        yield from _wrapped(article["summary"])
    for paragraph in (article["body"] or "").split("\n\n"):
        if paragraph:
            yield ""
            yield from _wrapped(paragraph)
    yield ""
    yield _links(article)
    if article["duplicates"]:
        yield _duplicates(article["duplicates"])
    for problem in article["problems"]:
        field = problem["field"] or problem["stage"]
        yield f"Problem: {problem['code']} ({field}): {problem['message']}"


def _facts(article: Mapping[str, Any]) -> Iterator[str]:
    read = None
    if article["revision"]:
        read = f"{article['fetched_at']}, revision {article['revision']}"
    facts = {
        "Article": f"{article['site']}/{article['key']}  #{article['id']}",
        "Category": article["category"],
        "Authors": ", ".join(article["authors"]),
        "Published": publication_time(article),
        "Modified": article["modified_at"],
        "Tags": ", ".join(article["tags"]),
        "URL": article["url"],
        "Read": read,
        "Gone": article["gone_at"],
    }
    for name, value in facts.items():
        if value:
            yield f"{name + ':':<11}{value}"


def publication_time(article: Mapping[str, Any]) -> str:
    """The local time, then UTC; or what the page prints, if that could not be read."""
    if article["published_local"] is None:
        if article["published_raw"]:
            return f"unknown (the page prints {article['published_raw']!r})"
        return "unknown"
    local = article["published_local"].replace("T", " ")
    if article["published_at"]:
        return f"{local} ({article['published_at']})"
    missing = "unknown time zone" if ":" in local else "no time of day"
    return f"{local} ({missing})"


def _links(article: Mapping[str, Any]) -> str:
    out, into = article["links"]["out"], article["links"]["in"]
    kinds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in out.items())
    if kinds:
        kinds = f" ({kinds})"
    return f"Links: {sum(out.values())} out{kinds}, {sum(into.values())} in"


def _duplicates(duplicates: list[Mapping[str, Any]]) -> str:
    names = [
        f"{row['site']}/{row['key']} ({row['similarity']:.0%})"
        for row in duplicates[:NAMED_DUPLICATES]
    ]
    line = f"The same text elsewhere: {', '.join(names)}"
    more = len(duplicates) - NAMED_DUPLICATES
    return f"{line} and {more:,} more" if more > 0 else line


def _wrapped(text: str) -> list[str]:
    """The lines of a paragraph on a terminal; elsewhere one line."""
    if not on_terminal():
        return [text]
    width = min(WIDEST, shutil.get_terminal_size().columns)
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def _explain(article: Mapping[str, Any]) -> None:
    provenance = dict(article["provenance"])
    names = [*EXPLAINED, *sorted(set(provenance) - set(EXPLAINED))]
    rows = []
    for name in names:
        value = article.get(VALUES.get(name, name))
        if name in provenance or value not in (None, "", []):
            source = provenance.get(name) or _source_elsewhere(name, article)
            rows.append((name, _short(value), source))
    show_table(["field", "value", "from"], rows)
    template = "no template: its page was not read"
    if article["template"]:
        template = f"template {article['template']}"
    show_line(f"{article['site']}/{article['key']}: {template}")
    capture = article["capture"]
    if capture is None:
        return
    show_line(f"page: {capture['url']}, fetched {capture['fetched_at']}")
    if capture["warc_file"]:
        size, offset = capture["warc_length"], capture["warc_offset"]
        show_line(f"raw: {capture['warc_file']}, {size} bytes at {offset}")


def _source_elsewhere(name: str, article: Mapping[str, Any]) -> str:
    """Where a field comes from that was not found on the article's page."""
    if name == "published" and article["published_source"]:
        return str(article["published_source"])
    return "links and listings" if article["revision"] == 0 else "not recorded"


def _short(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    line = " ".join(str(value).split())
    return line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 1] + "…"
