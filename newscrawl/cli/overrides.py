"""What `--set KEY=VALUE` says, checked before anything is made: Scrapy itself would read it late, or never."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from ..errors import UsageError

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def parse_settings(overrides: Sequence[str]) -> dict[str, str]:
    """`KEY=VALUE` texts as Scrapy settings; UsageError for anything else, unknown names and values that cannot be."""
    defaults = _defaults()
    found: dict[str, str] = {}
    for text in overrides:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"--set {text!r}: expected KEY=VALUE", "for example: --set DOWNLOAD_DELAY=2")
        if name not in defaults:
            near = get_close_matches(name.upper(), defaults, 2)
            hint = (
                f"did you mean {' or '.join(near)}?"
                if near
                else "all settings: https://docs.scrapy.org/en/latest/topics/settings.html"
            )
            raise UsageError(f"--set {text}: Scrapy has no setting {name}", hint)
        if expected := _expected(name, value, defaults[name]):
            raise UsageError(f"--set {text}: expected {expected}", f"without it: {name}={defaults[name][-1]}")
        found[name] = value
    return found


def _defaults() -> Mapping[str, tuple[object, ...]]:
    """Every setting's value in Scrapy, then in newscrawl, where it has one there."""
    from scrapy.settings import Settings

    from .. import settings as ours

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
    least = -math.inf if "PRIORITY" in name else 1 if name.startswith("CONCURRENT_") else 0
    words = "" if least < 0 else f" from {least}"
    read: Callable[[str], float]
    if bool in kinds:
        read, expected = given.getbool, "True or False"
    elif float in kinds or name.endswith("TIMEOUT"):  # Scrapy writes some of its seconds as whole numbers
        read, expected = given.getfloat, f"a number{words}"
    elif int in kinds:
        read, expected = given.getint, f"a whole number{words}"
    else:
        return None
    try:
        return None if least <= read(name) < math.inf else expected
    except ValueError:
        return expected
