"""What a completeness report says, and what its figures rest on, in words; and as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from newscrawl.core.text import counted

if TYPE_CHECKING:
    from newscrawl.reports.completeness import Report
    from newscrawl.reports.estimate import Estimate


def headline(report: Report) -> str:
    """`bnews: 412 of about 430 articles; 12 are known and not read`."""
    if not report.known:
        return f"{report.site}: nothing was read, and no article is known (newscrawl status says how its crawls ended)"
    about = f"about {report.about:,}" if report.about > report.known else f"{report.about:,}"
    missing = report.known - report.stored
    if not missing and report.about == report.known:
        return (
            f"{report.site}: all {report.stored:,} articles that the archive has heard of are in it"
        )
    verb = "is" if missing == 1 else "are"
    return f"{report.site}: {report.stored:,} of {about} articles; {missing:,} {verb} known and not read"


def notes(report: Report) -> list[str]:
    """What the figures rest on, and how far."""
    said = []
    if report.channel is None:
        said.append(
            "no feed or sitemap has been read, so that nothing can be said about articles that no category page showed"
            " (newscrawl crawl SITE --discover category,feed,sitemap)"
        )
    elif report.estimate is None:
        said.append(
            f"no day has articles both of category pages and of {report.channel}s: no estimate"
        )
    else:
        said.append(_estimated(report.estimate, report.channel))
        if report.estimate.weak:
            said.append(
                "that is little to go by: fewer than 7 articles are in both, so that the estimate means little"
            )
        elif report.weak_days:
            said.append(
                f"on {counted(report.weak_days, 'day')} fewer than 7 are in both: look at the sum, not at each"
            )
    if report.unseen_ids:
        said.append(
            f"{report.unseen_ids:,} ids beside known articles were never seen: at most so many more articles, and often"
            " far fewer, since photo pages, videos and drafts take ids too"
        )
    return said


def _estimated(estimate: Estimate, channel: str) -> str:
    return (
        f"category pages and {channel}s, each searching alone: about {estimate.total:,.0f} articles on the days of"
        f" both (95 %: {estimate.low:,.0f} to {estimate.high:,.0f}); {estimate.both:,} are in both"
    )


def as_data(report: Report) -> dict[str, Any]:
    """The report as a value for JSON, with every day and gap."""
    days = [
        asdict(day) | {"about": day.about, "estimate": _estimate(day.estimate)}
        for day in report.days
    ]
    return {
        "site": report.site, "stored": report.stored, "known": report.known, "about": report.about,
        "unseen_ids_at_most": report.unseen_ids, "channel": report.channel, "estimate": _estimate(report.estimate),
        "notes": notes(report), "days": days, "gaps": [asdict(gap) for gap in report.gaps],
    }  # fmt: skip


def _estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    if estimate is None:
        return None
    rounded = {
        name: round(getattr(estimate, name), 2) for name in ("total", "variance", "low", "high")
    }
    return rounded | {"in_both": estimate.both, "weak": estimate.weak}
