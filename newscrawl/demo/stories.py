"""The articles of the fictional newspaper, generated from word lists with a fixed seed for each."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any, Literal

ZONE = dt.timezone(dt.timedelta(hours=7))
IMPOSSIBLE_TIME = "25:61' - 31/02/2023"

Era = Literal["2017", "2026"]  # the page design, by its name in the site file
Place = tuple[int, int]  # (category id, number within it): identifies an article of the plan

# The days of an era. The newest is before the first release of newscrawl, so no page is from the
# future.
SPANS: dict[Era, tuple[dt.date, dt.date]] = {
    "2017": (dt.date(2022, 3, 1), dt.date(2024, 12, 20)),
    "2026": (dt.date(2026, 2, 3), dt.date(2026, 9, 28)),
}

UNDATED: Place = (7, 1)
MISSING: Place = (4, 2)
COPIED: Place = (3, 0)
COPY: Place = (17, 2)
DECOMPOSED: Place = (5, 5)
LINKING: Place = (1, 4)
CORRECTED: Place = (33, 3)
RETITLED: Place = (1, 2)
RESIGNED: Place = (6, 5)
BUMPED: Place = (1, 5)
REMOVED: Place = (6, 7)
LATE: dict[Place, dt.datetime] = {
    (33, 8): dt.datetime(2026, 10, 5, 15, 42, 10, tzinfo=ZONE),
    (38, 4): dt.datetime(2026, 10, 6, 9, 5, 33, tzinfo=ZONE),
    (4, 10): dt.datetime(2026, 10, 7, 17, 20, 4, tzinfo=ZONE),
}


@dataclass(frozen=True, slots=True)
class Category:
    """A category of the paper. `parent` is the one above it in the breadcrumb."""

    id: int
    slug: str
    name: str
    parent: Category | None = None
    hours: tuple[int, int] = (6, 21)

    def path(self, page: int = 1) -> str:
        return f"/{self.slug}/{self.id}/trang-{page}.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article. `placed_at` is its order in listings, even if it prints no date."""

    id: int
    place: Place
    category: Category
    era: Era
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    tags: tuple[str, ...]
    author: str
    caption: str
    placed_at: dt.datetime
    modified_at: dt.datetime
    related: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        return str(self.id)

    @property
    def printed_title(self) -> str:
        """The title on pages. One article has decomposed letters, as on bnews.vn."""
        return unicodedata.normalize("NFD", self.title) if self.place == DECOMPOSED else self.title

    @property
    def printed_time(self) -> str:
        """The time on cards and beside the author, to the minute, with an unescaped `'`."""
        return IMPOSSIBLE_TIME if self.place == UNDATED else f"{self.placed_at:%H:%M' - %d/%m/%Y}"

    @property
    def path(self) -> str:
        return f"/{slug(self.printed_title)}/{self.id}.html"

    @property
    def image_path(self) -> str:
        return f"/anh/{self.id}.svg"


def write(place: Place, heading: int | None = None) -> Story:
    """The article, without an id and related articles. `heading` selects another title."""
    category_id, n = place
    category = categories()[category_id]
    topics = [topic for topic in words()["topic"] if topic["category"] == category.id]
    topic = topics[n % len(topics)]
    round_ = n // len(topics)
    era: Era = "2026" if round_ % 2 or place in LATE else "2017"
    rng = Random(f"benmay {place}")
    placed_at = LATE.get(place) or moment(era, category, rng)
    slots = slots_for(topic, placed_at, rng)
    paragraphs = [
        *topic["body"][:3],
        rng.choice(words()["quotes"]),
        *topic["body"][3:],
        rng.choice(words()["closings"]),
    ]
    titles = topic["titles"]
    return Story(
        id=0,
        place=place,
        category=category,
        era=era,
        summary=fill(topic["summary"], slots, rng),
        paragraphs=tuple(fill(text, slots, rng) for text in paragraphs),
        tags=tuple(fill(text, slots, rng) for text in topic["tags"]),
        author=slots["tacgia"],
        caption=fill(rng.choice(words()["captions"]), slots, rng),
        title=fill(titles[(round_ if heading is None else heading) % len(titles)], slots, rng),
        placed_at=placed_at,
        modified_at=placed_at + dt.timedelta(minutes=rng.choice((0, 0, 12, 45))),
    )


