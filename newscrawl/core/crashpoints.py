"""Named points in the code at which a crash must lose nothing. Only tests act on them.

The points: `after_warc`, `mid_links`, `before_commit`, `after_commit`, `mid_export`,
`mid_migration`, `mid_merge`, `mid_rebuild`, `mid_import`.
"""

from __future__ import annotations

from collections.abc import Callable


def _nothing(name: str) -> None:
    """The action outside tests."""


_action: Callable[[str], None] = _nothing


def reach(name: str) -> None:
    """Called by the code at a named point."""
    _action(name)


def on_reach(action: Callable[[str], None]) -> None:
    """Sets the action for every point. Only tests do this; they kill their own process or raise."""
    global _action
    _action = action
