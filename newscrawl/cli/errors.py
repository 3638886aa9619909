"""How errors reach the user: a line `error:`, a line `hint:`, and an exit code."""

from __future__ import annotations

import os
import sys
from io import UnsupportedOperation
from pathlib import Path
from types import TracebackType

import click
from click.exceptions import NoArgsIsHelpError

from newscrawl.cli.app import App
from newscrawl.cli.output import say
from newscrawl.core.errors import ArchiveDamaged, NewscrawlError, StorageError, UsageError

LONGEST_MESSAGE = 300  # characters of an unexpected error's own message


def print_error(error: NewscrawlError) -> None:
    """Prints the lines of an error's message, then its hint."""
    for line in error.message.splitlines():
        say(f"error: {line}")
    if error.hint:
        say(f"hint: {error.hint}")


def print_usage_error(error: click.ClickException) -> None:
    """Prints click's error as one line. A group without a command prints its help."""
    if isinstance(error, NoArgsIsHelpError):
        say(error.format_message())
        return
    message = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    hint = f"see: {context.command_path} --help" if context else None
    print_error(UsageError(message, hint))


def report(error: NewscrawlError, app: App, cause: BaseException | None = None) -> int:
    """Prints an error, with --debug after the traceback of its cause; gives its exit code."""
    if app.debug:
        shown = cause or error
        sys.__excepthook__(type(shown), shown, shown.__traceback__)
    print_error(error)
    return error.exit_code


def damage_behind(error: Exception, app: App) -> ArchiveDamaged | None:
    """The damage in the archive that explains an error without an exit code of its own, if any."""
    from newscrawl.store.read import damage

    try:
        folders = app.sources or [app.archive]
    except NewscrawlError:  # the archive's name is invalid
        return None
    found = (damage.damage_behind(error, folder) for folder in folders)
    return next((flaw for flaw in found if flaw is not None), None)


def was_interrupted(error: BaseException | None) -> bool:
    """Whether an error is what became of a Ctrl-C or SIGTERM.

    Python (in `__set_name__`) and pydantic (while it builds a model) raise an error of their own
    instead; pydantic's names the interruption in its message only.
    """
    while error is not None:
        is_of_pydantic = type(error).__name__ == "SchemaError"
        if isinstance(error, KeyboardInterrupt):
            return True
        if is_of_pydantic and "KeyboardInterrupt" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def report_unexpected(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Prints an error that no code handles as one line, with --debug as a traceback.

    This is the interpreter's `sys.excepthook`; the exit code is 1.
    """
    if not issubclass(kind, Exception) or "--debug" in sys.argv:
        sys.__excepthook__(kind, error, traceback)
        return
    message = " ".join(str(error).split())[:LONGEST_MESSAGE]
    print_error(
        NewscrawlError(
            f"internal: {kind.__name__}: {message} ({_raised_at(traceback)})",
            "run the command again with --debug and report the traceback",
        )
    )


def _raised_at(traceback: TracebackType | None) -> str:
    """`file.py:12`, where the error was raised."""
    location = ""
    while traceback is not None:
        file = Path(traceback.tb_frame.f_code.co_filename)
        location = f"{file.name}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return location


def storage_error(error: OSError) -> StorageError:
    """The error of a file that cannot be used, or of stdout: its errors name no file."""
    if isinstance(error, UnsupportedOperation):
        return StorageError(
            "cannot write to standard output: it is closed", "remove >&-, or redirect it to a file"
        )
    reason = error.strerror or error
    if error.filename is None and _stdout_fails():
        discard_stdout()
        return StorageError(
            f"cannot write to standard output: {reason}",
            "free some space, or redirect the output to another disk",
        )
    file = error.filename or "a file"
    return StorageError(
        f"cannot use {file}: {reason}", "check the disk, its free space and the permissions"
    )


def _stdout_fails() -> bool:
    """Whether writing to stdout fails: what is still buffered, or, on a full device, nothing."""
    try:
        sys.stdout.flush()
        os.write(sys.stdout.fileno(), b"")
    except UnsupportedOperation:  # stdout is not a file
        return False
    except OSError:
        return True
    return False


def discard_stdout() -> None:
    """Drops what is still buffered for stdout, so that Python reports no error at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
