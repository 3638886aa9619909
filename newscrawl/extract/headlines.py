"""Headlines from metas and data without the name of the paper, which pages put at their end for search engines."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from newscrawl.core.text import fold
from newscrawl.extract.fields import Found
from newscrawl.extract.generic.facts import letters
from newscrawl.sites.site import Site
from newscrawl.sites.values import EMBEDDED

_BAR = re.compile(r"\s*[|•»]\s*")
_DASH = re.compile(
    r"\s+[-–—]\s+"
)  # stands in headlines too: what follows must be the name and nothing else
_BEFORE = "(?:trang|bao|baodientu|tapchi|tapchidientu|kenh)?"
_AFTER = "(?:online|dientu|baodientu|vn|comvn|net|news|tv)*"
_PAPERS = ("baodientu", "tapchidientu", "trangthongtin", "chuyentrang")  # after a bar
_LONGEST = 1000  # characters: what is longer is no headline
_MORE = 30  # letters beside the name after a bar: "Báo điện tử … – tiếng nói của …"


def without_site_name(site: Site, found: Found) -> Found:
    """The place with its headlines bare, if it is one that readers do not see; others say what they say."""
    if not found.where.startswith(EMBEDDED) and found.where.rpartition(" ")[2] != "title":
        return found
    return replace(found, values=tuple(bare_headline(site, value) for value in found.values))


def bare_headline(site: Site, title: str) -> str:
    """`Một bài` of `Một bài - VnExpress`, `Một bài | Báo Dân trí`, `Một bài | Kinh doanh | znews.vn`."""
    names = _names(site.title, site.domain)
    for separator in (_BAR, _DASH):
        for place in reversed(list(separator.finditer(title[:_LONGEST]))):
            head, tail = title[: place.start()].strip(), _folded(title[place.end() :])
            if not head:
                continue
            if any(_is_name(name, tail, separator is _DASH) for name in names):
                return _without_section(site, bare_headline(site, head))
    return title


def _without_section(site: Site, title: str) -> str:
    head, bar, tail = title.rpartition("|")
    sections = {_folded(row.name) for row in site.categories if row.name} if bar else set()
    return head.strip() if head.strip() and _folded(tail) in sections else title


@lru_cache(maxsize=256)
def _names(title: str, domain: str) -> tuple[str, ...]:
    """What the paper is called, in bare letters."""
    said = (title, domain, domain.partition(".")[0])
    return tuple(dict.fromkeys(name for one in said if (name := _folded(one))))


def _folded(text: str) -> str:
    return letters(fold(text))


def _is_name(name: str, tail: str, exactly: bool) -> bool:
    if exactly:
        return re.fullmatch(f"{_BEFORE}{re.escape(name)}{_AFTER}", tail) is not None
    return tail.startswith(_PAPERS) or (name in tail and len(tail) <= len(name) + _MORE)
