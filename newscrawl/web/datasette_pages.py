"""Datasette's own pages, made to fit ours: their scripts may run, and every field has a label.

Their templates are extended, not copied, so that a new release of Datasette keeps its pages. What
is added here is added to the text of its templates alone: names and values from the archive are
escaped in it, so that none of them can look like one of these tags.
"""

from __future__ import annotations

import re

from markupsafe import Markup

# What Datasette 0.65 writes -> what these pages need.
REPLACED = (
    (
        '<div class="table-wrapper">',
        '<div class="table-wrapper" tabindex="0" role="region" aria-label="Rows">',
    ),
    ('<textarea id="sql-editor"', '<textarea id="sql-editor" aria-label="SQL"'),
    ('class="filter-value"', 'class="filter-value" aria-label="Value of the filter"'),
    ('<pre id="sql-query">', '<pre id="sql-query" tabindex="0">'),
    ('<h2 id="queries">Queries</h2>', '<h2 id="queries">Questions</h2>'),  # as in our menu
    ("<h3", "<h2"),  # below the h1 there is no h2
    ("</h3>", "</h2>"),
)
UNLABELLED = re.compile(r'<select name="(_filter_column|_filter_op|_sort)([^"]*)"')
FILES = re.compile(r'(<p class="export-links">This data as <a href="[^"]*">)json(?=</a>)')
LABELS = {
    "_filter_column": "Column of the filter",
    "_filter_op": "Comparison of the filter",
    "_sort": "Sort by",
}


def with_nonce(html: str, nonce: str) -> Markup:
    """The part of a template with its scripts allowed to run."""
    return Markup(str(html).replace("<script", f'<script nonce="{nonce}"'))


def accessible(html: str) -> Markup:
    """The part of a template with labels, headings in order, and tables that take the focus."""
    text = str(html)
    for before, after in REPLACED:
        text = text.replace(before, after)
    text = FILES.sub(lambda found: found[1] + "JSON", text)
    return Markup(UNLABELLED.sub(_labelled, text))


def _labelled(match: re.Match[str]) -> str:
    return f'{match[0]} aria-label="{LABELS[match[1]]}"'
