"""What `import newscrawl` costs, which names it has, and what it says where a library is missing."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import newscrawl

ROOT = Path(__file__).parents[2]
KEY = "231726"
START = "import newscrawl; newscrawl.open({!r})"
SLOW_TO_IMPORT = (
    "scrapy", "twisted", "lxml", "pandas", "polars", "numpy", "pydantic", "dateparser", "sqlite_utils", "mcp",
)  # fmt: skip
MOST_SECONDS = 0.150


def python(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", program], capture_output=True, text=True, check=True
    )


def test_opening_imports_nothing_slow(archive: Path) -> None:
    program = f"{START.format(str(archive))}; import sys; print(*sys.modules)"
    modules = {name.partition(".")[0] for name in python(program).stdout.split()}
    assert modules & set(SLOW_TO_IMPORT) == set()


def test_opening_takes_little_time(archive: Path) -> None:
    """CPU time beyond that of Python itself, since other programs use the machine too; the best of five."""
    seconds = min(cpu_of(START.format(str(archive))) for _ in range(5))
    assert seconds - min(cpu_of("pass") for _ in range(5)) < MOST_SECONDS


def cpu_of(program: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    python(program)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def test_reading_imports_no_crawler(archive: Path) -> None:
    program = (
        f"import newscrawl; a = newscrawl.open({str(archive)!r}); x = a.article({KEY!r}); list(a.articles());"
        " list(x.links_in()); x.html(); x.diff(); a.front('demo'); newscrawl.extract(x.html(), url=x.url);"
        " newscrawl.parse_time('x'); import sys; print(*sys.modules)"
    )
    modules = {name.partition(".")[0] for name in python(program).stdout.split()}
    assert "lxml" in modules
    assert modules & {"scrapy", "twisted", "pandas"} == set()


def test_every_public_name_is_what_type_checkers_see() -> None:
    """The table of `__getattr__` and the imports for type checkers name the same things."""
    source = (ROOT / "newscrawl" / "__init__.py").read_text("utf-8")
    block = source.partition("if TYPE_CHECKING:\n")[2].partition("\n\n__version__")[0]
    seen: dict[str, str] = {}
    for module, names in re.findall(r"from newscrawl\.([\w.]+) import (\([^)]*\)|[^\n#]*)", block):
        seen |= dict.fromkeys(re.findall(r"\w+", names), module)
    assert set(seen) == set(newscrawl.__all__) - {"__version__"}
    for name, module in seen.items():
        value = getattr(newscrawl, name)
        assert name == "extract" or value is getattr(import_module(f"newscrawl.{module}"), name)
        assert value.__doc__, name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'opne'"):
        _ = newscrawl.opne  # type: ignore[attr-defined]


def test_extract_is_a_function_and_still_a_package() -> None:
    program = (
        "import newscrawl.extract.read as read, newscrawl; from newscrawl.extract import as_json;"
        " assert callable(newscrawl.extract) and newscrawl.extract.read is read; print(as_json.__name__)"
    )
    assert python(program).stdout == "newscrawl.extract.as_json\n"


def test_all_is_every_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    optional = [
        names for extra, names in extras.items() if extra not in ("all", "test", "fuzz", "tools")
    ]
    assert sorted(extras["all"]) == sorted(name for names in optional for name in names)


@pytest.mark.parametrize(
    ("library", "read"),
    [
        ("pandas", "archive.articles().to_pandas()"),
        ("polars", "archive.articles().to_polars()"),
        ("pyarrow", "archive.articles().to_arrow()"),
        ("networkx", "archive.graph()"),
    ],
)
def test_a_missing_library_is_an_error_with_the_command(
    archive: Path, library: str, read: str
) -> None:
    program = (
        f"import sys, newscrawl; sys.modules[{library!r}] = None; archive = newscrawl.open({str(archive)!r})\n"
        f"try:\n    {read}\nexcept newscrawl.UsageError as error:\n    print(error); print(error.hint)"
    )
    message, hint = python(program).stdout.splitlines()
    assert f"needs {library}, which is not installed" in message
    assert hint.startswith(("install it with: ", "reinstall newscrawl"))
