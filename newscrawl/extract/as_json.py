"""The object that `newscrawl extract` prints of a page, with its keys in their fixed order."""

from __future__ import annotations

from newscrawl.core.records import Article, Link, Problem, Teaser
from newscrawl.core.times import to_utc_text


def article_to_dict(article: Article) -> dict[str, object]:
    """The object of an article: its own fields, its links and its problems."""
    return {
        **article_fields(article),
        "links": [_link_to_dict(link) for link in article.links],
        "problems": [problem_to_dict(problem) for problem in article.problems],
    }


def article_fields(article: Article) -> dict[str, object]:
    """The article's own fields: texts, lists of texts, and times as text in UTC."""
    published = article.published
    return {
        "url": article.url,
        "site": article.site,
        "key": article.key,
        "template": article.template,
        "title": article.title,
        "summary": article.summary,
        "body": article.body,
        "text": _text(article),
        "published_at": to_utc_text(published.utc) if published and published.utc else None,
        "published_local": published.local if published else None,
        "published_raw": published.raw if published else None,
        "published_precision": published.precision if published else None,
        "published_source": article.published_source if published else None,
        "modified_at": to_utc_text(article.modified_at) if article.modified_at else None,
        "authors": list(article.authors),
        "category": article.category.name if article.category else None,
        "breadcrumb": [step.name for step in article.breadcrumb],
        "tags": list(article.tags),
        "image_url": article.image_url,
        "language": article.language,
    }


def unread_to_dict(problem: Problem, url: str | None, site: str | None) -> dict[str, object]:
    """The object of a page that gave no article: the problem that says why, and empty fields."""
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
        "published_at": _published_at(teaser),
    }


def _published_at(teaser: Teaser) -> str | None:
    if teaser.published is None or teaser.published.utc is None:
        return None
    return to_utc_text(teaser.published.utc)
