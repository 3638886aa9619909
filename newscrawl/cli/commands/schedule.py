"""`newscrawl schedule`: the crontab line, or the systemd units, that keep an archive growing."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import click

from newscrawl.cli.output import say, show, show_json
from newscrawl.core.errors import UsageError

if TYPE_CHECKING:
    from newscrawl.cli.app import App

EPILOG = """\b
Examples:
  newscrawl schedule --every 6h
  newscrawl schedule bnews --every 30m --systemd
"""
PLAIN = re.compile(r"[\w@%$/.:=+,-]+")
EVERY = re.compile(r"([1-9][0-9]?)([mhd])")


@click.command(epilog=EPILOG)
@click.argument("sites", metavar="[SITE]...", nargs=-1)
@click.option(
    "--every",
    default="6h",
    show_default=True,
    metavar="TIME",
    help="30m, 1h, 6h, 1d: must divide the hour or day.",
)
@click.option(
    "--systemd", is_flag=True, help="Print a service and a timer unit instead of a crontab line."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def schedule(app: App, sites: tuple[str, ...], every: str, systemd: bool, as_json: bool) -> None:
    """Print what makes this machine crawl by itself; nothing is installed.

    The minute is this archive's own, so that not all archives of the world ask at the full hour. A run says one line,
    and what went wrong on stderr, which cron sends by mail; details are in logs/crawl.log, which is rotated.
    """
    from newscrawl.sites.loading import load_site

    for site in sites:
        load_site(site, app.archive)
    amount, unit = _read(every)
    commands = _commands(app.archive.resolve(), sites)
    offset = crc32(str(app.archive.resolve()).encode())
    text = (
        _units(commands, amount, unit, offset)
        if systemd
        else _crontab(commands, amount, unit, offset)
    )
    if as_json:
        show_json({"every": every, "kind": "systemd" if systemd else "crontab", "text": text})
        return
    show(text)
    say(
        "install it with: crontab -e"
        if not systemd
        else "put the two into ~/.config/systemd/user/, then: systemctl --user enable --now newscrawl.timer"
    )


def _read(every: str) -> tuple[int, str]:
    found = EVERY.fullmatch(every)
    whole = {"m": 60, "h": 24, "d": 1}
    if not found or whole[found[2]] % int(found[1]):
        raise UsageError(
            f"--every {every!r}: expected a time that divides the hour or the day",
            "for example 30m, 6h, 1d",
        )
    return int(found[1]), found[2]


def _commands(archive: Path, sites: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The crawl, and the health check that tells of what a single run cannot see; with absolute paths."""
    program = [sys.executable, "-m", "newscrawl", "--archive", str(archive)]
    return [*program, "crawl", "--quiet", *sites], [*program, "health", "--notify", *sites]


def _crontab(commands: Sequence[Sequence[str]], amount: int, unit: str, offset: int) -> str:
    minute = offset % 60
    hour = (offset // 60) % 24
    fields = {
        "m": f"{minute % amount}-59/{amount} * * * *",
        "h": f"{minute} {hour % amount}-23/{amount} * * *" if amount > 1 else f"{minute} * * * *",
        "d": f"{minute} {hour} * * *",
    }[unit]
    # In a crontab a percent sign ends the command. Results are in logs/crawl.log; what goes wrong is sent by mail.
    both = "; ".join(map(shlex.join, commands)).replace("%", "\\%")
    return f"{fields} ({both}) >/dev/null"


def _units(commands: Sequence[Sequence[str]], amount: int, unit: str, offset: int) -> str:
    """The health check follows the crawl however that ended, and the service fails where the crawl did."""
    minute, hour = offset % 60, (offset // 60) % 24
    when = {
        "m": f"*:{minute % amount:02}/{amount}",
        "h": f"{hour % amount:02}/{amount}:{minute:02}" if amount > 1 else f"*:{minute:02}",
        "d": f"{hour:02}:{minute:02}",
    }[unit]
    crawl, health = (" ".join(map(_systemd_word, command)) for command in commands)
    return (
        "# newscrawl.service\n[Unit]\nDescription=newscrawl\nWants=network-online.target\n"
        "After=network-online.target\n\n"
        f"[Service]\nType=oneshot\nExecStart={crawl}\nExecStopPost={health}\n\n"
        "# newscrawl.timer\n[Unit]\nDescription=newscrawl, regularly\n\n"
        f"[Timer]\nOnCalendar={when}\nRandomizedDelaySec=120\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target"
    )


def _systemd_word(text: str) -> str:
    """One argument, quoted as systemd reads it; it puts values in for % and $."""
    safe = text.replace("%", "%%").replace("$", "$$")
    if PLAIN.fullmatch(safe):
        return safe
    escaped = safe.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
