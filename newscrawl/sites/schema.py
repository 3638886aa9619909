"""The schema of a site file: its keys and the types of their values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

import regex
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from newscrawl.sites.values import (
    CssList,
    Formats,
    Host,
    HoursOfDay,
    Pattern,
    PlaceList,
    Strings,
    Zone,
    as_list,
    duration,
    url_template,
)

MOST_SHARED = 256  # designs: five times as many as the package has
TIMES = ("published", "modified")
FIELDS = (
    "title",
    "summary",
    "body",
    "published",
    "modified",
    "authors",
    "tags",
    "breadcrumb",
    "category",
    "image",
    "language",
)


class Strict(BaseModel):
    """A table in which unknown keys are errors, so that a misspelt key is not silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


class SharedModels:
    """A validator that gives equal tables the same model.

    Thousands of sites may share a design. It is then checked once, and is in memory once.
    """

    def __init__(self) -> None:
        self._models: dict[str, object] = {}

    def __call__(self, table: object, check: ValidatorFunctionWrapHandler) -> object:
        """The model of a table. Raises what `check` raises."""
        if not isinstance(table, dict):
            return check(table)
        key = repr(table)
        if key not in self._models:
            model = check(table)
            if len(self._models) >= MOST_SHARED:
                self._models.clear()
            self._models[key] = model
        return self._models[key]


class FieldRule(Strict):
    """Where a field is found, in order of preference, and what is removed from its value."""

    select: PlaceList
    drop: CssList = ()  # elements that are not part of the value
    keep: CssList = ()  # elements that are dropped by default (photo captions)
    captions: CssList = ()  # body: the text if there is no other (photo articles)
    strip: tuple[Pattern, ...] = ()  # texts removed from both ends
    split: Pattern | None = None  # authors, tags: the separator within one string
    reverse: bool = False  # several values in reverse order ("section, parent")
    reject: tuple[Pattern, ...] = ()  # values that are ignored ("Theo TTXVN")
    formats: Formats = ()  # times: tried before those of the site
    zone: Zone | None = None  # times: the zone of values without an offset, if not the site's


def as_rule(value: object) -> object:
    """Accepts a string or list of strings as short for {select = …}."""
    return {"select": value} if isinstance(value, str | list | tuple) else value


Rule = Annotated[FieldRule, BeforeValidator(as_rule)]


class CardRule(Strict):
    """Teasers: which elements are cards, and where the parts are within a card."""

    card: CssList
    link: CssList = ("a",)
    title: Rule | None = None
    summary: Rule | None = None
    published: Rule | None = None
    category: CssList = ()


class LinkBlock(CardRule):
    """A block of links on an article page, found by the text of its heading or by a selector."""

    kind: Literal["related", "same_category", "inline"]
    heading: Strings = ()  # compared without case and diacritics
    heading_select: CssList = ("h2", "h3", "h4", "h5")
    within: CssList = ()  # the block; with headings: the nearest of these around the heading
    block_category: Rule | None = None  # the category that the block names for all its cards

    @model_validator(mode="after")
    def _can_be_found(self) -> LinkBlock:
        if not self.heading and not self.within:
            raise ValueError("expected `heading` (text above the block) or `within` (its selector)")
        return self


# When a page of a design was seen: 2012 or 2012-12.
Month = Annotated[str, Field(pattern=r"^\d{4}(?:-(?:0[1-9]|1[0-2]))?$")]
Months = Annotated[tuple[Month, ...], BeforeValidator(as_list)]


class Template(Strict):
    """One design of the article pages, recognised by its marker. Dates can restrict it."""

    name: str
    seen: Months = ()
    marker: CssList
    since: date | None = None
    until: date | None = None
    # Pages without text are articles (videos): all of them, or those with one of these elements.
    empty_body: bool | CssList = False
    unverified: bool = False
    fields: dict[str, Rule]
    links: tuple[LinkBlock, ...] = ()

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, value: dict[str, FieldRule]) -> dict[str, FieldRule]:
        unknown = sorted(set(value) - set(FIELDS))
        if unknown:
            raise ValueError(f"unknown field {unknown[0]!r}; the fields are {', '.join(FIELDS)}")
        for name, rule in value.items():
            if name not in TIMES and (rule.formats or rule.zone):
                raise ValueError(f"{name}: `formats` and `zone` are for {' and '.join(TIMES)}")
            if name != "body" and rule.captions:
                raise ValueError(f"{name}: `captions` is for body")
            if name == "body" and (rule.strip or rule.split or rule.reverse):
                raise ValueError("body: paragraphs are not changed; `reject` can remove whole ones")
        for name in ("title", "body"):
            if name not in value:
                raise ValueError(f"expected a selector for {name!r}")
        return value


