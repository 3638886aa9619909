"""The object that `newscrawl extract` prints of a page, with its keys in their fixed order."""

from __future__ import annotations

from datetime import datetime

from newscrawl.core.records import Article, Entry, Link, Listing, Problem
from newscrawl.core.times import to_utc_text

PUBLISHED = (
    "published_at",
    "published_local",
    "published_raw",
    "published_precision",
    "published_source",
)


def article_to_dict(article: Article) -> dict[str, object]:
    """The object of an article: its own fields, its links and its problems."""
    return {
        **article_fields(article),
        "links": [_link_to_dict(link) for link in article.links],
        "problems": [problem_to_dict(problem) for problem in article.problems],
    }


def article_fields(article: Article) -> dict[str, object]:
    """The article's own fields: texts, lists of texts, and times as text in UTC."""
    return {
        "url": article.url,
        "site": article.site,
        "key": article.key,
        "template": article.template,
        "title": article.title,
        "summary": article.summary,
        "body": article.body,
        "text": _text(article),
        **_published(article),
        "modified_at": _utc_text(article.modified_at),
        "authors": list(article.authors),
        "category": article.category.name if article.category else None,
        "breadcrumb": [step.name for step in article.breadcrumb],
        "tags": list(article.tags),
        "image_url": article.image_url,
        "language": article.language,
    }


def listing_to_dict(listing: Listing) -> dict[str, object]:
    """The object of a list of articles: its items in page order, and the next page's address."""
    return {
        "url": listing.url,
        "site": listing.site,
        "template": listing.template,
        "items": [_entry_to_dict(entry) for entry in listing.entries],
        "next_url": listing.next_url,
        "problems": [problem_to_dict(problem) for problem in listing.problems],
    }


def unread_listing_to_dict(
    problem: Problem, url: str | None, site: str | None
) -> dict[str, object]:
    """The object of a page without a list: the problem with the reason, and no items."""
    empty = listing_to_dict(Listing(site="", url="", template=""))
    return empty | {
        "url": url,
        "site": site,
        "template": None,
        "problems": [problem_to_dict(problem)],
    }


def unread_to_dict(problem: Problem, url: str | None, site: str | None) -> dict[str, object]:
    """The object of a page without an article: the problem with the reason, and empty fields."""
    fields: dict[str, object] = {}
    for name, value in article_to_dict(Article(site="", key="", url="", template="")).items():
        fields[name] = [] if isinstance(value, list) else None
    return fields | {"url": url, "site": site, "problems": [problem_to_dict(problem)]}


def problem_to_dict(problem: Problem) -> dict[str, object]:
    """A problem as an object."""
    return {
        "stage": problem.stage,
        "field": problem.field,
        "code": problem.code,
        "message": problem.message,
        "raw": problem.raw,
    }


def _text(article: Article) -> str | None:
    """Standfirst and body as a reader sees them, without a standfirst that is only metadata."""
    parts = [article.body]
    if not article.provenance.get("summary", "").startswith(("json-ld:", "meta:")):
        parts.insert(0, article.summary)
    return "\n\n".join(filter(None, parts)) or None


def _published(article: Article) -> dict[str, str | None]:
    """The five fields of the publication time, all None if the page has none."""
    stamp = article.published
    if stamp is None:
        return dict.fromkeys(PUBLISHED)
    return {
        "published_at": _utc_text(stamp.utc),
        "published_local": stamp.local,
        "published_raw": stamp.raw,
        "published_precision": stamp.precision,
        "published_source": article.published_source,
    }


def _entry_to_dict(entry: Entry) -> dict[str, object]:
    teaser = entry.teaser
    return {
        "position": entry.position,
        "block": entry.block,
        "title": teaser.title,
        "url": teaser.url,
        "key": teaser.key,
        "summary": teaser.summary,
        "published_raw": teaser.published_raw,
        "published_at": _utc_text(teaser.published.utc if teaser.published else None),
    }


def _link_to_dict(link: Link) -> dict[str, object]:
    teaser = link.teaser
    return {
        "kind": link.kind,
        "position": link.position,
        "title": teaser.title,
        "url": teaser.url,
        "key": teaser.key,
        "category": teaser.category.name if teaser.category else None,
        "summary": teaser.summary,
        "published_raw": teaser.published_raw,
        "published_at": _utc_text(teaser.published.utc if teaser.published else None),
    }


def _utc_text(instant: datetime | None) -> str | None:
    return to_utc_text(instant) if instant is not None else None
