"""What `--set KEY=VALUE` says, checked before anything is made: Scrapy itself would read it late, or never."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from newscrawl.core.errors import UsageError

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
AT_LEAST_1 = ("CONCURRENT_", "REACTOR_THREADPOOL_MAXSIZE")  # with none a crawl stands still


def parse_settings(overrides: Sequence[str]) -> dict[str, str]:
    """`KEY=VALUE` texts as Scrapy settings; UsageError for anything else, unknown names and values that cannot be."""
    defaults = _defaults()
    found: dict[str, str] = {}
    for text in overrides:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(
                f"--set {text!r}: expected KEY=VALUE", "for example: --set DOWNLOAD_DELAY=2"
            )
        if name not in defaults:
            near = get_close_matches(name.upper(), defaults, 2)
            hint = (
                f"did you mean {' or '.join(near)}?"
                if near
                else "all settings: https://docs.scrapy.org/en/latest/topics/settings.html"
            )
            raise UsageError(f"--set {text}: Scrapy has no setting {name}", hint)
        if expected := _expected(name, value, defaults[name]):
            usual = defaults[name][-1]
            hint = (
                f"without it: {name}={usual}"
                if isinstance(usual, str | float | int)
                else "leave it out"
            )
            raise UsageError(f"--set {text}: expected {expected}", hint)
        found[name] = value
    return found


def _defaults() -> Mapping[str, tuple[object, ...]]:
    """Every setting's value in Scrapy, then in newscrawl, where it has one there."""
    from scrapy.settings import Settings

    from newscrawl import settings as ours

    scrapy = {name: (value,) for name, value in Settings().items()}
    own = {name: value for name, value in vars(ours).items() if name.isupper()}
    return scrapy | {name: (*scrapy.get(name, ()), value) for name, value in own.items()}


def _expected(name: str, value: str, defaults: Sequence[object]) -> str | None:
    """What had to stand there, by the kind of what stands there usually; None where the value will do."""
    from scrapy.settings import BaseSettings

    if name.endswith("LOG_LEVEL"):
        return None if value in LEVELS else f"one of {', '.join(LEVELS)}"
    given = BaseSettings({name: value})
    kinds = {type(default) for default in defaults}
    read: Callable[[str], float]
    if bool in kinds:
        read, expected = given.getbool, "True or False"
    elif float in kinds or name.endswith(
        "TIMEOUT"
    ):  # Scrapy writes some of its seconds as whole numbers
        read, expected = given.getfloat, "a number"
    elif int in kinds:
        read, expected = given.getint, "a whole number"
    elif kinds & {dict, BaseSettings}:
        read, expected = lambda name: len(given.getdict(name)), "a JSON object"
    else:
        return (
            None
            if _loads(value, defaults[0])
            else "the full name of a class or function that is installed"
        )
    least = -math.inf if "PRIORITY" in name else 1 if name.startswith(AT_LEAST_1) else 0
    words = expected if least < 0 or "number" not in expected else f"{expected} from {least}"
    try:
        return None if least <= read(name) < math.inf else words
    except (ValueError, TypeError):
        return words


def _loads(value: str, default: object) -> bool:
    """Whether a value can be loaded where the default names something of Scrapy's or Twisted's."""
    from scrapy.utils.misc import load_object

    if not isinstance(default, str) or not default.startswith(("scrapy.", "twisted.")):
        return True
    try:
        load_object(value)
    except (ValueError, NameError, ImportError):
        return False
    return True
