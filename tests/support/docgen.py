"""Writes the generated pages of docs/: `make docs`. tests/docs/test_docs.py compares them with what is there.

cli.md is the help of every command. data-dictionary.md is made by newscrawl/store/schema/dictionary.py.
data/datasette.json has the same descriptions for Datasette.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from newscrawl.cli.main import main
from newscrawl.core.folder import DATABASE
from newscrawl.store.schema.dictionary import Table, described_tables, dictionary_page

HELP_WIDTH = 100
MAN_WIDTH = 72  # a terminal of 80 columns, less the margin of man
MAN_HEAD = """\
.\\" Generated from the help of the commands by `make docs`. Do not edit it.
.TH NEWSCRAWL 1
.SH NAME
newscrawl \\- archive news sites: what they published, when, and what each article links to
.SH SYNOPSIS
.B newscrawl
[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGS\\fR]..."""
FULL_TEXT = {"fts_table": "articles_fts", "fts_pk": "id"}
# What Datasette shows of a table, beside the descriptions.
DATASETTE: dict[str, dict[str, object]] = {
    "articles": {"label_column": "title", "sort_desc": "published_at", **FULL_TEXT},
    "export_articles": {"sort_desc": "published_at", **FULL_TEXT},
    "sites": {"label_column": "name"},
    "categories": {"label_column": "name"},
}
CLI_HEAD = """\
# Commands

This page is generated from the help of the commands by `make docs`. Do not edit it.

Results go to standard output, messages to standard error. `--archive` and `--debug` can be given
before or after the name of a command, and so can `--no-pager`. Errors are reported as an `error: …` line and a
`hint: …` line.

DATE is a day (`2026-09-01`, `22/11/2022`, `today`, `yesterday`), a day counted from today (`7d`,
`2w`), a month (`2026-09`) or a year (`2026`). A month or year begins with its first day after
`--since` and ends with its last day after `--until`.

| Exit code | Meaning |
|---|---|
| 0 | success |
| 1 | internal error in newscrawl |
| 2 | invalid arguments, or an invalid site file |
| 3 | the crawl ended, but a site failed, or its site file is invalid |
| 4 | the disk is full, or a file could not be read or written |
| 5 | the archive is damaged |
| 6 | stopped by a signal or a limit; the next run resumes |
| 75 | another run has locked the archive |
"""


def write_docs(folder: Path) -> None:
    """Writes the generated pages, and the manual page."""
    (folder / "newscrawl.1").write_text(man_page(), "utf-8")
    (folder / "cli.md").write_text(cli_page(), "utf-8")
    (folder / "data-dictionary.md").write_text(dictionary_page(), "utf-8")
    (folder.parent / "data" / "datasette.json").write_text(datasette_metadata(), "utf-8")


def datasette_metadata() -> str:
    """data/datasette.json, for `datasette DB -m data/datasette.json`: what tables and columns mean."""
    tables = {table.name: _datasette_table(table) for table in described_tables()}
    metadata = {
        "title": "A newscrawl archive",
        "description": "News articles, their revisions and the links between them.",
        "databases": {DATABASE.removesuffix(".db"): {"tables": tables}},
    }
    return json.dumps(metadata, ensure_ascii=False, indent=2) + "\n"


def _datasette_table(table: Table) -> dict[str, object]:
    described = {"description": table.about, **DATASETTE.get(table.name, {})}
    return described | {"columns": {column.name: column.about for column in table.columns}}


def cli_page() -> str:
    """docs/cli.md: a section for each command, subcommands under their own names."""
    parts = [CLI_HEAD]
    for name, text in command_helps():
        parts.append(f"## {name}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def man_page() -> str:
    """docs/newscrawl.1, for `man newscrawl`: the text of docs/cli.md in the macros of man(7)."""
    lines = [MAN_HEAD]
    for name, text in command_helps(MAN_WIDTH):
        lines += [f'.SH "{name}"', ".nf", _roff(text), ".fi"]
    return "\n".join(lines) + "\n"


def _roff(text: str) -> str:
    """Text as roff prints it unchanged: a dot or quote at the start of a line is no command."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(
        f"\\&{line}" if line.startswith((".", "'")) else line for line in escaped.splitlines()
    )


def command_helps(width: int = HELP_WIDTH) -> Iterator[tuple[str, str]]:
    """Every command by its full name, with its help as a terminal of that many columns shows it."""
    for name, context in command_contexts(width):
        yield name, context.command.get_help(context).strip()


def command_contexts(width: int = HELP_WIDTH) -> Iterator[tuple[str, click.Context]]:
    """Every command by its full name (`newscrawl sites list`), groups before what is in them."""
    yield from _contexts(main, "newscrawl", None, width)


def _contexts(
    command: click.Command, name: str, parent: click.Context | None, width: int
) -> Iterator[tuple[str, click.Context]]:
    context = command.make_context(
        name,
        [],
        parent,
        resilient_parsing=True,
        terminal_width=width,
        max_content_width=width,
    )
    yield context.command_path, context
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None, (
                f"{context.command_path} lists {child}, but has no such command"
            )
            yield from _contexts(found, child, context, width)


if __name__ == "__main__":
    write_docs(Path(sys.argv[1]))
