"""Named moments at which a crash must lose nothing. In production `reach` does nothing; tests replace it.

The moments: `after_warc`, `mid_links`, `before_commit`, `after_commit`, `mid_export`, `mid_migration`,
`mid_merge`.
"""

from __future__ import annotations

from collections.abc import Callable


def _nothing(name: str) -> None:
    """What happens at every moment outside tests."""


_reached: Callable[[str], None] = _nothing


def reach(name: str) -> None:
    """Called by the code at a named moment."""
    _reached(name)


def on_reach(call: Callable[[str], None]) -> None:
    """Makes `call` what happens: for tests alone, which kill their own process or raise from it."""
    global _reached
    _reached = call
