"""The headline of an article page: what two of its places agree on, without the name of the site."""

from __future__ import annotations

import re
from collections.abc import Collection

from newscrawl.core.text import clean_text
from newscrawl.extract.generic.facts import MAX_NAME, SECTIONS, Facts, letters

_LONGEST = 500  # characters: what is longer is no headline with a site's name
_SEPARATOR = re.compile(r"\s*[|\-–—*·:：ㅣ•»]\s*")


def headline(facts: Facts) -> tuple[str, str] | None:
    """(place, headline); None where the page has none.

    The article object's, except where it is that of the window's title alone, made for search engines, while the
    page shows another one.
    """
    shown = [clean_text(h1.text_content()) for h1 in facts.root.iter("h1")]
    sections = {
        letters(one) for one in (facts.own("articleSection"), *facts.meta(*SECTIONS)) if one
    }
    own = without_site(facts.own("headline"), (), facts)
    known = [*shown, own]
    others = {
        "meta:og:title": (facts.meta("og:title") or [""])[0],
        "meta:twitter:title": (facts.meta("twitter:title") or [""])[0],
        "title": clean_text(facts.root.findtext(".//title") or ""),
    }
    cut = {place: without_site(said, known, facts, sections) for place, said in others.items()}
    if own == cut["title"] and own not in shown and cut["meta:og:title"] in shown:
        return "meta:og:title", cut["meta:og:title"]
    found = {"json-ld:headline": own, **cut, "h1": next((one for one in shown if one), "")}
    return next(((place, said) for place, said in found.items() if said), None)


def without_site(
    title: str, known: Collection[str], facts: Facts, sections: Collection[str] = ()
) -> str:
    """The title without a site name or a section at its end, or what follows a headline that the page shows."""
    for separator in reversed(list(_SEPARATOR.finditer(title))) if len(title) <= _LONGEST else ():
        head, tail = title[: separator.start()].strip(), title[separator.end() :]
        bare = letters(tail)
        named = (
            bool(bare)
            and len(bare) < MAX_NAME
            and (
                facts.is_site_name(tail)
                or any(len(name) > 3 and name in bare for name in facts.names)
                or bare in sections
            )
        )
        if head and (head in known or named):
            return without_site(head, known, facts, sections)
    return title