def moment(era: Era, category: Category, rng: Random) -> dt.datetime:
    """A moment of the era, Monday to Friday, within the category's working hours.

    The old system had no seconds.
    """
    first, last = SPANS[era]
    day = first + dt.timedelta(days=rng.randint(0, (last - first).days))
    day -= dt.timedelta(days=max(0, day.weekday() - 4))
    clock = dt.time(
        rng.randint(*category.hours),
        rng.randint(0, 59),
        rng.randint(0, 59) if era == "2026" else 0,
        tzinfo=ZONE,
    )
    return dt.datetime.combine(day, clock)


def slots_for(topic: Mapping[str, Any], when: dt.datetime, rng: Random) -> dict[str, str]:
    """The values of the article's slots: people, places and dates, then the topic's own."""
    lists = words()
    # The order of the random choices must not change: it determines every article.
    places = rng.sample(lists["provinces"], 2)
    firms = rng.sample(lists["companies"], 2)
    person = rng.choice(lists["people"])
    expert = rng.choice(lists["experts"])
    quarter = (when.month - 1) // 3
    last_quarter, its_year = (quarter, when.year) if quarter else (4, when.year - 1)
    slots = {
        "tinh": places[0],
        "tinh2": places[1],
        "cty": firms[0],
        "cty2": firms[1],
        "ma": ticker(firms[0]),
    }
    slots |= {"nganhang": rng.choice(lists["banks"]), "tacgia": rng.choice(lists["authors"])}
    slots |= {
        "nguoi": person,
        "nguoi_hoa": capital(person),
        "chuyengia": expert,
        "chuyengia_hoa": capital(expert),
    }
    slots |= {"ngay": f"{when.day}/{when.month}", "thang": str(when.month), "nam": str(when.year)}
    slots |= {"namtruoc": str(when.year - 1), "namquy": str(its_year)}
    slots |= {"quy": ROMAN[last_quarter], "quynay": ROMAN[quarter + 1]}
    for name, spec in topic.get("vars", {}).items():
        slots[name] = draw(spec, rng)
    return slots


ROMAN = ("", "I", "II", "III", "IV")


def fill(text: str, slots: Mapping[str, str], rng: Random) -> str:
    """The text with every {slot} replaced, and with random values for ranges and choices."""
    return re.sub(r"\{([^{}]+)\}", lambda match: fill_one(match[1], slots, rng), text)


def fill_one(spec: str, slots: Mapping[str, str], rng: Random) -> str:
    if spec in slots:
        return slots[spec]
    drawn = draw(spec, rng)
    return drawn if "{" not in drawn else fill(drawn, slots, rng)


def draw(spec: str, rng: Random) -> str:
    """One of `a|b|c`, or a number from `4..9` or `1.2..3.4` in Vietnamese style: 1.200 and 3,4."""
    if "|" in spec:
        return rng.choice(spec.split("|"))
    low, _, high = spec.partition("..")
    decimals = len(low.partition(".")[2])
    scale = 10**decimals
    whole, rest = divmod(rng.randint(round(float(low) * scale), round(float(high) * scale)), scale)
    return f"{whole:,}".replace(",", ".") + (f",{rest:0{decimals}d}" if decimals else "")


def ticker(company: str) -> str:
    """A ticker of four letters, one more than real Vietnamese tickers have."""
    return ("".join(word[0] for word in slug(company).split("-")) + "bm")[:4].upper()


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def slug(printed: str) -> str:
    """The words of a title for its URL. Combining marks separate words, as on bnews.vn."""
    lower = printed.lower().replace("đ", "d")
    letters = "".join(unicodedata.normalize("NFD", char)[0] for char in lower)
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")


@cache
def words() -> dict[str, Any]:
    """The word lists, read once."""
    return tomllib.loads(files("newscrawl.demo").joinpath("words.toml").read_text(encoding="utf-8"))


@cache
def categories() -> dict[int, Category]:
    """The categories by id, in the order of the menu."""
    result: dict[int, Category] = {}
    for row in words()["category"]:
        parent = result.get(row.get("parent", 0))
        hours = tuple(row.get("hours", (6, 21)))
        result[row["id"]] = Category(row["id"], row["slug"], row["name"], parent, hours)
    return result
