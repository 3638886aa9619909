"""When a host gets no requests: because it requested a pause, or because every request fails."""

from __future__ import annotations

from time import monotonic

# Each fault already stands for three requests. After twenty in a row the problem is the host, which
# gets no more requests in this run.
FAULTS_BEFORE_REST = 20
# Access walls in a row. The site blocks the crawl, and more requests would make it worse.
WALLS_BEFORE_REST = 5
RUN_SECONDS = 24 * 3600.0  # longer than any run waits


class HostRest:
    """The pause of one host.

    It uses the monotonic clock, so a change of the system time neither ends nor extends a pause.
    """

    def __init__(self) -> None:
        self._until = 0.0
        self._faults = 0
        self._walls = 0
        self.blocked = False  # paused because the host refuses the crawl

    def rest(self, seconds: float = RUN_SECONDS) -> None:
        """Pauses requests to the host for this time, by default for the whole run."""
        self._until = max(self._until, monotonic() + seconds)

    def seconds(self) -> float:
        """How many seconds of the pause remain; 0 if there is none."""
        return max(self._until - monotonic(), 0.0)

    def fault(self) -> None:
        """Counts a missing response, or one that reports a server error."""
        self._faults += 1
        if self._faults >= FAULTS_BEFORE_REST:
            self.rest()

    def wall(self) -> None:
        """Counts an access wall: a response that is not the requested page."""
        self._walls += 1
        if self._walls >= WALLS_BEFORE_REST:
            self.blocked = True
            self.rest()

    def answer(self) -> None:
        """Resets the counts after a usable response."""
        self._faults = 0
        self._walls = 0
