"""Imports point one way (docs/architecture.md): read from the source with ast, each fault by file and line."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "newscrawl"

# From the bottom up: a module may import from its own layer and from those below, never from above.
LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "__init__ crashpoints errors records",
        "remembered text urls times fingerprints diffs edits recapture workers unfinished guard drift sameness"
        " fixturefiles hours",
        "sites selectors sitevalues sitemodel sitetables sitefile genericsite sources store archive",
        "extract refine discovery",
        "config lock verify quarantine reading reextract rebuild neardupes health checkup export export_parquet"
        " export_graph completeness completeness_words release settings items outcomes failures rest"
        " resolver tls robots captures source_queue budget siterows doubts session components middlewares pipelines"
        " spiders loader runner merge remote",
        "authoring cli web demo __main__",
    )
)
# Within a layer there are no circles; besides, these know nothing of those, though the layers would let them.
STRANGERS: Mapping[str, frozenset[str]] = {
    "store": frozenset({"archive", "sitefile", "sitemodel"}),
    "archive": frozenset({"store", "sitefile", "sitemodel", "times", "urls", "fingerprints"}),
    "sitefile": frozenset({"store", "archive"}),
    "sitemodel": frozenset({"store", "archive"}),
    "extract": frozenset({"store", "archive", "refine"}),
    "refine": frozenset({"store", "archive"}),
}
ADAPTERS = (
    "settings components items failures resolver tls robots middlewares pipelines spiders loader runner cli demo remote"
)
# Where each dependency may be imported. One that is not here is new: say here where it belongs, and why in
# docs/decisions.md.
HOMES: Mapping[str, frozenset[str]] = {
    name: frozenset(modules.split())
    for name, modules in {
        "scrapy": ADAPTERS,
        "twisted": ADAPTERS,
        "protego": "robots",
        "itemadapter": ADAPTERS,
        "zope": "loader tls",
        "w3lib": "urls extract spiders",
        "parsel": "extract",
        "lxml": "selectors extract authoring export_graph",
        "cssselect": "selectors",
        "regex": "selectors sitefile sitevalues sitemodel extract",
        "pydantic": "sitefile sitetables sitevalues sitemodel config remote",
        "redis": "remote",
        "scrapy_redis": "remote",
        "pydantic_core": "sitefile sitemodel config",
        "dateparser": "times",
        "charset_normalizer": "extract",
        "trafilatura": "extract",
        "feedparser": "extract",
        "sqlite_utils": "store",
        "warcio": "archive",
        "fastwarc": "archive",
        "isal": "archive",
        "networkx": "",  # the tests read graphs back with it
        "pyarrow": "export_parquet",
        "rensa": "neardupes",
        "datasette": "web",
        "markupsafe": "web",
        "uvicorn": "web",
        "click": "cli web",
        "rich": "cli",
    }.items()
}
# Asks SQLite in memory what it can do, before there is any archive.
MAY_RUN_SQL = frozenset({"cli/doctor.py"})
# `execute` of a Redis pipeline, which knows no SQL.
NO_SQL = frozenset({"remote/queue.py", "remote/lease.py"})
# Pure layers: no files, no network, no clock.
PURE = frozenset(
    {"text", "urls", "times", "fingerprints", "diffs", "edits", "guard", "extract", "refine", "records", "errors"}
)
IMPURE_MODULES = frozenset(
    {"os", "io", "pathlib", "socket", "subprocess", "sqlite3", "tempfile", "time", "http", "random"}
)
IMPURE_CALLS = frozenset({"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "open"})


@dataclass(frozen=True, slots=True)
class Import:
    """One name imported by a file of ours: `newscrawl.store.rows`, `scrapy`, `os.path`."""

    file: Path
    line: int
    name: str
    only_types: bool

    @property
    def importer(self) -> str:
        """The first part of the importing module's name: `store`, `text`."""
        return module_of(self.file)

    @property
    def ours(self) -> str | None:
        """The first part of the imported module's name within newscrawl; None for others' modules."""
        if self.name != "newscrawl" and not self.name.startswith("newscrawl."):
            return None
        return self.name.split(".")[1] if "." in self.name else "__init__"

    def at(self, fault: str) -> str:
        """A fault with its place."""
        return f"newscrawl/{self.file.relative_to(PACKAGE).as_posix()}:{self.line}: {fault}"


def module_of(file: Path) -> str:
    """`store` for store/rows.py, `text` for text.py."""
    first = file.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def layer_of(module: str) -> int:
    """The place from the bottom; KeyError where the module has none yet."""
    for place, names in enumerate(LAYERS):
        if module in names:
            return place
    raise KeyError(module)


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def all_imports() -> list[Import]:
    return [found for file in files() for found in imports_of(file, file.read_text("utf-8"))]


