"""`newscrawl schedule`: a crontab line or systemd units for regular crawls."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import click

from newscrawl.cli.options import json_option
from newscrawl.cli.output import say, show, show_json
from newscrawl.core.errors import UsageError

if TYPE_CHECKING:
    from newscrawl.cli.app import App

EPILOG = """\b
Examples:
  newscrawl schedule --every 6h
  newscrawl schedule bnews --every 30m --systemd
"""
NEEDS_NO_QUOTES = re.compile(r"[\w@%$/.:=+,-]+")
INTERVAL = re.compile(r"([1-9][0-9]?)([mhd])")
PERIODS = {"m": 60, "h": 24, "d": 1}  # unit -> the number that an interval has to divide
UNITS = """\
# newscrawl.service
[Unit]
Description=newscrawl
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={crawl}
ExecStopPost={health}

# newscrawl.timer
[Unit]
Description=newscrawl, regularly

[Timer]
OnCalendar={when}
RandomizedDelaySec=120
Persistent=true

[Install]
WantedBy=timers.target"""


@click.command(epilog=EPILOG)
@click.argument("sites", metavar="[SITE]...", nargs=-1)
@click.option(
    "--every",
    default="6h",
    show_default=True,
    metavar="TIME",
    help="Interval that divides an hour or a day evenly: 30m, 1h, 6h, 1d.",
)
@click.option(
    "--systemd", is_flag=True, help="Print a service and a timer unit instead of a crontab line."
)
@json_option()
@click.pass_obj
def schedule(app: App, sites: tuple[str, ...], every: str, systemd: bool, as_json: bool) -> None:
    """Print a crontab line or systemd units for regular crawls.

    Nothing is installed. The minute is derived from the archive's path, so that archives do not
    all crawl on the hour. Errors go to stderr, which cron sends by mail. Details are written to
    logs/crawl.log, which is rotated.
    """
    from newscrawl.sites.loading import load_site

    for site in sites:
        load_site(site, app.archive)
    amount, unit = _interval(every)
    folder = app.archive.resolve()
    offset = crc32(str(folder).encode())
    if systemd:
        text = _units(folder, sites, _calendar(amount, unit, offset))
        next_step = (
            "save the two units in ~/.config/systemd/user/,"
            " then run: systemctl --user enable --now newscrawl.timer"
        )
    else:
        text = _crontab_line(folder, sites, _crontab_fields(amount, unit, offset))
        next_step = "add the line with: crontab -e"
    if as_json:
        show_json({"every": every, "kind": "systemd" if systemd else "crontab", "text": text})
        return
    show(text)
    say(next_step)


def _interval(every: str) -> tuple[int, str]:
    """`6h` as 6 and `h`."""
    match = INTERVAL.fullmatch(every)
    if not match or PERIODS[match[2]] % int(match[1]):
        raise UsageError(
            f"--every {every!r}: expected an interval that divides an hour or a day evenly",
            "for example 30m, 6h or 1d",
        )
    return int(match[1]), match[2]


def _crawl(folder: Path, sites: Sequence[str]) -> list[str]:
    return [*_program(folder), "crawl", "--quiet", *sites]


def _health(folder: Path, sites: Sequence[str]) -> list[str]:
    """Run after each crawl: it reports what a single crawl cannot detect."""
    return [*_program(folder), "health", "--notify", *sites]


def _program(folder: Path) -> list[str]:
    return [sys.executable, "-m", "newscrawl", "--archive", str(folder)]


def _crontab_fields(amount: int, unit: str, offset: int) -> str:
    minute, hour = offset % 60, (offset // 60) % 24
    if unit == "m":
        return f"{minute % amount}-59/{amount} * * * *"
    if unit == "d":
        return f"{minute} {hour} * * *"
    if amount == 1:
        return f"{minute} * * * *"
    return f"{minute} {hour % amount}-23/{amount} * * *"


def _crontab_line(folder: Path, sites: Sequence[str], fields: str) -> str:
    """The crawl, then the health check. Cron mails only what they print on stderr."""
    commands = "; ".join(map(shlex.join, (_crawl(folder, sites), _health(folder, sites))))
    # In a crontab an unescaped percent sign ends the command.
    commands = commands.replace("%", "\\%")
    return f"{fields} ({commands}) >/dev/null"


def _calendar(amount: int, unit: str, offset: int) -> str:
    """A value of systemd's OnCalendar."""
    minute, hour = offset % 60, (offset // 60) % 24
    if unit == "m":
        return f"*:{minute % amount:02}/{amount}"
    if unit == "d":
        return f"{hour:02}:{minute:02}"
    if amount == 1:
        return f"*:{minute:02}"
    return f"{hour % amount:02}/{amount}:{minute:02}"


def _units(folder: Path, sites: Sequence[str], when: str) -> str:
    """A service and a timer. The service fails if the crawl does; the health check always runs."""
    crawl = " ".join(map(_systemd_word, _crawl(folder, sites)))
    health = " ".join(map(_systemd_word, _health(folder, sites)))
    return UNITS.format(crawl=crawl, health=health, when=when)


def _systemd_word(text: str) -> str:
    """One argument, quoted as systemd reads it: % and $ are special in its command lines."""
    safe = text.replace("%", "%%").replace("$", "$$")
    if NEEDS_NO_QUOTES.fullmatch(safe):
        return safe
    escaped = safe.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
