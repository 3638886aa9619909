"""Headlines from metadata without the newspaper's name, which sites append for search engines."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from newscrawl.core.text import fold
from newscrawl.extract.fields import Match
from newscrawl.extract.generic.facts import letters
from newscrawl.sites.site import Site
from newscrawl.sites.values import EMBEDDED

_BAR = re.compile(r"\s*[|•»]\s*")
# Headlines have dashes too: what follows one must be the name and nothing else.
_DASH = re.compile(r"\s+[-–—]\s+")
_BEFORE = "(?:trang|bao|baodientu|tapchi|tapchidientu|kenh)?"
_AFTER = "(?:online|dientu|baodientu|vn|comvn|net|news|tv)*"
_PAPERS = ("baodientu", "tapchidientu", "trangthongtin", "chuyentrang")  # after a bar
_LONGEST = 1000  # characters: a longer text is not a headline
_MORE = 30  # letters beside the name after a bar: "Báo điện tử … – tiếng nói của …"


def without_site_name(site: Site, match: Match) -> Match:
    """The match with bare headlines; a headline that readers see is not changed."""
    element = match.where.rpartition(" ")[2]
    if element != "title" and not match.where.startswith(EMBEDDED):
        return match
    headlines = tuple(bare_headline(site, value) for value in match.values)
    return replace(match, values=headlines)


def bare_headline(site: Site, title: str) -> str:
    """The headline without the newspaper's name after it.

    `Một bài` of `Một bài - VnExpress`, `Một bài | Báo Dân trí`, `Một bài | Kinh doanh | znews.vn`.
    """
    names = _names(site.title, site.domain)
    for separator in (_BAR, _DASH):
        for bar in reversed(list(separator.finditer(title[:_LONGEST]))):
            head = title[: bar.start()].strip()
            tail = _folded(title[bar.end() :])
            exactly = separator is _DASH
            if head and any(_is_name(name, tail, exactly) for name in names):
                return _without_section(site, bare_headline(site, head))
    return title


def _without_section(site: Site, title: str) -> str:
    """The title without the name of one of the site's categories after its last bar."""
    head, bar, tail = title.rpartition("|")
    head = head.strip()
    if not bar or not head:
        return title
    section = _folded(tail)
    if any(category.name and _folded(category.name) == section for category in site.categories):
        return head
    return title


@lru_cache(maxsize=256)
def _names(title: str, domain: str) -> tuple[str, ...]:
    """The newspaper's names, in bare letters."""
    names = map(_folded, (title, domain, domain.partition(".")[0]))
    return tuple(dict.fromkeys(filter(None, names)))


def _folded(text: str) -> str:
    return letters(fold(text))


def _is_name(name: str, tail: str, exactly: bool) -> bool:
    if exactly:
        return re.fullmatch(f"{_BEFORE}{re.escape(name)}{_AFTER}", tail) is not None
    if tail.startswith(_PAPERS):
        return True
    return name in tail and len(tail) <= len(name) + _MORE