def imports_of(file: Path, source: str) -> Iterator[Import]:
    """Every import of a source, those within functions too, relative ones by their full names."""
    tree = ast.parse(source)
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    package = ("newscrawl", *file.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = imported_from(node, package)
        else:
            continue
        yield from (Import(file, node.lineno, name, id(node) in typing_only) for name in names)


def imported_from(node: ast.ImportFrom, package: tuple[str, ...]) -> list[str]:
    """`from ..store import rows` -> newscrawl.store.rows; of a package of ours each name may be a module."""
    base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
    module = ".".join(part for part in (base, node.module) if part)
    if module != "newscrawl":
        return [module]
    return [
        f"{module}.{alias.name}" if {alias.name, f"{alias.name}.py"} & top_names() else module for alias in node.names
    ]


def top_names() -> set[str]:
    return {path.name for path in PACKAGE.iterdir()}


def test_every_module_has_a_layer() -> None:
    known = frozenset().union(*LAYERS)
    assert {module_of(file) for file in files()} - known == set(), "give it a place in LAYERS"


def test_no_rule_names_a_module_that_is_gone() -> None:
    homes = frozenset().union(*HOMES.values())
    named = frozenset().union(*LAYERS, homes, PURE, STRANGERS, *STRANGERS.values())
    assert named - {module_of(file) for file in files()} == set()


def test_the_page_on_architecture_names_every_module_in_its_layer() -> None:
    table = (PACKAGE.parent / "docs" / "architecture.md").read_text("utf-8").partition("## Where to find")[0]
    rows = [
        (int(number), set(re.findall(r"`(\w+)/?`", row))) for number, row in re.findall(r"^\| (\d) (.*)$", table, re.M)
    ]
    told = [set().union(*(names for layer, names in rows if layer == number)) for number in range(1, len(LAYERS) + 1)]
    missing = [(number, names - told[number - 1]) for number, names in enumerate(LAYERS, 1)]
    assert [(number, left) for number, names in missing if (left := names - {"__init__", "__main__"})] == []


def test_imports_point_down() -> None:
    assert list(faults(all_imports())) == []


def faults(imports: list[Import]) -> Iterator[str]:
    """Imports from above, of strangers, and of dependencies out of their place."""
    for found in imports:
        if found.ours is not None:
            if layer_of(found.ours) > layer_of(found.importer):
                yield found.at(f"{found.importer} must not import {found.ours}, which is above it")
            elif found.ours in STRANGERS.get(found.importer, ()):
                yield found.at(f"{found.importer} must not know {found.ours}")
            continue
        other = found.name.split(".")[0]
        if other in sys.stdlib_module_names:
            continue
        if other not in HOMES:
            yield found.at(f"{other} is a new dependency: say in tests/test_layers.py where it may be imported")
        elif found.importer not in HOMES[other]:
            yield found.at(f"{other} belongs to {', '.join(sorted(HOMES[other]))}, not to {found.importer}")


def test_no_circle_between_modules() -> None:
    edges: dict[str, set[str]] = {}
    for found in all_imports():
        if found.ours is not None and found.ours != found.importer and not found.only_types:
            edges.setdefault(found.importer, set()).add(found.ours)
    assert circle(edges) is None


def circle(edges: Mapping[str, set[str]]) -> list[str] | None:
    """A way that leads back to where it began; None where there is none."""
    done: set[str] = set()

    def walk(module: str, way: list[str]) -> list[str] | None:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return None
        for other in sorted(edges.get(module, ())):
            if (found := walk(other, [*way, module])) is not None:
                return found
        done.add(module)
        return None

    return next((found for module in sorted(edges) if (found := walk(module, [])) is not None), None)


def test_pure_layers_touch_no_file_no_network_and_no_clock() -> None:
    wrong = [
        found.at(f"{found.importer} is pure and must not import {found.name}")
        for found in all_imports()
        if found.importer in PURE and found.name.split(".")[0] in IMPURE_MODULES
    ]
    for file in files():
        if module_of(file) in PURE:
            wrong += [f"{file.relative_to(PACKAGE.parent)}:{line}: {call}()" for line, call in impure_calls(file)]
    assert wrong == []


def impure_calls(file: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in IMPURE_CALLS:
            yield node.lineno, ast.unparse(node.func)


def test_only_the_store_runs_sql() -> None:
    wrong = [
        f"{file.relative_to(PACKAGE.parent)}:{node.lineno}: SQL belongs in newscrawl/store"
        for file in files()
        if module_of(file) != "store" and file.relative_to(PACKAGE).as_posix() not in MAY_RUN_SQL | NO_SQL
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("execute", "executemany", "executescript")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("file", "source", "said"),
    [
        ("text.py", "from .store import rows", "newscrawl/text.py:1: text must not import store, which is above it"),
        ("store/x.py", "from ..archive import pages", "newscrawl/store/x.py:1: store must not know archive"),
        ("store/x.py", "import scrapy.http", "newscrawl/store/x.py:1: scrapy belongs to"),
        (
            "extract/x.py",
            "def f():\n    from newscrawl.cli.app import App",
            "newscrawl/extract/x.py:2: extract must not",
        ),
        ("text.py", "import leftpad", "newscrawl/text.py:1: leftpad is a new dependency"),
    ],
)
def test_a_wrong_import_is_found_with_its_line(file: str, source: str, said: str) -> None:
    found = list(faults(list(imports_of(PACKAGE / file, source))))
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("store/x.py", "from .rows import Task\nfrom ..records import Page\nimport sqlite3"),
        ("cli/x.py", "from .. import __version__\nfrom ..store.reader import Reader\nimport click"),
    ],
)
def test_a_right_import_is_no_fault(file: str, source: str) -> None:
    assert list(faults(list(imports_of(PACKAGE / file, source)))) == []


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}}) is None
