"""The form of a site file: what may be written in it, and of which kind each value is. Data only, no code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

import regex
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from newscrawl.sites.values import (
    CssList,
    Formats,
    Host,
    HoursOfDay,
    Pattern,
    PlaceList,
    Strings,
    Zone,
    form,
)

TIMES = ("published", "modified")
FIELDS = (
    "title", "summary", "body", "published", "modified", "authors", "tags", "breadcrumb", "category", "image",
    "language",
)  # fmt: skip


class Strict(BaseModel):
    """Unknown keys are errors: a misspelt one would otherwise be ignored in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


class FieldRule(Strict):
    """Where a field stands, in order of preference, and what is taken off it."""

    select: PlaceList
    drop: CssList = ()  # elements left out of the value
    keep: CssList = ()  # elements that the default drop list would leave out (photo captions)
    captions: CssList = ()  # body: what is the text where there is no other (photo articles)
    strip: tuple[Pattern, ...] = ()  # texts taken off both ends
    split: Pattern | None = None  # authors, tags: one string that holds several
    reverse: bool = False  # several values: the last one first ("section, parent")
    reject: tuple[Pattern, ...] = ()  # values that are none ("Theo TTXVN")
    formats: Formats = ()  # times: tried before the site's
    zone: Zone | None = None  # times: the zone of values without offset, where it is not the site's


def as_rule(value: object) -> object:
    """A string or list of strings is short for {select = …}."""
    return {"select": value} if isinstance(value, str | list | tuple) else value


Rule = Annotated[FieldRule, BeforeValidator(as_rule)]


class CardRule(Strict):
    """A teaser: which elements are cards, and where their parts stand within one."""

    card: CssList
    link: CssList = ("a",)
    title: Rule | None = None
    summary: Rule | None = None
    published: Rule | None = None
    category: CssList = ()


class LinkBlock(CardRule):
    """A block of links on an article page, found by the words of its heading or by a selector."""

    kind: Literal["related", "same_category", "inline"]
    heading: Strings = ()  # compared without case and marks
    heading_select: CssList = ("h2", "h3", "h4", "h5")
    within: CssList = ()  # the block; with headings: the nearest of these around the heading
    block_category: Rule | None = None  # where the block names the category of all its cards

    @model_validator(mode="after")
    def _found_somehow(self) -> LinkBlock:
        if not self.heading and not self.within:
            raise ValueError(
                "expected `heading` (the words above the block) or `within` (its selector)"
            )
        return self


class Template(Strict):
    """One design of the article pages; the marker decides, the dates narrow."""

    name: str
    marker: CssList
    since: date | None = None
    until: date | None = None
    # A page without text is an article all the same (videos): always, or where it has one of these elements.
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
                raise ValueError(
                    "body: its paragraphs are taken as they are; only `reject` leaves whole ones out"
                )
        for name in ("title", "body"):
            if name not in value:
                raise ValueError(f"expected a selector for {name!r}")
        return value


class ListingBlock(CardRule):
    """A part of a category page."""

    block: Literal["featured", "list"] = "list"


class ListingTemplate(Strict):
    """One design of the category pages."""

    name: str
    marker: CssList = ()
    next: CssList = ()  # where the next page's link stands; without it, the linked page with the next number
    next_url: str | None = None  # or a form: /timelinelist/{zone}/{page}.htm
    zone: CssList = ()  # where {zone} stands on the page
    first_number: int = 1  # the number of the first page in next_url and category URLs
    unverified: bool = False
    block: tuple[ListingBlock, ...] = Field(min_length=1)

    @field_validator("next_url")
    @classmethod
    def _form(cls, value: str | None) -> str | None:
        return form(frozenset({"zone", "page", "slug"}), value) if value is not None else None


class Category(Strict):
    """A category by its key (the site's own id, else the slug)."""

    key: str
    slug: str | None = None
    name: str | None = None
    url: str | None = None  # where `category_start` does not fit
    feed: str | None = None


class Feeds(Strict):
    """The site's RSS and Atom feeds."""

    category: str | None = (
        None  # /rss/{slug}-{key}.rss: each category's, where it has no `feed` of its own
    )
    site: Strings = ()  # feeds of no category
    formats: Formats = ()  # of their times: tried before the site's

    @field_validator("category")
    @classmethod
    def _form(cls, value: str | None) -> str | None:
        return form(frozenset({"slug", "key"}), value) if value is not None else None


