"""What an archive lacks of a site: articles that it knows of, and ids that it has never seen.

There may be as many as articles, so they are kept in a temporary file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from newscrawl.store.sorted_rows import SortedRows

Status = Literal["open", "failed", "gone", "linked", "unseen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What the archive lacks: an article that it knows of, or a range of ids (`unseen`).

    `day` is a day of the site, None if it is not known. An unseen range contains the `ids` numbers
    from `key` to `last`. Nobody knows how many of them are articles, so `ids` is an upper bound.
    """

    day: str | None
    status: Status
    reason: str
    key: str
    url: str | None = None
    title: str | None = None
    named_by: tuple[str, ...] = ()
    last: str | None = None
    ids: int = 1


COLUMNS = tuple(field.name for field in fields(Gap))


class Gaps:
    """The gaps of a site, by day, unknown days last; those of a day with articles before ids.

    `counts` are the numbers of gaps of each status.
    """

    def __init__(self) -> None:
        self._rows = SortedRows(COLUMNS)
        self.counts: Counter[Status] = Counter()

    def add(self, gap: Gap) -> None:
        """Adds a gap; no loop over the gaps may be running."""
        values = [getattr(gap, name) for name in COLUMNS]
        values[COLUMNS.index("named_by")] = " ".join(gap.named_by)
        self._rows.add(values)
        self.counts[gap.status] += 1

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Gap]:
        rows = self._rows.sorted("day IS NULL, day, status = 'unseen'")
        return map(_gap, rows)

    def articles_first(self, most: int | None = None) -> Iterator[Gap]:
        """All gaps, or the first ones: articles before ids, each from the newest day to the oldest.

        Unknown days come last.
        """
        return map(_gap, self._rows.sorted("status = 'unseen', day DESC", most))


def _gap(row: Sequence[Any]) -> Gap:
    values = dict(zip(COLUMNS, row, strict=True))
    values["named_by"] = tuple(values["named_by"].split())
    return Gap(**values)
