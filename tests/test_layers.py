"""Imports point one way: the table of docs/architecture.md, checked against every import of the package.

A package may import what stands in its row, and nothing else. A fault is reported by file and line.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "newscrawl"

STORE = "store store.schema store.write store.read store.admin"
SCRAPY_PROJECT = "core crawl sites extract store.write"
# Package -> the packages of newscrawl that it may import. The package itself is always allowed.
MAY_IMPORT: Mapping[str, frozenset[str]] = {
    package: frozenset(names.split())
    for package, names in {
        "core": "",
        "sites": "core",
        "extract": "core sites",
        "warc": "core",
        "store.schema": "core",
        "store": "core store.schema",
        "store.write": "core store store.schema",
        "store.read": "core store",
        "store.admin": "core store store.schema store.write",
        "archive": f"core sites extract warc {STORE}",
        "reports": "core sites store store.read",
        "export": "core sites warc store store.schema store.read store.admin archive reports",
        "crawl": "core sites extract warc store store.write store.read items",
        "history": f"core sites extract warc archive crawl {STORE}",
        "crawl.scrapy": (
            "core sites extract warc store store.write store.read crawl spiders pipelines items middlewares settings"
        ),
        "spiders": f"{SCRAPY_PROJECT} items middlewares pipelines settings",
        "pipelines": f"{SCRAPY_PROJECT} items",
        "items": "core",
        "middlewares": SCRAPY_PROJECT,
        "settings": f"{SCRAPY_PROJECT} pipelines",
        "authoring": "core sites extract",
        "demo": "",
        "api": "core sites extract warc store store.schema store.read reports export",
        "web": "core sites warc store store.read reports export",
        "cli": (
            "core sites extract warc archive reports export crawl crawl.scrapy spiders pipelines items middlewares"
            f" history settings authoring demo api web {STORE}"
        ),
        "__init__": "core api",
        "__main__": "cli",
    }.items()
}
# These modules of crawl/ know Scrapy's five names, which import the rest of crawl/: they are a row of their own.
CRAWL_ON_SCRAPY = (
    "crawl/run.py",
    "crawl/loader.py",
    "crawl/window.py",
    "crawl/remote/",
    "crawl/scrapy_commands/",
)
# Package -> the third-party packages that it may import. One that is in no row is new: give it a row here, and its
# reason in docs/decisions.md.
MAY_USE: Mapping[str, frozenset[str]] = {
    package: frozenset(names.split())
    for package, names in {
        "core": "w3lib dateparser",
        "sites": "pydantic pydantic_core regex lxml cssselect",
        "extract": "lxml regex feedparser trafilatura charset_normalizer",
        "warc": "isal",
        "store.schema": "sqlite_utils",
        "archive": "rensa",
        "export": "pyarrow lxml packaging surt",
        "crawl": "scrapy twisted protego zope w3lib",
        "history": "fastwarc warcio urllib3",
        "crawl.scrapy": "scrapy twisted protego zope w3lib redis scrapy_redis pydantic",
        "spiders": "scrapy itemadapter twisted",
        "pipelines": "scrapy itemadapter",
        "items": "scrapy itemadapter",
        "middlewares": "scrapy itemadapter",
        "settings": "scrapy itemadapter",
        "authoring": "lxml",
        "api": "sqlite_utils pandas polars pyarrow networkx mcp",  # each in the function that needs it
        "web": "datasette markupsafe uvicorn",
        "cli": "click rich scrapy",  # `--set` is checked against Scrapy's own settings
    }.items()
}
# The part of crawl/ that a collector and a test can use without Scrapy.
WITHOUT_SCRAPY = frozenset(
    {"session", "queue", "reception", "ending", "options", "quarantine", "soft_404", "budget"}
)
# Asks SQLite in memory what it can do, before there is any archive.
# `web/sql_limits.py` passes on the queries of Datasette and has none of its own.
MAY_RUN_SQL = frozenset({"cli/commands/doctor.py", "web/sql_limits.py"})
# `execute` of a Redis pipeline, which is no SQL.
NO_SQL = frozenset({"crawl/remote/queue.py", "crawl/remote/lease.py"})
# Pure: no files, no network, no clock. In core these modules deal with files and processes, and say so.
PURE = frozenset({"core", "extract"})
NOT_PURE = frozenset(
    {
        "core/boundaries.py",
        "core/files.py",
        "core/lock.py",
        "core/processes.py",
        "core/crashpoints.py",
        "core/deadline.py",
        "core/folder.py",
        "core/program.py",
        "core/extras.py",
    }
)
IMPURE_MODULES = frozenset(
    {"os", "io", "pathlib", "socket", "subprocess", "sqlite3", "tempfile", "time", "http", "random"}
)
IMPURE_CALLS = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "open"}
)


@dataclass(frozen=True, slots=True)
class Import:
    """One name imported by a file of newscrawl: `newscrawl.store.rows`, `scrapy`, `os.path`."""

    file: Path
    line: int
    name: str

    @property
    def importer(self) -> str:
        """The importing file's row of the table: `store.read`, `items`."""
        return row_of(self.file.relative_to(PACKAGE).as_posix())

    @property
    def imported(self) -> str | None:
        """The imported module's row; None for a module that is not of newscrawl."""
        top, _, rest = self.name.partition(".")
        if top != "newscrawl":
            return None
        return row_of(rest.replace(".", "/") + "/" if rest else "__init__.py")

    def at(self, fault: str) -> str:
        """A fault with its place."""
        return f"newscrawl/{self.file.relative_to(PACKAGE).as_posix()}:{self.line}: {fault}"


