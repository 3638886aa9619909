"""`newscrawl mcp`: the archive for assistants."""

from __future__ import annotations

import sys

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import say

EPILOG = """\b
Examples:
  newscrawl mcp
  newscrawl --archive /srv/press mcp
"""


@click.command(epilog=EPILOG)
@click.pass_obj
def mcp(app: App) -> None:
    """Let an assistant read the archive over the Model Context Protocol.

    The assistant's program starts this command and communicates with it on standard input and
    output. The tools search, read articles, changes, links and front pages, count, and run SELECTs.
    They are read-only and bounded, and text from pages is marked as quoted. `newscrawl serve --mcp`
    offers the same tools over HTTP.
    """
    from newscrawl.api.assistants import server

    made = server(app.archive)
    if sys.stdin.isatty():
        say("Waiting for an assistant on standard input (press Ctrl-C to stop)")
    made.run("stdio")
