"""The headline of an article page, without the names of the site and its sections.

A page has up to five headlines: that of its data, those of three kinds of metadata, and the one
that it prints. Measured on 214 pages of known headline: the data's is the surest where it differs
from the printed one in its words, and the printed one otherwise and where there is no data.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from newscrawl.core.text import fold
from newscrawl.extract.generic.facts import MAX_NAME, SECTIONS, Facts, letters
from newscrawl.extract.generic.shown_text import spaced_text

_LONGEST = 500  # characters: a longer text is not a headline with a site's name
_SEPARATOR = re.compile(r"\s*(?:::|[|｜¦\-–—*·:：ㅣ•»_<>])\s*|\s+/+\s+")
_CUT = re.compile(r"\s*(?:…|\.{2,3})$")
_MIN_SHARED = 0.5  # of the words of two forms of one headline
_MORE = 18  # bytes of UTF-8 beside a name: a few words of any script
_MOST_HEADINGS = 60  # that are looked at
_FEW_WORDS = 3
_MIN_LETTERS = 8  # a shorter h1 is a name or a section
_MIN_PART = 0.5  # of a title's letters
_FEW_LETTERS = 5  # that a line and a part of a title share at their beginning
_LINKED = frozenset({"a", "nav", "footer"})


def headline(facts: Facts) -> tuple[str, str] | None:
    """(place, headline); None if the page has none."""
    candidates = _candidates(facts)
    stated = {place: text for place, text in candidates.items() if text}
    printed = _printed(facts, list(stated.values()))
    if printed and _replaces(printed, stated):
        place = next((place for place, text in stated.items() if text == printed), "h1")
        return place, printed
    for place, text in stated.items():
        whole = _complete(text, list(stated.values()))
        return place, whole
    return ("h1", shown) if (shown := next(filter(None, facts.headings()), "")) else None


def without_site(
    title: str, known: Collection[str], facts: Facts, sections: Collection[str] = ()
) -> str:
    """The title without a site name or a section at its ends.

    Also without whatever stands before or after a headline that the page shows (`known`).
    """
    if len(title) > _LONGEST:
        return title
    if title in known:
        known = ()
    for separator in reversed(list(_SEPARATOR.finditer(title))):
        head = title[: separator.start()].strip()
        tail = title[separator.end() :]
        if head and (head in known or _names_site(tail, facts, sections)):
            return without_site(head, known, facts, sections)
    for separator in _SEPARATOR.finditer(title):
        head = title[: separator.start()].strip()
        tail = title[separator.end() :].strip()
        if head and tail and (tail in known or _is_site(head, facts)):
            return without_site(tail, known, facts, sections)
    return title


def _candidates(facts: Facts) -> dict[str, str]:
    """The headlines of data and metadata by place, the surest first."""
    own = without_site(_unescaped(facts.data_text("headline")), (), facts)
    texts = {
        "meta:og:title": next(iter(facts.meta("og:title")), ""),
        "meta:twitter:title": next(iter(facts.meta("twitter:title")), ""),
        "title": facts.title(),
    }
    texts = {place: _unescaped(text) for place, text in texts.items()}
    known = {own, *_shown_headings(facts)} - {""}
    known |= _shown_parts(facts, list(texts.values()))
    sections = _sections(facts)
    candidates = {"json-ld:headline": own}
    for place, text in texts.items():
        candidates[place] = without_site(text, known, facts, sections)
    return candidates


def _shown_headings(facts: Facts) -> list[str]:
    """The texts of the headings that may be the headline."""
    headings = islice(facts.root.iter("h1", "h2", "h3"), _MOST_HEADINGS)
    texts = (spaced_text(heading) for heading in headings)
    return [text for text in texts if len(letters(text)) >= _MIN_LETTERS]


def _shown_parts(facts: Facts, titles: Sequence[str]) -> set[str]:
    """The parts of titles, at least half of each, that the page shows on a line of their own.

    Old designs print their headlines in cells and plain boxes, not in headings.
    """
    parts: dict[str, str] = {}
    for title in titles:
        if len(title) <= _LONGEST:
            parts |= {letters(part): part for part in _long_parts(title)}
    starts = {part[:_FEW_LETTERS] for part in parts.values()}
    shown: set[str] = set()
    for element, text in facts.lines:
        if text[:_FEW_LETTERS] not in starts or letters(text) not in parts:
            continue
        if not any(around.tag in _LINKED for around in (element, *element.iterancestors())):
            shown.add(parts[letters(text)])
    return shown


def _long_parts(title: str) -> Iterator[str]:
    """What stands before and after each separator, if that is half of the title."""
    enough = _MIN_PART * len(letters(title))
    for separator in _SEPARATOR.finditer(title):
        for part in (title[: separator.start()], title[separator.end() :]):
            if len(letters(part)) >= max(enough, _MIN_LETTERS):
                yield part.strip()


def _unescaped(text: str) -> str:
    """A text whose entities were escaped twice, as some publishing systems do."""
    return html.unescape(text) if "&" in text else text


def _printed(facts: Facts, stated: Sequence[str]) -> str | None:
    """The h1 that is the article's headline: it shares words with one of the stated headlines."""
    headings = [
        text for text in facts.headings()[:_MOST_HEADINGS] if len(letters(text)) >= _MIN_LETTERS
    ]
    own = [without_site(text, (), facts) for text in headings if not facts.is_site_name(text)]
    alike = [text for text in own if any(is_alike(text, other) for other in stated)]
    return max(alike, key=lambda text: sum(_shared(text, other) for other in stated), default=None)


