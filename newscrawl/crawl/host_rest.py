"""When a host is left alone: because it asked for it, or because it fails whatever it is asked."""

from __future__ import annotations

from time import monotonic

# Each fault is three requests already. Twenty in a row are no accident: the host is left alone until the next run.
FAULTS_BEFORE_REST = 20
# Walls in a row: the site has noticed the crawl, and asking on would only prove it right.
WALLS_BEFORE_REST = 5
RUN_SECONDS = 24 * 3600.0  # longer than any run waits


class HostRest:
    """Counts on the monotonic clock: a jump of the wall clock neither ends nor prolongs a rest."""

    def __init__(self) -> None:
        self._until = 0.0
        self._faults = 0
        self._walls = 0
        self.blocked = False  # rested because it refuses what it is asked

    def rest(self, seconds: float = RUN_SECONDS) -> None:
        """Leaves the host alone for so long, or for this run."""
        self._until = max(self._until, monotonic() + seconds)

    def seconds(self) -> float:
        """How long the host is still to be left alone."""
        return max(self._until - monotonic(), 0.0)

    def fault(self) -> None:
        """The host failed to answer, or answered that it is in trouble."""
        self._faults += 1
        if self._faults >= FAULTS_BEFORE_REST:
            self.rest()

    def wall(self) -> None:
        """The host answered with something else than what it was asked for."""
        self._walls += 1
        if self._walls >= WALLS_BEFORE_REST:
            self.blocked = True
            self.rest()

    def answer(self) -> None:
        """The host is there."""
        self._faults = 0
        self._walls = 0
