"""`newscrawl serve`: the archive in a browser."""

from __future__ import annotations

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import say, show

EPILOG = """\b
Examples:
  newscrawl serve
  newscrawl --archive press serve --port 8002
"""
PORT = 8001


@click.command(epilog=EPILOG)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Address to listen on."
    " Any address other than loopback exposes the archive to the network.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    metavar="N",
    help="Port to listen on; 0 selects a free port.",
)
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="Accept requests for this host name too, such as that of a reverse proxy; repeatable.",
)
@click.pass_obj
def serve(app: App, host: str, port: int, allow_host: tuple[str, ...]) -> None:
    """Serve the archive to a web browser until you press Ctrl-C.

    The pages offer search, articles with their revisions and links, front pages by day, charts,
    tables and SQL. The archive is opened read-only; a crawl may run at the same time.
    """
    from newscrawl.web.server import application, is_loopback, listen, run

    website = application(app.archive, host, allow_host)
    with listen(host, port) as sock:
        if not is_loopback(host):
            say(f"warning: everyone who can reach {host} can read this archive without a password")
            say("warning: SQL queries are disabled for visitors")
            say("hint: put a proxy with a password in front, or remove --host")
        address = f"[{host}]" if ":" in host else host
        show(f"http://{address}:{sock.getsockname()[1]}/")
        say(f"Serving {app.archive} (press Ctrl-C to stop)")
        run(website, sock)
    say("Stopped.")
