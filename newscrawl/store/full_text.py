"""A query in the syntax of SQLite's full-text index, which no input can break.

Diacritics and case never matter: a word finds every spelling. The index ignores diacritics itself,
but not the bar of đ; see store.schema.full_text_by_field.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from newscrawl.core.errors import UsageError
from newscrawl.core.query import WHOLE_FIELDS, And, Near, Node, Not, Or, Words

# The columns of the index in which the words of a field stand.
_COLUMNS: Mapping[str | None, tuple[str, ...]] = {
    None: ("title", "summary", "body"),
    "title": ("title",),
    "summary": ("summary",),
    "body": ("body",),
    "author": ("authors",),
    "tag": ("tags",),
}


def is_text(node: Node) -> bool:
    """Whether the index alone can answer. A NOT needs something from which to take away."""
    match node:
        case Words():
            return node.field not in WHOLE_FIELDS
        case Near():
            return True
        case Or():
            return all(is_text(part) for part in node.parts)
        case And():
            return any(map(is_text, node.parts)) and all(map(is_text_or_without, node.parts))
        case Not():
            return False


def is_text_or_without(node: Node) -> bool:
    """The same, or NOT before such a node."""
    return is_text(node.part if isinstance(node, Not) else node)


class FullText:
    """The index of one archive."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._path = getattr(db, "path", "the archive")
        columns = {row[1] for row in db.execute("PRAGMA table_info(articles_fts)")}
        # An old release, or an archive to which no newscrawl of today has written yet.
        self._is_old = "folded_title" not in columns

    def syntax(self, node: Node) -> str:
        """FTS5 syntax for a node of which is_text holds.

        UsageError for a field that the index of an old archive lacks.
        """
        match node:
            case Words() | Near():
                return self._leaf(node)
            case Or():
                return f"({' OR '.join(map(self.syntax, node.parts))})"
            case And():
                wanted = " AND ".join(self.syntax(part) for part in node.parts if is_text(part))
                without = [self.syntax(part.part) for part in node.parts if isinstance(part, Not)]
                if not without:
                    return f"({wanted})"
                return f"(({wanted}) NOT ({' OR '.join(without)}))"
            case Not():
                raise ValueError("NOT alone is not full text")

    def _leaf(self, leaf: Words | Near) -> str:
        typed = _expression(leaf)
        without_bars = typed.replace("đ", "d")
        field = leaf.field if isinstance(leaf, Words) else leaf.first.field
        if self._is_old:
            return self._old_leaf(field, typed, without_bars)
        columns = _COLUMNS[field]
        if "d" in without_bars:
            columns += tuple(f"folded_{column}" for column in columns)
        return f"{{{' '.join(columns)}}} : {without_bars}"

    def _old_leaf(self, field: str | None, typed: str, without_bars: str) -> str:
        """An old index has one more column: all texts without bars."""
        if field in ("author", "tag"):
            raise UsageError(
                f"{self._path} was made by an older newscrawl: it cannot be searched by {field}",
                "the next crawl, reextract or rebuild brings it up to date",
            )
        both = typed if typed == without_bars else f"({typed} OR {without_bars})"
        return both if field is None else f"{{{field}}} : {both}"


def _expression(leaf: Words | Near) -> str:
    if isinstance(leaf, Near):
        return f"NEAR({_phrase(leaf.first)} {_phrase(leaf.second)}, {leaf.distance})"
    return _phrase(leaf)


def _phrase(words: Words) -> str:
    return f'"{" ".join(words.words)}"{" *" if words.is_prefix else ""}'
