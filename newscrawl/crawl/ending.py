"""How a crawl ends: its reason, its exit code, and the articles that are quarantined."""

from __future__ import annotations

from dataclasses import dataclass

from newscrawl.core.errors import NewscrawlError, SiteFailed, Stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is known when a crawl ends. `stopped_as` is `finished`, or why the run stopped before its queue was empty."""

    stopped_as: str
    error: NewscrawlError | None
    mostly_failed: bool  # more pages failed than were read
    blocked: bool  # the site refuses the crawl
    lost_fields: tuple[str, ...]  # fields that most pages lack, unlike those of earlier crawls
    ended_by: str | None  # `budget` or `hours`

    @property
    def reason(self) -> str:
        """One word for the crawl's row: a site that refuses or has changed outweighs an empty queue."""
        if self.stopped_as != "finished":
            return self.stopped_as
        if self.blocked:
            return "blocked"
        if self.lost_fields:
            return "degraded"
        return self.ended_by or "finished"

    @property
    def exit_code(self) -> int:
        """0; 3 if the site gave little or nothing, refuses the crawl or has a new design; 6 if open pages are left.

        A fault of the site outweighs a budget that is spent.
        """
        if self.error is not None:
            return self.error.exit_code
        if self.stopped_as in ("shutdown", "stopped"):
            return Stopped.exit_code
        if self.mostly_failed or self.blocked or self.lost_fields:
            return SiteFailed.exit_code
        return Stopped.exit_code if self.ended_by else 0