class ListingBlock(CardRule):
    """A block of cards on a category page or on the home page."""

    block: Literal["lead", "main", "featured", "list", "section"] = "list"


class ListingTemplate(Strict):
    """One design of the category pages, or of the home page."""

    name: str
    page: Literal["category", "home"] = "category"
    seen: Months = ()
    marker: CssList = ()
    next: CssList = ()  # the link to the next page; default: the linked page with the next number
    next_url: str | None = None  # or a template: /timelinelist/{zone}/{page}.htm
    zone: CssList = ()  # where the page has the value for {zone}
    first_number: int = 1  # the number of the first page in next_url and category URLs
    unverified: bool = False
    block: tuple[ListingBlock, ...] = Field(min_length=1)

    @field_validator("next_url")
    @classmethod
    def _check_template(cls, value: str | None) -> str | None:
        return url_template({"zone", "page", "slug"}, value)


SharedTemplate = Annotated[Template, WrapValidator(SharedModels())]
SharedListing = Annotated[ListingTemplate, WrapValidator(SharedModels())]


class Category(Strict):
    """A category. `key` is the site's own id, else the slug."""

    key: str
    slug: str | None = None
    name: str | None = None
    url: str | None = None  # if `category_start` is not right for it
    feed: str | None = None


class Home(Strict):
    """The home page. It is the front page of the paper, and a category of its own."""

    path: Annotated[str, Field(pattern=r"^/\S*$")] = "/"
    name: str = "Home"


class Feeds(Strict):
    """The site's RSS and Atom feeds."""

    category: str | None = None  # /rss/{slug}-{key}.rss, for categories without a `feed`
    site: Strings = ()  # feeds without a category
    formats: Formats = ()  # of their times: tried before those of the site

    @field_validator("category")
    @classmethod
    def _check_template(cls, value: str | None) -> str | None:
        return url_template({"slug", "key"}, value)