def _replaces(printed: str, stated: Mapping[str, str]) -> bool:
    """Whether the printed headline is surer than those of data and metadata.

    It is if that of the data is only the beginning of it or lacks its kicker, or is that of the
    `title` element, made for search engines, while og:title has the printed one. Where there is no
    data, two other places have to have the printed one.
    """
    own, og_title = stated.get("json-ld:headline"), stated.get("meta:og:title")
    if own is None and og_title is not None:
        return _is_beginning(og_title, printed) or list(stated.values()).count(printed) >= 2
    if own is None:
        return True
    if _is_beginning(own, printed) or _lacks_kicker(own, printed):
        return True
    return own == stated.get("title") and printed == og_title


def _lacks_kicker(text: str, printed: str) -> bool:
    """Whether the printed headline is the text after a few words and a sign."""
    kicker = printed.removesuffix(text)
    return kicker != printed and 0 < len(kicker) <= MAX_NAME and kicker.rstrip()[-1] in "/|:•"


def _complete(text: str, others: Sequence[str]) -> str:
    """The text, or the whole one that it is the beginning of."""
    return next((other for other in others if _is_beginning(text, other)), text)


def _is_beginning(text: str, whole: str) -> bool:
    """Whether a text ends in dots, and another one goes on after the same words."""
    cut = _CUT.sub("", text)
    goes_on = len(letters(whole)) > len(letters(cut)) and letters(whole).startswith(letters(cut))
    return cut != text and goes_on


def is_alike(text: str, other: str) -> bool:
    """Whether two texts may be forms of one headline: they share half of their words."""
    return _shared(text, other) >= _MIN_SHARED


def _shared(text: str, other: str) -> float:
    """The share of words that two texts have in common; of letters in scripts without spaces."""
    words, others = _words(text), _words(other)
    fewest = min(len(words), len(others))
    if fewest < _FEW_WORDS and not text.isascii():
        words, others = set(letters(text)), set(letters(other))
    elif fewest < _FEW_WORDS:
        return float(letters(text) in letters(other) or letters(other) in letters(text))
    return len(words & others) / max(1, min(len(words), len(others)))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.casefold()))


def _is_site(head: str, facts: Facts) -> bool:
    """Whether the beginning of a title is the name of the site, and nothing else."""
    bare = _bare(head)
    return len(bare) > 2 and (bare in facts.folded_names or bare in facts.home_names)


def _names_site(tail: str, facts: Facts, sections: Collection[str]) -> bool:
    """Whether the end of a title is the name of the site or of a section."""
    bare = _bare(tail)
    if not bare or len(bare) >= MAX_NAME:
        return False
    if bare in sections or bare in facts.home_names or facts.is_site_name(tail):
        return True
    return any(_is_name_with_more(name, bare) for name in facts.folded_names)


def _is_name_with_more(name: str, bare: str) -> bool:
    """Whether the end of a title is the name of the site and a few words beside it."""
    more = len(bare.encode()) - len(name.encode())
    return len(name) > 3 and name in bare and more <= _MORE


def _bare(text: str) -> str:
    """A name as it may stand in an address: `La Razón` is `larazon`."""
    return letters(fold(text))


def _sections(facts: Facts) -> set[str]:
    """The names of the article's section, in bare letters."""
    names = (facts.data_text("articleSection"), *facts.meta(*SECTIONS))
    return {_bare(name) for name in names if name}
