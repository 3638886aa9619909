"""The program `newscrawl`: finds the command, runs it, and turns every error into an exit code.

A command's module is imported only when the command is used, and imports slow packages (Scrapy,
lxml, rich) only when it runs.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from io import UnsupportedOperation
from itertools import chain
from pathlib import Path
from signal import pthread_kill
from threading import Timer, main_thread
from types import FrameType
from typing import Any

import click

from newscrawl.cli.app import App
from newscrawl.cli.errors import (
    damage_behind,
    discard_stdout,
    print_error,
    print_usage_error,
    report,
    report_unexpected,
    storage_error,
    was_interrupted,
)
from newscrawl.cli.output import open_standard_streams, say, utf8_stdout
from newscrawl.core.errors import NewscrawlError, Stopped, StorageError
from newscrawl.core.version import VERSION

# Heading in --help -> command -> where it is defined.
COMMANDS: Mapping[str, Mapping[str, str]] = {
    "Collect": {
        "crawl": "newscrawl.cli.commands.crawl:crawl",
        "collect": "newscrawl.cli.commands.collect:collect",
        "import": "newscrawl.cli.commands.import_:import_",
        "backfill": "newscrawl.cli.commands.backfill:backfill",
        "demo": "newscrawl.cli.commands.demo:demo",
    },
    "Read": {
        "search": "newscrawl.cli.commands.search:search",
        "volume": "newscrawl.cli.commands.volume:volume",
        "show": "newscrawl.cli.commands.show:show",
        "links": "newscrawl.cli.commands.links:links",
        "diff": "newscrawl.cli.commands.diff:diff",
        "front": "newscrawl.cli.commands.front:front",
        "completeness": "newscrawl.cli.commands.completeness:completeness",
        "dupes": "newscrawl.cli.commands.dupes:dupes",
        "export": "newscrawl.cli.commands.export:export",
        "serve": "newscrawl.cli.commands.serve:serve",
        "mcp": "newscrawl.cli.commands.mcp:mcp",
    },
    "Monitor": {
        "status": "newscrawl.cli.commands.status:status",
        "problems": "newscrawl.cli.commands.problems:problems",
        "health": "newscrawl.cli.commands.health:health",
        "schedule": "newscrawl.cli.commands.schedule:schedule",
        "doctor": "newscrawl.cli.commands.doctor:doctor",
    },
    "Maintain": {
        "verify": "newscrawl.cli.commands.verify:verify",
        "backup": "newscrawl.cli.commands.backup:backup",
        "maintain": "newscrawl.cli.commands.maintain:maintain",
        "merge": "newscrawl.cli.commands.merge:merge",
        "reextract": "newscrawl.cli.commands.reextract:reextract",
        "rebuild": "newscrawl.cli.commands.rebuild:rebuild",
        "release": "newscrawl.cli.commands.release:release",
        "rehydrate": "newscrawl.cli.commands.release:rehydrate",
    },
    "Sites and pages": {
        "sites": "newscrawl.cli.commands.sites:sites",
        "extract": "newscrawl.cli.commands.extract:extract",
        "parse-time": "newscrawl.cli.commands.parse_time:parse_time",
    },
}
LOCATIONS = dict(chain.from_iterable(commands.items() for commands in COMMANDS.values()))
LONGEST_SHORT_HELP = 200  # characters: the list of commands wraps a first sentence, never cuts it
AGAIN_SECONDS = 0.05
EPILOG = """\b
Examples:
  newscrawl demo
  newscrawl crawl bnews --max-pages 2
  newscrawl search "duong sat"
"""


class Commands(click.Group):
    """The group of all commands, each imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(LOCATIONS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in LOCATIONS:
            return None
        module, _, name = LOCATIONS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return with_global_options(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            # click suggests commands from a dict that it expects all of them to be in.
            name = error.command_name
            raise click.NoSuchCommand(name, possibilities=LOCATIONS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, names in COMMANDS.items():
            rows = []
            for name in names:
                command = self.get_command(ctx, name)
                assert command is not None
                rows.append((name, command.get_short_help_str(LONGEST_SHORT_HELP)))
            with formatter.section(heading):
                formatter.write_dl(rows)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]
        return super().parse_args(ctx, args)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> Any:
        if args is None:
            open_standard_streams()
            utf8_stdout()
            signal.signal(signal.SIGTERM, _stop)
            sys.unraisablehook = interrupt_again
            sys.excepthook = report_unexpected
        try:
            code = super().main(args, prog_name or "newscrawl", standalone_mode=False, **extra)
        except click.Abort:  # stopped before the command began
            say("Stopped.")
            code = Stopped.exit_code
        except UnsupportedOperation as error:  # --help and --version on a closed stdout
            print_error(storage_error(error))
            code = StorageError.exit_code
        except click.ClickException as error:
            print_usage_error(error)
            code = error.exit_code
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        app: App = ctx.ensure_object(App)
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except NewscrawlError as error:
            ctx.exit(report(damage_behind(error, app) or error, app, error))
        except BrokenPipeError:
            discard_stdout()
            ctx.exit(0)
        except OSError as error:
            ctx.exit(report(storage_error(error), app, error))
        except KeyboardInterrupt:
            say("Stopped.")
            ctx.exit(Stopped.exit_code)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if was_interrupted(error):
                say("Stopped.")
                ctx.exit(Stopped.exit_code)
            damage = damage_behind(error, app)
            if damage is not None:
                ctx.exit(report(damage, app, error))
            raise
        return result


def _stop(number: int, frame: FrameType | None) -> None:
    """The first SIGTERM acts like Ctrl-C, so that nothing is left half-made; a second one kills."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    raise KeyboardInterrupt


def interrupt_again(unraisable: sys.UnraisableHookArgs) -> None:
    """Repeats a Ctrl-C or SIGTERM that Python has lost: it came while an object was deleted."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        # Not within this call, which would lose it.
        repeated = Timer(AGAIN_SECONDS, pthread_kill, (main_thread().ident, signal.SIGINT))
        repeated.daemon = True
        repeated.start()
    else:
        sys.__unraisablehook__(unraisable)


def with_global_options(command: click.Command) -> click.Command:
    """The command, or each command of the group, that also takes --archive and --debug."""
    if isinstance(command, click.Group):
        for child in command.commands.values():
            with_global_options(child)
    elif not any(option.name == "archive" for option in command.params):
        command.params += [_archive_option(), _debug_option(), _no_pager_option()]
    return command


class _Folder(click.Path):
    """The path of a folder. An empty path, which would mean the current folder, is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("expected the name of a folder, got an empty text", param, ctx)
        return super().convert(value, param, ctx)


def _set_archive(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(App).archive_option = value


def _set_debug(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(App).debug = True


def _set_no_pager(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(App).pager = False


def _archive_option() -> click.Option:
    return click.Option(
        ["--archive"],
        type=_Folder(file_okay=False, path_type=Path),
        metavar="DIR",
        expose_value=False,
        callback=_set_archive,
        help="Archive folder.  [default: $NEWSCRAWL_ARCHIVE, or ./data]",
    )


def _debug_option() -> click.Option:
    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        callback=_set_debug,
        help="Print tracebacks and debug messages.",
    )


def _no_pager_option() -> click.Option:
    return click.Option(
        ["--no-pager"],
        is_flag=True,
        expose_value=False,
        callback=_set_no_pager,
        help="Do not show long tables in a pager.",
    )


main = Commands(
    "newscrawl",
    params=[_archive_option(), _debug_option(), _no_pager_option()],
    help="Archive news sites: what they published, when, and what each article links to.",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
click.version_option(VERSION, prog_name="newscrawl")(main)
