"""`newscrawl schedule`: a crontab line or systemd units for regular crawls."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import click

from newscrawl.cli.options import SITE, json_option
from newscrawl.cli.output import say, show, show_json
from newscrawl.core.errors import ArchiveLocked, Stopped, UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.program import program
from newscrawl.core.times import from_utc_text

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.sites.site import Site

EPILOG = """\b
Examples:
  newscrawl schedule --every 6h
  newscrawl schedule bnews --every 30m --systemd
  newscrawl schedule --due
"""
# From so many sites on, each is crawled at its own rhythm unless --every is given: one interval
# suits some of them, and requests the others too often or not often enough.
MANY_SITES = 20
DUE_MINUTES = 60  # of one run of what is due, if the interval is not longer
NOT_IN_UNIT_NAMES = re.compile(r"[^A-Za-z0-9_.]+")
NEEDS_NO_QUOTES = re.compile(r"[\w@%$/.:=+,-]+")
INTERVAL = re.compile(r"([1-9][0-9]?)([mhd])")
MINUTES = {"m": 1, "h": 60, "d": 24 * 60}
PERIODS = {"m": 60, "h": 24, "d": 1}  # unit -> the number that an interval has to divide
# A run that a limit or the hours of a site end has left nothing undone that the next run does not
# resume, and a run that meets another one has nothing to do: both are no failures of the service.
HARMLESS_EXIT_CODES = (Stopped.exit_code, ArchiveLocked.exit_code)
UNITS = """\
# {name}.service
[Unit]
Description=newscrawl in {folder}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={crawl}
ExecStopPost={health}
SuccessExitStatus={harmless}

# {name}.timer
[Unit]
Description=Regular crawls of newscrawl in {folder}

[Timer]
OnCalendar={when}
RandomizedDelaySec=120
Persistent=true

[Install]
WantedBy=timers.target"""


@click.command(epilog=EPILOG)
@click.argument("sites", type=SITE, metavar="[SITE]...", nargs=-1)
@click.option(
    "--every",
    metavar="TIME",
    help="Interval that divides an hour or a day evenly: 30m, 1h, 6h, 1d."
    "  [default: 6h, or 10m with --due]",
)
@click.option(
    "--due/--whole",
    default=None,
    help="Request what is due at each site's own rhythm, or whole sites."
    "  [default: --due for more than 20 sites if --every is not given]",
)
@click.option(
    "--systemd", is_flag=True, help="Print a service and a timer unit instead of a crontab line."
)
@json_option()
@click.pass_obj
def schedule(
    app: App,
    /,
    *,
    sites: tuple[str, ...],
    every: str | None,
    due: bool | None,
    systemd: bool,
    as_json: bool,
) -> None:
    """Print a crontab line or systemd units for regular crawls.

    Nothing is installed. The minute is derived from the archive's path, so that the crawls of
    several archives do not all start on the hour. Errors go to stderr, which cron sends by mail.
    Details are written to logs/crawl.log, which is rotated.
    """
    from newscrawl.sites.loading import load_site

    for site in sites:
        load_site(site, app.archive)
    _check_ranges(app, sites)
    count = _count_sites(app, sites)
    chosen_by_count = due is None and every is None and count > MANY_SITES
    due = due or chosen_by_count
    every = every or ("10m" if due else "6h")
    amount, unit = _interval(every)
    folder = app.archive.resolve()
    minutes = max(DUE_MINUTES, amount * MINUTES[unit]) if due else None
    commands = _commands(folder, sites, minutes)
    offset = crc32(os.fsencode(folder))
    if systemd:
        name = _unit_name(folder)
        text = _units(name, folder, commands, _calendar(amount, unit, offset))
        next_step = (
            f"save them as {name}.service and {name}.timer in ~/.config/systemd/user/, then run:\n"
            f"  systemctl --user enable --now {name}.timer\n"
            "  loginctl enable-linger   (so that crawls run while you are not logged in)"
        )
    else:
        fields = _crontab_fields(amount, unit, offset)
        text = _crontab_line(commands, fields)
        next_step = "add the line with: crontab -e"
    _check_text(text, folder)
    if as_json:
        kind = "systemd" if systemd else "crontab"
        show_json({"every": every, "due": due, "kind": kind, "text": text})
        return
    show(text)
    if chosen_by_count:
        say(f"{count:,} sites: crawl --due is used; --whole for crawls of whole sites")
    say(next_step)


def _check_text(text: str, folder: Path) -> None:
    """UsageError if a path is not UTF-8: no file can be given that text to print."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            f"the path of the archive is not UTF-8: {folder}", "give its folders other names"
        ) from error


def _check_ranges(app: App, sites: Sequence[str]) -> None:
    """UsageError if every crawl of a site so far was limited, and a scheduled one would not be.

    Also if the command would have no site to crawl: each scheduled run would fail.
    """
    from newscrawl.sites.generic import site_named
    from newscrawl.store.read.crawl_history import limits_so_far
    from newscrawl.store.read.reader import open_or_none

    names = sites or app.sites_to_crawl()
    reader = open_or_none(app.archive)
    if reader is None:
        return
    with reader:
        for name in names:
            limits = limits_so_far(reader.db, name)
            if limits and name not in app.config.range:
                raise _unlimited(app, site_named(name, app.archive), limits)


