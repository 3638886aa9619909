"""`newscrawl demo`: a result in a minute, without any site but a made-up one on this machine."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newscrawl.cli.output import say, show
from newscrawl.cli.summary import print_summary, progress

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.demo.server import DemoServer

PORT = 8642  # tried first, so that a second demo finds the addresses of the first
EPILOG = """\b
Examples:
  newscrawl demo
  newscrawl demo --archive try
"""


@click.command(epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print the crawl's summary as JSON.")
@click.pass_context
def demo(ctx: click.Context, as_json: bool) -> None:
    """Crawl a small made-up newspaper into the archive, twice, and say what to try next.

    The newspaper is served by newscrawl itself on 127.0.0.1; nothing leaves this machine. Between the two crawls it
    publishes its next edition: a figure is corrected, a headline, a byline and a date are changed, an article is taken
    away.
    """
    from newscrawl.cli.commands.status import status
    from newscrawl.crawl.options import WAYS, CrawlOptions
    from newscrawl.crawl.run import Plan, exit_code, run
    from newscrawl.sites.loading import load_site

    app: App = ctx.obj
    with serve() as server, progress() as watch:
        say(
            f"Serving a made-up newspaper on {server.base_url} and crawling it into {app.archive} ..."
        )
        ended = run(
            app.archive,
            [Plan(load_site("demo"), CrawlOptions(base_url=server.base_url, discover=WAYS))],
            {},
            watch,
            say,
        )
        say("Its next edition is out; crawling again ...")
        server.publish_edition_two()
        again = _crawl_again(app.archive, server)
    print_summary(app.command, ended, as_json)
    if not as_json:
        show(again)
        show()
        ctx.invoke(status)
        _print_what_to_try(app, server)
    sys.exit(exit_code(ended))


def _crawl_again(folder: Path, server: DemoServer) -> str:
    """The line that a second crawl prints. In a process of its own: Scrapy crawls once in a process."""
    command = [
        sys.executable,
        "-m",
        "newscrawl",
        "--archive",
        str(folder),
        "crawl",
        "demo",
        "--base-url",
        server.base_url,
    ]
    done = subprocess.run(
        [*command, "--discover", "category,feed,sitemap", "--refetch", "--quiet"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def serve() -> DemoServer:
    """The newspaper on its usual port, or on any free one where that is taken."""
    from newscrawl.demo.server import DemoServer

    try:
        return DemoServer(PORT)
    except OSError:
        return DemoServer()


def _print_what_to_try(app: App, server: DemoServer) -> None:
    from newscrawl.demo.stories import RETITLED

    command = command_line(app.archive)
    key = server.paper.at(RETITLED).key
    show()
    show("Try next:")
    for example in (
        'search "duong sat"', f"show {key} --explain", f"diff {key}", f"links {key} --out", "front demo", "problems",
        "export articles --format csv -o articles.csv", "serve",
    ):  # fmt: skip
        show(f"  {command} {example}")


def command_line(folder: Path) -> str:
    """How this very program is called here, so that what is printed can be pasted."""
    program = Path(sys.argv[0])
    name = "newscrawl"
    if program.name == "newscrawl" and program.exists() and program.parent != Path():
        on_path = os.environ.get("PATH", "").split(os.pathsep)
        name = name if str(program.parent) in on_path else os.path.relpath(program)
    elif program.name == "__main__.py":
        name = f"{shlex.quote(Path(sys.executable).name)} -m newscrawl"
    return name if folder == Path("data") else f"{name} --archive {shlex.quote(str(folder))}"
