"""SQL conditions that are joined by AND."""

from __future__ import annotations


class Conditions:
    """SQL conditions that all have to hold, and the values of their parameters in order."""

    def __init__(self) -> None:
        self._clauses: list[str] = []
        self.values: list[object] = []

    def add(self, clause: str, *values: object) -> None:
        """Adds a condition with a value for each `?` in it."""
        self._clauses.append(clause)
        self.values.extend(values)

    def add_all(self, others: Conditions) -> None:
        """Adds the conditions of another object."""
        self._clauses += others._clauses
        self.values += others.values

    def __bool__(self) -> bool:
        return bool(self._clauses)

    @property
    def sql(self) -> str:
        """The conditions joined by AND, in parentheses; `(1)` if there are none."""
        return f"({' AND '.join(self._clauses) or '1'})"


def marks(count: int) -> str:
    """`?, ?, ?`: as many parameters as there are values."""
    return ", ".join(["?"] * count)
