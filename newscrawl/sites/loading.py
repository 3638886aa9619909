"""Site files: TOML, laid over the file that they extend, checked as a whole, compiled once.

Looked for in `sites/` of the archive folder, then in the package: a file of one's own wins by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
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
HINT = "docs/site-file.md says what may be written where"


def available_sites(folder: Path | None = None) -> dict[str, Path]:
    """The site files by name: the package's, and over them those in `sites/` of the archive folder."""
    found = {
        path.stem: path for path in sorted(PACKAGED.glob("*.toml")) if not path.stem.startswith("_")
    }
    if folder is not None:
        found |= {path.stem: path for path in sorted(ArchiveFolder(folder).sites.glob("*.toml"))}
    return found


def load_site(name: str, folder: Path | None = None) -> Site:
    """The site of that name; UsageError where there is none, SiteFileError where its file is wrong."""
    sites = ({"demo": DEMO} if name == "demo" else {}) | available_sites(folder)
    if name not in sites:
        near = get_close_matches(name, sites, 1)
        hint = (
            f"did you mean {near[0]}?" if near else "see what there is with: newscrawl sites list"
        )
        raise UsageError(f"no site file for {name!r}", hint)
    return load_site_file(sites[name], folder)


def load_site_file(path: Path, folder: Path | None = None) -> Site:
    """The site in a file; SiteFileError with every problem at once. A file read before is not read again."""
    try:
        stamp = path.stat().st_mtime_ns
    except OSError as error:
        raise SiteFileError(str(path), [("", f"cannot be read: {error.strerror}")]) from error
    return _load(path, folder, stamp)


@lru_cache(maxsize=256)
def _load(path: Path, folder: Path | None, stamp: int) -> Site:
    bases = {file.stem: file for file in PACKAGED.glob("*.toml")} | available_sites(folder)
    data = merged(path, bases)
    problems = []
    if isinstance(name := data.get("name"), str) and name != path.stem:
        problems.append(("name", f"expected {path.stem!r}, the file's name, got {name!r}"))
    try:
        model = SiteModel.model_validate(data)
    except ValidationError as error:
        problems += [problem_of(detail) for detail in error.errors()]
        raise SiteFileError(str(path), problems, HINT) from error
    if problems:
        raise SiteFileError(str(path), problems, HINT)
    return Site(model, model.origin.lower())


def merged(path: Path, bases: Mapping[str, Path], seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """The file's tables over those of the file it extends; lists are replaced as a whole, templates by their names."""
    data = _tables(path)
    parent = data.pop("extends", None)
    if parent is None:
        return data
    if not isinstance(parent, str) or parent not in bases or parent in seen:
        raise SiteFileError(
            str(path),
            [("extends", f"expected the name of another site file, got {parent!r}")],
            HINT,
        )
    return _over(merged(bases[parent], bases, (*seen, path.stem)), data)


def inherited(path: Path, bases: Mapping[str, Path]) -> list[Path]:
    """The file, and the files that it extends, the nearest first."""
    parent = _tables(path).get("extends")
    return [
        path,
        *(inherited(bases[parent], bases) if isinstance(parent, str) and parent in bases else []),
    ]


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SiteFileError(str(path), [("", f"is not TOML: {error}")], HINT) from error
    except OSError as error:
        raise SiteFileError(str(path), [("", f"cannot be read: {error.strerror}")]) from error


def _over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in top.items():
        old = both.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            both[key] = _over(old, value)
        elif key in ("template", "listing") and isinstance(old, list) and isinstance(value, list):
            both[key] = _over_by_name(old, value)
        else:
            both[key] = value
    return both


def _over_by_name(base: list[Any], top: list[Any]) -> list[Any]:
    """A platform's designs, each under what the site says of the design of that name; the site's own come first."""
    said = {
        one["name"]: one
        for one in top
        if isinstance(one, dict) and isinstance(one.get("name"), str)
    }
    known = {one.get("name") for one in base if isinstance(one, dict)}
    new = [one for one in top if not isinstance(one, dict) or one.get("name") not in known]
    old = [
        _over(one, said.get(one.get("name"), {})) if isinstance(one, dict) else one for one in base
    ]
    return new + old


def problem_of(detail: Any) -> tuple[str, str]:
    """A pydantic error as (key path, what was expected and what came)."""
    place = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        near = get_close_matches(str(detail["loc"][-1]), _names(detail["loc"]), 1)
        return place, "unknown key" + (f"; did you mean {near[0]!r}?" if near else "")
    if detail["type"] == "missing":
        return place, "expected a value, found none"
    if detail["type"] == "too_short":
        return (
            place,
            f"expected at least {detail['ctx']['min_length']}, found {detail['ctx']['actual_length'] or 'none'}",
        )
    message = str(detail["msg"]).removeprefix("Value error, ")
    given = detail.get("input")
    return place, message if isinstance(given, dict | list) or repr(
        given
    ) in message else f"{message}, got {given!r}"


def _names(loc: tuple[str | int, ...]) -> list[str]:
    """The keys that are known where an unknown one stands."""
    model: Any = SiteModel
    for part in loc[:-1]:
        if isinstance(part, str) and isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(
                part
            )  # None for a key of a table such as `fields`: its rules are one model
            model = _model_in(field.annotation) if field else model
    return (
        list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []
    )


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(
        (found for part in get_args(annotation) if (found := _model_in(part)) is not None), None
    )
