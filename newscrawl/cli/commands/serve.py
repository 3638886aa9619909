"""`newscrawl serve`: the archive in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import say, show
from newscrawl.core.errors import UsageError

if TYPE_CHECKING:
    from newscrawl.web.security import Application

EPILOG = """\b
Examples:
  newscrawl serve
  newscrawl --archive press serve --port 8002
  newscrawl serve --mcp
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
@click.option(
    "--mcp",
    is_flag=True,
    help="Also offer the tools of `newscrawl mcp` to assistants on this machine, at /mcp.",
)
@click.pass_obj
def serve(app: App, host: str, port: int, allow_host: tuple[str, ...], mcp: bool) -> None:
    """Serve the archive to a web browser until you press Ctrl-C.

    The pages offer search, articles with their revisions and links, front pages by day, charts,
    tables and SQL. The archive is opened read-only; a crawl may run at the same time.
    """
    from newscrawl.web.server import application, is_loopback, listen, run

    if mcp and not is_loopback(host):
        raise UsageError(
            f"--mcp is for assistants on this machine, but other machines can reach {host}",
            "remove --host or --mcp",
        )
    website = application(app.archive, host, allow_host)
    with listen(host, port) as sock:
        if not is_loopback(host):
            say(f"warning: everyone who can reach {host} can read this archive without a password")
            say("warning: SQL queries are disabled for visitors")
            say("hint: put a proxy with a password in front, or remove --host")
        address = f"{_in_url(host)}:{sock.getsockname()[1]}"
        if mcp:
            website = _with_assistants(app, website, address)
        show(f"http://{address}/")
        if mcp:
            say(f"Assistants: http://{address}/mcp")
        say(f"Serving {app.archive} (press Ctrl-C to stop)")
        run(website, sock)
    say("Stopped.")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _with_assistants(app: App, website: Application, address: str) -> Application:
    from newscrawl.api.assistants import HTTP_PATH, http_application
    from newscrawl.web.security import LOOPBACK
    from newscrawl.web.server import WithAssistants

    port = address.rpartition(":")[2]
    hosts = {address, *(f"{_in_url(name)}:{port}" for name in LOOPBACK)}
    if port == "80":
        hosts |= {host.removesuffix(":80") for host in hosts}
    return WithAssistants(website, http_application(app.archive, hosts), HTTP_PATH)
