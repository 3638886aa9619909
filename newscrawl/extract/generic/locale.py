"""The language of a page, and whether it prints the day before the month."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from newscrawl.core.records import TimeLocale
from newscrawl.extract.generic.facts import Facts

_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_]([a-zA-Z]{2}))?(?:[-_]|$)")
# Languages whose readers take 5/3 for the fifth of March, wherever they live. English is not among
# them, nor are the languages that put the year first.
_DAY_FIRST_LANGUAGES = frozenset(
    "af ar az be bg bn bs ca cs cy da de el es et fa fi fr ga gl gu he hi hr hy id is it ka kk kn "
    "ky lb lo lv mk ml mr ms mt nb nl nn no or pa pl pt ro ru sk sl sq sr sv sw ta te th tr uk ur "
    "uz vi".split()
)
# Countries whose English press does so too, by region and by domain.
_DAY_FIRST_REGIONS = frozenset(
    "ae au bb bd bw cy eu fj gb gh gi ie il in jm jo ke lb lk mt mu mw my na ng np nz om pg pk qa "
    "rw sa sb sg sl tt tz ug uk vu ws za zm zw".split()
)
_OTHER_SCRIPTS = re.compile("[\u0370-\u03ff\u0400-\u04ff\u0590-\u06ff\u0900-\u0e7f]")


def language_of(facts: Facts) -> str | None:
    """The page's language without its region, from the first place that has one."""
    language, _ = _language_and_region(facts)
    return language


def time_locale(facts: Facts, title: str) -> TimeLocale:
    """How the page prints times. `title` is its headline, whose script shows more than a tag."""
    language, region = _language_and_region(facts)
    host = urlsplit(facts.url).hostname or ""
    country = host.rpartition(".")[2]
    is_day_first = (
        language in _DAY_FIRST_LANGUAGES
        or region in _DAY_FIRST_REGIONS
        or _is_day_first_domain(country, language)
        or _OTHER_SCRIPTS.search(title) is not None
    )
    return TimeLocale(language, True if is_day_first else None)


def _is_day_first_domain(country: str, language: str | None) -> bool:
    """Whether a country's domain says what the language does not."""
    if country in _DAY_FIRST_REGIONS:
        return True
    return language is None and len(country) == 2 and country in _DAY_FIRST_LANGUAGES - {"id", "la"}


def _language_and_region(facts: Facts) -> tuple[str | None, str | None]:
    root = facts.root
    html_element = root if root.tag == "html" else root.getroottree().getroot()
    values = (
        html_element.get("lang") or html_element.get("xml:lang") or "",
        facts.data_text("inLanguage"),
        *facts.meta("content-language", "og:locale", "language"),
    )
    for value in map(str.strip, values):
        if match := _LANGUAGE.match(value):
            return match[1].lower(), (match[2] or "").lower() or None
    return None, None
