"""`newscrawl demo`: a first archive within a minute, from a newspaper on this machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.errors import print_error
from newscrawl.cli.options import json_option
from newscrawl.cli.output import say, show
from newscrawl.cli.summary import print_summary, progress
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.program import program

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.demo.server import DemoServer

PORT = 8642  # tried first, so that a second demo has the same addresses as the first
EPILOG = """\b
Examples:
  newscrawl demo
  newscrawl demo --archive try
"""


@click.command(epilog=EPILOG)
@json_option("Print the summary of the first crawl as JSON.")
@click.pass_context
def demo(ctx: click.Context, as_json: bool) -> None:
    """Crawl a small made-up newspaper and suggest what to try next.

    The newspaper runs on 127.0.0.1; nothing leaves this machine. It is crawled twice. In between,
    it publishes a second edition: a figure is corrected; a headline, a byline and a date change;
    an article is removed.
    """
    from newscrawl.cli.commands.status import status
    from newscrawl.crawl.options import WAYS, CrawlOptions
    from newscrawl.crawl.run import exit_code, run
    from newscrawl.crawl.window import Plan
    from newscrawl.sites.loading import load_site, load_sites

    app: App = ctx.obj
    own_files = ArchiveFolder(app.archive).sites.glob("*.toml")
    _, broken = load_sites(sorted(file.stem for file in own_files), app.archive)
    for error in broken:
        print_error(error)
    with serve() as server, progress() as watch:
        say(f"Serving a made-up newspaper on {server.base_url}; crawling it into {app.archive} ...")
        options = CrawlOptions(base_url=server.base_url, discover=WAYS)
        ended = run(app.archive, [Plan(load_site("demo"), options)], {}, watch=watch, say=say)
        say("The newspaper publishes its second edition; crawling again ...")
        server.publish_edition_two()
        second = _crawl_again(app.archive, server)
    print_summary(app.command, ended, as_json)
    if second.returncode != 0:
        say("error: the crawl of the second edition failed")
        say(f"hint: see {ArchiveFolder(app.archive).logs / 'crawl.log'}")
        sys.exit(second.returncode)
    if not as_json:
        show(second.stdout.strip())
        show()
        ctx.invoke(status)
        _print_what_to_try(app, server)
    sys.exit(exit_code(ended, broken=bool(broken)))


def _crawl_again(folder: Path, server: DemoServer) -> subprocess.CompletedProcess[str]:
    """A second crawl, ended; it needs its own process, because Scrapy runs once in a process.

    Its standard output is captured; what it prints on standard error is printed here at once.
    """
    options = ["--discover", "category,feed,sitemap", "--refetch", "--quiet"]
    command = [*program(), "--archive", str(folder), "crawl", "demo"]
    return subprocess.run(
        [*command, "--base-url", server.base_url, *options],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


def serve() -> DemoServer:
    """The newspaper on its usual port, or on a free one if that is in use."""
    from newscrawl.demo.server import DemoServer

    try:
        return DemoServer(PORT)
    except OSError:
        return DemoServer()


def _print_what_to_try(app: App, server: DemoServer) -> None:
    from newscrawl.demo.stories import RETITLED

    key = server.paper.at(RETITLED).key
    examples = (
        'search "duong sat"',
        'volume "cà phê" --by year',
        f"show {key} --explain",
        f"diff {key}",
        f"links {key} --out",
        "front demo",
        "problems",
        "export articles --format csv -o articles.csv",
        "serve",
    )
    show()
    show("Try next:")
    for example in examples:
        show(f"  {app.command} {example}")