def row_of(path: str) -> str:
    """The row of a file or a module, as a path: `store.read` for store/read/links.py and store/read/links/."""
    if path.replace(".py", "/").startswith(
        tuple(name.replace(".py", "/") for name in CRAWL_ON_SCRAPY)
    ):
        return "crawl.scrapy"
    parts = [part.removesuffix(".py") for part in path.strip("/").split("/")]
    two = ".".join(parts[:2])
    return two if two in MAY_IMPORT else parts[0]


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def all_imports() -> list[Import]:
    return [found for file in files() for found in imports_of(file, file.read_text("utf-8"))]


def imports_of(file: Path, source: str) -> Iterator[Import]:
    """Every import of a source, those within functions too, relative ones by their full names."""
    package = ("newscrawl", *file.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = imported_from(node, package)
        else:
            continue
        for name in names:
            yield Import(file, node.lineno, name)


def imported_from(node: ast.ImportFrom, package: tuple[str, ...]) -> list[str]:
    """`from newscrawl.store import rows` -> newscrawl.store.rows, where `rows` is a module or a package."""
    base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
    module = ".".join(part for part in (base, node.module) if part)
    names = []
    for alias in node.names:
        place = PACKAGE.parent.joinpath(*module.split("."), alias.name)
        is_module = place.is_dir() or place.with_suffix(".py").is_file()
        names.append(f"{module}.{alias.name}" if is_module else module)
    return names


def test_every_module_has_a_row() -> None:
    rows = {row_of(file.relative_to(PACKAGE).as_posix()) for file in files()}
    assert rows - set(MAY_IMPORT) == set(), "give it a row in MAY_IMPORT"


def test_every_row_has_a_module() -> None:
    rows = {row_of(file.relative_to(PACKAGE).as_posix()) for file in files()}
    named = set(MAY_IMPORT) | set(MAY_USE) | set().union(*MAY_IMPORT.values())
    assert named - rows == set()


def test_the_page_on_architecture_has_this_table() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([\w.]+)` \| (.*?) \|", page, re.MULTILINE))
    documented = {package: set(re.findall(r"`([\w.]+)`", row)) for package, row in rows.items()}
    expected = {
        package: set(names) for package, names in MAY_IMPORT.items() if not package.startswith("__")
    }
    expected["cli"] = set()  # "everything"
    assert documented == expected


def test_imports_point_one_way() -> None:
    assert list(faults(all_imports())) == []


def faults(imports: list[Import]) -> Iterator[str]:
    """Imports that are in no row: of newscrawl's own packages, and of third parties."""
    for found in imports:
        if found.imported is not None:
            if found.imported not in MAY_IMPORT[found.importer] | {found.importer}:
                yield found.at(f"{found.importer} must not import {found.imported}")
            continue
        package = found.name.split(".")[0]
        if package in sys.stdlib_module_names:
            continue
        if package not in MAY_USE.get(found.importer, ()):
            allowed = sorted(row for row, names in MAY_USE.items() if package in names)
            yield found.at(
                f"{found.importer} must not import {package} (allowed in: {', '.join(allowed) or 'nowhere'})"
            )


def test_the_core_of_a_crawl_needs_no_scrapy() -> None:
    wrong = [
        found.at(f"this module must not import {found.name}")
        for found in all_imports()
        if found.importer == "crawl"
        and found.file.stem in WITHOUT_SCRAPY
        and found.name.split(".")[0] in MAY_USE["crawl"]
    ]
    assert wrong == []


def test_no_circle_between_packages() -> None:
    edges: dict[str, set[str]] = {}
    for found in all_imports():
        if found.imported is not None and found.imported != found.importer:
            edges.setdefault(found.importer, set()).add(found.imported)
    assert circle(edges) is None


def circle(edges: Mapping[str, set[str]]) -> list[str] | None:
    """A path that leads back to where it began; None where there is none."""
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> list[str] | None:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return None
        for other in sorted(edges.get(module, ())):
            if (found := walk(other, [*path, module])) is not None:
                return found
        done.add(module)
        return None

    return next(
        (found for module in sorted(edges) if (found := walk(module, [])) is not None), None
    )


def test_pure_packages_touch_no_file_no_network_and_no_clock() -> None:
    wrong = []
    for found in all_imports():
        if is_pure(found.file) and found.name.split(".")[0] in IMPURE_MODULES:
            wrong.append(found.at(f"this module is pure and must not import {found.name}"))
    for file in files():
        if is_pure(file):
            wrong += [
                f"{file.relative_to(PACKAGE.parent)}:{line}: {call}()"
                for line, call in impure_calls(file)
            ]
    assert wrong == []


def is_pure(file: Path) -> bool:
    place = file.relative_to(PACKAGE)
    return place.parts[0] in PURE and place.as_posix() not in NOT_PURE


def impure_calls(file: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in IMPURE_CALLS:
            yield node.lineno, ast.unparse(node.func)


def test_only_the_store_runs_sql() -> None:
    wrong = []
    for file in files():
        place = file.relative_to(PACKAGE)
        if place.parts[0] == "store" or place.as_posix() in MAY_RUN_SQL | NO_SQL:
            continue
        wrong += [
            f"newscrawl/{place.as_posix()}:{line}: SQL belongs in newscrawl/store"
            for line in sql_calls(file)
        ]
    assert wrong == []


def sql_calls(file: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in ("execute", "executemany", "executescript"):
            yield node.lineno


@pytest.mark.parametrize(
    ("file", "source", "fault"),
    [
        (
            "core/x.py",
            "from newscrawl.store import rows",
            "newscrawl/core/x.py:1: core must not import store",
        ),
        (
            "store/x.py",
            "from ..warc import pages",
            "newscrawl/store/x.py:1: store must not import warc",
        ),
        (
            "store/read/x.py",
            "import newscrawl.store.write.store",
            "newscrawl/store/read/x.py:1: store.read must not",
        ),
        (
            "store/x.py",
            "import scrapy.http",
            "newscrawl/store/x.py:1: store must not import scrapy (allowed in: ",
        ),
        (
            "extract/x.py",
            "def f():\n    from newscrawl.cli.app import App",
            "newscrawl/extract/x.py:2: extract must not",
        ),
        (
            "core/x.py",
            "import leftpad",
            "newscrawl/core/x.py:1: core must not import leftpad (allowed in: nowhere)",
        ),
        (
            "crawl/session.py",
            "from newscrawl.spiders import site",
            "newscrawl/crawl/session.py:1: crawl must not",
        ),
    ],
)
def test_a_wrong_import_is_found_with_its_line(file: str, source: str, fault: str) -> None:
    found = list(faults(list(imports_of(PACKAGE / file, source))))
    assert len(found) == 1
    assert found[0].startswith(fault)


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("store/x.py", "from .rows import Task\nfrom ..core.records import Page\nimport sqlite3"),
        ("cli/x.py", "from newscrawl.core.version import VERSION\nimport click"),
        (
            "crawl/run.py",
            "from newscrawl.spiders.site import SiteSpider\nfrom newscrawl.crawl.session import Session",
        ),
    ],
)
def test_a_right_import_is_no_fault(file: str, source: str) -> None:
    assert list(faults(list(imports_of(PACKAGE / file, source)))) == []


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}}) is None
