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
    help="Listen on this address. Anything but this machine's own opens the archive to the network.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    metavar="N",
    help="0: any free port.",
)
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="Answer under this host name too, such as that of a proxy in front; repeatable.",
)
@click.pass_obj
def serve(app: App, host: str, port: int, allow_host: tuple[str, ...]) -> None:
    """Show the archive in a browser, until Ctrl-C.

    Search, articles with their revisions and links, front pages by day, charts, tables, SQL. The archive is opened
    for reading only; a crawl may run at the same time.
    """
    from newscrawl.web.server import application, is_loopback, listen, run

    made = application(app.archive, host, allow_host)
    with listen(host, port) as sock:
        if not is_loopback(host):
            say(
                f"warning: everybody who can reach {host} can read this archive; there is no password."
            )
            say(
                "warning: SQL of visitors is off. Put a proxy with a password in front, or leave out --host."
            )
        address = f"[{host}]" if ":" in host else host
        show(f"http://{address}:{sock.getsockname()[1]}/")
        say(f"Serving {app.archive} (Ctrl-C stops)")
        run(made, sock)
    say("Stopped.")