class SitemapRule(Strict):
    """The site's sitemaps: where they begin, and what they say."""

    url: Strings = Field(min_length=1)
    children: Strings = ()  # those of an index that hold articles: /sitemap/news-{year}-{month}.xml
    lastmod: Literal["published", "modified"] = (
        "modified"  # what <lastmod> of an article means on this site
    )
    formats: Formats = ()  # of <lastmod>: tried before the site's

    @field_validator("children")
    @classmethod
    def _forms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            form(frozenset({"year", "month", "day", "n"}), text)
            for place in ("year", "month", "day"):
                if text.count(f"{{{place}}}") > 1:
                    raise ValueError(f"{{{place}}} may stand once in {text!r}")
            if ("{day}" in text and "{month}" not in text) or (
                "{month}" in text and "{year}" not in text
            ):
                raise ValueError(f"a day needs its {{month}}, a month its {{year}}: {text!r}")
        return value


class SitePoliteness(Strict):
    """None: newscrawl's defaults."""

    delay_seconds: float | None = Field(default=None, ge=0, le=3600)
    concurrency: int | None = Field(default=None, ge=1, le=16)
    hours: HoursOfDay | None = None  # 01:00-06:00, on the site's clock: outside nothing is fetched


class SiteModel(Strict):
    """A whole site file."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    title: str
    domain: Host
    origin: str = Field(pattern=r"^https?://[A-Za-z0-9.-]+(?::\d{1,5})?$")
    hosts: tuple[Host, ...] = ()  # beside the origin's
    language: str
    timezone: Zone
    unverified: bool = False
    legacy_tls: bool = False
    article_url: Pattern
    article_by_id: str | None = (
        None  # an address made of the id alone: /tin/{id}.html, where any slug will do
    )
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
    max_pages: int | None = Field(default=None, ge=1)
    politeness: SitePoliteness = SitePoliteness()
    category: tuple[Category, ...] = ()
    feeds: Feeds = Feeds()
    sitemap: SitemapRule | None = None
    drop: CssList = ()  # left out of every body
    not_found: CssList = ()  # marks a page that says "not found" with status 200
    template: tuple[Template, ...] = Field(min_length=1)
    listing: tuple[ListingTemplate, ...] = ()

    @field_validator("article_url")
    @classmethod
    def _has_id(cls, value: str) -> str:
        if "id" not in regex.compile(value).groupindex:
            raise ValueError(
                "expected a group named id: (?P<id>…), the article's own id or its canonical path"
            )
        return value

    @field_validator("category_url")
    @classmethod
    def _names_a_category(cls, value: str | None) -> str | None:
        if value is not None and not {"id", "slug"} & set(regex.compile(value).groupindex):
            raise ValueError("expected a group named id or slug: (?P<slug>…)")
        return value

    @field_validator("category_start")
    @classmethod
    def _form(cls, value: str | None) -> str | None:
        return form(frozenset({"slug", "key"}), value) if value is not None else None

    @model_validator(mode="after")
    def _id_leads_to_the_article(self) -> SiteModel:
        if self.article_by_id is not None:
            path = form(frozenset({"id"}), self.article_by_id).replace("{id}", "1234567")
            found = regex.search(self.article_url, path)
            if found is None or found["id"] != "1234567":
                raise ValueError(f"article_by_id: article_url finds no id in {path!r}")
        return self

    @model_validator(mode="after")
    def _categories_have_urls(self) -> SiteModel:
        for index, category in enumerate(self.category):
            if category.url is None and self.category_start is None:
                raise ValueError(
                    f"category.{index} ({category.key}): expected `url`, or `category_start` for all"
                )
            if (
                category.url is None
                and category.slug is None
                and "{slug}" in (self.category_start or "")
            ):
                raise ValueError(
                    f"category.{index} ({category.key}): expected `slug`, or an `url` of its own"
                )
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> SiteModel:
        lists = {
            "category": [category.key for category in self.category],
            "template": [template.name for template in self.template],
            "listing": [listing.name for listing in self.listing],
        }
        for name, values in lists.items():
            if (twice := repeated(values)) is not None:
                raise ValueError(f"{name}: {twice!r} comes twice")
        return self


def repeated(names: Iterable[str]) -> str | None:
    """The first name that comes twice."""
    return next((name for name, count in Counter(names).items() if count > 1), None)
