"""House rules that ruff has no rule for. Each fault comes with its file and line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checkout import ROOT, tracked_files

LONGEST_MODULE = 500  # lines
MOST_FIELDS = 5  # of a dataclass whose values may be passed by position
LONGEST_TEST_MODULE = 600  # tables of cases are long, and read one row at a time
VAGUE_NAMES = frozenset({"utils.py", "helpers.py", "misc.py", "common.py"})
# A path of the machine that somebody happened to write on: right nowhere else.
MACHINE_PATH = re.compile(r"(?<![\w.:/~-])/(?:work|tmp|root|home|Users)/")
UNFINISHED = re.compile(
    r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b"
)
CONFLICT = re.compile("^(?:" + "|".join(("<" * 7, ">" * 7, "[|]" * 7)) + ") ")
BROAD = frozenset({"Exception", "BaseException"})


def python_files() -> list[Path]:
    return [
        path
        for folder in ("newscrawl", "tests", "bench")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


def place(path: Path, line: int | None = None) -> str:
    name = path.relative_to(ROOT).as_posix()
    return name if line is None else f"{name}:{line}"


def test_modules_are_short() -> None:
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in python_files()}
    long = [f"{place(path)}: {size} lines" for path, size in sizes.items() if size > longest(path)]
    assert long == [], "one idea a module: split it"


def longest(path: Path) -> int:
    return LONGEST_TEST_MODULE if path.is_relative_to(ROOT / "tests") else LONGEST_MODULE


def test_one_step_a_line() -> None:
    """Nested conditional expressions, comprehensions of two loops or conditions, crowded records."""
    wrong = [
        f"{place(path, line)}: {fault}"
        for path in sorted((ROOT / "newscrawl").rglob("*.py"))
        for line, fault in dense(path.read_text("utf-8"))
    ]
    assert wrong == []


def dense(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.IfExp):
            inner = [part for part in ast.walk(node) if isinstance(part, ast.IfExp)]
            if len(inner) > 1:
                yield node.lineno, "a conditional expression inside another"
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            conditions = sum(len(loop.ifs) for loop in node.generators)
            if len(node.generators) > 1 or conditions > 1:
                yield node.lineno, "a comprehension with two loops or two conditions"
        elif isinstance(node, ast.ClassDef) and is_crowded(node):
            yield node.lineno, f"{node.name} has more than five fields: make it kw_only"


def is_crowded(node: ast.ClassDef) -> bool:
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    if not any("dataclass" in text and "kw_only=True" not in text for text in decorators):
        return False
    return sum(isinstance(part, ast.AnnAssign) for part in node.body) > MOST_FIELDS


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("x = 1 if a else 2 if b else 3", 1),
        ("x = [c for a in b for c in a]", 1),
        ("x = [a for a in b if a if c]", 1),
        ("x = [a for a in b if a and c]", 0),
        ("@dataclass\nclass A:\n" + "".join(f"    f{n}: int\n" for n in range(6)), 1),
        ("@dataclass(kw_only=True)\nclass A:\n" + "".join(f"    f{n}: int\n" for n in range(6)), 0),
    ],
)
def test_a_dense_line_is_found(source: str, count: int) -> None:
    assert len(list(dense(source))) == count


def test_no_module_has_a_vague_name() -> None:
    assert [place(path) for path in python_files() if path.name in VAGUE_NAMES] == []


def test_nothing_is_caught_that_cannot_be_handled() -> None:
    wrong = [
        f"{place(path, line)}: {fault}"
        for path in python_files()
        for line, fault in broad(path.read_text("utf-8"))
    ]
    assert wrong == []


def broad(source: str) -> Iterator[tuple[int, str]]:
    """`except:` and `except Exception:` whose error does not go on; undoing something and raising again is fine."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ExceptHandler):
            continue
        names = {
            ast.unparse(part)
            for part in (
                node.type.elts
                if isinstance(node.type, ast.Tuple)
                else [node.type]
                if node.type
                else []
            )
        }
        caught = "everything" if node.type is None else ", ".join(sorted(names & BROAD))
        goes_on = is_passed_on(node)
        if caught and not goes_on:
            yield node.lineno, f"catches {caught} and carries on"


def is_passed_on(handler: ast.ExceptHandler) -> bool:
    """Whether the handler ends with raising the error again, or with returning it."""
    last = handler.body[-1]
    if isinstance(last, ast.Return) and handler.name is not None:
        return any(
            isinstance(node, ast.Name) and node.id == handler.name for node in ast.walk(last)
        )
    return isinstance(last, ast.Raise) and last.exc is None


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("try: f()\nexcept: pass", 1),
        ("try: f()\nexcept Exception as e: g(e)", 1),
        ("try: f()\nexcept (OSError, BaseException): g()", 1),
        ("try: f()\nexcept BaseException:\n    undo()\n    raise", 0),
        ("def f():\n    try: return None, g()\n    except Exception as e: return e, None", 0),
        ("def f():\n    try: return g()\n    except Exception as e: return 0", 1),
        ("try: f()\nexcept (OSError, ValueError): g()", 0),
    ],
)
def test_a_broad_except_is_found(source: str, count: int) -> None:
    assert len(list(broad(source))) == count


def tracked_texts() -> Iterator[tuple[Path, str]]:
    """Every text file that is or could be committed."""
    for name in tracked_files():
        data = (ROOT / name).read_bytes()
        if b"\0" not in data[:8000]:
            yield ROOT / name, data.decode("utf-8", "replace")


def test_no_path_of_one_machine() -> None:
    assert matches(MACHINE_PATH) == []


def test_nothing_is_left_unfinished() -> None:
    assert matches(UNFINISHED) == []


def test_no_conflict_is_left_in_a_file() -> None:
    assert matches(CONFLICT) == []


def matches(pattern: re.Pattern[str]) -> list[str]:
    """Place and text of every line that has the pattern, in whatever file; this one is left out."""
    return [
        f"{place(path, number)}: {line.strip()[:100]}"
        for path, text in tracked_texts()
        if path != Path(__file__).resolve() and "fixtures" not in path.parts
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_a_conflict_is_found() -> None:
    assert all(CONFLICT.search(f"{mark * 7} HEAD") for mark in "<>|")
    assert not CONFLICT.search(f">>> {'>' * 7} x")


def test_a_machine_path_is_found() -> None:
    assert MACHINE_PATH.search('open("/work/x")')
    assert MACHINE_PATH.search("see /home/me/data")
    assert not MACHINE_PATH.search("https://paper.example/tmp/1.html")
    assert not MACHINE_PATH.search("docs/work/page")