def _unlimited(app: App, site: Site, limits: Mapping[str, Any]) -> UsageError:
    """What to write into newscrawl.toml, so that scheduled crawls have the same limits."""
    options = ", ".join(option.replace("_", "-") for option in limits)
    path = ArchiveFolder(app.archive).config
    return UsageError(
        f"{site.name} was only crawled with limits ({options});"
        " a scheduled crawl would read the whole site",
        f"add at the top of {path}: range.{_toml_key(site.name)} = {_kept_limits(site, limits)}"
        f" (or read the whole site once: {app.command} crawl {site.name})",
    )


def _kept_limits(site: Site, limits: Mapping[str, Any]) -> str:
    """The limits as a table of TOML, which writes numbers, texts and lists as JSON does."""
    kept: dict[str, object] = {}
    if "since" in limits:
        kept["since"] = from_utc_text(limits["since"]).astimezone(site.timezone).date().isoformat()
    for key in ("categories", "max_pages"):
        if key in limits:
            kept[key] = limits[key]
    if not kept:  # --limit and --until suit no crawl that is repeated
        kept["max_pages"] = 1
    return "{ " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in kept.items()) + " }"


def _toml_key(name: str) -> str:
    """A site's name as a key; one with a dot, such as a host, has to be quoted."""
    return json.dumps(name) if "." in name else name


def _interval(every: str) -> tuple[int, str]:
    """`6h` as 6 and `h`."""
    match = INTERVAL.fullmatch(every)
    if not match or PERIODS[match[2]] % int(match[1]):
        raise UsageError(
            f"--every {every!r}: expected an interval that divides an hour or a day evenly",
            "for example 30m, 6h or 1d",
        )
    return int(match[1]), match[2]


def _count_sites(app: App, sites: Sequence[str]) -> int:
    """How many sites the scheduled command crawls."""
    return len(sites or app.sites_to_crawl())


def _commands(
    folder: Path, sites: Sequence[str], due_minutes: int | None
) -> tuple[list[str], list[str]]:
    """The crawl, and the health check after it, which reports what a crawl cannot detect.

    `due_minutes`: how long a run of what is due may last; None for crawls of whole sites. Such a
    run leaves most sites out, and their earlier crawls were reported already. Without its end, a
    site that takes days would keep all others waiting: the next run, which begins with the longest
    overdue sites, begins only when this one has ended.
    """
    crawl, health = ["crawl", "--quiet"], ["health", "--notify"]
    if due_minutes is not None:
        crawl = ["crawl", "--due", "--quiet", "--max-minutes", str(due_minutes)]
        health = ["health", "--notify", "--new"]
    newscrawl = [*program(), "--archive", str(folder)]
    return [*newscrawl, *crawl, *sites], [*newscrawl, *health, *sites]


def _crontab_fields(amount: int, unit: str, offset: int) -> str:
    minute, hour = offset % 60, (offset // 60) % 24
    if unit == "m":
        return f"{minute % amount}-59/{amount} * * * *"
    if unit == "d":
        return f"{minute} {hour} * * *"
    if amount == 1:
        return f"{minute} * * * *"
    return f"{minute} {hour % amount}-23/{amount} * * *"


def _crontab_line(commands: Sequence[Sequence[str]], fields: str) -> str:
    """One command after the other. Cron mails only what they print on stderr."""
    text = "; ".join(map(shlex.join, commands))
    # In a crontab an unescaped percent sign ends the command.
    text = text.replace("%", "\\%")
    return f"{fields} ({text}) >/dev/null"


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


def _unit_name(folder: Path) -> str:
    """A name for the units of one archive: `newscrawl-data-1f3a`.

    The digits stand for the whole path, because many archives are in a folder named data.
    """
    readable = NOT_IN_UNIT_NAMES.sub("-", folder.name).strip("-") or "archive"
    return f"newscrawl-{readable}-{crc32(os.fsencode(folder)) & 0xFFFF:04x}"


def _units(name: str, folder: Path, commands: tuple[list[str], list[str]], when: str) -> str:
    """A service and a timer. The service fails if the crawl does; the health check always runs."""
    crawl, health = commands
    return UNITS.format(
        name=name,
        folder=str(folder).replace("%", "%%"),
        crawl=" ".join(map(_systemd_word, crawl)),
        health=" ".join(map(_systemd_word, health)),
        harmless=" ".join(map(str, HARMLESS_EXIT_CODES)),
        when=when,
    )


def _systemd_word(text: str) -> str:
    """One argument, quoted as systemd reads it: % and $ are special in its command lines."""
    safe = text.replace("%", "%%").replace("$", "$$")
    if NEEDS_NO_QUOTES.fullmatch(safe):
        return safe
    escaped = safe.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
