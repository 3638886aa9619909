"""The headline of an article page, without the name of the site."""

from __future__ import annotations

import re
from collections.abc import Collection

from newscrawl.extract.generic.facts import MAX_NAME, SECTIONS, Facts, letters

_LONGEST = 500  # characters: a longer text is not a headline with a site's name
_SEPARATOR = re.compile(r"\s*[|\-–—*·:：ㅣ•»]\s*")


def headline(facts: Facts) -> tuple[str, str] | None:
    """(place, headline); None if the page has none.

    The article object's headline, unless it is only that of the `title` element, made for search
    engines, and the page shows another one.
    """
    shown = facts.headings()
    sections = _sections(facts)
    own = without_site(facts.data_text("headline"), (), facts)
    known = [*shown, own]
    texts = {
        "meta:og:title": next(iter(facts.meta("og:title")), ""),
        "meta:twitter:title": next(iter(facts.meta("twitter:title")), ""),
        "title": facts.title(),
    }
    bare = {place: without_site(text, known, facts, sections) for place, text in texts.items()}
    og_title = bare["meta:og:title"]
    if own == bare["title"] and own not in shown and og_title in shown:
        return "meta:og:title", og_title
    headlines = {"json-ld:headline": own, **bare, "h1": next(filter(None, shown), "")}
    for place, text in headlines.items():
        if text:
            return place, text
    return None


def without_site(
    title: str, known: Collection[str], facts: Facts, sections: Collection[str] = ()
) -> str:
    """The title without a site name or a section at its end.

    Also without whatever follows a headline that the page shows (`known`).
    """
    if len(title) > _LONGEST:
        return title
    for separator in reversed(list(_SEPARATOR.finditer(title))):
        head = title[: separator.start()].strip()
        tail = title[separator.end() :]
        if head and (head in known or _names_site(tail, facts, sections)):
            return without_site(head, known, facts, sections)
    return title


def _names_site(tail: str, facts: Facts, sections: Collection[str]) -> bool:
    """Whether the end of a title is the name of the site or of a section."""
    bare = letters(tail)
    if not bare or len(bare) >= MAX_NAME:
        return False
    if bare in sections or facts.is_site_name(tail):
        return True
    return any(len(name) > 3 and name in bare for name in facts.site_names)


def _sections(facts: Facts) -> set[str]:
    """The names of the article's section, in bare letters."""
    names = (facts.data_text("articleSection"), *facts.meta(*SECTIONS))
    return {letters(name) for name in names if name}
