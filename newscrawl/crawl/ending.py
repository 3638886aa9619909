"""How a crawl ends: its reason and its exit code."""

from __future__ import annotations

from dataclasses import dataclass

from newscrawl.core.errors import NewscrawlError, SiteFailed, Stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is known at the end of a crawl.

    `stopped_as` is `finished`, or why the run stopped before its queue was empty.
    """

    stopped_as: str
    error: NewscrawlError | None
    mostly_failed: bool  # more pages failed than were read
    blocked: bool  # the site refuses the crawl
    lost_fields: tuple[str, ...]  # fields missing on most pages, but not in earlier crawls
    ended_by: str | None  # `budget` or `hours`

    @property
    def reason(self) -> str:
        """One word for the row of the crawl. A site that blocks or has changed takes precedence."""
        if self.stopped_as != "finished":
            return self.stopped_as
        if self.blocked:
            return "blocked"
        if self.lost_fields:
            return "degraded"
        return self.ended_by or "finished"

    @property
    def exit_code(self) -> int:
        """0 if all went well, 3 for a problem with the site, 6 if open pages are left.

        The site has a problem if most pages failed, if it refuses the crawl, or if it has a new
        design. This takes precedence over a used-up budget.
        """
        if self.error is not None:
            return self.error.exit_code
        if self.stopped_as in ("shutdown", "stopped"):
            return Stopped.exit_code
        if self.mostly_failed or self.blocked or self.lost_fields:
            return SiteFailed.exit_code
        return Stopped.exit_code if self.ended_by else 0
