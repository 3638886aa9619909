"""The charts of articles per day, one for each site, and the table of fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from newscrawl.store.read.charts import Coverage
from newscrawl.store.read.publication_days import SiteDay
from newscrawl.web.bars import SMALL, Bars, bars, periods_between


@dataclass(frozen=True, slots=True)
class VolumeChart:
    """A site's articles per day: how many in all of these days, and their drawing."""

    site: str
    total: int
    drawing: Bars


def volume_charts(days: Sequence[SiteDay], length: int) -> list[VolumeChart]:
    """One chart per site. All have the same days and scale, so that they can be compared."""
    if not days:
        return []
    last = max(day.day for day in days)
    first = date.fromisoformat(last) - timedelta(days=length - 1)
    names = periods_between(first.isoformat(), last, "day")
    top = max(day.articles for day in days)
    days_by_site: dict[str, dict[str, int]] = {}
    for day in days:
        days_by_site.setdefault(day.site, {})[day.day] = day.articles
    charts = []
    for site, articles in sorted(days_by_site.items()):
        numbers = [articles.get(name, 0) for name in names]
        counts = [(name, (number,)) for name, number in zip(names, numbers, strict=True)]
        drawing = bars(counts, "day", frame=SMALL, most=top)
        charts.append(VolumeChart(site, sum(numbers), drawing))
    return charts


def coverage_table(rows: Iterable[Coverage]) -> Mapping[str, Mapping[str, Coverage]]:
    """Field -> site -> how many articles have it."""
    table: dict[str, dict[str, Coverage]] = {}
    for row in rows:
        table.setdefault(row.field, {})[row.site] = row
    return table
