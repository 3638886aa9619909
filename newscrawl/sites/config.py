"""Where the archive is, and what its newscrawl.toml says.

Options beat environment variables, these beat `newscrawl.toml` in the archive folder, that beats the defaults.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from newscrawl.core.errors import StorageError, UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.version import VERSION
from newscrawl.sites.values import HoursOfDay

ARCHIVE_VARIABLE = "NEWSCRAWL_ARCHIVE"
DEFAULT_ARCHIVE = Path("data")

# Environment variable -> key path in newscrawl.toml.
VARIABLES: Mapping[str, tuple[str, ...]] = {
    "NEWSCRAWL_SITES": ("sites",),
    "NEWSCRAWL_CONTACT": ("contact",),
    "NEWSCRAWL_LOG_LEVEL": ("log_level",),
    "NEWSCRAWL_DELAY_SECONDS": ("politeness", "delay_seconds"),
    "NEWSCRAWL_CONCURRENCY": ("politeness", "concurrency"),
}

# Printable ASCII: it becomes a part of the User-Agent header.
Contact = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[ -~]+$")
]
SiteName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class ArchivePoliteness(BaseModel):
    """How fast every site is asked; None leaves it to the site file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay_seconds: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] | None = None
    concurrency: Annotated[int, Field(ge=1, le=64)] | None = None
    hours: HoursOfDay | None = None  # for sites whose file gives none


class ReleaseWords(BaseModel):
    """What `newscrawl release` says of its maker; options beat it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str | None = None
    authors: tuple[str, ...] = ()
    license: str | None = None


class Config(BaseModel):
    """The settings of one archive. `sites` are crawled where a command names none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sites: tuple[SiteName, ...] = ()
    contact: Contact | None = None
    log_level: LogLevel = "WARNING"
    politeness: ArchivePoliteness = ArchivePoliteness()
    dupes_after_crawl: bool = False  # look for near copies in what a crawl brought
    release: ReleaseWords = ReleaseWords()
    notify: tuple[
        str, ...
    ] = ()  # a command and its arguments; gets the message on its standard input

    def scrapy_settings(self) -> dict[str, object]:
        """What this says to Scrapy: only what differs from newscrawl's own settings."""
        settings: dict[str, object] = {"LOG_LEVEL": self.log_level}
        if self.contact is not None:
            settings["NEWSCRAWL_CONTACT"] = self.contact
            settings["USER_AGENT"] = f"newscrawl/{VERSION} (research archive; {self.contact})"
        if self.politeness.delay_seconds is not None:
            settings["DOWNLOAD_DELAY"] = self.politeness.delay_seconds
        if self.politeness.concurrency is not None:
            settings["CONCURRENT_REQUESTS_PER_DOMAIN"] = self.politeness.concurrency
        return settings


TABLES: Mapping[str, type[BaseModel]] = {"politeness": ArchivePoliteness, "release": ReleaseWords}


def archive_folder(option: Path | None, environ: Mapping[str, str]) -> Path:
    """The archive's folder, whether it exists or not: option, NEWSCRAWL_ARCHIVE, ./data."""
    if option is not None:
        return option
    return Path(environ.get(ARCHIVE_VARIABLE) or DEFAULT_ARCHIVE)


def load_config(
    folder: Path, environ: Mapping[str, str], options: Mapping[str, object] | None = None
) -> Config:
    """The archive's settings; UsageError with everything that is wrong in the file and the environment, at once.

    `options` are settings given on the command line, by key (`log_level`).
    """
    path = ArchiveFolder(folder).config
    values = _read(path)
    for variable, keys in VARIABLES.items():
        if environ.get(variable):
            _put(values, keys, _list_or_text(keys, environ[variable]))
    values |= options or {}
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        lines = [_line(problem, path, environ) for problem in error.errors()]
        raise UsageError("\n".join(lines), f"keys are: {_known_keys()}") from error


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: expected TOML, {error}", 'for example: contact = "name@example.org"'
        ) from error
    except OSError as error:
        raise StorageError(
            f"cannot read {path}: {error.strerror}", "check the file's permissions"
        ) from error


def _put(values: dict[str, object], keys: tuple[str, ...], value: object) -> None:
    """Sets one value by its key path; a table that the file has as something else stays, and is refused later."""
    first, *rest = keys
    if not rest:
        values[first] = value
        return
    table = values.setdefault(first, {})
    if isinstance(table, dict):
        table[rest[0]] = value


def _list_or_text(keys: tuple[str, ...], text: str) -> object:
    return text.replace(",", " ").split() if keys == ("sites",) else text


def _line(problem: ErrorDetails, path: Path, environ: Mapping[str, str]) -> str:
    keys = tuple(part for part in problem["loc"] if isinstance(part, str))
    variable = next(
        (name for name, place in VARIABLES.items() if place == keys and environ.get(name)), None
    )
    place = variable or f"{path}: {_dotted(problem['loc'])}"
    if problem["type"] == "extra_forbidden":
        return f"{place}: unknown key"
    if problem["type"] == "value_error":  # our own check, which says what it got
        return f"{place}: {problem['ctx']['error']}"
    said = problem["msg"][:1].lower() + problem["msg"][1:]
    return f"{place}: {said}, got {problem['input']!r}"


def _dotted(loc: tuple[int | str, ...]) -> str:
    """`sites[0]`, `politeness.delay_seconds`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def _known_keys() -> str:
    return ", ".join(
        dotted
        for name in Config.model_fields
        for dotted in (
            [f"{name}.{key}" for key in TABLES[name].model_fields] if name in TABLES else [name]
        )
    )
