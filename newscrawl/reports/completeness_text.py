"""A completeness report as sentences and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.reports.completeness import DayCount, Report
    from newscrawl.reports.estimate import Estimate

ESTIMATE_FIELDS = ("total", "variance", "low", "high", "in_both", "weak")


def headline(report: Report) -> str:
    """`bnews: 412 of about 430 articles; 12 are known but were not read`."""
    if not report.known:
        return (
            f"{report.site}: nothing was read, and no article is known"
            " (newscrawl status shows how its crawls ended)"
        )
    missing = report.known - report.stored
    if not missing and report.about == report.known:
        return f"{report.site}: all known articles are in the archive ({report.stored:,})"
    total = f"{report.about:,}"
    if report.about > report.known:
        total = f"about {total}"
    verbs = "is known but was" if missing == 1 else "are known but were"
    return f"{report.site}: {report.stored:,} of {total} articles; {missing:,} {verbs} not read"


def notes(report: Report) -> list[str]:
    """What the figures are based on, and how reliable they are."""
    sentences = _estimate_notes(report)
    if report.unseen_ids:
        sentences.append(
            f"{report.unseen_ids:,} ids next to known articles were never seen. This is an upper"
            " bound, and often far too high, because photo pages, videos and drafts use ids too"
        )
    return sentences


def _estimate_notes(report: Report) -> list[str]:
    if report.channel is None:
        return [
            "no feed or sitemap has been read, so articles that no category page showed cannot be"
            " estimated (newscrawl crawl SITE --discover category,feed,sitemap)"
        ]
    if report.estimate is None:
        return [
            f"no estimate: no day has articles both from category pages and from {report.channel}s"
        ]
    estimate = report.estimate
    sentences = [
        f"category pages and {report.channel}s as independent searches: about"
        f" {estimate.total:,.0f} articles on the days that both cover"
        f" (95 %: {estimate.low:,.0f} to {estimate.high:,.0f});"
        f" {estimate.both:,} were found by both"
    ]
    if estimate.weak:
        sentences.append("the estimate is unreliable: fewer than 7 articles were found by both")
    elif report.weak_days:
        sentences.append(
            f"on {counted(report.weak_days, 'day')} fewer than 7 were found by both: use the total,"
            " not the figures for single days"
        )
    return sentences


def as_data(report: Report) -> dict[str, Any]:
    """The report as a value for JSON, with every day and gap."""
    return {
        "site": report.site,
        "stored": report.stored,
        "known": report.known,
        "about": report.about,
        "unseen_ids_at_most": report.unseen_ids,
        "channel": report.channel,
        "estimate": _estimate(report.estimate),
        "notes": notes(report),
        "days": [_day(day) for day in report.days],
        "gaps": [asdict(gap) for gap in report.gaps],
    }


def day_rows(report: Report) -> Iterator[dict[str, Any]]:
    """Each day as one row; the columns `estimate_*` are None where there is no estimate."""
    for day in report.days:
        row = _day(day) | {"site": report.site}
        estimate = row.pop("estimate") or dict.fromkeys(ESTIMATE_FIELDS)
        yield row | {f"estimate_{name}": value for name, value in estimate.items()}


def gap_rows(report: Report) -> Iterator[dict[str, Any]]:
    """Each gap as one row."""
    for gap in report.gaps:
        yield {"site": report.site} | asdict(gap)


def _day(day: DayCount) -> dict[str, Any]:
    return asdict(day) | {"about": day.about, "estimate": _estimate(day.estimate)}


def _estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    if estimate is None:
        return None
    return {
        "total": round(estimate.total, 2),
        "variance": round(estimate.variance, 2),
        "low": round(estimate.low, 2),
        "high": round(estimate.high, 2),
        "in_both": estimate.both,
        "weak": estimate.weak,
    }
