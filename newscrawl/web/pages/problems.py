"""What could not be fetched or read, and why: by kind, and one by one."""

from __future__ import annotations

from dataclasses import asdict

from newscrawl.store.read.overview import (
    ProblemFilter,
    ProblemRow,
    problem_groups,
    problem_rows,
)
from newscrawl.store.read.reader import Reader
from newscrawl.store.read.sites import selectable_sites
from newscrawl.web.responses import Answer, Csv, Json, Page, Query

PROBLEMS, MOST_PROBLEMS, GROUPS = 100, 2000, 400  # on a page
ALL = 10**9


def problems(query: Query, reader: Reader) -> Answer:
    """The kinds of problem; the problems of one kind if it is chosen. A file has each problem."""
    only = ProblemFilter(query.text("site"), query.text("code"), query.flag("all"))
    if query.format:
        rows = [asdict(row) for row in problem_rows(reader.db, only, ALL)]
        columns = tuple(ProblemRow.__dataclass_fields__)
        return Json(rows) if query.format == "json" else Csv("problems", columns, rows)
    limit = query.number("limit", PROBLEMS, MOST_PROBLEMS)
    offset = query.offset()
    groups = problem_groups(reader.db, only)
    values = {
        "only": only,
        "groups": groups[offset : offset + GROUPS],
        "offset": offset,
        "group_count": len(groups),
        "groups_on_page": GROUPS,
        "total": sum(group.count for group in groups),
        "rows": problem_rows(reader.db, only, limit) if only.code else [],
        "limit": limit,
        "most": MOST_PROBLEMS,
        "sites": selectable_sites(reader.db),
    }
    return Page("problems.html", values)
