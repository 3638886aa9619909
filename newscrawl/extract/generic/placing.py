"""Which lines of a text stand where the article is, and not above its headline or far below it.

The menu, the footer or a list of readers' favourites is often longer than a short article, and is
taken for text then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from lxml.html import HtmlElement

from newscrawl.extract.generic.facts import Facts, letters
from newscrawl.extract.generic.shown_text import amount
from newscrawl.extract.generic.surroundings import Surroundings
from newscrawl.extract.generic.text_runs import longest_runs

_LEADING = 10  # lines in which a menu stands
_SHORT = 2_500  # characters: a longer text is seldom mixed up with its surroundings
_MIN_RUN = 150  # characters side by side that make an article's text
_BESIDE = 100  # characters of a further part of the text
_BESIDE_ALIKE = 40
_PARAGRAPH = 120  # characters: no line of a menu is as long
_LEVELS = 3  # of boxes around a part of the text
_START = 5  # characters that an element and its line share


def lines_of_article(texts: Sequence[str], facts: Facts, surroundings: Surroundings) -> set[int]:
    """The positions of the texts that may be the article's, by their places on the page.

    All of them if the page does not show its headline.
    """
    kept = set(range(len(texts)))
    heading = surroundings.headline
    if heading is None or not surroundings.shows_title:
        return kept
    is_short = sum(map(amount, texts)) < _SHORT
    places = _places(texts if is_short else texts[:_LEADING], facts, surroundings)
    start = surroundings.order[heading]
    kept -= _before_the_headline(texts[:_LEADING], start, places)
    if is_short:
        kept -= _after_the_text(texts, facts, surroundings, places)
    remaining = sum(amount(texts[position]) for position in kept)
    return kept if remaining >= _MIN_RUN else set(range(len(texts)))


def _before_the_headline(
    texts: Sequence[str], start: int, places: dict[str, list[int]]
) -> set[int]:
    """The positions of the texts above the headline; none if a paragraph is among them."""
    before: set[int] = set()
    for position, text in enumerate(texts):
        own = places.get(letters(text))
        if own and max(own) < start:
            before.add(position)
    has_paragraph = any(amount(texts[position]) >= _PARAGRAPH for position in before)
    return set() if has_paragraph else before


def _places(texts: Sequence[str], facts: Facts, surroundings: Surroundings) -> dict[str, list[int]]:
    """By the `letters` of a text: the places of the elements that show it and nothing else."""
    wanted = {letters(text) for text in texts}
    starts = {text[:_START] for text in texts}
    places: dict[str, list[int]] = defaultdict(list)
    for element, shown in facts.lines:
        if shown[:_START] in starts and (bare := letters(shown)) in wanted:
            places[bare].append(surroundings.order[element])
    return places


def _after_the_text(
    texts: Sequence[str],
    facts: Facts,
    surroundings: Surroundings,
    places: dict[str, list[int]],
) -> set[int]:
    """The positions of the texts below the element that holds the article's text.

    A text whose place is not known belongs to those before it.
    """
    runs = longest_runs(facts.root)
    holder = _text_holder(facts, surroundings, runs)
    if holder is None:
        return set()
    last = max(_last_place(part, surroundings) for part in _parts(holder, runs))
    after: set[int] = set()
    for position, text in enumerate(texts):
        own = places.get(letters(text))
        is_known = own is not None and min(own) <= last
        if (own and min(own) > last) or (after and not is_known):
            after.add(position)
    return after


def _last_place(element: HtmlElement, surroundings: Surroundings) -> int:
    return max(surroundings.order[inner] for inner in element.iter())


def _parts(holder: HtmlElement, runs: dict[HtmlElement, int]) -> list[HtmlElement]:
    """The element, and those beside it or its boxes in which the text goes on."""
    parts = [holder]
    around = holder
    for _ in range(_LEVELS):
        parent = around.getparent()
        if parent is None or parent.tag in ("body", "html"):
            break
        parts += [part for part in parent if runs[part] >= _enough_for(part, around)]
        around = parent
        if parent.find(".//h1") is not None:
            break
    return parts


def _enough_for(part: HtmlElement, holder: HtmlElement) -> int:
    """How many characters make an element a further part: fewer if it is like the first."""
    is_alike = (part.tag, part.get("class")) == (holder.tag, holder.get("class"))
    return _BESIDE_ALIKE if is_alike else _BESIDE


def _text_holder(
    facts: Facts, surroundings: Surroundings, runs: dict[HtmlElement, int]
) -> HtmlElement | None:
    """The innermost element with the longest text below the headline; None if there is none."""
    start = surroundings.order[surroundings.headline] if surroundings.headline is not None else 0
    below = [element for element in facts.elements if surroundings.order[element] > start]
    best = max((runs[element] for element in below), default=0)
    if best < _MIN_RUN:
        return None
    holders = [element for element in below if runs[element] == best]
    return holders[-1].getparent() if holders[-1].tag == "p" else holders[-1]
