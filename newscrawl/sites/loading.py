"""Finding, reading and checking site files.

A site file is searched in `sites/` of the archive folder first, then in the package. It is TOML, is
merged over the file that it extends, is checked as a whole, and is compiled once.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from newscrawl.core.errors import SiteFileError, UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.sites.schema import SiteModel
from newscrawl.sites.site import Site

PACKAGED = Path(__file__).parent
DEMO = Path(__file__).parents[1] / "demo" / "demo.toml"
HINT = "docs/site-file.md describes every key"
# These lists of tables are merged by the `name` of each table. Other lists are replaced.
MERGED_BY_NAME = ("template", "listing")
# Sites that stay in memory after their last use: more than the package has.
KEPT_SITES = 40


def available_sites(folder: Path | None = None) -> dict[str, Path]:
    """The site files by name. Those of the archive folder replace those of the package."""
    packaged = sorted(PACKAGED.glob("*.toml"))
    sites = {path.stem: path for path in packaged if not path.stem.startswith("_")}
    if folder is not None:
        sites |= {path.stem: path for path in sorted(ArchiveFolder(folder).sites.glob("*.toml"))}
    return sites


def load_site(name: str, folder: Path | None = None) -> Site:
    """The site of that name. UsageError if there is none, SiteFileError if its file is invalid."""
    path = site_file(name, folder)
    if path is None and name == "demo":
        path = DEMO
    if path is None:
        similar = get_close_matches(name, available_sites(folder), 1)
        hint = f"did you mean {similar[0]}?" if similar else "list them with: newscrawl sites list"
        raise UsageError(f"no site file for {name!r}", hint)
    return load_site_file(path, folder)


def site_file(name: str, folder: Path | None = None) -> Path | None:
    """What `available_sites` has under a name; None if there is none. Looks at no other file."""
    path = file_named(name, folder)
    is_platform = path is not None and path.parent == PACKAGED and name.startswith("_")
    return None if is_platform else path


def file_named(name: str, folder: Path | None) -> Path | None:
    """The site file or the platform (`_…`) of that name; None if there is none."""
    if Path(name).name != name:  # a path, not a name
        return None
    if folder is not None:
        own = ArchiveFolder(folder).sites / f"{name}.toml"
        if os.path.lexists(own):  # also a link whose target is missing: its error is reported
            return own
    packaged = PACKAGED / f"{name}.toml"
    return packaged if os.path.isfile(packaged) else None  # noqa: PTH113 - a name may be too long


def load_sites(
    names: Iterable[str], folder: Path | None = None
) -> tuple[list[Site], list[SiteFileError]]:
    """The named sites, each once, and the errors of those whose site file is invalid."""
    sites = []
    broken = []
    for name in dict.fromkeys(names):
        try:
            sites.append(load_site(name, folder))
        except SiteFileError as error:
            broken.append(error)
    return sites, broken


def load_site_file(path: Path, folder: Path | None = None) -> Site:
    """The site in a file. SiteFileError lists all problems. An unchanged file is read only once."""
    try:
        changed_at = path.stat().st_mtime_ns
    except OSError as error:
        raise SiteFileError(str(path), [("", f"cannot be read: {error.strerror}")]) from error
    return _load(path, folder, changed_at)


@lru_cache(maxsize=KEPT_SITES)
def _load(path: Path, folder: Path | None, changed_at: int) -> Site:
    tables = merged(path, folder)
    problems = []
    name = tables.get("name")
    if isinstance(name, str) and name != path.stem:
        problems.append(("name", f"expected {path.stem!r}, the file's name, got {name!r}"))
    try:
        model = SiteModel.model_validate(tables)
    except ValidationError as error:
        problems += [problem_of(detail) for detail in error.errors()]
        raise SiteFileError(str(path), problems, HINT) from error
    if problems:
        raise SiteFileError(str(path), problems, HINT)
    return Site(model, model.origin.lower())


def merged(path: Path, folder: Path | None, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """The tables of a file, merged over those of the file that it extends."""
    tables = _tables(path)
    parent = tables.pop("extends", None)
    if parent is None:
        return tables
    base = file_named(parent, folder) if isinstance(parent, str) else None
    if base is None or parent in seen:
        problem = f"expected the name of another site file, got {parent!r}"
        raise SiteFileError(str(path), [("extends", problem)], HINT)
    return _merge(merged(base, folder, (*seen, path.stem)), tables)


def inherited(path: Path, bases: Mapping[str, Path]) -> list[Path]:
    """The file, then the files that it extends, the nearest first."""
    parent = _tables(path).get("extends")
    if not isinstance(parent, str) or parent not in bases:
        return [path]
    return [path, *inherited(bases[parent], bases)]


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SiteFileError(str(path), [("", f"is not TOML: {error}")], HINT) from error
    except OSError as error:
        raise SiteFileError(str(path), [("", f"cannot be read: {error.strerror}")]) from error


def _merge(base: Mapping[str, Any], site: Mapping[str, Any]) -> dict[str, Any]:
    """The base's tables with the site's over them. Lists are replaced, except MERGED_BY_NAME."""
    result = dict(base)
    for key, value in site.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            result[key] = _merge(old, value)
        elif key in MERGED_BY_NAME and isinstance(old, list) and isinstance(value, list):
            result[key] = _merge_by_name(old, value)
        else:
            result[key] = value
    return result


def _merge_by_name(base: list[Any], site: list[Any]) -> list[Any]:
    """The base's designs, each with the site's design of the same name over it.

    Designs that only the site has come first. Anything that is not a table is kept for the check.
    """
    in_base = {design.get("name") for design in base if isinstance(design, dict)}
    new = []
    changes: dict[str, Mapping[str, Any]] = {}
    for design in site:
        name = design.get("name") if isinstance(design, dict) else None
        if not isinstance(design, dict) or name not in in_base:
            new.append(design)
        elif isinstance(name, str):
            changes[name] = design
    merged_designs = []
    for design in base:
        if isinstance(design, dict):
            design = _merge(design, changes.get(design.get("name", ""), {}))
        merged_designs.append(design)
    return new + merged_designs


def problem_of(detail: Any) -> tuple[str, str]:
    """An error of pydantic as (key path, message)."""
    key_path = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        similar = get_close_matches(str(detail["loc"][-1]), _known_keys(detail["loc"]), 1)
        suggestion = f"; did you mean {similar[0]!r}?" if similar else ""
        return key_path, f"unknown key{suggestion}"
    if detail["type"] == "missing":
        return key_path, "expected a value, found none"
    if detail["type"] == "too_short":
        least = detail["ctx"]["min_length"]
        number = detail["ctx"]["actual_length"] or "none"
        return key_path, f"expected at least {least}, found {number}"
    message = str(detail["msg"]).removeprefix("Value error, ")
    value = detail.get("input")
    if isinstance(value, dict | list) or repr(value) in message:
        return key_path, message
    return key_path, f"{message}, got {value!r}"


def _known_keys(loc: tuple[str | int, ...]) -> list[str]:
    """The keys that are allowed in the table of an unknown key."""
    model: Any = SiteModel
    for part in loc[:-1]:
        if not isinstance(part, str) or not _is_model(model):
            continue
        # There is no field for a key of a table such as `fields`. All its rules have one model.
        field = model.model_fields.get(part)
        if field is not None:
            model = _model_in(field.annotation)
    return list(model.model_fields) if _is_model(model) else []


def _is_model(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel)


def _model_in(annotation: Any) -> Any:
    """The first model in a type such as `tuple[Template, ...]`; None if there is none."""
    if _is_model(annotation):
        return annotation
    for part in get_args(annotation):
        model = _model_in(part)
        if model is not None:
            return model
    return None
