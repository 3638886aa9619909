"""The command `newscrawl`: finds the subcommand, and turns every error into `error:`, `hint:` and an exit code.

Commands are imported when they are asked for, and import what is slow (Scrapy, lxml, rich) when they run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from io import UnsupportedOperation
from pathlib import Path
from types import TracebackType
from typing import Any

import click

from newscrawl.cli.app import App
from newscrawl.cli.groups import Group
from newscrawl.cli.output import say, utf8_stdout
from newscrawl.core.errors import NewscrawlError, Stopped, StorageError, UsageError
from newscrawl.core.version import VERSION

# Heading -> command -> where it is.
COMMANDS: Mapping[str, Mapping[str, str]] = {
    "Collect": {
        "crawl": "newscrawl.cli.commands.crawl:crawl",
        "collect": "newscrawl.cli.commands.collect:collect",
        "demo": "newscrawl.cli.commands.demo:demo",
    },
    "Read": {
        "search": "newscrawl.cli.commands.search:search",
        "show": "newscrawl.cli.commands.show:show",
        "links": "newscrawl.cli.commands.links:links",
        "diff": "newscrawl.cli.commands.diff:diff",
        "front": "newscrawl.cli.commands.front:front",
        "completeness": "newscrawl.cli.commands.completeness:completeness",
        "dupes": "newscrawl.cli.commands.dupes:dupes",
        "export": "newscrawl.cli.commands.export:export",
        "serve": "newscrawl.cli.commands.serve:serve",
    },
    "Watch": {
        "status": "newscrawl.cli.commands.status:status",
        "problems": "newscrawl.cli.commands.problems:problems",
        "health": "newscrawl.cli.commands.health:health",
        "schedule": "newscrawl.cli.commands.schedule:schedule",
        "doctor": "newscrawl.cli.commands.doctor:doctor",
    },
    "Keep": {
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
PLACES = {name: place for group in COMMANDS.values() for name, place in group.items()}
EPILOG = """\b
Examples:
  newscrawl demo
  newscrawl crawl bnews --max-pages 2
  newscrawl search "duong sat"
"""


class Commands(Group):
    """A group whose commands are imported by name, and whose errors are one line each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in PLACES:
            return None
        module, _, name = PLACES[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return with_global_options(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = formatter.width - 6 - max(map(len, PLACES))
        for heading, commands in COMMANDS.items():
            found = [(name, self.get_command(ctx, name)) for name in commands]
            with formatter.section(heading):
                formatter.write_dl(
                    [
                        (name, command.get_short_help_str(width))
                        for name, command in found
                        if command
                    ]
                )

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> Any:
        if args is None:
            utf8_stdout()
            sys.excepthook = unexpected
        try:
            code = super().main(args, prog_name or "newscrawl", standalone_mode=False, **extra)
        except click.Abort:
            code = Stopped.exit_code
        except click.ClickException as error:
            _fail_usage(error)
            code = error.exit_code
        sys.exit(code if isinstance(code, int) else 0)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [*args[1:], "--help"] if args[:1] == ["help"] else args)

    def invoke(self, ctx: click.Context) -> Any:
        app: App = ctx.ensure_object(App)
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except NewscrawlError as error:
            ctx.exit(_failed(error, app))
        except BrokenPipeError:
            _close_stdout()
            ctx.exit(0)
        except OSError as error:
            ctx.exit(_failed(_storage_error(error), app, error))
        except KeyboardInterrupt:
            say("Stopped.")
            ctx.exit(Stopped.exit_code)
        return result


def with_global_options(command: click.Command) -> click.Command:
    """Lets --archive and --debug stand behind the command's name too, at every depth."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            with_global_options(each)
    elif not any(option.name == "archive" for option in command.params):
        command.params += [_archive_option(), _debug_option()]
    return command


def fail(error: NewscrawlError) -> None:
    """Prints an error's lines and its hint."""
    for line in error.message.splitlines():
        say(f"error: {line}")
    if error.hint:
        say(f"hint: {error.hint}")


def _fail_usage(error: click.ClickException) -> None:
    """A wrong use on one line; where a command or a group stands alone, its help as it is."""
    if type(error).__name__ == "NoArgsIsHelpError":  # not in every click that will do
        say(error.format_message())
        return
    context = getattr(error, "ctx", None)
    message = " ".join(error.format_message().split())
    fail(UsageError(message, f"see: {context.command_path} --help" if context else None))


def unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Python's last word on an error that nobody foresaw, as one line; `--debug` gives the traceback. Exit code 1."""
    if issubclass(kind, Exception) and "--debug" not in sys.argv:
        place = ""
        while trace is not None:
            place, trace = (
                f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}",
                trace.tb_next,
            )
        said = " ".join(str(error).split())[:300]
        fail(
            NewscrawlError(
                f"internal: {kind.__name__}: {said} ({place})",
                "run it again with --debug, and report what it says",
            )
        )
    else:
        sys.__excepthook__(kind, error, trace)


def _failed(error: NewscrawlError, app: App, cause: BaseException | None = None) -> int:
    if app.debug:
        sys.__excepthook__(type(cause or error), cause or error, (cause or error).__traceback__)
    fail(error)
    return error.exit_code


def _storage_error(error: OSError) -> StorageError:
    """What cannot be used: a file, or stdout, whose errors name none."""
    said = error.strerror or error
    if error.filename is None and _stdout_fails():
        _close_stdout()
        return StorageError(
            f"cannot write standard output: {said}", "free some space, or send it elsewhere"
        )
    place = f" {error.filename}" if error.filename else ""
    return StorageError(
        f"cannot use{place}: {said}", "check the disk, its free space and the permissions"
    )


def _stdout_fails() -> bool:
    """Whether stdout takes neither what is left to write nor, as a full device, nothing at all."""
    try:
        sys.stdout.flush()
        os.write(sys.stdout.fileno(), b"")
    except UnsupportedOperation:  # no file
        return False
    except OSError:
        return True
    return False


def _close_stdout() -> None:
    """The reader of our output has gone: what is still buffered goes nowhere, without a word at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


class _Folder(click.Path):
    """A folder's path; the empty text, which would be the folder one stands in, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("expected a folder's name, got nothing", param, ctx)
        return super().convert(value, param, ctx)


def _set_archive(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(App).archive_option = value


def _set_debug(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(App).debug = True


def _archive_option() -> click.Option:
    return click.Option(
        ["--archive"],
        type=_Folder(file_okay=False, path_type=Path),
        metavar="DIR",
        expose_value=False,
        callback=_set_archive,
        help="The archive's folder; else NEWSCRAWL_ARCHIVE, else ./data.",
    )


def _debug_option() -> click.Option:
    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        callback=_set_debug,
        help="Show tracebacks and every log line.",
    )


main = Commands(
    "newscrawl",
    params=[_archive_option(), _debug_option()],
    help="Archives news sites: what was published, when, and what it pointed to.",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
click.version_option(VERSION, prog_name="newscrawl")(main)
