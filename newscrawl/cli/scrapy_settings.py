"""`--set KEY=VALUE`, checked before the crawl: Scrapy would read a wrong value late, or never."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar

from newscrawl.core.errors import UsageError

T = TypeVar("T")

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
AT_LEAST_1 = ("CONCURRENT_", "REACTOR_THREADPOOL_MAXSIZE")  # with 0 a crawl would never proceed
# Settings that map the full names of classes to numbers.
COMPONENTS = ("ITEM_PIPELINES", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS")
SETTINGS_PAGE = "https://docs.scrapy.org/en/latest/topics/settings.html"


def parse_settings(overrides: Sequence[str]) -> dict[str, str]:
    """`KEY=VALUE` texts as Scrapy settings; UsageError for unknown names and invalid values."""
    defaults = _defaults()
    settings: dict[str, str] = {}
    for text in overrides:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(
                f"--set {text!r}: expected KEY=VALUE", "for example: --set DOWNLOAD_DELAY=2"
            )
        if name not in defaults:
            raise UsageError(
                f"--set {text}: Scrapy has no setting {name}", _similar_names(name, defaults)
            )
        expected = _expected(name, value, defaults[name])
        if expected is not None:
            raise UsageError(
                f"--set {text}: expected {expected}", _default_value(name, defaults[name][-1])
            )
        settings[name] = value
    return settings


def _similar_names(name: str, defaults: Mapping[str, object]) -> str:
    similar = get_close_matches(name.upper(), defaults, 2)
    if similar:
        return f"did you mean {' or '.join(similar)}?"
    return f"all settings are listed at {SETTINGS_PAGE}"


def _default_value(name: str, default: object) -> str:
    if isinstance(default, str | float | int):
        return f"the default is {name}={default}"
    return "remove the option"


def _defaults() -> Mapping[str, tuple[object, ...]]:
    """For each setting, its default in Scrapy and its default in newscrawl, if it has them."""
    from scrapy.settings import Settings

    from newscrawl import settings as newscrawl_settings

    defaults: dict[str, tuple[object, ...]] = {}
    for name, value in Settings().items():
        defaults[name] = (value,)
    for name, value in vars(newscrawl_settings).items():
        if name.isupper():
            defaults[name] = (*defaults.get(name, ()), value)
    return defaults


def _expected(name: str, value: str, defaults: Sequence[object]) -> str | None:
    """What the value should have been, judged by the setting's defaults; None if it is valid."""
    from scrapy.settings import BaseSettings

    if name.endswith("LOG_LEVEL"):
        return None if value in LEVELS else f"one of {', '.join(LEVELS)}"
    settings = BaseSettings({name: value})
    kinds = {type(default) for default in defaults}
    if bool in kinds:
        return "True or False" if _read(settings.getbool, name) is None else None
    # The defaults of some timeouts are whole numbers, but Scrapy takes fractions of a second.
    if float in kinds or name.endswith("TIMEOUT"):
        return _expected_number(name, _read(settings.getfloat, name), "a number")
    if int in kinds:
        return _expected_number(name, _read(settings.getint, name), "a whole number")
    if kinds & {dict, BaseSettings}:
        values = _read(settings.getdict, name)
        return "a JSON object" if values is None else _expected_components(name, values)
    if not _can_be_loaded(value, defaults[0]):
        return "the full name of a class or function that is installed"
    return None


def _read(getter: Callable[[str], T], name: str) -> T | None:
    try:
        return getter(name)
    except (ValueError, TypeError):
        return None


def _expected_number(name: str, number: float | None, kind: str) -> str | None:
    least = -math.inf if "PRIORITY" in name else 0
    if name.startswith(AT_LEAST_1):
        least = 1
    if number is not None and least <= number < math.inf:
        return None
    return kind if least < 0 else f"{kind} of at least {least}"


def _expected_components(name: str, values: Mapping[object, object]) -> str | None:
    """What a setting that maps classes to their order should have been; None if it is valid."""
    if name.removesuffix("_BASE") not in COMPONENTS:
        return None
    for class_name, order in values.items():
        if order is None:  # turned off
            continue
        if not isinstance(order, int):
            return f"a whole number or null as the order of {class_name}"
        if not _is_importable(str(class_name)):
            return f"the full names of classes that are installed; cannot import {class_name}"
    return None


def _can_be_loaded(value: str, default: object) -> bool:
    """Whether the value names something to import; True if the default is not such a name."""
    if not isinstance(default, str) or not default.startswith(("scrapy.", "twisted.")):
        return True
    return _is_importable(value)


def _is_importable(full_name: str) -> bool:
    from scrapy.utils.misc import load_object

    try:
        load_object(full_name)
    except (ValueError, NameError, ImportError, SyntaxError):
        return False
    return True
