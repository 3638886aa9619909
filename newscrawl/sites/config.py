"""The settings in an archive's newscrawl.toml.

Options take precedence over environment variables, these over newscrawl.toml, and this over the
defaults.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails

from newscrawl.core.days import read_period
from newscrawl.core.errors import StorageError, UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.version import VERSION
from newscrawl.sites.values import HoursOfDay

# Environment variable -> key path in newscrawl.toml.
VARIABLES: Mapping[str, tuple[str, ...]] = {
    "NEWSCRAWL_SITES": ("sites",),
    "NEWSCRAWL_CONTACT": ("contact",),
    "NEWSCRAWL_LOG_LEVEL": ("log_level",),
    "NEWSCRAWL_DELAY_SECONDS": ("politeness", "delay_seconds"),
    "NEWSCRAWL_CONCURRENCY": ("politeness", "concurrency"),
}

# A site that is being crawled needs 0.7 MB of memory. With a delay of a second, 64 sites make 64
# requests a second, which take 0.4 s of CPU.
SITES_AT_ONCE = 64
# Printable ASCII, because it is a part of the User-Agent header.
Contact = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[ -~]+$")
]
Operator = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
SiteName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
# A day on which every form of a day can be read, to check one before it is used.
ANY_DAY = date(2000, 1, 1)


def _checked_since(text: str) -> str:
    try:
        read_period(text, "since", ANY_DAY)
    except UsageError as error:
        raise ValueError(f"{error.message}: {error.hint}") from error
    return text


LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class ArchivePoliteness(BaseModel):
    """How fast all sites are crawled. None: as in the site file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay_seconds: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] | None = None
    concurrency: Annotated[int, Field(ge=1, le=64)] | None = None
    hours: HoursOfDay | None = None  # for sites whose file has none


class CrawlRuns(BaseModel):
    """How many sites a run crawls at the same time, and when another run is reported as hanging."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sites_at_once: Annotated[int, Field(ge=1, le=1000)] = SITES_AT_ONCE
    overlap_hours: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 6


class ReleaseWords(BaseModel):
    """The title, authors and license for `newscrawl release`. Options take precedence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str | None = None
    authors: tuple[str, ...] = ()
    license: str | None = None


class SiteRange(BaseModel):
    """What every crawl of a site is limited to, unless an option says otherwise.

    `since` has any of the forms of --since. A relative one, such as `30d`, moves on with the days.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Annotated[str, AfterValidator(_checked_since)] | None = None
    max_pages: Annotated[int, Field(ge=1)] | None = None
    categories: tuple[str, ...] = ()
    discover: tuple[Literal["category", "feed", "sitemap"], ...] = ()


class Config(BaseModel):
    """The settings of one archive. `sites` are crawled if a command names none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sites: tuple[SiteName, ...] = ()
    operator: Operator | None = None  # who crawls, for the WARC files
    contact: Contact | None = None
    log_level: LogLevel = "WARNING"
    politeness: ArchivePoliteness = ArchivePoliteness()
    crawl: CrawlRuns = CrawlRuns()
    dupes_after_crawl: bool = False  # compare the articles of each crawl to find near duplicates
    release: ReleaseWords = ReleaseWords()
    range: Mapping[SiteName, SiteRange] = {}
    # A command and its arguments, which gets the message on its standard input.
    notify: tuple[str, ...] = ()

    def scrapy_settings(self) -> dict[str, object]:
        """The Scrapy settings that differ from the defaults of newscrawl."""
        settings: dict[str, object] = {"LOG_LEVEL": self.log_level}
        if self.contact is not None:
            settings["NEWSCRAWL_CONTACT"] = self.contact
            settings["USER_AGENT"] = f"newscrawl/{VERSION} (research archive; {self.contact})"
        if self.politeness.delay_seconds is not None:
            settings["DOWNLOAD_DELAY"] = self.politeness.delay_seconds
        if self.politeness.concurrency is not None:
            settings["CONCURRENT_REQUESTS_PER_DOMAIN"] = self.politeness.concurrency
        return settings


TABLES: Mapping[str, type[BaseModel]] = {
    "politeness": ArchivePoliteness,
    "crawl": CrawlRuns,
    "release": ReleaseWords,
}


def load_config(
    folder: Path, environ: Mapping[str, str], options: Mapping[str, object] | None = None
) -> Config:
    """The archive's settings. UsageError lists all problems of the file and the environment.

    `options` are settings from the command line, by key (`log_level`). An unchanged file is checked
    only once, since every site of a crawl asks for it.
    """
    path = ArchiveFolder(folder).config
    variables = {name: environ[name] for name in VARIABLES if environ.get(name)}
    return _checked(path, _version(path), tuple(variables.items()), tuple((options or {}).items()))


def _version(path: Path) -> tuple[int, int] | None:
    """When a file was changed, and its size; None if it cannot be read."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=8)
def _checked(
    path: Path,
    version: tuple[int, int] | None,
    variables: tuple[tuple[str, str], ...],
    options: tuple[tuple[str, object], ...],
) -> Config:
    """The settings of a version of the file."""
    values = _read(path)
    environ = dict(variables)
    for name, text in variables:
        keys = VARIABLES[name]
        _put(values, keys, _as_list(text) if keys == ("sites",) else text)
    values |= dict(options)
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        problems = [_problem_line(detail, path, environ) for detail in error.errors()]
        hint = f"keys are: {', '.join(_known_keys())}"
        raise UsageError("\n".join(problems), hint) from error


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        hint = 'for example: contact = "name@example.org"'
        raise UsageError(f"{path}: expected TOML, {error}", hint) from error
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise StorageError(message, "check the file's permissions") from error


def _put(values: dict[str, object], keys: tuple[str, ...], value: object) -> None:
    """Sets one value by its key path.

    If the file has something else in place of the table, it is kept, and the check reports it.
    """
    first, *rest = keys
    if not rest:
        values[first] = value
        return
    table = values.setdefault(first, {})
    if isinstance(table, dict):
        table[rest[0]] = value


def _as_list(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _problem_line(detail: ErrorDetails, path: Path, environ: Mapping[str, str]) -> str:
    """One line about a wrong value, with the file and key, or the environment variable."""
    source = _variable_of(detail["loc"], environ) or f"{path}: {_dotted(detail['loc'])}"
    if detail["type"] == "extra_forbidden":
        return f"{source}: unknown key"
    if detail["type"] == "value_error":  # a check of ours, whose message has the value already
        return f"{source}: {detail['ctx']['error']}"
    message = detail["msg"][:1].lower() + detail["msg"][1:]
    return f"{source}: {message}, got {detail['input']!r}"


def _variable_of(loc: tuple[int | str, ...], environ: Mapping[str, str]) -> str | None:
    """The environment variable that set the value at this place; None if the file did."""
    keys = tuple(part for part in loc if isinstance(part, str))
    for variable, variable_keys in VARIABLES.items():
        if variable_keys == keys and environ.get(variable):
            return variable
    return None


def _dotted(loc: tuple[int | str, ...]) -> str:
    """`sites[0]`, `politeness.delay_seconds`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc]
    return "".join(parts).lstrip(".")


def _known_keys() -> list[str]:
    keys = []
    for name in Config.model_fields:
        if name in TABLES:
            keys += [f"{name}.{key}" for key in TABLES[name].model_fields]
        elif name == "range":
            keys += [f"range.SITE.{key}" for key in SiteRange.model_fields]
        else:
            keys.append(name)
    return keys