class SitemapRule(Strict):
    """The site's sitemaps and what their times mean."""

    url: Strings = Field(min_length=1)
    children: Strings = ()  # sitemaps of an index that have articles: /news-{year}-{month}.xml
    lastmod: Literal["published", "modified"] = "modified"  # the meaning of <lastmod>
    formats: Formats = ()  # of <lastmod>: tried before those of the site

    @field_validator("children")
    @classmethod
    def _check_templates(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            url_template({"year", "month", "day", "n"}, text)
            for name in ("year", "month", "day"):
                if text.count(f"{{{name}}}") > 1:
                    raise ValueError(f"{{{name}}} may occur only once in {text!r}")
            day_alone = "{day}" in text and "{month}" not in text
            month_alone = "{month}" in text and "{year}" not in text
            if day_alone or month_alone:
                raise ValueError(f"{{day}} needs {{month}}, and {{month}} needs {{year}}: {text!r}")
        return value


class SitePoliteness(Strict):
    """How fast the site is crawled. None: the default of newscrawl."""

    delay_seconds: float | None = Field(default=None, ge=0, le=3600)
    concurrency: int | None = Field(default=None, ge=1, le=16)
    hours: HoursOfDay | None = None  # fetch only between these, in the site's zone: 01:00-06:00


class ListTimes(Strict):
    """The shortest and the longest time between two requests of a list by `crawl --due`."""

    min: Annotated[str, Field(pattern=r"^[1-9]\d{0,3}[mhd]$")] = "10m"
    max: Annotated[str, Field(pattern=r"^[1-9]\d{0,3}[mhd]$")] = "1d"

    @model_validator(mode="after")
    def _in_order(self) -> ListTimes:
        if duration(self.min) > duration(self.max):
            raise ValueError(f"expected a `min` of at most `max`, got {self.min} and {self.max}")
        return self


class SiteModel(Strict):
    """A whole site file."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    title: str
    domain: Host
    origin: str = Field(pattern=r"^https?://[A-Za-z0-9.-]+(?::\d{1,5})?$")
    hosts: tuple[Host, ...] = ()  # in addition to the origin's
    language: str
    timezone: Zone
    unverified: bool = False
    legacy_tls: bool = False
    article_url: Pattern
    # A URL with only the id, /tin/{id}.html, for sites that accept any slug.
    article_by_id: str | None = None
    category_url: Pattern | None = None
    category_start: str | None = None  # /{slug}/{key}/trang-1.html
    keep_query: tuple[str, ...] = ()
    formats: Formats = ()
    revisit: tuple[Annotated[str, Field(pattern=r"^\d{1,4}[hd]$")], ...] = (
        "1h",
        "6h",
        "1d",
        "7d",
        "30d",
    )
    lists: ListTimes = ListTimes()
    max_pages: int | None = Field(default=None, ge=1)
    politeness: SitePoliteness = SitePoliteness()
    home: Home | None = None
    category: tuple[Category, ...] = ()
    feeds: Feeds = Feeds()
    sitemap: SitemapRule | None = None
    drop: CssList = ()  # elements that are not part of any body
    not_found: CssList = ()  # marks a "not found" page with status 200
    template: tuple[SharedTemplate, ...] = Field(min_length=1)
    listing: tuple[SharedListing, ...] = ()

    @field_validator("article_url")
    @classmethod
    def _has_id(cls, value: str) -> str:
        if "id" not in regex.compile(value).groupindex:
            expected = "expected a group named id: (?P<id>…)"
            raise ValueError(f"{expected}, the article's own id or its canonical path")
        return value

    @field_validator("category_url")
    @classmethod
    def _names_a_category(cls, value: str | None) -> str | None:
        if value is not None and not {"id", "slug"} & set(regex.compile(value).groupindex):
            raise ValueError("expected a group named id or slug: (?P<slug>…)")
        return value

    @field_validator("category_start")
    @classmethod
    def _check_template(cls, value: str | None) -> str | None:
        return url_template({"slug", "key"}, value)

    @model_validator(mode="after")
    def _article_by_id_matches(self) -> SiteModel:
        if self.article_by_id is not None:
            url_template({"id"}, self.article_by_id)
            path = self.article_by_id.replace("{id}", "1234567")
            match = regex.search(self.article_url, path)
            if match is None or match["id"] != "1234567":
                raise ValueError(f"article_by_id: article_url finds no id in {path!r}")
        return self

    @model_validator(mode="after")
    def _categories_have_urls(self) -> SiteModel:
        for index, category in enumerate(self.category):
            if category.url is not None:
                continue
            name = f"category.{index} ({category.key})"
            if self.category_start is None:
                raise ValueError(f"{name}: expected `url`, or `category_start` for all")
            if category.slug is None and "{slug}" in self.category_start:
                raise ValueError(f"{name}: expected `slug`, or a `url` of its own")
        return self

    @model_validator(mode="after")
    def _home_can_be_read(self) -> SiteModel:
        has_template = any(listing.page == "home" for listing in self.listing)
        if self.home is None and has_template:
            raise ValueError('home: expected its path, because a listing has page = "home"')
        if self.home is not None and not has_template:
            raise ValueError('home: expected a [[listing]] with page = "home"')
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> SiteModel:
        lists = {
            "category": [category.key for category in self.category],
            "template": [template.name for template in self.template],
            "listing": [listing.name for listing in self.listing],
        }
        for name, values in lists.items():
            twice = repeated(values)
            if twice is not None:
                raise ValueError(f"{name}: {twice!r} occurs twice")
        return self


def repeated(names: Iterable[str]) -> str | None:
    """The first name that occurs more than once; None if there is none."""
    return next((name for name, count in Counter(names).items() if count > 1), None)
