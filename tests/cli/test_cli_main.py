"""The command as a whole: help, global options, and every error as one line, one hint and an exit code."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from pydantic_core import SchemaError

from newscrawl.cli import main as cli
from newscrawl.cli.app import App
from newscrawl.cli.main import LOCATIONS, interrupt_again, main, with_global_options
from newscrawl.cli.output import progress_text
from newscrawl.cli.summary import RunProgress
from newscrawl.core.errors import (
    ArchiveDamaged,
    ArchiveLocked,
    NewscrawlError,
    SiteFailed,
    SiteFileError,
    Stopped,
    StorageError,
    UsageError,
)
from newscrawl.core.folder import DATABASE
from newscrawl.core.version import VERSION
from newscrawl.crawl.options import CrawlOptions
from newscrawl.crawl.session import Session
from newscrawl.sites.generic import generic_site
from newscrawl.store.write.store import Store
from tests.support.archive_builder import build, newscrawl
from tests.support.terminal import on_a_terminal

CHECK = "hint: check the disk, its free space and the permissions\n"
SLOW = (
    "scrapy",
    "twisted",
    "trafilatura",
    "dateparser",
    "lxml",
    "pydantic",
    "rich",
    "sqlite_utils",
    "asyncio",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("archive"))


def commands() -> list[tuple[str, click.Command]]:
    """Every command by its full name, groups left out."""
    context = click.Context(main)
    found = []
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found += [(f"{name} {child}", each) for child, each in command.commands.items()]
        else:
            found.append((name, command))
    return found


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "newscrawl", *arguments]
    return subprocess.run(command, capture_output=True, text=True, **options)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_help_ends_with_an_example_that_names_the_command(
    name: str, command: click.Command
) -> None:
    text = CliRunner().invoke(main, [*name.split(), "--help"]).output
    _, example, after = text.rpartition("Example")
    assert example
    assert after.splitlines()[1].lstrip().startswith("newscrawl")
    assert name in after


def test_help_groups_all_commands() -> None:
    text = CliRunner().invoke(main, ["--help"]).output
    for name in LOCATIONS:
        assert f"\n  {name} " in text
    assert [line for line in text.splitlines() if line in ("Collect:", "Read:", "Monitor:")] == [
        "Collect:",
        "Read:",
        "Monitor:",
    ]


def test_help_imports_nothing_slow() -> None:
    code = (
        "import sys\nfrom newscrawl.cli.main import main\ntry:\n    main(['--help'])\nfinally:\n"
        f"    print('slow:', [name for name in {SLOW} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "slow: []"


def test_version() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert (result.exit_code, result.output.split()[-1]) == (0, VERSION)


@pytest.mark.parametrize("where", ["before", "after", "environment"])
def test_archive_is_named_before_or_after_the_command(
    folder: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "environment":
        monkeypatch.setenv("NEWSCRAWL_ARCHIVE", str(folder))
    option = ["--archive", str(folder)]
    arguments = {
        "before": [*option, "status"],
        "after": ["status", *option],
        "environment": ["status"],
    }[where]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{folder}: database")


def test_commands_in_groups_take_the_archive_too(folder: Path) -> None:
    assert (
        CliRunner().invoke(main, ["sites", "list", "--archive", str(folder), "--json"]).exit_code
        == 0
    )


@pytest.mark.parametrize(
    "error",
    [
        NewscrawlError("a", "b"), UsageError("a", "b"), SiteFailed("a", "b"), StorageError("a", "b"),
        ArchiveDamaged("a", "b"), Stopped("a", "b"), ArchiveLocked("a", "b"),
    ],
)  # fmt: skip
def test_error_is_two_lines_and_its_exit_code(
    error: NewscrawlError, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = raising(error, monkeypatch)
    assert (result.exit_code, result.stderr) == (error.exit_code, "error: a\nhint: b\n")


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch, *options: str):  # type: ignore[no-untyped-def]
    """What the command says where one of its commands raises an error."""

    @click.command()
    def breaking() -> None:
        raise error

    monkeypatch.setattr(
        cli.Commands, "get_command", lambda self, ctx, name: with_global_options(breaking)
    )
    return CliRunner().invoke(main, [*options, "breaking"])


def test_each_problem_of_a_site_file_is_an_error_line(monkeypatch: pytest.MonkeyPatch) -> None:
    error = SiteFileError("x.toml", [("a", "bad"), ("b", "worse")])
    assert raising(error, monkeypatch).stderr == "error: x.toml: a: bad\nerror: x.toml: b: worse\n"


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    result = raising(UsageError("a"), monkeypatch, "--debug")
    assert "Traceback" in result.stderr
    assert result.stderr.endswith("error: a\n")


def test_interrupt_prints_stopped_and_exits_with_6(monkeypatch: pytest.MonkeyPatch) -> None:
    result = raising(KeyboardInterrupt(), monkeypatch)
    assert (result.exit_code, result.stderr) == (6, "Stopped.\n")


class _Field:
    """Python raises a RuntimeError where such a method is interrupted."""

    def __set_name__(self, owner: type, name: str) -> None:
        raise KeyboardInterrupt


def test_interrupt_that_became_another_error_is_still_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError) as raised:
        type("Model", (), {"field": _Field()})
    of_pydantic = SchemaError('Error building "model":\n  KeyboardInterrupt: ')
    for error in (raised.value, of_pydantic):
        result = raising(error, monkeypatch)
        assert (result.exit_code, result.stderr) == (6, "Stopped.\n")


def test_system_errors_are_storage_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    result = raising(OSError(28, "No space left on device", "x.csv"), monkeypatch)
    assert (result.exit_code, result.stderr) == (
        4,
        "error: cannot use x.csv: No space left on device\n" + CHECK,
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "command", [["export", "articles"], ["export", "graph"], ["search", "khoi"]]
)
def test_error_of_a_full_device_names_stdout(
    folder: Path, command: list[str], unbuffered: str
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        result = subprocess.run(
            [sys.executable, "-m", "newscrawl", "--archive", str(folder), *command], stdout=full,
            stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    error, hint = result.stderr.splitlines()
    assert (result.returncode, error) == (
        4,
        "error: cannot write to standard output: No space left on device",
    )
    assert hint.startswith("hint: ")


def test_damaged_database_is_reported_as_damaged(tmp_path: Path) -> None:
    build(tmp_path)
    data = bytearray((tmp_path / DATABASE).read_bytes())
    data[4096 * 3 :] = b"\xff" * (len(data) - 4096 * 3)
    (tmp_path / DATABASE).write_bytes(data)
    result = newscrawl(tmp_path, "status")
    assert result.exit_code == 5
    assert "is damaged" in result.stderr
    assert "rebuild" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuch"],
        ["status", "--nosuch"],
        ["search"],
        ["search", "x", "--limit", "0"],
        ["links", "1", "--depth", "x"],
    ],
)
def test_wrong_usage_is_one_error_one_hint_and_code_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == ["error", "hint"]
    assert "--help" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["sites"], ["help"], ["help", "search"]])
def test_help_is_printed_without_error_or_hint(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.output.startswith("Usage: newscrawl ")
    assert "error" not in result.output
    assert "hint" not in result.output


def test_choices_are_on_one_line() -> None:
    error, hint = CliRunner().invoke(main, ["export"]).stderr.splitlines()
    assert error.endswith("Choose from: articles, links, listings, revisions, graph, wacz, cdxj")
    assert hint == "hint: see: newscrawl export --help"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("serach x", "No such command 'serach'. (Did you mean one of: 'extract', 'search'?)"),
        ("sites shw", "No such command 'shw'. Did you mean 'show'?"),
        ("sites foo", "No such command 'foo'."),
        ("demo --archve x", "No such option '--archve'. Did you mean '--archive'?"),
    ],
)
def test_a_mistyped_name_is_answered_with_similar_ones(arguments: str, error: str) -> None:
    result = CliRunner().invoke(main, arguments.split())
    first, hint = result.stderr.splitlines()
    assert first == f"error: {error}"
    assert hint.startswith("hint: see: newscrawl ")
    assert result.exit_code == 2


def test_signal_that_comes_while_an_object_is_deleted_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Deleted:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    def delete_one_and_wait() -> None:
        Deleted()
        threading.Event().wait(10)

    monkeypatch.setattr(sys, "unraisablehook", interrupt_again)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            delete_one_and_wait()
    finally:
        signal.signal(signal.SIGINT, before)


def test_search_word_with_a_dash_is_no_option(folder: Path) -> None:
    assert newscrawl(folder, "search", "-duong").exit_code == 0
    assert newscrawl(folder, "search", "--", "-duong").exit_code == 0
    assert "see: newscrawl search --help" in newscrawl(folder, "search", "--lmit", "3").stderr


@pytest.mark.parametrize("arguments", [["--archive", "", "status"], ["status", "--archive", ""]])
def test_an_empty_folder_name_is_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, "expected the name of a folder" in result.stderr) == (2, True)


def test_unexpected_error_is_one_line_without_debug(folder: Path) -> None:
    code = (
        "import newscrawl.cli.main as cli, sys\n"
        "def broken(self, ctx, name): raise ZeroDivisionError('of \\x1b[2J')\n"
        "cli.Commands.get_command = broken\nsys.argv = ['newscrawl', *sys.argv[1:], 'status']\ncli.main()"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 1
    error, hint = result.stderr.splitlines()
    assert error.startswith("error: internal: ZeroDivisionError: of \\x1b[2J (<string>:")
    assert "--debug" in hint
    result = subprocess.run([sys.executable, "-c", code, "--debug"], capture_output=True, text=True)
    assert (result.returncode, "Traceback" in result.stderr) == (1, True)


def test_closed_output_pipe_is_no_error(folder: Path) -> None:
    command = f"'{sys.executable}' -m newscrawl --archive '{folder}' export articles --stubs | true"
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True
    )
    assert "Traceback" not in result.stderr
    assert "Broken" not in result.stderr
    assert result.returncode == 0


@pytest.mark.parametrize(
    "arguments",
    ["status", "status --json", "export articles", "export graph", "search duong", "--help"],
)
def test_closed_standard_output_is_one_error(folder: Path, arguments: str) -> None:
    command = f"'{sys.executable}' -m newscrawl --archive '{folder}' {arguments} >&-"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (
        4,
        "error: cannot write to standard output: it is closed\n"
        "hint: remove >&-, or redirect it to a file\n",
    )


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_leave_the_archive_alone(
    folder: Path, tmp_path: Path, closed: str
) -> None:
    target = tmp_path / "articles.csv"
    command = f"'{sys.executable}' -m newscrawl --archive '{folder}' export articles -o '{target}'"
    result = subprocess.run(["bash", "-c", f"{command} {closed}"], check=False)
    assert result.returncode == 0
    assert target.read_text("utf-8").startswith("id,site,key,")


def test_output_is_utf8_in_any_locale(folder: Path) -> None:
    environ = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    result = subprocess.run(
        [sys.executable, "-m", "newscrawl", "--archive", str(folder), "search", "khoi cong"],
        capture_output=True,
        env=environ,
    )
    assert (result.returncode, "Đường sắt".encode() in result.stdout) == (0, True)


def test_arguments_that_are_not_utf8(folder: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "newscrawl", "--archive", str(folder), "show", b"\xff\xfe"],
        capture_output=True,
    )
    assert (result.returncode, result.stderr.count(b"\n")) == (2, 2)


def test_progress_of_many_sites_is_one_line_of_sums(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        sites = [generic_site(f"https://paper{number}.example/") for number in range(5)]
        sessions = [Session(site, store, CrawlOptions(warc=False)) for site in sites]
        run = RunProgress(20)
        for session in sessions:
            session.tally.requests, session.tally.new = 10, 4
            run.add(session)
        sessions[0].finish("finished")
        for _ in range(2):
            assert run.line(10) == (
                "1 of 20 sites done, 4 running, 15 waiting · 20 new, 0 changed, 0 category pages"
                " · 50 pages, 5.0 per second"
            )


def test_tabs_between_values_reach_a_terminal(folder: Path) -> None:
    printed = on_a_terminal("--archive", str(folder), "links", "--tsv", "--columns", "site,key")
    assert printed.splitlines()[0].split() == ["site", "key"]
    assert "\\x09" not in printed


def test_graph_on_a_terminal_is_that_of_the_file(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "links.gexf"
    assert newscrawl(folder, "export", "graph", "-o", str(file)).exit_code == 0
    printed = on_a_terminal("--archive", str(folder), "export", "graph")
    assert printed.replace("\r\n", "\n").rstrip() == file.read_text("utf-8").rstrip()


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "6"],
        ["problems"],
        ["export", "articles"],
        ["export", "articles", "--format", "tsv"],
        ["search", "mot bai"],
        ["show", "5"],
        ["search", "mot bai", "--json"],
    ],
)
def test_text_of_pages_cannot_drive_the_terminal(folder: Path, arguments: list[str]) -> None:
    shown = on_a_terminal("--archive", str(folder), *arguments)
    assert "\x1b]" not in shown
    assert "\x1b[2J" not in shown


def test_terminal_gets_bold_hits_and_drawn_tables(folder: Path) -> None:
    assert "\x1b[1mkhởi\x1b[22m" in on_a_terminal("--archive", str(folder), "search", "khoi cong")
    status = on_a_terminal("--archive", str(folder), "status")
    assert "───" in status
    assert "\t" not in status


def test_interrupted_process_ends_with_code_6(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "newscrawl", "parse-time"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"2026-09-01\n" * 5000)
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert (process.communicate()[1], process.returncode) == (b"Stopped.\n", 6)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_signal_during_imports_ends_with_code_6(tmp_path: Path, name: str) -> None:
    stops = f"import os, signal\nos.kill(os.getpid(), signal.{name})\n"
    (tmp_path / "click.py").write_text(stops)
    done = subprocess.run(
        [sys.executable, "-m", "newscrawl", "status"],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (6, "Stopped.\n")


def test_sites_to_crawl(tmp_path: Path, folder: Path) -> None:
    assert App(folder).sites_to_crawl() == ["other", "paper"]
    (tmp_path / "newscrawl.toml").write_text('sites = ["b", "a", "b"]', "utf-8")
    assert App(tmp_path).sites_to_crawl() == ["b", "a"]
    with pytest.raises(UsageError, match="no site given, and no site was crawled into"):
        App(tmp_path / "nowhere").sites_to_crawl()


def test_the_demo_newspaper_is_named_as_what_the_archive_has(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.db.execute("INSERT INTO sites (site, name, domain) VALUES ('demo', 'd', 'd.example')")
        store.db.execute(
            "INSERT INTO crawls (site, started_at, version) VALUES ('demo', '2026', '0')"
        )
    with pytest.raises(UsageError, match="only what is not crawled without its name: demo"):
        App(tmp_path).sites_to_crawl()


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("crawl vnex", ["vnexpress"]),
        ("search --site bnew", ["bnews"]),
        ("--archive {archive} schedule my", ["my-paper"]),
        ("cra", ["crawl"]),
    ],
)
def test_a_shell_completes_commands_and_sites(
    tmp_path: Path, words: str, completed: list[str]
) -> None:
    site = 'name = "my-paper"\nextends = "bnews"\n'
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "my-paper.toml").write_text(site, "utf-8")
    line = f"newscrawl {words.format(archive=tmp_path)}"
    variables = {
        "_NEWSCRAWL_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split()) - 1),
    }
    result = run(env=os.environ | variables)
    assert [answer.partition(",")[2] for answer in result.stdout.splitlines()] == completed


def test_no_colour_and_dumb_terminals_get_plain_text(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    shown = on_a_terminal("--archive", str(folder), "search", "khoi cong")
    assert "[khởi]" in shown
    assert "\x1b" not in shown


def test_long_tables_go_through_a_pager_unless_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pager = tmp_path / "pager"
    pager.write_text(f"#!/bin/sh\ncat > {tmp_path}/paged\n", "utf-8")
    pager.chmod(0o755)
    monkeypatch.setenv("PAGER", str(pager))
    monkeypatch.setenv("LINES", "3")
    assert "───" in on_a_terminal("--archive", str(folder), "status", "--no-pager")
    assert not (tmp_path / "paged").exists()
    assert "───" not in on_a_terminal("--archive", str(folder), "status")
    assert "───" in (tmp_path / "paged").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "total"),
    [
        (["export", "articles", "-o", os.devnull], "6 articles"),
        (["export", "graph"], "4 links"),
        (["export", "articles"], "6 articles"),
        (["export", "articles", "--search", "duong"], "3 articles"),
        (["search", "duong", "--limit", "all", "--csv"], "3 articles"),
        (["search", "duong", "--limit", "2000", "--offset", "1", "--json"], "2 articles"),
    ],
)
def test_progress_names_total_rate_and_the_time_that_remains(
    folder: Path, arguments: list[str], total: str
) -> None:
    leader, follower = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "newscrawl", "--archive", str(folder), *arguments],
        stdout=subprocess.PIPE, stderr=follower, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(follower)
    shown = os.read(leader, 65536).decode()
    os.close(leader)
    assert done.returncode == 0, shown
    assert (b"paper" in done.stdout) == (os.devnull not in arguments)
    assert f"0 of {total}" in shown
    assert "left" in shown
    assert progress_text(1200, 8000, "pages", 4.0) == "1,200 of 8,000 pages, 300 per second"
    assert progress_text(12, None, "pages", 10.0) == "12 pages, 1.2 per second"
